// iptables-save text, of either family and back end, as its length says.
#include "fuzz.hpp"

#include <cordon/lint/lint.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/difference_report.hpp>
#include <cordon/render/explanation.hpp>
#include <cordon/render/findings.hpp>
#include <cordon/render/graph.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/junit.hpp>
#include <cordon/render/proof_findings.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/sarif.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/writer.hpp>

using namespace cordon;

namespace {
// Whether a rule may be among those that iptables-save (1.8.9) prints in a way that iptables-restore refuses, or takes for
// another rule. The writer does the same; render/ refuses to write such rules.
bool may_be_saved_badly(std::string_view input, std::string_view written) {
  const auto has = [](std::string_view all, std::string_view words) { return all.find(words) != std::string_view::npos; };
  // Lists of no days, names that hold blanks or nothing, rates of 0b/s, --seconds -1, a chain that is named as a target.
  for (const std::string_view one : {"--weekdays  ", "--monthdays  ", "--physdev-in ", "--physdev-out ", "--hashlimit-", " 0b/s ",
                                     "--seconds -1 ", "--name ", "--label ", "\n:REJECT "})
    if (has(written, one)) return true;
  // The inversion of what always holds is left out, and masks that are no prefix of these matches.
  for (const std::string_view one : {"!", "NONE", "--ctorig", "--ctrepl", "--tunnel-"})
    if (has(input, one)) return true;
  return false;
}
}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const family of = (size & 1) != 0 ? family::ipv6 : family::ipv4;
  const backend how = (size & 2) != 0 ? backend::legacy : backend::nft;
  const auto read = fuzz::read_rules(fuzz::text_of(data, size), of, how);
  fuzz::require_reason(read);
  if (!read) return 0;
  const text written = write_ruleset(*read, of);
  const auto again = fuzz::read_rules(written, of, how);
  if (!(again && *again == *read) && may_be_saved_badly(fuzz::text_of(data, size), written)) return 0;
  fuzz::require(static_cast<bool>(again), "what was written is read");
  fuzz::require(*again == *read, "what was written is read as the same");
  fuzz::require(write_ruleset(*again, of) == written, "what was written is written the same");

  const firewall rules = fuzz::host_with(*read, of);
  const firewall read_again = fuzz::host_with(*again, of);
  packet sent;
  sent.family = of;
  sent.owner = {socket_kind::user, 1001, 1001};
  const outcome simulated = simulate(rules, sent);
  fuzz::require(simulate(read_again, sent).possible == simulated.possible, "what was written means the same for a packet");

  const egress_policy policy = fuzz::example_policy(of);
  const proof answer = prove(rules, policy);
  fuzz::require(prove(read_again, policy).of(of).answer == answer.of(of).answer, "what was written is proved, or not, as before");
  const firewall_difference none = differences(rules, read_again, policy);
  fuzz::require(none.answer() == comparison::same || none.of(of).too_large, "what was written means the same for every packet");
  // What is printed of it, each for a part of the inputs.
  switch (size / 4 % 4) {
    case 0:
      write_report(answer, {.rules = &rules});
      write_report(lint(rules, {.policy = policy}));
      break;
    case 1:
      write_json(answer, {.rules = &rules});
      write_json(lint(rules));
      write_junit(answer);
      break;
    case 2:
      write_sarif(findings_of(answer, {.rules = &rules}));
      write_dot(graph_of(rules, &answer));
      write_mermaid(graph_of(rules));
      break;
    default: {
      write_report(explain(rules, compile(rules, of), sent));
      const firewall_difference all = differences(rules, fuzz::host_with({}, of), policy);
      write_report(all, policy);
      write_json(all);
    }
  }
  return 0;
}
