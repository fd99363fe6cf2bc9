#include <cordon/match/cgroup.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m cgroup is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --cgroup 0x10", "! --cgroup 16"},     {"--path /", "--path \"/\""},
      {"--path / --cgroup 5", nullptr},         {"", nullptr},
      {"--cgroup 1048577", "--cgroup 1048577"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(cgroup_match, cases, {.family = in, .backend = of});
}

TEST_CASE("-m cgroup fits no packet without a socket, not even negated") {
  packet sent;
  CHECK(decides(cgroup_match, "--cgroup 1", sent) == "unknown");
  sent.owner.socket = socket_kind::none;
  CHECK(decides(cgroup_match, "--cgroup 1", sent) == "no");
  CHECK(decides(cgroup_match, "! --cgroup 1", sent) == "no");
}
