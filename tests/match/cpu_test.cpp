#include <cordon/match/cpu.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m cpu is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --cpu 0x10", "! --cpu 16"},
      {"--cpu 4294967296", nullptr},
      {"--cpu 0", "--cpu 0"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(cpu_match, cases, {.family = in, .backend = of});
}
