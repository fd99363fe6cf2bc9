#include <cordon/match/ttl.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m ttl is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ttl-gt 255", "--ttl-gt 255"},
      {"--ttl-eq 5 --ttl-lt 6", nullptr},
      {"! --ttl-lt 6", nullptr},
      {"--ttl 6", "--ttl-eq 6"},
      {"", nullptr},
      {"--ttl-eq 0", "--ttl-eq 0"},
      {"--ttl-eq 255", "--ttl-eq 255"},
      {"! --ttl-eq 0", "! --ttl-eq 0"},
      {"! --ttl-eq 255", "! --ttl-eq 255"},
      {"--ttl-gt 0", "--ttl-gt 0"},
      {"--ttl-eq 256", nullptr},
      {"--ttl-eq -1", nullptr},
      {"--ttl-eq 64", "--ttl-eq 64"},
      {"! --ttl-eq 64", "! --ttl-eq 64"},
      {"--ttl-lt 5", "--ttl-lt 5"},
  };
  for (const backend of : both_backends_tested) check_saved(ttl_match, cases, {.family = family::ipv4, .backend = of});
}

TEST_CASE("the TTL is compared, and 255 is the greatest") {
  const meaning_context v4{};
  packet sent;
  sent.hops = 5;
  CHECK(decides(ttl_match, "--ttl-eq 5", sent, v4) == "yes");
  CHECK(decides(ttl_match, "! --ttl-eq 5", sent, v4) == "no");
  CHECK(decides(ttl_match, "--ttl-lt 5", sent, v4) == "no");
  CHECK(decides(ttl_match, "--ttl-lt 6", sent, v4) == "yes");
  CHECK(decides(ttl_match, "--ttl-gt 5", sent, v4) == "no");
  CHECK(decides(ttl_match, "--ttl-gt 4", sent, v4) == "yes");
  sent.hops = 255;
  CHECK(decides(ttl_match, "--ttl-gt 255", sent, v4) == "no");
  sent.hops = 0;
  CHECK(decides(ttl_match, "--ttl-lt 0", sent, v4) == "no");
}
