#include <cordon/target/tee.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j TEE is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--gateway 10.9.0.2 --oif eth0", "--gateway 10.9.0.2 --oif eth0"},
      {"--gateway 10.9", "--gateway 10.0.0.9"},
      {"--gateway 10.9.0.2/24", nullptr},
      {"--oif eth0", nullptr},
      {"", nullptr},
      {"--gateway 0.0.0.0", nullptr},
      {"--gateway 10.9.0.2", "--gateway 10.9.0.2"},
  };
  for (const backend of : both_backends_tested) check_saved(tee_target, cases, {.family = family::ipv4, .backend = of});
}

TEST_CASE("what TEE lets out is unknown: its copy leaves whatever becomes of the packet") {
  CHECK(meaning_of(tee_target, {}, {}) == effect{.what = effect::kind::unknown});
}
