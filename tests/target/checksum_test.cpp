#include <cordon/target/checksum.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j CHECKSUM is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"", nullptr},
      {"--checksum-fill", "--checksum-fill"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(checksum_target, cases, {.family = in, .backend = of, .table = "mangle"});
}
