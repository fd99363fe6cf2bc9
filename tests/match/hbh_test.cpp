#include <cordon/match/hbh.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m hbh is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--hbh-len 8 --hbh-opts 1:2,23", "--hbh-len 8 --hbh-opts 1:2,23"},
      {"! --hbh-opts 5", nullptr},
      {"--hbh-opts 256", "--hbh-opts 0"},
      {"--hbh-opts 0", "--hbh-opts 0"},
      {"--hbh-opts 1,0:5", nullptr},
      {"--hbh-opts 256:5", nullptr},
      {"--hbh-opts 1:256", "--hbh-opts 1:0"},
      {"--hbh-opts 1:0", "--hbh-opts 1:0"},
      {"--hbh-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", nullptr},
      {"--hbh-not-strict", nullptr},
      {"", ""},
      {"--hbh-len 42", "--hbh-len 42"},
      {"! --hbh-len 42", "! --hbh-len 42"},
      {"--hbh-len 42 --hbh-opts 1:2,23:42,4:6,8:10,42,23,4:5", "--hbh-len 42 --hbh-opts 1:2,23:42,4:6,8:10,42,23,4:5"},
      {"--hbh-len 8", "--hbh-len 8"},
  };
  for (const backend of : both_backends_tested) check_saved(hbh_match, cases, {.family = family::ipv6, .backend = of});
}
