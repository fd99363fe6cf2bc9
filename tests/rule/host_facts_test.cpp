#include <cordon/rule/host_facts.hpp>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("nothing is known of a host by default") {
  const host_facts nothing;
  CHECK_FALSE(nothing.without_ipsec);
  CHECK_FALSE(nothing.addresses.has_value());
  CHECK(nothing.find_set("allowed") == nullptr);
}

TEST_CASE("a set is found by its whole name") {
  host_facts known;
  known.sets.push_back({.name = "allowed", .kind = set_kind::hash_ip});
  REQUIRE(known.find_set("allowed") != nullptr);
  CHECK(known.find_set("allowed")->kind == set_kind::hash_ip);
  CHECK(known.find_set("allow") == nullptr);
  CHECK(known.find_set("allowed6") == nullptr);
}

TEST_CASE("a set of a kind with three parts takes three directions") {
  CHECK(dimension_of(set_kind::hash_net) == 1);
  CHECK(dimension_of(set_kind::bitmap_port) == 1);
  CHECK(dimension_of(set_kind::list_set) == 1);
  CHECK(dimension_of(set_kind::hash_net_iface) == 2);
  CHECK(dimension_of(set_kind::hash_ip_port_net) == 3);
}
