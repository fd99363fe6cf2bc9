#include <cordon/match/tos.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m tos is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--tos 0x10/0x1f", "--tos 0x10/0x1f"},
      {"--tos 256", nullptr},
      {"--tos 0xff/0", "--tos 0xff/0x00"},
      {"--tos Maximize-Throughput", "--tos 0x08/0x3f"},
      {"--tos Max", nullptr},
      {"--tos Minimize-Cost/0xff", nullptr},
      {"--tos 0x10/", nullptr},
      {"--tos 0x10", "--tos 0x10/0xff"},
      {"! --tos Minimize-Delay", "! --tos 0x10/0x3f"},
      {"--tos 0x10/0x3f", "--tos 0x10/0x3f"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(tos_match, cases, {.family = in, .backend = of});
}

TEST_CASE("TOS is compared under its mask, and a value outside the mask fits nothing") {
  packet sent;
  sent.traffic_class = 0x51;
  CHECK(decides(tos_match, "--tos Minimize-Delay", sent) == "no");
  CHECK(decides(tos_match, "--tos 0x10/0x1e", sent) == "yes");
  CHECK(decides(tos_match, "! --tos 0x10/0x1e", sent) == "no");
  CHECK(decides(tos_match, "--tos 0x51", sent) == "yes");
  CHECK(decides(tos_match, "--tos 0xff/0", sent) == "no");
}
