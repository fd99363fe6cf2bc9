#include <cordon/match/ipcomp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m ipcomp is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ipcompspi 5", "--ipcompspi 5", just(protocol::ipcomp)},
      {"--ipcompspi 0x5 --compres", "--ipcompspi 5 --compres", just(protocol::ipcomp)},
      {"! --ipcompspi 0:0xffffffff", "", just(protocol::ipcomp)},
      {"--ipcompspi 5:1", "--ipcompspi 5:1", just(protocol::ipcomp)},
      {"", "--ipcompspi 0", just(protocol::ipcomp)},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(ipcomp_match, cases, {.family = in, .backend = of});
}

TEST_CASE("the CPI of a compressed packet is bytes 2 and 3, and 0 is asked for where none is given") {
  const meaning_context ipcomp_rule{.protocol = just(protocol::ipcomp)};
  packet sent;
  sent.second_word = 5;
  CHECK(decides(ipcomp_match, "--ipcompspi 5", sent, ipcomp_rule) == "yes");
  CHECK(decides(ipcomp_match, "! --ipcompspi 5", sent, ipcomp_rule) == "no");
  CHECK(decides(ipcomp_match, "", sent, ipcomp_rule) == "no");
  CHECK(decides(ipcomp_match, "--ipcompspi 0:4294967295", sent, ipcomp_rule) == "yes");
  sent.second_word = 0;
  CHECK(decides(ipcomp_match, "", sent, ipcomp_rule) == "yes");
  sent.transport = static_cast<transport_part>(3);
  CHECK(decides(ipcomp_match, "", sent, ipcomp_rule) == "drop");
}
