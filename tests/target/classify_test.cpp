#include <cordon/target/classify.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j CLASSIFY is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--set-class 1:5", "--set-class 0001:0005"},
      {"--set-class 1", nullptr},
      {"--set-class 1:", nullptr},
      {"--set-class :5", nullptr},
      {"--set-class 1ffff:5", "--set-class ffff:0005"},
      {"--set-class 0x1:5", "--set-class 0001:0005"},
      {"--set-class ffff:ffff", "--set-class ffff:ffff"},
      {"--set-class 1:fffff", "--set-class 0001:ffff"},
      {"--set-class g:1", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(classify_target, cases, {.family = in, .backend = of});
}
