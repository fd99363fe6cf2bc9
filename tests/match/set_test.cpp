#include <cordon/match/set.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m set is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--match-set s3 dst,dst,src ! --update-counters ! --update-subcounters --packets-eq 5 --bytes-lt 7",
       "--match-set s3 dst,dst,src ! --update-counters ! --update-subcounters --packets-eq 5 --bytes-lt 7"},
      {"--match-set s4 dst,src,dst,src,dst,src,src", nullptr},
      {"--match-set s4 dst --packets-lt 5 --packets-gt 3", nullptr},
      {"--set s4 dst", "--match-set s4 dst"},
      {"", nullptr},
      {"--match-set s4", nullptr},
      {"--return-nomatch --match-set s4 dst", "--match-set s4 dst --return-nomatch"},
      {"--match-set s4 dst ! --packets-gt 5", nullptr},
      {"--match-set s4 dst --update-counters", "--match-set s4 dst"},
      {"--match-set s4 \"\"", nullptr},
      {"--match-set s4 dst", "--match-set s4 dst"},
      {"! --match-set s4 src", "! --match-set s4 src"},
      {"--match-set sp dst,dst", "--match-set sp dst,dst"},
      {"--match-set s4 dst --return-nomatch ! --update-counters --packets-gt 5",
       "--match-set s4 dst --return-nomatch ! --update-counters --packets-gt 5"},
  };
  for (const backend of : both_backends_tested)
    check_saved(set_match, cases, {.family = family::ipv4, .backend = of});
}
