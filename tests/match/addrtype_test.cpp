#include <cordon/match/addrtype.hpp>

#include <cordon/text/address_text.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m addrtype is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--dst-type LOC", "--dst-type LOCAL"},
      {"--dst-type LOCAL,", nullptr},
      {"--dst-type UNSPEC,UNICAST,LOCAL,ANYCAST,MULTICAST,UNREACHABLE",
       "--dst-type UNSPEC,UNICAST,LOCAL,ANYCAST,MULTICAST,UNREACHABLE"},
      {"--limit-iface-out", nullptr},
      {"! --limit-iface-out --dst-type LOCAL", nullptr},
      {"! --src-type LOCAL ! --dst-type LOCAL", "! --src-type LOCAL ! --dst-type LOCAL"},
      {"--dst-type LOCAL", "--dst-type LOCAL"},
      {"--src-type LOCAL ! --dst-type MULTICAST,UNICAST", "--src-type LOCAL ! --dst-type UNICAST,MULTICAST"},
      {"--dst-type LOCAL --limit-iface-out", "--dst-type LOCAL --limit-iface-out"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(addrtype_match, cases, {.family = in, .backend = of});
  const saved_case cases_2[] = {
      {"--dst-type BROADCAST", "--dst-type BROADCAST"},
  };
  for (const backend of : both_backends_tested)
    check_saved(addrtype_match, cases_2, {.family = family::ipv4, .backend = of});
  const saved_case cases_3[] = {
      {"--dst-type BROADCAST", nullptr},
  };
  for (const backend of : both_backends_tested)
    check_saved(addrtype_match, cases_3, {.family = family::ipv6, .backend = of});
}

TEST_CASE("-m addrtype is an atom for each address, the same for a question and its negation") {
  const auto atoms_of = [](const char* words) {
    return meaning_of(addrtype_match, read_use(addrtype_match, words, {}).options, {}).holds.atoms();
  };
  CHECK(decides(addrtype_match, "--dst-type LOCAL", packet{}) == "unknown");
  REQUIRE(atoms_of("--dst-type LOCAL").size() == 1);
  CHECK(atoms_of("--dst-type LOCAL") == atoms_of("! --dst-type LOCAL"));
  CHECK(atoms_of("--dst-type LOCAL") != atoms_of("--src-type LOCAL"));
  CHECK(atoms_of("--dst-type LOCAL") != atoms_of("--dst-type LOCAL --limit-iface-out"));
  CHECK_FALSE(atoms_of("--dst-type LOCAL")[0].stateful);
  CHECK(atoms_of("--src-type LOCAL ! --dst-type LOCAL").size() == 2);
}

namespace {

host_facts host_with(std::string_view addresses) {
  host_facts known;
  auto read = read_addresses(addresses);
  REQUIRE(read);
  known.addresses = std::move(*read);
  return known;
}

constexpr std::string_view two_interfaces =
    "1: lo inet 127.0.0.1/8 scope host lo\\\n1: lo inet6 ::1/128 scope host \\\n"
    "2: eth0 inet 192.0.2.2/24 brd 192.0.2.77 scope global eth0\\\n2: eth0 inet6 2001:db8::2/64 scope global \\\n";

std::string kind_decides(std::string_view words, std::string_view destination, const char* out = "eth0",
                         std::string_view addresses = two_interfaces) {
  const host_facts known = host_with(addresses);
  packet about;
  const auto to = read_address(destination);
  REQUIRE(to);
  about.family = to->family;
  about.destination = to->bits;
  about.out = out;
  return decides(addrtype_match, words, about, {.family = to->family, .host = &known});
}

}  // namespace

TEST_CASE("with the host's addresses the local routing table decides what kind an IPv4 address is") {
  CHECK(kind_decides("--dst-type LOCAL", "192.0.2.2") == "yes");
  CHECK(kind_decides("--dst-type LOCAL", "192.0.2.3") == "no");
  CHECK(kind_decides("--dst-type UNICAST", "192.0.2.3") == "yes");
  CHECK(kind_decides("--dst-type LOCAL", "127.5.5.5") == "yes");
  CHECK(kind_decides("--dst-type BROADCAST", "127.255.255.255") == "yes");
  CHECK(kind_decides("--dst-type BROADCAST", "192.0.2.255") == "yes");
  CHECK(kind_decides("--dst-type BROADCAST", "192.0.2.77") == "yes");
  CHECK(kind_decides("--dst-type BROADCAST", "255.255.255.255") == "yes");
  CHECK(kind_decides("--dst-type MULTICAST", "224.0.0.1") == "yes");
  CHECK(kind_decides("--dst-type UNICAST", "224.0.0.1") == "no");
  CHECK(kind_decides("--dst-type BLACKHOLE", "10.0.0.1") == "no");
  CHECK(kind_decides("! --dst-type LOCAL,MULTICAST", "224.0.0.1") == "no");
}

TEST_CASE("with --limit-iface-out an own address of another interface is UNICAST") {
  CHECK(kind_decides("--dst-type LOCAL --limit-iface-out", "192.0.2.2", "eth0") == "yes");
  CHECK(kind_decides("--dst-type LOCAL --limit-iface-out", "192.0.2.2", "lo") == "no");
  CHECK(kind_decides("--dst-type UNICAST --limit-iface-out", "192.0.2.2", "lo") == "yes");
  CHECK(kind_decides("--dst-type MULTICAST --limit-iface-out", "224.0.0.1", "lo") == "yes");
}

TEST_CASE("addresses that a route alone leads to the host are LOCAL too") {
  const auto decides_of = [](std::string_view words, std::string_view destination) {
    return kind_decides(words, destination, "lo",
                        "local 198.18.0.0/15 dev lo table local scope host\nlocal 203.0.113.7 dev lo table local\n"
                        "local 2001:db8:1::/48 dev lo table local pref medium\n"
                        "local 2001:db8:2::/48 dev lo table main pref medium\n");
  };
  CHECK(decides_of("--dst-type LOCAL", "198.19.255.255") == "yes");
  CHECK(decides_of("--dst-type BROADCAST", "198.19.255.255") == "no");
  CHECK(decides_of("--dst-type LOCAL", "198.20.0.0") == "no");
  CHECK(decides_of("--dst-type LOCAL", "203.0.113.7") == "yes");
  CHECK(decides_of("--dst-type LOCAL", "2001:db8:1:ffff::1") == "yes");
  CHECK(decides_of("--dst-type LOCAL", "2001:db8:3::1") == "no");
  CHECK(decides_of("--dst-type LOCAL --limit-iface-out", "2001:db8:1::1") == "no");
}

TEST_CASE("several kinds of IPv6 addresses in one list are not simply or-ed") {
  CHECK(kind_decides("--dst-type LOCAL", "2001:db8::2") == "yes");
  CHECK(kind_decides("--dst-type LOCAL", "2001:db8::3") == "no");
  CHECK(kind_decides("--dst-type LOCAL,UNICAST", "2001:db8::3") == "no");
  CHECK(kind_decides("--dst-type UNICAST,MULTICAST", "ff02::1") == "no");
  CHECK(kind_decides("--dst-type MULTICAST", "ff02::1") == "yes");
  CHECK(kind_decides("--dst-type UNICAST", "::ffff:10.0.0.1") == "no");
  CHECK(kind_decides("--dst-type UNSPEC", "::") == "yes");
  CHECK(kind_decides("--dst-type ANYCAST", "2001:db8::3") == "unknown");
  CHECK(kind_decides("--dst-type ANYCAST,LOCAL", "2001:db8::2") == "yes");
  CHECK(kind_decides("--dst-type ANYCAST,MULTICAST", "2001:db8::3") == "no");
}

TEST_CASE("the kind of an address that two interfaces have is unknown only where the interface matters") {
  const host_facts known =
      host_with("2: eth0 inet 10.0.0.1/32 scope global eth0\\\n3: eth1 inet 10.0.0.1/32 scope global eth1\\\n");
  packet about;
  about.destination = 0x0a000001;
  about.out = "eth0";
  CHECK(decides(addrtype_match, "--dst-type LOCAL --limit-iface-out", about, {.host = &known}) == "unknown");
  CHECK(decides(addrtype_match, "--dst-type LOCAL", about, {.host = &known}) == "yes");
}

namespace {

// What inet_dev_addr_type says of an address on the host with `two_interfaces`; `out` is empty where it does not count.
unsigned ipv4_kind(uint128 address, std::string_view out) {
  const auto of = [](unsigned a, unsigned b, unsigned c, unsigned d) { return ipv4_address(a, b, c, d).bits; };
  const auto by = [&](std::string_view interface, unsigned kind) {
    return out.empty() || out == interface ? kind : detail::address_kind::unicast;
  };
  if (address == 0 || address == of(255, 255, 255, 255)) return detail::address_kind::broadcast;
  if (address >= of(224, 0, 0, 0) && address <= of(239, 255, 255, 255)) return detail::address_kind::multicast;
  if (address == of(192, 0, 2, 2)) return by("eth0", detail::address_kind::local);
  if (address == of(192, 0, 2, 77) || address == of(192, 0, 2, 255)) return by("eth0", detail::address_kind::broadcast);
  if (address == of(127, 255, 255, 255)) return by("lo", detail::address_kind::broadcast);
  if (address >= of(127, 0, 0, 0) && address <= of(127, 255, 255, 255)) return by("lo", detail::address_kind::local);
  return detail::address_kind::unicast;
}

// What match_type6 says there: yes, no, or up to routing.
truth ipv6_fits(uint128 address, unsigned kinds, std::string_view out) {
  using namespace detail::address_kind;
  const bool is_multicast = address >> 120 == 0xff;
  const bool is_unicast = !is_multicast && address != 0 && address >> 32 != 0xffff;
  if ((kinds & multicast) != 0 && !is_multicast) return truth::no;
  if ((kinds & unicast) != 0 && !is_unicast) return truth::no;
  if ((kinds & unspec) != 0 && address != 0) return truth::no;
  const unsigned asked = kinds & (local | anycast | unreachable);
  if (asked == 0) return truth::yes;
  if (asked != local && ((asked & local) == 0 || !out.empty())) return truth::unknown;
  const bool is_own = (address == 1 && (out.empty() || out == "lo")) ||
                      (address == read_address("2001:db8::2")->bits && (out.empty() || out == "eth0"));
  if (is_own) return truth::yes;
  return asked == local ? truth::no : truth::unknown;
}

struct kinds_case {
  const char* words;
  unsigned kinds;
};

}  // namespace

TEST_CASE("kinds of addresses on every packet, against a plain account of how the kernel finds them") {
  using namespace detail::address_kind;
  const host_facts known = host_with(two_interfaces);
  const std::vector<uint128> interfaces = {
      number_of(interface_name("lo")), number_of(interface_name("eth0")), number_of(interface_name("eth1")),
      // The last names before two of them.
      (number_of(interface_name("lo")) - 1) & ~uint128{0xff}, (number_of(interface_name("eth0")) - 1) & ~uint128{0xff}};
  const std::vector<uint128> v4 = around(
      {0, ipv4_address(127, 0, 0, 0).bits, ipv4_address(127, 0, 0, 1).bits, ipv4_address(127, 255, 255, 255).bits,
       ipv4_address(192, 0, 2, 2).bits, ipv4_address(192, 0, 2, 77).bits, ipv4_address(192, 0, 2, 255).bits,
       ipv4_address(224, 0, 0, 0).bits, ipv4_address(239, 255, 255, 255).bits, ipv4_address(255, 255, 255, 255).bits});
  const std::vector<uint128> v6 = around({0, 1, uint128{0xffff} << 32, (uint128{0xffff} << 32) | 0xffffffff,
                                          uint128{0xff} << 120, low_bits(128), read_address("2001:db8::2")->bits});
  const kinds_case cases[] = {
      {"UNICAST", unicast},
      {"LOCAL", local},
      {"MULTICAST", multicast},
      {"LOCAL,MULTICAST", local | multicast},
      {"UNICAST,LOCAL", unicast | local},
      {"UNSPEC", unspec},
      {"ANYCAST", anycast},
      {"LOCAL,ANYCAST", local | anycast},
      {"UNREACHABLE,UNICAST", unreachable | unicast},
      {"BROADCAST", broadcast},
      {"BROADCAST,UNICAST", broadcast | unicast},
      {"UNICAST,MULTICAST", unicast | multicast},
      {"LOCAL,BROADCAST,MULTICAST", local | broadcast | multicast},
  };
  for (const family in : both_families_tested) {
    const std::vector<uint128>& values = in == family::ipv4 ? v4 : v6;
    const std::vector<packet> packets =
        mixed_packets(in, {{field::source, values}, {field::destination, values}, {field::out, interfaces}}, 8000);
    for (const kinds_case& one : cases)
      for (const bool of_source : {false, true})
        for (const bool by_interface : {false, true})
          for (const bool inverted : {false, true}) {
            if (in == family::ipv6 && (one.kinds & broadcast) != 0) continue;
            const std::string words = std::string(inverted ? "! " : "") + (of_source ? "--src-type " : "--dst-type ") +
                                      one.words + (by_interface ? " --limit-iface-out" : "");
            const auto fits = [&](const packet& sent) {
              const uint128 address = of_source ? sent.source : sent.destination;
              const std::string_view out = by_interface ? sent.out.view() : std::string_view();
              const truth plain = in == family::ipv4 ? truth_of((ipv4_kind(address, out) & one.kinds) != 0)
                                                     : ipv6_fits(address, one.kinds, out);
              return inverted ? !plain : plain;
            };
            check_each(addrtype_match, words, {.family = in, .host = &known}, packets, fits,
                       /*may_fare_alike=*/true);
          }
  }
}
