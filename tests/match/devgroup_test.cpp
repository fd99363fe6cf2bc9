#include <cordon/match/devgroup.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m devgroup is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --dst-group 0x1/0xff", "! --dst-group 0x1/0xff"},
      {"--dst-group default", "--dst-group default"},
      {"--dst-group foo", nullptr},
      {"", nullptr},
      {"--dst-group 5/0xffffffff", "--dst-group 0x5"},
      {"--dst-group 0", "--dst-group default"},
      {"--dst-group 0x1", "--dst-group 0x1"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(devgroup_match, cases, {.family = in, .backend = of});
}
