#include <cordon/target/rateest.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j RATEEST is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--rateest-name foo --rateest-interval 250ms --rateest-ewmalog 500ms",
       "--rateest-name foo --rateest-interval 250.0ms --rateest-ewmalog 500.0ms"},
      {"--rateest-name foo3 --rateest-interval 1s --rateest-ewmalog 2s",
       "--rateest-name foo3 --rateest-interval 1.0s --rateest-ewmalog 2.0s"},
      {"--rateest-name foo4 --rateest-interval 250000us --rateest-ewmalog 500ms",
       "--rateest-name foo4 --rateest-interval 250.0ms --rateest-ewmalog 500.0ms"},
      {"--rateest-name foo5 --rateest-interval 0.5s --rateest-ewmalog 1.3s",
       "--rateest-name foo5 --rateest-interval 500.0ms --rateest-ewmalog 1.0s"},
      {"--rateest-name foo6 --rateest-interval 250 --rateest-ewmalog 500",
       "--rateest-name foo6 --rateest-interval 250.0ms --rateest-ewmalog 500.0ms"},
      {"--rateest-name foo7 --rateest-interval 8s --rateest-ewmalog 100s",
       "--rateest-name foo7 --rateest-interval 8.0s --rateest-ewmalog 64.0s"},
      {"--rateest-name foo8", nullptr},
      {"--rateest-name foo9 --rateest-interval 16s --rateest-ewmalog 100s", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(rateest_target, cases, {.family = in, .backend = of});
}
