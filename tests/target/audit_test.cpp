#include <cordon/target/audit.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j AUDIT is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--type accept", "--type accept"}, {"--type ACCEPT", "--type accept"}, {"--type rej", nullptr},   {"", nullptr},
      {"--type drop", "--type drop"},     {"--type reject", "--type reject"}, {"--type wrong", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(audit_target, cases, {.family = in, .backend = of});
}
