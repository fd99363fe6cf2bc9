// cordon render: rules from a policy.
#include <memory>
#include <string>

#include <cordon/prove/enforce.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/render/undo.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "unusable.hpp"

namespace {

struct render_arguments {
  policy_arguments policy;
  rules_arguments rules;
  std::string format = "commands";
  std::string family;
  std::string output;
};

cordon::text rendered(const render_arguments& from, const cordon::enforced_firewall& rules) {
  if (from.format == "commands") return commands(rules);
  const cordon::family of = from.family == "4" ? cordon::family::ipv4 : cordon::family::ipv6;
  if (!rules.has(of))
    throw unusable(cordon::join("--family ", from.family, ": --no-", name_of(of), " says that the host has none"));
  return noflush_restore_text(rules, of);
}

int render(const render_arguments& from) {
  if (from.format != "commands" && from.format != "restore" && from.format != "undo")
    throw unusable(cordon::join("--format: \"", from.format, "\" is no format: write commands, restore or undo"));
  if (!from.family.empty() && from.family != "4" && from.family != "6")
    throw unusable(cordon::join("--family: \"", from.family, "\" is no family: write 4 or 6"));
  if (from.format == "restore" && from.family.empty())
    throw unusable("--format restore is for one family: add --family 4 or --family 6");
  const cordon::egress_policy policy = read_policy(from.policy);
  const given_rules given = read_rules(from.rules);
  if (from.format == "undo") {
    print(given.remarks);
    write_output(undo_commands(policy, given.rules), from.output);
    return 0;
  }
  const cordon::enforcement made = cordon::enforce(policy, given.rules);
  print(given.remarks);
  print(made.said);
  if (made.proved() && given.native_chains.empty()) {
    write_output(rendered(from, made), from.output);
    return 0;
  }
  // Nothing on standard output that could be taken for rules.
  const cordon::text report = write_report(made.proof);
  std::fwrite(report.view().data(), 1, report.size(), stderr);
  for (const cordon::native_chain& one : given.native_chains)
    std::fprintf(stderr, "unknown: it hangs on %s\n", std::string(one.words.view()).c_str());
  return made.proof.verdict() == cordon::answer::leak ? 1 : 2;
}

}  // namespace

void add_render(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("render", "Rules from a policy, proved before they are printed.");
  const auto from = std::make_shared<render_arguments>();
  from->rules.add_to(*command);
  from->policy.add_to(*command);
  command
      ->add_option("--format", from->format,
                   "commands (default): a script for both families that may be run again and again; restore: "
                   "text for iptables-restore --noflush; undo: the script that removes all of it")
      ->type_name("commands|restore|undo");
  command->add_option("--family", from->family, "for --format restore")->type_name("4|6");
  command->add_option("--output", from->output, "write them to this file")->type_name("FILE");
  command->footer(
      "With the host's rules given (--v4, --v6 or --live), these rules with the new ones in them are proved.\n"
      "Exit status: 0, or 1 (leak) or 2 (unknown) and no rules if they are not proved, 3 for input that "
      "cannot be used.\n"
      "Example:\n"
      "  cordon render --uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53 | sudo sh");
  command->final_callback([from, &chosen] { chosen = [from] { return render(*from); }; });
}
