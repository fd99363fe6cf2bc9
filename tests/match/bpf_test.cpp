#include <cordon/match/bpf.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m bpf is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--bytecode \"1,6 0 0 1,\"", "--bytecode \"1,6 0 0 1\""},
      {"--bytecode \"2,6 0 0 1\"", nullptr},
      {"--bytecode \"1,6 0 0\"", nullptr},
      {"! --bytecode \"1,6 0 0 1\"", nullptr},
      {"", nullptr},
      {"--bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\"", "--bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\""},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(bpf_match, cases, {.family = in, .backend = of});
}
