#include <cordon/text/rule_addresses.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {

// What `iptables-save` of 1.8.9 printed for a rule with this address, or what is wrong with it.
std::string read(std::string_view written, family of = family::ipv4) {
  network into;
  const text wrong = read_rule_network(written, of, into);
  return std::string(wrong.empty() ? to_text(into).view() : wrong.view());
}
std::string read6(std::string_view written) { return read(written, family::ipv6); }
bool refuses(std::string_view written, family of = family::ipv4) {
  network into;
  return !read_rule_network(written, of, into).empty();
}

}  // namespace

TEST_CASE("an address without mask stands for itself, with a mask for its network") {
  CHECK(read("127.0.0.1") == "127.0.0.1/32");
  CHECK(read("10.1.2.3/8") == "10.0.0.0/8");
  CHECK(read("10.1.2.3/255.255.0.0") == "10.1.0.0/16");
  CHECK(read("10.1.2.3/255.0.255.0") == "10.0.2.0/255.0.255.0");
  CHECK(read("1.2.3.4/0") == "0.0.0.0/0");
  CHECK(read("255.255.255.255/1") == "128.0.0.0/1");
}

TEST_CASE("parts of an IPv4 address that are left out are zero, not the ones in the middle") {
  CHECK(read("10") == "10.0.0.0/32");
  CHECK(read("127.1") == "127.1.0.0/32");
  CHECK(read("10/8") == "10.0.0.0/8");
  CHECK(read("1.2.3") == "1.2.3.0/32");
}

TEST_CASE("parts of an IPv4 address and prefix lengths are C numbers: octal and hexadecimal too") {
  CHECK(read("010.0.0.1") == "8.0.0.1/32");
  CHECK(read("0x7f.0.0.1") == "127.0.0.1/32");
  CHECK(read("1.2.3.4/010") == "1.0.0.0/8");
  CHECK(read("1.2.3.4/0x18") == "1.2.3.0/24");
  CHECK(read("+5") == "5.0.0.0/32");
  CHECK(refuses("1.2.3.4/08"));
}

TEST_CASE("what has parts above 255 is read by inet_aton, whose last part fills the rest") {
  CHECK(read("0x7f000001") == "127.0.0.1/32");
  CHECK(read("2130706433") == "127.0.0.1/32");
  CHECK(read("10.1.300") == "10.1.1.44/32");
  CHECK(refuses("4294967296"));
  CHECK(refuses("256.1.1.1"));
  CHECK(refuses("1.2.3.256"));
}

TEST_CASE("iptables does not look at what stands before a mask without bits") {
  CHECK(read("any/0") == "0.0.0.0/0");
  CHECK(read6("any/0") == "::/0");
}

TEST_CASE("masks out of range are refused") {
  CHECK(read("1.2.3.4/40") == "'40' is no mask: write a prefix length of 0 to 32, or a mask in the form of an address");
  CHECK(refuses("1.2.3.4/"));
  CHECK(refuses("1.2.3.4/255.255"));
  CHECK(refuses("::1/129", family::ipv6));
}

TEST_CASE("IPv6 addresses and masks are read as inet_pton reads them") {
  CHECK(read6("2001:DB8:0::1/32") == "2001:db8::/32");
  CHECK(read6("::ffff:127.0.0.1") == "::ffff:127.0.0.1/128");
  CHECK(read6("fe80::1/ffff::ffff") == "fe80::1/ffff::ffff");
  CHECK(refuses("1::2::3", family::ipv6));
  CHECK(refuses("::g", family::ipv6));
}

TEST_CASE("the zone of a link-local address is forgotten, as iptables forgets it") {
  CHECK(read6("fe80::1%lo") == "fe80::1/128");
  CHECK(refuses("2001:db8::1%lo", family::ipv6));
}

TEST_CASE("an address of the other family is told from a name, and no name is looked up") {
  CHECK(read("::1") == "'::1' is an IPv6 address among IPv4 rules: this looks like ip6tables-save output");
  CHECK(read6("1.2.3.4") == "'1.2.3.4' is an IPv4 address among IPv6 rules: this looks like iptables-save output");
  CHECK(read("localhost") == "'localhost' is no IPv4 address: names are never looked up, write the address itself");
}

TEST_CASE("a list stands for its addresses in their order, blanks before them allowed") {
  sequence<network> list;
  REQUIRE(read_rule_networks("1.2.3.4, 10/8,0.0.0.0/0", family::ipv4, list).empty());
  REQUIRE(list.size() == 3);
  CHECK(to_text(list[1]) == "10.0.0.0/8");
  list.clear();
  CHECK_FALSE(read_rule_networks("1.2.3.4,", family::ipv4, list).empty());
}

TEST_CASE("the short way for printed IPv4 networks reads what the long way reads") {
  // Each text here is near what the short way takes: at its bounds, or one character off.
  for (const std::string_view written : {"0.0.0.0", "255.255.255.255", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/1",
                                         "1.2.3.4/01", "01.2.3.4", "1.2.3.04", "1.2.3.4/", "1.2.3.4/320", "1.2.3.256",
                                         "1.2.3.1000", "1..3.4", ".1.2.3", "1.2.3.", "1.2.3.4.5", "1.2.3.4/3x"}) {
    CAPTURE(written);
    network quick;
    if (!detail::read_printed_ipv4_network(written, quick)) continue;
    const auto slash = written.find('/');
    const auto bits = detail::read_short_ipv4(written.substr(0, slash), false);
    REQUIRE(bits);
    const auto mask = slash == std::string_view::npos ? maybe<uint128>(low_bits(32))
                                                      : detail::read_rule_mask(written.substr(slash + 1), family::ipv4);
    REQUIRE(mask);
    CHECK(quick == network{{family::ipv4, *bits & *mask}, *mask});
  }
}
