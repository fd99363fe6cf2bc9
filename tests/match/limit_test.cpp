#include <cordon/match/limit.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m limit is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"", "--limit 3/hour"},
      {"--limit 5", "--limit 5/sec"},
      {"--limit 5/m", "--limit 5/min"},
      {"--limit 60/min", "--limit 1/sec"},
      {"--limit 90/minute", "--limit 90/min"},
      {"--limit 1000/min", "--limit 1000/min"},
      {"--limit 24/day", "--limit 1/hour"},
      {"--limit 10001/s", nullptr},
      {"--limit 3000/s", "--limit 3333/sec"},
      {"--limit 6000/s", "--limit 10000/sec"},
      {"--limit 7000/s", "--limit 10000/sec"},
      {"--limit 77/min", "--limit 77/min"},
      {"--limit 777/hour", "--limit 777/hour"},
      {"--limit 4321/day", "--limit 4321/day"},
      {"--limit 0/s", nullptr},
      {"--limit 1/x", nullptr},
      {"--limit 1/", nullptr},
      {"--limit 1/second --limit-burst 10001", nullptr},
      {"--limit 2/hours", nullptr},
      {"--limit 2/hou", "--limit 2/hour"},
      {"--limit 1/sec", "--limit 1/sec"},
      {"--limit 1/min", "--limit 1/min"},
      {"--limit 1000/hour", "--limit 1000/hour"},
      {"--limit 1000/day", "--limit 1000/day"},
      {"--limit 1/sec --limit-burst 1", "--limit 1/sec --limit-burst 1"},
      {"--limit 5/min", "--limit 5/min"},
      {"--limit 10/second --limit-burst 7", "--limit 10/sec --limit-burst 7"},
      {"--limit 90/min", "--limit 90/min"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(limit_match, cases, {.family = in, .backend = of});
  const saved_case cases_2[] = {
      {"--limit 1/d", nullptr},
      {"--limit 1/second --limit-burst 0", nullptr},
      {"--limit 1/hour --limit-burst 38", nullptr},
      {"--limit 1/hour --limit-burst 120", nullptr},
  };
  check_saved(limit_match, cases_2, {.family = family::ipv4, .backend = backend::legacy});
  check_saved(limit_match, cases_2, {.family = family::ipv6, .backend = backend::legacy});
  const saved_case cases_3[] = {
      {"--limit 1/d", "--limit 1/day"},
      {"--limit 1/second --limit-burst 0", "--limit 1/sec"},
      {"--limit 1/hour --limit-burst 38", "--limit 1/hour --limit-burst 38"},
      {"--limit 1/hour --limit-burst 120", "--limit 1/hour --limit-burst 120"},
  };
  check_saved(limit_match, cases_3, {.family = family::ipv4, .backend = backend::nft});
  check_saved(limit_match, cases_3, {.family = family::ipv6, .backend = backend::nft});
}
