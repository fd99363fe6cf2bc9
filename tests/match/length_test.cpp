#include <cordon/match/length.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m length is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--length 4:3", "--length 4:3"},
      {"--length 65536", nullptr},
      {"--length 0x10:0x20", "--length 16:32"},
      {"--length 1", "--length 1"},
      {"--length :2", "--length 0:2"},
      {"--length 0:3", "--length 0:3"},
      {"--length 4:", "--length 4:65535"},
      {"--length :", "--length 0:65535"},
      {"--length 0:65535", "--length 0:65535"},
      {"! --length 0:65535", "! --length 0:65535"},
      {"--length 0:65536", nullptr},
      {"--length -1:65535", nullptr},
      {"--length 4:4", "--length 4"},
      {"", nullptr},
      {"--length 40:100", "--length 40:100"},
      {"! --length 40", "! --length 40"},
      {"--length 40:", "--length 40:65535"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(length_match, cases, {.family = in, .backend = of});
}

TEST_CASE("the whole packet's length is compared") {
  packet sent;
  sent.length = 100;
  CHECK(decides(length_match, "--length 40:100", sent) == "yes");
  CHECK(decides(length_match, "--length 101:", sent) == "no");
  CHECK(decides(length_match, "! --length 40:100", sent) == "no");
  CHECK(decides(length_match, "--length 100:40", sent) == "no");
  CHECK(decides(length_match, "! --length 0:65535", sent) == "no");
  sent.length = longer_length;
  CHECK(decides(length_match, "! --length 0:65535", sent) == "yes");
  CHECK(decides(length_match, "--length 65535:", sent) == "no");
}
