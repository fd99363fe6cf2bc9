#include <cordon/match/connlabel.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m connlabel is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --label 0x10 --set", "! --label \"16\" --set"},
      {"--label 128", nullptr},
      {"--label 127", "--label \"127\""},
      {"--label eth0-in", nullptr},
      {"--label \"40\"", "--label \"40\""},
      {"! --label \"40\"", "! --label \"40\""},
      {"--label \"41\" --set", "--label \"41\" --set"},
      {"! --label \"41\" --set", "! --label \"41\" --set"},
      {"--label \"2048\"", nullptr},
      {"--label \"foobar_not_there\"", nullptr},
      {"--label 5 --set", "--label \"5\" --set"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(connlabel_match, cases, {.family = in, .backend = of});
}
