#include <cordon/match/hl.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m hl is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --hl-gt 5", nullptr},
      {"--hl 5", "--hl-eq 5"},
      {"", nullptr},
      {"--hl-eq 42", "--hl-eq 42"},
      {"! --hl-eq 42", "! --hl-eq 42"},
      {"--hl-lt 42", "--hl-lt 42"},
      {"--hl-gt 42", "--hl-gt 42"},
      {"--hl-gt 42 --hl-eq 42", nullptr},
      {"--hl-gt", nullptr},
      {"--hl-gt 5", "--hl-gt 5"},
      {"! --hl-eq 5", "! --hl-eq 5"},
  };
  for (const backend of : both_backends_tested) check_saved(hl_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("the hop limit is compared, and 255 is the greatest") {
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.hops = 5;
  CHECK(decides(hl_match, "--hl-eq 5", sent, v6) == "yes");
  CHECK(decides(hl_match, "! --hl-eq 5", sent, v6) == "no");
  CHECK(decides(hl_match, "--hl-lt 5", sent, v6) == "no");
  CHECK(decides(hl_match, "--hl-lt 6", sent, v6) == "yes");
  CHECK(decides(hl_match, "--hl-gt 5", sent, v6) == "no");
  CHECK(decides(hl_match, "--hl-gt 4", sent, v6) == "yes");
  sent.hops = 255;
  CHECK(decides(hl_match, "--hl-gt 255", sent, v6) == "no");
  sent.hops = 0;
  CHECK(decides(hl_match, "--hl-lt 0", sent, v6) == "no");
}
