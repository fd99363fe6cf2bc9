// cordon check: is the policy kept by every packet?
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cordon/live/native_chains.hpp>
#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/report.hpp>

#include "chain_flag.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "output_flags.hpp"
#include "policy_flags.hpp"
#include "rules_flags.hpp"

namespace {

struct check_arguments {
  policy_arguments policy;
  rules_arguments rules;
  chain_argument chain;
  bool require_usable = false;
  output_arguments output;
};

int check(const check_arguments& from) {
  const bool as_json = from.output.is_json();
  const cordon::hook at = from.chain.at();
  const cordon::egress_policy policy = read_policy(from.policy, at);
  given_rules given = read_rules(from.rules, at);
  cordon::proof answer = cordon::prove(given.rules, policy);
  if (given.has_other_backend) {
    const cordon::proof other = cordon::prove(given.on_other_backend, policy);
    if (const cordon::text difference = cordon::difference_of(answer, other); !difference.empty())
      given.remarks.push_back({{}, {}, cordon::severity::note,
                               cordon::join("the back ends differ on these rules: with the other one the answer is ",
                                            difference)});
  }
  cordon::doubt_for(answer, given.native_chains);

  const cordon::report_options options{.rules = &given.rules, .require_usable = from.require_usable};
  print(given.remarks);
  from.output.write(as_json ? write_json(answer, options, lines_of(given.remarks)) : write_report(answer, options));
  return exit_status_of(reported_verdict(answer, options));
}

}  // namespace

void add_check(CLI::App& app, chosen_command& chosen) {
  CLI::App* const command = app.add_subcommand("check", "Is the policy kept by every packet?");
  const auto from = std::make_shared<check_arguments>();
  from->rules.add_to(*command);
  from->policy.add_to(*command);
  from->chain.add_to(*command);
  command->add_flag("--require-usable", from->require_usable,
                    "exit 1 too if an endpoint is blocked, or a part of it");
  from->output.add_to(*command);
  command->footer("Example:\n"
                  "  iptables-save >rules.v4; ip6tables-save >rules.v6\n"
                  "  cordon check --v4 rules.v4 --v6 rules.v6 --uid 1001 --allow tcp:127.0.0.1:18443\n"
                  "A family without a file has no rules, and the kernel then accepts everything: a leak.\n"
                  "Exit status: 0 proved, 1 leak, 2 unknown, 3 input or flags that cannot be used.");
  command->final_callback([from, &chosen] { chosen = [from] { return check(*from); }; });
}
