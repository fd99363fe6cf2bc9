#include <cordon/target/set.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j SET is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--add-set s4 dst", "--add-set s4 dst"},
      {"--add-set s4 src --exist --timeout 5", "--add-set s4 src --exist --timeout 5"},
      {"--del-set s4 src", "--del-set s4 src"},
  };
  for (const backend of : both_backends_tested) check_saved(set_target, cases, {.family = family::ipv4, .backend = of});
}
