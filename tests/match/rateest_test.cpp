#include <cordon/match/rateest.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m rateest is shown as iptables-save shows it where the estimators exist") {
  const saved_case cases[] = {
      {"--rateest RE1 --rateest-bps 8bit --rateest-lt", "--rateest RE1 --rateest-lt --rateest-bps 8bit"},
      {"--rateest RE1 --rateest-gt --rateest-bps 5kbit", "--rateest RE1 --rateest-gt --rateest-bps 5000bit"},
      {"--rateest RE1 --rateest-gt --rateest-bps 5000", "--rateest RE1 --rateest-gt --rateest-bps 5000bit"},
      {"--rateest RE1 --rateest-gt --rateest-bps 5kbps", "--rateest RE1 --rateest-gt --rateest-bps 40000bit"},
      {"--rateest RE1 --rateest-gt --rateest-bps 1Mbit", "--rateest RE1 --rateest-gt --rateest-bps 1000Kbit"},
      {"--rateest RE1 ! --rateest-eq --rateest-pps 7", "--rateest RE1 ! --rateest-eq --rateest-pps 7"},
      {"--rateest1 RE1 --rateest-lt --rateest-bps --rateest2 RE2",
       "--rateest1 RE1 --rateest-lt --rateest-bps --rateest2 RE2"},
      {"--rateest-delta --rateest RE1 --rateest-bps1 8bit --rateest-lt --rateest-bps2 16bit",
       "--rateest-delta --rateest RE1 --rateest-bps1 8bit --rateest-lt --rateest-bps2 16bit"},
      {"--rateest-delta --rateest1 RE1 --rateest-pps1 0 --rateest-lt --rateest-pps2 42 --rateest2 RE2",
       "--rateest-delta --rateest1 RE1 --rateest-pps1 0 --rateest-lt --rateest-pps2 42 --rateest2 RE2"},
      {"--rateest-delta --rateest1 RE1 --rateest-bps1 8bit --rateest-lt --rateest-bps2 42bit --rateest2 RE2",
       "--rateest-delta --rateest1 RE1 --rateest-bps1 8bit --rateest-lt --rateest-bps2 40bit --rateest2 RE2"},
      {"--rateest RE1 --rateest-lt --rateest-gt --rateest-pps 5", "--rateest RE1 --rateest-gt --rateest-pps 5"},
      {"--rateest RE1 --rateest-pps 5", nullptr},
      {"--rateest RE1 --rateest-lt", nullptr},
      {"--rateest-lt --rateest-pps 5", nullptr},
      {"--rateest RE1 --rateest-lt --rateest-pps x", nullptr},
      {"", nullptr},
  };
  check_saved(rateest_match, cases, {});
}
