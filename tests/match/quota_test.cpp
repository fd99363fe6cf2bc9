#include <cordon/match/quota.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m quota is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --quota 0x10", "! --quota 16"},
      {"--quota 0", "--quota 0"},
      {"! --quota 0", "! --quota 0"},
      {"--quota 18446744073709551615", "--quota 18446744073709551615"},
      {"! --quota 18446744073709551615", "! --quota 18446744073709551615"},
      {"--quota 18446744073709551616", nullptr},
      {"", nullptr},
      {"--quota 1000", "--quota 1000"},
      {"! --quota 1000", "! --quota 1000"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(quota_match, cases, {.family = in, .backend = of});
}
