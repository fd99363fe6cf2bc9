#include <cordon/match/dscp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m dscp is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--dscp 64", nullptr},        {"--dscp-class AF11", "--dscp 0x0a"},   {"--dscp-class ef", "--dscp 0x2e"},
      {"--dscp-class CS8", nullptr}, {"--dscp 5 --dscp-class EF", nullptr},  {"", nullptr},
      {"--dscp 10", "--dscp 0x0a"},  {"! --dscp-class EF", "! --dscp 0x2e"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(dscp_match, cases, {.family = in, .backend = of});
}

TEST_CASE("the code point is the upper six bits of the traffic class") {
  packet sent;
  sent.traffic_class = 0xb9;  // EF, and ECN 1
  CHECK(decides(dscp_match, "--dscp-class EF", sent) == "yes");
  CHECK(decides(dscp_match, "! --dscp-class EF", sent) == "no");
  CHECK(decides(dscp_match, "--dscp 0x2f", sent) == "no");
}
