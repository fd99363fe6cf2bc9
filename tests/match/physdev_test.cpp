#include <cordon/match/physdev.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m physdev is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --physdev-in ve+ --physdev-is-in", "--physdev-is-in ! --physdev-in ve+"},
      {"--physdev-in abcdefghijklmnop", nullptr},
      {"", nullptr},
      {"--physdev-in +", "--physdev-in +"},
      {"--physdev-in \"\"", "--physdev-in "},
      {"--physdev-in ve0", "--physdev-in ve0"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(physdev_match, cases, {.family = in, .backend = of});
}
