#include <cordon/target/tos.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j TOS is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--set-tos 5", "--set-tos 0x05/0xff"},
      {"--set-tos 5/3", "--set-tos 0x05/0x03"},
      {"--set-tos 256", nullptr},
      {"--set-tos Minimize-Cost", "--set-tos 0x02/0x3f"},
      {"--and-tos 256", nullptr},
      {"--and-tos 5", "--set-tos 0x00/0xfa"},
      {"--or-tos 5", "--set-tos 0x05/0x05"},
      {"--xor-tos 5", "--set-tos 0x05/0x00"},
      {"--or-tos 5 --and-tos 3", nullptr},
      {"", nullptr},
      {"--set-tos 0x1f", "--set-tos 0x1f/0xff"},
      {"--set-tos 0x1f/0x1f", "--set-tos 0x1f/0x1f"},
      {"--set-tos Minimize-Delay", "--set-tos 0x10/0x3f"},
      {"--set-tos Maximize-Throughput", "--set-tos 0x08/0x3f"},
      {"--set-tos Maximize-Reliability", "--set-tos 0x04/0x3f"},
      {"--set-tos Normal-Service", "--set-tos 0x00/0x3f"},
      {"--and-tos 0x12", "--set-tos 0x00/0xed"},
      {"--or-tos 0x12", "--set-tos 0x12/0x12"},
      {"--xor-tos 0x12", "--set-tos 0x12/0x00"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(tos_target, cases, {.family = in, .backend = of, .table = "mangle"});
}

TEST_CASE("TOS changes the traffic class, in mangle alone") {
  const use made = read_use(tos_target, "--or-tos 0x10", {.table = "mangle"});
  CHECK(changes_of(meaning_of(tos_target, made.options, {})) == sequence{set_bits(field::traffic_class, 0x10, 0x10)});
  CHECK(is_refused(canonical(tos_target, "--or-tos 0x10", {.table = "filter"})));
}
