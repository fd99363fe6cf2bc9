// Does a host's firewall keep its sandbox to the egress proxy and the resolver? If so, prints the rules that make sure
// it stays that way; if not, what gets out. Run where rules.v4 and rules.v6 are (iptables-save, ip6tables-save).
// clang-format off: the README shows it, in as few lines as people write.
#include <iostream>

#include <cordon/cordon.hpp>

using namespace cordon;

constexpr egress_policy egress = sandbox(uid{1001})
    .may_reach(tcp, "127.0.0.1"_ip, 18443)          // the egress proxy
    .may_reach(udp | tcp, "127.0.0.53"_ip, 53);     // the resolver

int main() {
  const auto live = read_firewall({.v4 = "rules.v4", .v6 = "rules.v6"});
  if (!live) { std::cerr << live.diagnostics(); return 3; }

  const proof answer = prove(*live, egress);
  if (!answer.proved()) { std::cerr << answer; return 1; }  // region, blame, witness

  std::cout << commands(enforce(egress, *live));            // takes only what was proved
}
