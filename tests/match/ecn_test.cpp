#include <cordon/match/ecn.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m ecn is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ecn-ip-ect 4", nullptr},
      {"--ecn-tcp-cwr", nullptr},
      {"--ecn-tcp-cwr ! --ecn-tcp-ece --ecn-ip-ect 2", "! --ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 2",
       just(protocol::tcp)},
      {"! --ecn-tcp-cwr", nullptr, all_but(protocol::tcp)},
      {"", nullptr},
      {"--ecn-tcp-ece", "--ecn-tcp-ece", just(protocol::tcp)},
      {"! --ecn-ip-ect 1", "! --ecn-ip-ect 1"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(ecn_match, cases, {.family = in, .backend = of});
}

TEST_CASE("ECN bits are asked of the IP header, and of TCP where there is a whole header") {
  const meaning_context tcp_rule{.protocol = just(protocol::tcp)};
  packet sent;
  sent.traffic_class = 0xb9;
  sent.flags = tcp_flag::syn | tcp_flag::ece;
  CHECK(decides(ecn_match, "--ecn-ip-ect 1", sent, tcp_rule) == "yes");
  CHECK(decides(ecn_match, "! --ecn-ip-ect 1", sent, tcp_rule) == "no");
  CHECK(decides(ecn_match, "--ecn-tcp-ece ! --ecn-tcp-cwr", sent, tcp_rule) == "yes");
  CHECK(decides(ecn_match, "--ecn-tcp-cwr", sent, tcp_rule) == "no");
  sent.transport = static_cast<transport_part>(19);
  CHECK(decides(ecn_match, "--ecn-tcp-ece", sent, tcp_rule) == "no");
  CHECK(decides(ecn_match, "! --ecn-tcp-cwr", sent, tcp_rule) == "no");
  CHECK(decides(ecn_match, "--ecn-ip-ect 1", sent, tcp_rule) == "yes");
}

TEST_CASE("--ecn-tcp-ece reads what stands in a header's place in later fragments too") {
  const meaning_context v4{.protocol = just(protocol::tcp)};
  packet fragment;
  fragment.protocol = protocol::tcp;
  fragment.transport = transport_part::later_fragment;
  fragment.flags = tcp_flag::ece;
  CHECK(decides(ecn_match, "--ecn-tcp-ece", fragment, v4) == "yes");
  CHECK(decides(ecn_match, "! --ecn-tcp-ece", fragment, v4) == "no");
  const meaning_context v6{.family = family::ipv6, .protocol = just(protocol::tcp)};
  fragment.family = family::ipv6;
  fragment.source = uint128{0x40} << 80;  // the sixth byte of the address
  fragment.flags = 0;
  CHECK(decides(ecn_match, "--ecn-tcp-ece", fragment, v6) == "yes");
}
