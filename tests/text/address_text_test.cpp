#include <cordon/text/address_text.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {

// What ip -o addr of iproute2 6.1 printed in a network namespace.
constexpr std::string_view printed_addresses =
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
    "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n"
    "3: w0@if2    inet 10.9.0.1/24 brd 10.9.0.255 scope global w0\\       valid_lft forever preferred_lft forever\n"
    "3: w0    inet 10.8.0.1 peer 10.8.0.2/32 scope global w0\\       valid_lft forever preferred_lft forever\n"
    "3: w0    inet 10.9.0.7/24 scope global secondary noprefixroute w0\\       valid_lft forever preferred_lft forever\n"
    "3: w0    inet6 fd09::1/64 scope global tentative \\       valid_lft forever preferred_lft forever\n";

std::string why_no_addresses(std::string_view content) {
  const auto read = read_addresses(content, "A");
  if (read) return "it was read";
  return std::string(to_text(read.diagnostics()[0]).view());
}

}  // namespace

TEST_CASE("what ip -o addr prints is read: addresses, peers, broadcast addresses and flags") {
  const auto read = read_addresses(printed_addresses);
  REQUIRE(read);
  REQUIRE(read->size() == 6);
  const host_address& loopback = (*read)[0];
  CHECK(loopback.interface == "lo");
  CHECK(loopback.own == ipv4_address(127, 0, 0, 1));
  CHECK(loopback.prefix == network{ipv4_address(127, 0, 0, 0), prefix_mask(family::ipv4, 8)});
  CHECK_FALSE(loopback.broadcast.has_value());
  CHECK((*read)[1].own == address{family::ipv6, 1});
  CHECK((*read)[2].interface == "w0");
  CHECK((*read)[2].broadcast == ipv4_address(10, 9, 0, 255));
  CHECK((*read)[3].own == ipv4_address(10, 8, 0, 1));
  CHECK((*read)[3].prefix.base == ipv4_address(10, 8, 0, 2));
  CHECK((*read)[4].secondary);
  CHECK((*read)[4].no_prefix_route);
  CHECK_FALSE((*read)[2].secondary);
  CHECK((*read)[5].tentative);
}

TEST_CASE("local routes that the kernel has not put there itself are read") {
  const auto read = read_addresses(
      "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
      "local default dev lo table 100 scope host \n"
      "local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1 \n"
      "local 198.18.0.0/15 dev lo table local scope host \n"
      "local 203.0.113.7 dev eth0 table local proto 66 scope host \n"
      "local 203.0.113.8 dev eth0 scope host \n"
      "local 2001:db8:1::/48 dev lo metric 1024 pref medium\n"
      "local 2001:db8:2::/48 dev lo table 100 metric 1024 pref medium\n"
      "local 2001:db8::/32 dev lo table local metric 1024 pref medium\n"
      "local default dev lo table local metric 1024 pref medium\n");
  REQUIRE(read);
  REQUIRE(read->size() == 6);
  CHECK_FALSE((*read)[0].is_route);
  for (std::size_t i = 1; i < 6; ++i) {
    CHECK((*read)[i].is_route);
    CHECK((*read)[i].tentative == (i == 3));
  }
  CHECK((*read)[1].prefix == network{ipv4_address(198, 18, 0, 0), prefix_mask(family::ipv4, 15)});
  CHECK((*read)[2].prefix == network{ipv4_address(203, 0, 113, 7), prefix_mask(family::ipv4, 32)});
  CHECK((*read)[2].interface == "eth0");
  CHECK((*read)[3].own == *read_address("2001:db8:1::"));
  CHECK((*read)[4].own == *read_address("2001:db8::"));
  CHECK((*read)[5].prefix == network{address{family::ipv6, 0}, 0});
}

TEST_CASE("a text without addresses is a host without any") {
  const auto read = read_addresses("\n# nothing\n");
  REQUIRE(read);
  CHECK(read->empty());
}

TEST_CASE("what is no line of ip -o addr is refused, with its place") {
  CHECK(why_no_addresses("1: lo inet 127.0.0.1/8\n2: eth0 inet 10.0.0.300/8\n")
            .rfind("A:2:14: error: '10.0.0.300/8'", 0) == 0);
  CHECK(why_no_addresses("lo inet 127.0.0.1/8").rfind("A:1:1: error: ", 0) == 0);
  CHECK(why_no_addresses("1: lo: <LOOPBACK,UP> mtu 65536").rfind("A:1:4: error: this is what 'ip addr' prints", 0) ==
        0);
  CHECK(why_no_addresses("1: lo inet6 127.0.0.1/8").rfind("A:1:13: error: ", 0) == 0);
  CHECK(why_no_addresses("1: lo inet").rfind("A:1:11: error: ", 0) == 0);
  CHECK(why_no_addresses("local 10.0.0.0/8").rfind("A:1:17: error: the line is no route", 0) == 0);
  CHECK(why_no_addresses("local 10.0.0.0/33 dev lo").rfind("A:1:7: error: '10.0.0.0/33' is no network", 0) == 0);
  CHECK(why_no_addresses("local 10.0.0.0/8 dev 1234567890123456").rfind("A:1:22: error: ", 0) == 0);
  CHECK(why_no_addresses("1: lo inet 1.2.3.4 peer").rfind("A:1:24: error: ", 0) == 0);
}
