#include <cordon/match/iprange.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m iprange is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--src-range 1.1.1.1-2.2.2.2 ! --dst-range 3.3.3.3",
       "--src-range 1.1.1.1-2.2.2.2 ! --dst-range 3.3.3.3-3.3.3.3"},
      {"--src-range 5.5.5.5-1.1.1.1", "--src-range 5.5.5.5-1.1.1.1"},
      {"--src-range 10-20", "--src-range 10.0.0.0-20.0.0.0"},
      {"--src-range 010.1.1.1", "--src-range 8.1.1.1-8.1.1.1"},
      {"--src-range 1.1.1.1-", nullptr},
      {"--src-range 1.1.1.1/8", nullptr},
      {"--src-range 16909060", nullptr},
      {"", nullptr},
      {"--dst-range 10.0.0.1-10.0.0.9", "--dst-range 10.0.0.1-10.0.0.9"},
      {"! --src-range 10.0.0.1 --dst-range 1.1.1.1-1.1.1.1",
       "! --src-range 10.0.0.1-10.0.0.1 --dst-range 1.1.1.1-1.1.1.1"},
      {"--src-range 10.0.0.9-10.0.0.1", "--src-range 10.0.0.9-10.0.0.1"},
  };
  for (const backend of : both_backends_tested)
    check_saved(iprange_match, cases, {.family = family::ipv4, .backend = of});
  const saved_case cases_2[] = {
      {"--src-range ::5-::1", "--src-range ::5-::1"},
      {"--src-range 1.1.1.1", nullptr},
      {"--src-range 2001:db8::1-2001:db8::10", "--src-range 2001:db8::1-2001:db8::10"},
      {"! --src-range 2001:db8::1-2001:db8::10", "! --src-range 2001:db8::1-2001:db8::10"},
      {"--dst-range 2001:db8::1-2001:db8::10", "--dst-range 2001:db8::1-2001:db8::10"},
      {"! --dst-range 2001:db8::1-2001:db8::10", "! --dst-range 2001:db8::1-2001:db8::10"},
      {"--dst-range ::1-::5", "--dst-range ::1-::5"},
  };
  for (const backend of : both_backends_tested)
    check_saved(iprange_match, cases_2, {.family = family::ipv6, .backend = of});
}

TEST_CASE("an address range holds its ends, and none if it runs backwards") {
  packet sent;
  sent.source = ipv4_address(10, 0, 0, 1).bits;
  sent.destination = ipv4_address(10, 0, 0, 9).bits;
  CHECK(decides(iprange_match, "--src-range 10.0.0.1-10.0.0.5", sent) == "yes");
  CHECK(decides(iprange_match, "--dst-range 10.0.0.5-10.0.0.9", sent) == "yes");
  CHECK(decides(iprange_match, "--dst-range 10.0.0.1-10.0.0.8", sent) == "no");
  CHECK(decides(iprange_match, "! --dst-range 10.0.0.1-10.0.0.8", sent) == "yes");
  CHECK(decides(iprange_match, "--src-range 10.0.0.1 ! --dst-range 10.0.0.9", sent) == "no");
  CHECK(decides(iprange_match, "--src-range 10.0.0.5-10.0.0.1", sent) == "no");
  CHECK(decides(iprange_match, "! --src-range 10.0.0.5-10.0.0.1", sent) == "yes");
}
