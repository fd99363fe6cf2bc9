// iptables-save text, of either family and back end, as its length says.
#include "fuzz.hpp"

#include <cordon/lint/lint.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/report.hpp>
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
  fuzz::require(static_cast<bool>(again), "what was written is read");
  fuzz::require(write_ruleset(*again, of) == written, "what was written is written the same");

  firewall rules;
  rules.of(of == family::ipv4 ? family::ipv6 : family::ipv4) = family_rules::none();
  rules.of(of) = *read;
  packet sent;
  sent.family = of;
  sent.owner = {socket_kind::user, 1001, 1001};
  simulate(rules, sent);
  const egress_policy policy = sandbox(uid{1001}).may_reach(tcp, of == family::ipv4 ? ipv4_address(127, 0, 0, 1) : address{of, 1}, 18443);
  write_report(prove(rules, policy), {.rules = &rules});
  lint(rules, {.policy = policy});
  return 0;
}
