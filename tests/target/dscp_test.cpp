#include <cordon/target/dscp.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j DSCP is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--set-dscp 64", nullptr},
      {"--set-dscp 0x3f", "--set-dscp 0x3f"},
      {"--set-dscp-class AF11", "--set-dscp 0x0a"},
      {"--set-dscp 5 --set-dscp-class EF", nullptr},
      {"", nullptr},
      {"--set-dscp 0x00", "--set-dscp 0x00"},
      {"--set-dscp -1", nullptr},
      {"--set-dscp 0x40", nullptr},
      {"--set-dscp 0x3f --set-dscp-class CS0", nullptr},
      {"--set-dscp-class CS0", "--set-dscp 0x00"},
      {"--set-dscp-class BE", "--set-dscp 0x00"},
      {"--set-dscp-class EF", "--set-dscp 0x2e"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(dscp_target, cases, {.family = in, .backend = of, .table = "mangle"});
}

TEST_CASE("DSCP changes the upper six bits of the traffic class, in mangle alone") {
  const use made = read_use(dscp_target, "--set-dscp-class EF", {.table = "mangle"});
  CHECK(changes_of(meaning_of(dscp_target, made.options, {})) == sequence{set_bits(field::traffic_class, 0xb8, 0xfc)});
  CHECK(is_refused(canonical(dscp_target, "--set-dscp-class EF", {.table = "raw"})));
}
