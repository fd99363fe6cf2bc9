#include <cordon/match/eui64.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m eui64 is of IPv6 and of packets that come in alone") {
  CHECK_FALSE(eui64_match.ipv4);
  CHECK(valid_hooks(eui64_match, {}, {}) == incoming_hooks);
  CHECK(canonical(eui64_match, "", {.family = family::ipv6}).empty());
}
