#include <cordon/packet/literals.hpp>

#include "../catch.hpp"

using namespace cordon;

static_assert("127.0.0.1"_ip == ipv4_address(127, 0, 0, 1));
static_assert("::1"_ip == address{family::ipv6, 1});
static_assert("10.0.0.0/8"_net.contains("10.1.2.3"_ip));
static_assert(!"10.0.0.0/8"_net.contains("11.1.2.3"_ip));

TEST_CASE("literals are read as their text is") {
  CHECK("2001:db8::/32"_net == read_network("2001:db8::/32"));
  CHECK("192.0.2.1"_ip == read_address("192.0.2.1"));
}
