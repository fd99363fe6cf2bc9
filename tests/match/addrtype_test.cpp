#include <cordon/match/addrtype.hpp>

#include <cordon/text/address_text.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

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

std::string kind_decides(std::string_view words, std::string_view destination, const char* out = "eth0") {
  const host_facts known = host_with(two_interfaces);
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
  const host_facts known = host_with("2: eth0 inet 10.0.0.1/32 scope global eth0\\\n3: eth1 inet 10.0.0.1/32 scope global eth1\\\n");
  packet about;
  about.destination = 0x0a000001;
  about.out = "eth0";
  CHECK(decides(addrtype_match, "--dst-type LOCAL --limit-iface-out", about, {.host = &known}) == "unknown");
  CHECK(decides(addrtype_match, "--dst-type LOCAL", about, {.host = &known}) == "yes");
}
