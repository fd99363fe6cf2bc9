// cordon check: is the policy kept by every packet?
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cordon/live/native_chains.hpp>
#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/html.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/junit.hpp>
#include <cordon/render/proof_findings.hpp>
#include <cordon/render/repair_report.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/sarif.hpp>
#include <cordon/repair/repair.hpp>

#include "batch.hpp"
#include "chain_flag.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "machine_names.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

struct check_arguments {
  policy_arguments policy;
  rules_arguments rules;
  chain_argument chain;
  batch_arguments batch;
  bool require_usable = false;
  bool fix = false;
  output_arguments output;
};

/// What was asked, and what is answered.
struct judged {
  given_rules given;
  cordon::proof answer;
};

judged judge(given_rules given, const cordon::egress_policy& policy) {
  cordon::proof answer = cordon::prove(given.rules, policy);
  if (given.has_other_backend)
    if (const cordon::text difference = difference_on(answer, given.rules, given.on_other_backend); !difference.empty())
      given.remarks.push_back(
          {{},
           {},
           cordon::severity::note,
           cordon::join("the back ends differ on these rules: with the other one the answer is ", difference)});
  cordon::doubt_for(answer, given.native_chains);
  return {std::move(given), std::move(answer)};
}

cordon::report_options options_for(const judged& of, const check_arguments& from) {
  return {.rules = &of.given.rules, .require_usable = from.require_usable};
}

// What `--fix` adds: a change of these rules, if the answer asks for one.
cordon::repair_answer fix_for(const judged& of, const check_arguments& from, const cordon::egress_policy& policy) {
  if (reported_verdict(of.answer, options_for(of, from)) == cordon::answer::proved) return {.policy = policy};
  const progress_line shown("looking for the smallest change");
  return cordon::repair(of.given.rules, policy);
}

// Chains in nft's own language are not changed, and no answer is proved beside them.
cordon::text fix_in_words(const judged& of, const cordon::repair_answer& fix) {
  if (of.given.native_chains.empty()) return write_repair(fix);
  cordon::text words = "fix: none can be proved, for that hangs on what is not iptables' own:\n";
  for (const cordon::native_chain& one : of.given.native_chains) words.append("  ").append(one.words).append('\n');
  return words;
}

int check(const check_arguments& from) {
  const std::string format = from.output.chosen();
  if (!from.batch.jobs.empty()) throw unusable("--jobs goes with --batch: one firewall takes one thread");
  const cordon::hook at = from.chain.at();
  if (from.fix && format != "text" && format != "json")
    throw unusable("--fix answers in text and JSON: leave --format out");
  if (from.fix && at != cordon::hook::output)
    throw unusable(
        "--fix is for OUTPUT: what comes to other chains has no owner to tell senders by; leave --chain out");
  const cordon::egress_policy policy = read_policy(from.policy, at);
  progress_line shown("checking every packet");
  const judged all = judge(read_rules(from.rules, at), policy);
  shown.end();
  const cordon::report_options options = options_for(all, from);
  print(all.given.remarks);
  const cordon::sequence<cordon::text> notes = lines_of(all.given.remarks);
  if (from.fix) {
    const bool may_fix = all.given.native_chains.empty();
    const cordon::repair_answer fix = may_fix ? fix_for(all, from, policy) : cordon::repair_answer{.policy = policy};
    if (format == "json")
      from.output.write(may_fix ? write_json(all.answer, fix, options, notes) : write_json(all.answer, options, notes));
    else
      from.output.write_text(write_report(all.answer, options).append('\n').append(fix_in_words(all, fix)));
  } else if (format == "json")
    from.output.write(write_json(all.answer, options, notes));
  else if (format == "sarif")
    from.output.write(cordon::write_sarif(findings_of(all.answer, options)));
  else if (format == "junit")
    from.output.write(write_junit(all.answer, options));
  else if (format == "html")
    from.output.write(write_html(all.answer, options, lines_of(all.given.remarks)));
  else
    from.output.write_text(write_report(all.answer, options));
  return exit_status_of(reported_verdict(all.answer, options));
}

int check_many(const check_arguments& from) {
  if (from.fix) throw unusable("--fix is for one firewall: leave --batch out");
  if (!from.output.is_json() && !from.output.format.empty())
    throw unusable("--batch answers in JSON: leave --format out");
  if (from.rules.live || !from.rules.v4.empty() || !from.rules.v6.empty())
    throw unusable("--batch, --live and files of rules exclude each other");
  const cordon::hook at = from.chain.at();
  const cordon::egress_policy policy = read_policy(from.policy, at);
  const told_host host = read_host(from.rules);
  print(host.remarks);
  return check_batch(from.batch, from.output, [&](const batch_entry& entry) -> batch_answer {
    forget_machine_name_warnings();
    rules_arguments rules = from.rules;
    if (!entry.v4.empty()) rules.v4 = {entry.v4};
    if (!entry.v6.empty()) rules.v6 = {entry.v6};
    const judged one = judge(read_rules(rules, host, at), policy);
    const cordon::report_options options = options_for(one, from);
    return {write_json(one.answer, options, lines_of(one.given.remarks)),
            exit_status_of(reported_verdict(one.answer, options))};
  });
}

}  // namespace

void add_check(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("check", "Is the policy kept by every packet?");
  const auto from = std::make_shared<check_arguments>();
  from->rules.add_to(*command);
  from->batch.add_to(*command);
  from->policy.add_to(*command);
  from->chain.add_to(*command);
  command->add_flag("--require-usable", from->require_usable, "exit 1 too if an endpoint is blocked, or a part of it");
  command->add_flag(
      "--fix", from->fix,
      "tell the smallest change of the rules, as commands, that keeps the policy, opens its endpoints and changes "
      "nothing for anyone else; proved before it is told");
  from->output.add_to(*command, {"sarif", "junit", "html"});
  command->footer(
      "A family without a file has no rules, and the kernel then accepts everything: a leak.\n"
      "With --batch what cannot be used is told in its object and counts as 3, the others go on, and the\n"
      "exit status is the worst, in the order 3, 1, 2, 0.\n"
      "Exit status: 0 proved, 1 leak, 2 unknown, 3 input or flags that cannot be used.\n"
      "Example:\n"
      "  iptables-save >rules.v4; ip6tables-save >rules.v6\n"
      "  cordon check --v4 rules.v4 --v6 rules.v6 --uid 1001 --allow tcp:127.0.0.1:18443\n"
      "  cordon check --v4 rules.v4 --v6 rules.v6 --uid 1001 --format html --output report.html\n"
      "  cordon check --live --uid 1001 --allow tcp:127.0.0.1:18443 --fix\n"
      "  cordon check --batch dumps.list --uid 1001 --allow tcp:127.0.0.1:18443 >answers");
  command->final_callback([from, command, &chosen] {
    chosen = [from, is_batch = command->count("--batch") != 0] { return is_batch ? check_many(*from) : check(*from); };
  });
}
