#include <cordon/match/u32.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m u32 is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--u32 \"6 & 0xFF = 1 && 4 & 0x3FFF = 0\"", "--u32 \"0x6&0xff=0x1&&0x4&0x3fff=0x0\""},
      {"! --u32 \"6&0xFF=1,2,5:8\"", "! --u32 \"0x6&0xff=0x1,0x2,0x5:0x8\""},
      {"--u32 \"6&0xFF=:8\"", nullptr},
      {"--u32 \"6&0xFF\"", nullptr},
      {"--u32 \"=1\"", nullptr},
      {"--u32 \"\"", nullptr},
      {"--u32 \"6<<2=1\"", "--u32 \"0x6<<0x2=0x1\""},
      {"--u32 \"6=8:2\"", "--u32 \"0x6=0x8:0x2\""},
      {"--u32 \"6=1&&\"", nullptr},
      {"--u32 \"6=1;\"", nullptr},
      {"--u32 \"010=1\"", "--u32 \"0x8=0x1\""},
      {"--u32 \"4294967296=1\"", nullptr},
      {"--u32 \"6 = 1 , 2\"", "--u32 \"0x6=0x1,0x2\""},
      {"--u32 \"6=1 : 2\"", "--u32 \"0x6=0x1:0x2\""},
      {"--u32 \" 6=1 \"", "--u32 \"0x6=0x1\""},
      {"--u32 \"6&0xFF>>2<<3@4&5=0x10\"", "--u32 \"0x6&0xff>>0x2<<0x3@0x4&0x5=0x10\""},
      {"--u32 \"0x0=0x0&&0x0=0x1\"", "--u32 \"0x0=0x0&&0x0=0x1\""},
      {"--u32 \"0>>22&0x3C@0>>24=8:10\"", "--u32 \"0x0>>0x16&0x3c@0x0>>0x18=0x8:0xa\""},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(u32_match, cases, {.family = in, .backend = of});
}
