#include <cordon/match/ecn.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

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

TEST_CASE("ECN bits of every packet, whole, cut or a fragment, against plain bits") {
  struct {
    const char* words;
    int ece;  // 1: asked for, 0: asked not to be there, -1: not asked for
    int cwr;
    int ip;  // the value, or -1
    bool ip_inverted;
  } const cases[] = {{"--ecn-tcp-ece", 1, -1, -1, false},
                     {"! --ecn-tcp-ece", 0, -1, -1, false},
                     {"--ecn-tcp-cwr", -1, 1, -1, false},
                     {"! --ecn-tcp-cwr", -1, 0, -1, false},
                     {"--ecn-tcp-ece --ecn-tcp-cwr", 1, 1, -1, false},
                     {"--ecn-tcp-ece ! --ecn-tcp-cwr", 1, 0, -1, false},
                     {"! --ecn-tcp-ece --ecn-tcp-cwr", 0, 1, -1, false},
                     {"! --ecn-tcp-ece ! --ecn-tcp-cwr", 0, 0, -1, false},
                     {"--ecn-ip-ect 0", -1, -1, 0, false},
                     {"--ecn-ip-ect 1", -1, -1, 1, false},
                     {"! --ecn-ip-ect 2", -1, -1, 2, true},
                     {"--ecn-tcp-ece --ecn-ip-ect 3", 1, -1, 3, false},
                     {"! --ecn-tcp-cwr --ecn-ip-ect 1", -1, 0, 1, false},
                     {"! --ecn-tcp-ece ! --ecn-ip-ect 2", 0, -1, 2, true},
                     {"--ecn-tcp-cwr ! --ecn-ip-ect 0", -1, 1, 0, true},
                     {"--ecn-tcp-ece ! --ecn-tcp-cwr --ecn-ip-ect 1", 1, 0, 1, false},
                     {"! --ecn-tcp-ece ! --ecn-tcp-cwr ! --ecn-ip-ect 2", 0, 0, 2, true},
                     {"--ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 3", 1, 1, 3, false},
                     {"! --ecn-tcp-ece --ecn-tcp-cwr ! --ecn-ip-ect 1", 0, 1, 1, true}};
  for (const family in : both_families_tested) {
    // Flags, and bytes of the address, with each of the two bits, and its neighbours, the other way round.
    std::vector<uint128> sources;
    for (const unsigned byte : {0U, 0x40U, 0x80U, 0xc0U, 0x20U, 0xffU})
      for (const unsigned last : {0U, 1U})
        sources.push_back(in == family::ipv4 ? uint128{byte}
                                             : uint128{byte} << 80 | uint128{~byte & 0xff} << 88 | last);
    const std::vector<packet> packets =
        mixed_packets(in,
                      {{field::flags, {0, 0x40, 0x80, 0xc0, 0x20, 0x10, 0xff, 0x3f, 0xbf, 0x7f}},
                       {field::traffic_class, {0, 1, 2, 3, 4, 5, 6, 7, 0xfc, 0xff}},
                       {field::source, sources},
                       every_part()},
                      4000);
    const meaning_context context{.family = in, .protocol = just(protocol::tcp)};
    for (const auto& one : cases)
      check_each(ecn_match, one.words, context, packets, [&](const packet& sent) {
        if (one.ip >= 0 && ((sent.traffic_class & 3) == one.ip) == one.ip_inverted) return false;
        if (one.ece < 0 && one.cwr < 0) return true;
        if (sent.transport < transport_part::whole) return false;
        // Where the header of a later IPv6 fragment would be, nothing stands: the packet's own beginning is read.
        const bool reads_address = in == family::ipv6 && !header_bytes(sent);
        const unsigned byte = reads_address ? static_cast<unsigned>(sent.source >> 80 & 0xff) : sent.flags;
        return (one.ece < 0 || static_cast<int>(byte >> 6 & 1) == one.ece) &&
               (one.cwr < 0 || static_cast<int>(byte >> 7 & 1) == one.cwr);
      });
  }
}
