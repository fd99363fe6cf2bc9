#include <cordon/match/cluster.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m cluster is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--cluster-total-nodes 2 ! --cluster-local-node 1 --cluster-hash-seed 5",
       "! --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000005"},
      {"--cluster-total-nodes 2 --cluster-local-nodemask 3 --cluster-hash-seed 0xdeadbeef",
       "--cluster-local-nodemask 0x00000003 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef"},
      {"--cluster-total-nodes 33 --cluster-local-node 1 --cluster-hash-seed 5", nullptr},
      {"--cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 5", nullptr},
      {"--cluster-total-nodes 2 --cluster-local-node 1", nullptr},
      {"--cluster-total-nodes 2 --cluster-hash-seed 5", nullptr},
      {"--cluster-total-nodes 2 --cluster-local-node 1 --cluster-local-nodemask 1 --cluster-hash-seed 5", nullptr},
      {"--cluster-total-nodes 2 --cluster-local-nodemask 4 --cluster-hash-seed 5", nullptr},
      {"--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef",
       "--cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(cluster_match, cases, {.family = in, .backend = of});
}
