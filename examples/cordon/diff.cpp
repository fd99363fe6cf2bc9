// cordon diff: what do two firewalls treat differently?
#include <memory>
#include <string>
#include <utility>

#include <cordon/prove/difference.hpp>
#include <cordon/render/difference_report.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

struct diff_arguments {
  policy_arguments policy;
  rules_arguments before;
  rules_arguments after;
  output_arguments output;
};

int status_of(cordon::comparison answer) {
  return answer == cordon::comparison::different ? 1 : answer == cordon::comparison::unknown ? 2 : 0;
}

// What is said of the host holds for both.
rules_arguments with_facts_of(rules_arguments files, const rules_arguments& facts) {
  rules_arguments made = facts;
  made.v4 = std::move(files.v4);
  made.v6 = std::move(files.v6);
  return made;
}

int diff(const diff_arguments& from) {
  const bool as_json = from.output.is_json();
  cordon::maybe<cordon::egress_policy> sandbox;
  if (!from.policy.empty()) sandbox = read_policy(from.policy);
  progress_line shown("comparing over every packet");
  const given_rules before = read_rules(from.before);
  const given_rules after = read_rules(with_facts_of(from.after, from.before));
  const cordon::firewall_difference found = cordon::differences(before.rules, after.rules, sandbox);
  shown.end();
  cordon::sequence<cordon::diagnostic> remarks = before.remarks;
  for (const cordon::diagnostic& one : after.remarks)
    if (!cordon::detail::has(remarks, one)) remarks.push_back(one);
  print(remarks);
  if (as_json)
    from.output.write(write_json(found, lines_of(remarks)));
  else
    from.output.write_text(write_report(found, sandbox));
  return status_of(found.answer());
}

}  // namespace

void add_diff(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("diff", "What do two firewalls treat differently?");
  const auto from = std::make_shared<diff_arguments>();
  from->before.add_files_to(*command, "old-", "before: ");
  from->after.add_files_to(*command, "new-", "after: ");
  from->before.add_facts_to(*command);
  from->policy.add_to(*command);
  from->output.add_to(*command);
  command->footer(
      "Over every packet of any sender, or of the sandbox if --uid or --gid is given: what is newly let out, what\n"
      "newly stopped, and what nat leads elsewhere, with the rules that decide. How a packet is stopped (DROP or\n"
      "REJECT) and the endpoints of a policy make no difference. What is said of the host holds for both.\n"
      "Exit status: 0 the same, 1 different, 2 unknown, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  cordon diff --old-v4 before.v4 --old-v6 before.v6 --new-v4 after.v4 --new-v6 after.v6 --uid 1001");
  command->final_callback([from, &chosen] { chosen = [from] { return diff(*from); }; });
}
