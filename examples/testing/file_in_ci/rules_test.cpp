// The rules that lie in a repository, held to what they are for whenever somebody changes them. Run where
// they are.
#include <cordon/cordon.hpp>
#include <cordon/testing/catch2.hpp>

using namespace cordon;

namespace {

constexpr egress_policy egress =
    sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443).may_reach(udp | tcp, "127.0.0.53"_ip, 53);

}  // namespace

TEST_CASE("the sandbox reaches the egress proxy and the resolver, and nothing else") {
  const auto live = read_firewall({.v4 = "rules.v4", .v6 = "rules.v6"});
  if (!live) FAIL(testing::shown(to_text(live.diagnostics())));
  REQUIRE_THAT(*live, testing::KeepsToAndReaches(egress));
}
