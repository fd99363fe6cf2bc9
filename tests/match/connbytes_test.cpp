#include <cordon/match/connbytes.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m connbytes is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --connbytes 5:10 --connbytes-mode bytes --connbytes-dir both",
       "! --connbytes 5:10 --connbytes-mode bytes --connbytes-dir both"},
      {"--connbytes 5: --connbytes-mode avgpkt --connbytes-dir original",
       "--connbytes 5 --connbytes-mode avgpkt --connbytes-dir original"},
      {"--connbytes 5:3 --connbytes-mode avgpkt --connbytes-dir original", nullptr},
      {"--connbytes 5 --connbytes-mode AVGPKT --connbytes-dir original", nullptr},
      {"--connbytes 18446744073709551616 --connbytes-mode bytes --connbytes-dir both", nullptr},
      {"--connbytes 0:1000 --connbytes-mode packets --connbytes-dir original",
       "--connbytes 0:1000 --connbytes-mode packets --connbytes-dir original"},
      {"--connbytes 0:1000 --connbytes-mode packets --connbytes-dir reply",
       "--connbytes 0:1000 --connbytes-mode packets --connbytes-dir reply"},
      {"--connbytes 0:1000 --connbytes-mode packets --connbytes-dir both",
       "--connbytes 0:1000 --connbytes-mode packets --connbytes-dir both"},
      {"--connbytes 0:1000 --connbytes-mode bytes --connbytes-dir original",
       "--connbytes 0:1000 --connbytes-mode bytes --connbytes-dir original"},
      {"--connbytes 0:1000 --connbytes-mode bytes --connbytes-dir reply",
       "--connbytes 0:1000 --connbytes-mode bytes --connbytes-dir reply"},
      {"--connbytes 0:1000 --connbytes-mode bytes --connbytes-dir both",
       "--connbytes 0:1000 --connbytes-mode bytes --connbytes-dir both"},
      {"--connbytes 0:1000 --connbytes-mode avgpkt --connbytes-dir original",
       "--connbytes 0:1000 --connbytes-mode avgpkt --connbytes-dir original"},
      {"--connbytes 0:1000 --connbytes-mode avgpkt --connbytes-dir reply",
       "--connbytes 0:1000 --connbytes-mode avgpkt --connbytes-dir reply"},
      {"--connbytes 0:1000 --connbytes-mode avgpkt --connbytes-dir both",
       "--connbytes 0:1000 --connbytes-mode avgpkt --connbytes-dir both"},
      {"--connbytes -1:0 --connbytes-mode packets --connbytes-dir original", nullptr},
      {"--connbytes 0:-1 --connbytes-mode packets --connbytes-dir original", nullptr},
      {"--connbytes : --connbytes-mode packets --connbytes-dir original",
       "--connbytes 0 --connbytes-mode packets --connbytes-dir original"},
      {"--connbytes :1000 --connbytes-mode packets --connbytes-dir original",
       "--connbytes 0:1000 --connbytes-mode packets --connbytes-dir original"},
      {"--connbytes 1000 --connbytes-mode packets --connbytes-dir original",
       "--connbytes 1000 --connbytes-mode packets --connbytes-dir original"},
      {"--connbytes 1000: --connbytes-mode packets --connbytes-dir original",
       "--connbytes 1000 --connbytes-mode packets --connbytes-dir original"},
      {"--connbytes 1000:1000 --connbytes-mode packets --connbytes-dir original",
       "--connbytes 1000:1000 --connbytes-mode packets --connbytes-dir original"},
      {"--connbytes 1000:0 --connbytes-mode packets --connbytes-dir original", nullptr},
      {"--connbytes 0:18446744073709551616 --connbytes-mode avgpkt --connbytes-dir both", nullptr},
      {"--connbytes 0:1000 --connbytes-mode wrong --connbytes-dir both", nullptr},
      {"--connbytes 0:1000 --connbytes-dir original", nullptr},
      {"--connbytes 0:1000 --connbytes-mode packets", nullptr},
      {"--connbytes-dir original", nullptr},
      {"--connbytes 0:1000", nullptr},
      {"", nullptr},
      {"--connbytes 1000:2000 --connbytes-mode bytes --connbytes-dir both",
       "--connbytes 1000:2000 --connbytes-mode bytes --connbytes-dir both"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(connbytes_match, cases, {.family = in, .backend = of});
}
