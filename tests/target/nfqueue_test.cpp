#include <cordon/target/nfqueue.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j NFQUEUE is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--queue-num 0 --queue-bypass", "--queue-num 0 --queue-bypass"},
      {"--queue-num 65536", nullptr},
      {"--queue-num 5 --queue-balance 1:2", nullptr},
      {"--queue-balance 3", nullptr},
      {"--queue-balance 3:1", nullptr},
      {"--queue-balance 3:3", nullptr},
      {"--queue-balance 0:65535", nullptr},
      {"--queue-balance 1:", "--queue-balance 1:65535"},
      {"--queue-cpu-fanout", nullptr},
      {"--queue-num 3 --queue-cpu-fanout", nullptr},
      {"--queue-balance 1:5 --queue-cpu-fanout --queue-bypass",
       "--queue-balance 1:5 --queue-bypass --queue-cpu-fanout"},
      {"--queue-bypass", "--queue-num 0 --queue-bypass"},
      {"", "--queue-num 0"},
      {"--queue-balance 0:3 --queue-bypass --queue-cpu-fanout",
       "--queue-balance 0:3 --queue-bypass --queue-cpu-fanout"},
      {"--queue-num 5 --queue-bypass", "--queue-num 5 --queue-bypass"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(nfqueue_target, cases, {.family = in, .backend = of});
}

TEST_CASE("what NFQUEUE hands on a program decides, and no later rule") {
  CHECK(meaning_of(nfqueue_target, {}, {}) == effect{.what = effect::kind::queue});
}
