#include <cordon/match/recent.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m recent is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--set", "--set --name DEFAULT --mask 255.255.255.255 --rsource"},
      {"--rcheck", "--rcheck --name DEFAULT --mask 255.255.255.255 --rsource"},
      {"--remove --name x --rdest", "--remove --name x --mask 255.255.255.255 --rdest"},
      {"! --rcheck --seconds 5 --name x", "! --rcheck --seconds 5 --name x --mask 255.255.255.255 --rsource"},
      {"--rcheck --seconds 5 --reap --rttl --name x",
       "--rcheck --seconds 5 --reap --rttl --name x --mask 255.255.255.255 --rsource"},
      {"--rcheck --hitcount 0 --name y", "--rcheck --name y --mask 255.255.255.255 --rsource"},
      {"--rcheck --hitcount 65535 --name y3", "--rcheck --hitcount 65535 --name y3 --mask 255.255.255.255 --rsource"},
      {"--rcheck --seconds 1 --rsource --rdest --name y8",
       "--rcheck --seconds 1 --name y8 --mask 255.255.255.255 --rdest"},
      {"--set --name \"a b\"", "--set --name a b --mask 255.255.255.255 --rsource"},
      {"--rcheck --seconds 4294967295 --name y9", "--rcheck --seconds -1 --name y9 --mask 255.255.255.255 --rsource"},
      {"--rcheck --seconds 1 --mask 255.255.255.0 --name y5",
       "--rcheck --seconds 1 --name y5 --mask 255.255.255.0 --rsource"},
      {"--rcheck --seconds 1 --mask 24 --name y6", "--rcheck --seconds 1 --name y6 --mask 0.0.0.24 --rsource"},
      {"--rcheck --seconds 1 --mask ffff:: --name y7", nullptr},
      {"--set --name r1 --rdest", "--set --name r1 --mask 255.255.255.255 --rdest"},
      {"--update --seconds 60 --hitcount 4 --name r1",
       "--update --seconds 60 --hitcount 4 --name r1 --mask 255.255.255.255 --rsource"},
  };
  for (const backend of : both_backends_tested)
    check_saved(recent_match, cases, {.family = family::ipv4, .backend = of});
  const saved_case cases_2[] = {
      {"--set", "--set --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck", "--rcheck --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--remove --name x --rdest", "--remove --name x --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rdest"},
      {"! --rcheck --seconds 5 --name x",
       "! --rcheck --seconds 5 --name x --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --seconds 5 --reap --rttl --name x",
       "--rcheck --seconds 5 --reap --rttl --name x --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --hitcount 0 --name y", "--rcheck --name y --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --hitcount 65535 --name y3",
       "--rcheck --hitcount 65535 --name y3 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --seconds 1 --rsource --rdest --name y8",
       "--rcheck --seconds 1 --name y8 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rdest"},
      {"--set --name \"a b\"", "--set --name a b --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --seconds 4294967295 --name y9",
       "--rcheck --seconds -1 --name y9 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --seconds 1 --mask ffff:: --name y7", "--rcheck --seconds 1 --name y7 --mask ffff:: --rsource"},
      {"--rcheck --hitcount 8 --name foo --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource",
       "--rcheck --hitcount 8 --name foo --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --hitcount 12 --name foo --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource",
       "--rcheck --hitcount 12 --name foo --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--update --rttl", "--update --rttl --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
      {"--rcheck --hitcount 65536 --name foo --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource", nullptr},
      {"--set --name r1 --rdest", "--set --name r1 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rdest"},
      {"--update --seconds 60 --hitcount 4 --name r1",
       "--update --seconds 60 --hitcount 4 --name r1 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource"},
  };
  for (const backend of : both_backends_tested)
    check_saved(recent_match, cases_2, {.family = family::ipv6, .backend = of});
  const saved_case cases_3[] = {
      {"--rcheck --reap --name x", nullptr},
      {"--set --seconds 5 --name x", nullptr},
      {"--set --rcheck", nullptr},
      {"--name x", nullptr},
      {"--rcheck --hitcount 65536 --name y3", nullptr},
      {"--rcheck --seconds 0 --name y4", nullptr},
      {"--set --name \"\"", nullptr},
      {"--set --rttl --name y11", nullptr},
      {"--set --hitcount 3 --name y12", nullptr},
      {"--set --rttl", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(recent_match, cases_3, {.family = in, .backend = of});
}
