#include <cordon/match/addrtype.hpp>

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
    return addrtype_match.meaning(read_use(addrtype_match, words, {}).options, {}).holds.atoms();
  };
  CHECK(decides(addrtype_match, "--dst-type LOCAL", packet{}) == "unknown");
  REQUIRE(atoms_of("--dst-type LOCAL").size() == 1);
  CHECK(atoms_of("--dst-type LOCAL") == atoms_of("! --dst-type LOCAL"));
  CHECK(atoms_of("--dst-type LOCAL") != atoms_of("--src-type LOCAL"));
  CHECK(atoms_of("--dst-type LOCAL") != atoms_of("--dst-type LOCAL --limit-iface-out"));
  CHECK_FALSE(atoms_of("--dst-type LOCAL")[0].stateful);
  CHECK(atoms_of("--src-type LOCAL ! --dst-type LOCAL").size() == 2);
}
