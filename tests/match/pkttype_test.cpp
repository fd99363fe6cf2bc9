#include <cordon/match/pkttype.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m pkttype is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--pkt-type Host", "--pkt-type unicast"},
      {"--pkt-type otherhost", "--pkt-type otherhost"},
      {"--pkt-type uni", nullptr},
      {"--pkt-type mcast", "--pkt-type multicast"},
      {"--pkt-type unicast", "--pkt-type unicast"},
      {"--pkt-type broadcast", "--pkt-type broadcast"},
      {"--pkt-type multicast", "--pkt-type multicast"},
      {"--pkt-type wrong", nullptr},
      {"", nullptr},
      {"! --pkt-type multicast", "! --pkt-type multicast"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(pkttype_match, cases, {.family = in, .backend = of});
}

TEST_CASE("every packet of OUTPUT counts as unicast") {
  CHECK(decides(pkttype_match, "--pkt-type unicast", packet{}) == "yes");
  CHECK(decides(pkttype_match, "! --pkt-type unicast", packet{}) == "no");
  CHECK(decides(pkttype_match, "--pkt-type multicast", packet{}) == "no");
  CHECK(decides(pkttype_match, "! --pkt-type broadcast", packet{}) == "yes");
}
