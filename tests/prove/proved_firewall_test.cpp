#include "../catch.hpp"

#include <type_traits>

#include <cordon/prove/proved_firewall.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

static_assert(!std::is_default_constructible_v<proved_firewall>);
static_assert(!std::is_constructible_v<proved_firewall, firewall, egress_policy>);
static_assert(!std::is_constructible_v<enforced_firewall, proved_firewall>);
static_assert(!std::is_constructible_v<enforced_firewall, firewall, egress_policy>);

TEST_CASE("a firewall that keeps the policy is proved, and carries it") {
  const firewall rules = host_with("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n");
  const auto made = proved(rules, sandbox(uid{1001}));
  REQUIRE(made);
  CHECK(made->rules() == rules);
  CHECK(made->policy() == sandbox(uid{1001}));
}

TEST_CASE("a firewall that leaks, or may leak, is not") {
  CHECK_FALSE(proved(firewall{}, sandbox(uid{1001})));
  CHECK_FALSE(proved(host_with("-A OUTPUT -m owner --uid-owner 1001 -p tcp -j DROP\n"), sandbox(uid{1001})));
  CHECK_FALSE(proved(host_with("-A OUTPUT -m unheardof --of 1 -j DROP\n"), sandbox(uid{1001})));
  firewall one_family = host_with("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n");
  one_family.v6 = {};
  CHECK_FALSE(proved(one_family, sandbox(uid{1001})));
}
