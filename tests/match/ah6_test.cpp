#include <cordon/match/ah6.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m ah of IPv6 is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ahspi 1:5 --ahlen 32 --ahres", "--ahspi 1:5 --ahlen 32 --ahres"},
      {"! --ahlen 32", "! --ahlen 32"},
      {"! --ahspi 0:4294967295", ""},
      {"--ahlen 0", ""},
      {"! --ahlen 0", "! --ahlen 0"},
      {"--ahspi 0", "--ahspi 0"},
      {"--ahspi 4294967295", "--ahspi 4294967295"},
      {"--ahspi 0:4294967295", ""},
      {"! --ahspi 0", "! --ahspi 0"},
      {"--ahspi -1", nullptr},
      {"--ahspi 4294967296", nullptr},
      {"--ahspi invalid", nullptr},
      {"--ahspi 0:invalid", nullptr},
      {"--ahspi", nullptr},
      {"", ""},
      {"--ahspi :", ""},
      {"! --ahspi :", ""},
      {"--ahspi :3", "--ahspi 0:3"},
      {"--ahspi 3:", "--ahspi 3:4294967295"},
      {"--ahspi 3:3", "--ahspi 3"},
      {"--ahspi 4:3", "--ahspi 4:3"},
      {"--ahspi 5 --ahres", "--ahspi 5 --ahres"},
  };
  for (const backend of : both_backends_tested) check_saved(ah6_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("-m ah of IPv6 fits packets that have the header, whatever stands behind it") {
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.family = family::ipv6;
  sent.spi = 5;
  CHECK(decides(ah6_match, "", sent, v6) == "no");
  CHECK(decides(ah6_match, "! --ahspi 6", sent, v6) == "no");
  sent.extension_headers = extension_header::authentication;
  CHECK(decides(ah6_match, "", sent, v6) == "yes");
  CHECK(decides(ah6_match, "--ahspi 5", sent, v6) == "yes");
  CHECK(decides(ah6_match, "! --ahspi 5", sent, v6) == "no");
  CHECK(decides(ah6_match, "--ahspi 5 --ahlen 24", sent, v6) == "unknown");
  CHECK(decides(ah6_match, "--ahspi 6 --ahlen 24", sent, v6) == "no");
}

TEST_CASE("each family has its own -m ah") {
  CHECK(find_match_extension("ah", family::ipv4) == &ah_match);
  CHECK(find_match_extension("ah", family::ipv6) == &ah6_match);
}
