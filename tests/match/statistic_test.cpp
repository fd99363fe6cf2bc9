#include <cordon/match/statistic.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m statistic is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mode random --probability 0.3", "--mode random --probability 0.29999999981"},
      {"--mode random --probability 1", "--mode random --probability 1.00000000000"},
      {"--mode random --probability 0", "--mode random --probability 0.00000000000"},
      {"--mode random --probability 0.33332999982", "--mode random --probability 0.33332999982"},
      {"--mode random --probability 1e-3", "--mode random --probability 0.00100000016"},
      {"--mode random --probability .25", "--mode random --probability 0.25000000000"},
      {"--mode random --probability x", nullptr},
      {"--mode random --probability 0.5x", nullptr},
      {"--mode random --probability 1.0001", nullptr},
      {"--mode random --probability 0.123456789012345678901234567890", "--mode random --probability 0.12345678918"},
      {"--mode random", nullptr},
      {"--mode nth --every 3", nullptr},
      {"--mode nth --every 1 --packet 0", "--mode nth --every 1 --packet 0"},
      {"--mode nth --packet 1", nullptr},
      {"--mode nth --every 3 --packet 3", nullptr},
      {"--mode random --probability 0.5 --every 3 --packet 1", nullptr},
      {"--mode foo --every 3", nullptr},
      {"", nullptr},
      {"--mode random ! --probability 0.50000000000", "--mode random ! --probability 0.50000000000"},
      {"--mode random ! --probability 1.1", nullptr},
      {"--probability 1", nullptr},
      {"--mode nth ! --every 5 --packet 2", "--mode nth ! --every 5 --packet 2"},
      {"--mode nth ! --every 5", nullptr},
      {"--mode nth ! --every 5 --packet 5", nullptr},
      {"--mode random --probability 0.5", "--mode random --probability 0.50000000000"},
      {"--mode nth --every 3 --packet 1", "--mode nth --every 3 --packet 1"},
      {"--mode nth ! --every 3", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(statistic_match, cases, {.family = in, .backend = of});
}
