#include <cordon/target/idletimer.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j IDLETIMER is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--timeout 5 --label foo", "--timeout 5 --label foo"},
      {"--timeout 0 --label foo", nullptr},
      {"--timeout 5", nullptr},
      {"--label foo", nullptr},
      {"--timeout 5 --label \"a b\"", "--timeout 5 --label a b"},
      {"--timeout 5 --label foo2 --alarm", "--timeout 5 --label foo2 --alarm"},
      {"--timeout 5 --label abcdefghijklmnopqrstuvwxyzabcdefghijk", "--timeout 5 --label abcdefghijklmnopqrstuvwxyza"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(idletimer_target, cases, {.family = in, .backend = of});
}
