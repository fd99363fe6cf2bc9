#include <cordon/audit/destination.hpp>

#include <string>
#include <string_view>

#include <cordon/audit/listener_text.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/text/address_text.hpp>

using namespace cordon;

namespace {

constexpr std::string_view addresses =
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
    "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n"
    "3: v0    inet 10.9.0.1/24 brd 10.9.0.255 scope global v0\\       valid_lft forever preferred_lft "
    "forever\n"
    "3: v0    inet6 fd09::1/64 scope global \\       valid_lft forever preferred_lft forever\n"
    "4: w0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever\n";

listener listener_at(const std::string& where) {
  const auto read = read_listeners("tcp LISTEN 0 0 " + where + " *:*");
  REQUIRE(read);
  return (*read)[0];
}

std::string words_of(const sequence<socket_destination>& all) {
  std::string made;
  for (const socket_destination& one : all) {
    if (!made.empty()) made += ", ";
    made += std::string(to_text(one).view());
    if (!one.by_lo) made += " by any interface";
    if (one.from_lo_alone) made += " from lo";
  }
  return made;
}

std::string reached(const std::string& where, std::string_view own = addresses, const egress_policy& policy = {}) {
  const auto read = read_addresses(own);
  REQUIRE(read);
  return words_of(detail::own_destinations(*read, policy).of(listener_at(where)));
}

std::string reached_unknown(const std::string& where) {
  return words_of(detail::own_destinations(no_value, {}).of(listener_at(where)));
}

}  // namespace

TEST_CASE(
    "a socket that is bound to every address is reached at each of the host's, of the families that it "
    "takes") {
  CHECK(reached("0.0.0.0:80") == "127.0.0.1, the rest of 127.0.0.0/8, 10.9.0.1");
  CHECK(reached("[::]:80") == "[::1], [fd09::1], [fe80::1]");
  CHECK(reached("*:80") == "127.0.0.1, the rest of 127.0.0.0/8, 10.9.0.1, [::1], [fd09::1], [fe80::1]");
}

TEST_CASE("a socket that is bound to an interface is reached at what that has, and from lo at all") {
  CHECK(reached("0.0.0.0%v0:80") == "10.9.0.1");
  CHECK(reached("[::]%v0:80") == "[fd09::1]");
  CHECK(reached("*%w0:80") == "[fe80::1]");
  CHECK(reached("0.0.0.0%lo:80") == "127.0.0.1, the rest of 127.0.0.0/8, 10.9.0.1 from lo");
  CHECK(reached("[::]%lo:80") == "[::1], [fd09::1] from lo, [fe80::1] from lo");
  CHECK(reached("0.0.0.0%other:80").empty());
  CHECK(reached("127.0.0.53%lo:80") == "127.0.0.53");
  CHECK(reached("10.9.0.1%lo:80") == "10.9.0.1 from lo");
}

TEST_CASE("a socket that is bound to one address is reached there") {
  CHECK(reached("10.9.0.1:80") == "10.9.0.1");
  CHECK(reached("127.3.2.1:80") == "127.3.2.1");
  CHECK(reached("[::ffff:127.0.0.1]:80") == "127.0.0.1");
  CHECK(reached("[fe80::1]%w0:80") == "[fe80::1]");
  // No address of the host: a broadcast or multicast one, or somebody else's.
  CHECK(reached("10.9.0.255:80") == "10.9.0.255 by any interface");
  CHECK(reached("224.0.0.251:80") == "224.0.0.251 by any interface");
  CHECK(reached("[ff02::fb]:80") == "[ff02::fb] by any interface");
}

TEST_CASE("a list of addresses without loopback is not taken for all of them") {
  CHECK(reached("*:80", "3: v0 inet 10.9.0.1/24\n") == "127.0.0.1, the rest of 127.0.0.0/8, 10.9.0.1, [::1]");
  CHECK(reached("*:80", "1: lo inet6 ::1/128\n") == "[::1]");
}

TEST_CASE("what the kernel takes for an address goes with it") {
  const auto also = [](const char* where) {
    std::string made;
    for (const socket_destination& one : detail::own_destinations(no_value, {}).of(listener_at(where)))
      for (const address& each : one.also) made += std::string(to_text(each).view()) + " ";
    return made;
  };
  CHECK(also("127.0.0.1:80") == "0.0.0.0 ::ffff:127.0.0.1 ");
  CHECK(also("127.0.0.53:80") == "::ffff:127.0.0.53 ");
  CHECK(also("[::1]:80") == ":: ");
  CHECK(also("[fd09::1]:80").empty());
}

TEST_CASE(
    "of a host whose addresses are not known, only the loopback ones are looked at, and where a socket is "
    "bound") {
  CHECK(reached_unknown("*:80") == "127.0.0.1, the rest of 127.0.0.0/8, [::1]");
  CHECK(reached_unknown("192.0.2.7:80") == "192.0.2.7");
  CHECK(reached_unknown("224.0.0.251:80") == "224.0.0.251 by any interface");
}

TEST_CASE("an address that the policy names is told apart from the rest of its network") {
  const egress_policy policy = sandbox(uid{1001}).may_reach(udp, ipv4_address(127, 0, 0, 53), 53);
  CHECK(reached("0.0.0.0:80", addresses, policy) == "127.0.0.1, 127.0.0.53, the rest of 127.0.0.0/8, 10.9.0.1");
}

TEST_CASE("a host has what its interfaces have: more addresses on lo, several of one kind, none of a family") {
  CHECK(reached("0.0.0.0:80",
                "1: lo inet 127.0.0.1/8\n1: lo inet 10.50.0.1/30\n2: v0 inet 10.9.0.1/24\n3: v1 inet "
                "10.9.0.1/24\n") ==
        "127.0.0.1, the rest of 10.50.0.0/30, the rest of 127.0.0.0/8, 10.50.0.1, 10.9.0.1");
  CHECK(reached("*:80", "1: lo inet 127.0.0.1/8\n") == "127.0.0.1, the rest of 127.0.0.0/8");
  CHECK(reached("0.0.0.0%v1:80", "2: v0 inet 10.9.0.1/24\n3: v1 inet 10.9.0.1/24\n") == "10.9.0.1");
  CHECK(reached("[::]%v1:80", "2: v0 inet6 fe80::1/64\n3: v1 inet6 fe80::1/64\n") == "[fe80::1]");
}
