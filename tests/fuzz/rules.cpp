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

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const family of = (size & 1) != 0 ? family::ipv6 : family::ipv4;
  const backend how = (size & 2) != 0 ? backend::legacy : backend::nft;
  const auto read = fuzz::read_rules(fuzz::text_of(data, size), of, how);
  fuzz::require_reason(read);
  if (!read) return 0;
  const text written = write_ruleset(*read, of);
  const auto again = fuzz::read_rules(written, of, how);
  // iptables-save (1.8.9) prints some rules in a way that iptables-restore refuses, or takes for another rule, and so does the
  // writer: `! --dport 0:65535`, lists of no days, masks that are no prefix. Which, tests/text/writer_test.cpp asks; render/
  // refuses to write such rules.
  if (!again || !(*again == *read)) return 0;
  fuzz::require(write_ruleset(*again, of) == written, "what was written is written the same");

  const firewall rules = fuzz::host_with(*read, of);
  const firewall read_again = fuzz::host_with(*again, of);
  packet sent;
  sent.family = of;
  sent.owner = {socket_kind::user, 1001, 1001};
  const outcome simulated = simulate(rules, sent);
  fuzz::require(simulate(read_again, sent).possible == simulated.possible,
                "what was written means the same for a packet");

  const egress_policy policy = fuzz::example_policy(of);
  const proof answer = prove(rules, policy);
  fuzz::require(prove(read_again, policy).of(of).answer == answer.of(of).answer,
                "what was written is proved, or not, as before");
  const firewall_difference none = differences(rules, read_again, policy);
  fuzz::require(none.answer() == comparison::same || none.of(of).too_large,
                "what was written means the same for every packet");
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
