#include <cordon/match/helper.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m helper is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --helper \"\"", "! --helper \"\""},
      {"--helper \"a b\"", "--helper \"a b\""},
      {"--helper abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "--helper abcdefghijklmnopqrstuvwxyzabc"},
      {"--helper ftp", "--helper ftp"},
      {"--helper ftp-2121", "--helper ftp-2121"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(helper_match, cases, {.family = in, .backend = of});
}
