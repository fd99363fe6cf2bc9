// Holds what the service installs to what it promises: its sandbox reaches the egress proxy and the resolver,
// and nothing else.
#include <iostream>
#include <string>
#include <vector>

#include <cordon/cordon.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"

using namespace cordon;

namespace {

constexpr egress_policy egress =
    sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443).may_reach(udp | tcp, "127.0.0.53"_ip, 53);

ruleset loaded(const std::vector<std::string>& lines, family of) {
  std::string all = "*filter\n";
  for (const std::string& line : lines) all += line + "\n";
  auto read = read_ruleset(all + "COMMIT\n", {.family = of, .file = of == family::ipv4 ? "iptables" : "ip6tables"});
  if (!read) {
    std::cerr << read.diagnostics();
    std::exit(3);
  }
  return *std::move(read);
}

}  // namespace

int main() {
  const installed_rules rules = rules_for({});
  const firewall live{.v4 = loaded(rules.iptables, family::ipv4), .v6 = loaded(rules.ip6tables, family::ipv6)};

  const bool holds = rc::check("no packet of the sandbox leaves, but to the proxy and the resolver", [&] {
    const packet sent = *testing::packets_near(live).of(egress);
    RC_ASSERT(!simulate(live, sent).accepted() || egress.allows(sent));
  });
  return holds ? 0 : 1;
}
