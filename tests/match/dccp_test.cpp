#include <cordon/match/dccp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m dccp is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--sport 4:3", "--sport 4:3", just(protocol::dccp)},
      {"--sport 65536", "--sport 0", just(protocol::dccp)},
      {"--dccp-types REQ", nullptr, just(protocol::dccp)},
      {"--dccp-types ACK,,DATA", "--dccp-types DATA,ACK", just(protocol::dccp)},
      {"--dccp-types \"\"", "--dccp-types ", just(protocol::dccp)},
      {"--dccp-option 0", nullptr, just(protocol::dccp)},
      {"--dccp-option 5 --dccp-types ACK --sport 1 --dport 2", "--sport 1 --dport 2 --dccp-types ACK --dccp-option 5",
       just(protocol::dccp)},
      {"--sport 1", "--sport 1", just(protocol::dccp)},
      {"--sport 65535", "--sport 65535", just(protocol::dccp)},
      {"--dport 1", "--dport 1", just(protocol::dccp)},
      {"--dport 65535", "--dport 65535", just(protocol::dccp)},
      {"--sport 1:1023", "--sport 1:1023", just(protocol::dccp)},
      {"--sport 1024:65535", "--sport 1024:65535", just(protocol::dccp)},
      {"--sport 1024:", "--sport 1024:65535", just(protocol::dccp)},
      {"--sport :", "--sport 0:65535", just(protocol::dccp)},
      {"--sport :4", "--sport 0:4", just(protocol::dccp)},
      {"--sport 4:", "--sport 4:65535", just(protocol::dccp)},
      {"--sport 4:4", "--sport 4", just(protocol::dccp)},
      {"--dport :", "--dport 0:65535", just(protocol::dccp)},
      {"--dport :4", "--dport 0:4", just(protocol::dccp)},
      {"--dport 4:", "--dport 4:65535", just(protocol::dccp)},
      {"--dport 4:4", "--dport 4", just(protocol::dccp)},
      {"--dport 4:3", "--dport 4:3", just(protocol::dccp)},
      {"! --sport 1", "! --sport 1", just(protocol::dccp)},
      {"! --sport 65535", "! --sport 65535", just(protocol::dccp)},
      {"! --dport 1", "! --dport 1", just(protocol::dccp)},
      {"! --dport 65535", "! --dport 65535", just(protocol::dccp)},
      {"--sport 1 --dport 65535", "--sport 1 --dport 65535", just(protocol::dccp)},
      {"--sport 65535 --dport 1", "--sport 65535 --dport 1", just(protocol::dccp)},
      {"! --sport 1 --dport 65535", "! --sport 1 --dport 65535", just(protocol::dccp)},
      {"! --sport 65535 --dport 1", "! --sport 65535 --dport 1", just(protocol::dccp)},
      {"--sport -1", nullptr, just(protocol::dccp)},
      {"--dport -1", nullptr, just(protocol::dccp)},
      {"--dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID",
       "--dccp-types "
       "REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID",
       just(protocol::dccp)},
      {"! --dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID",
       "! --dccp-types "
       "REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID",
       just(protocol::dccp)},
      {"--dccp-option 255", "--dccp-option 255", just(protocol::dccp)},
      {"--dccp-option 256", nullptr, just(protocol::dccp)},
      {"--dccp-option -1", nullptr, just(protocol::dccp)},
      {"", "", just(protocol::dccp)},
      {"--dport 53", "--dport 53", just(protocol::dccp)},
      {"--dccp-types REQUEST,RESPONSE", "--dccp-types REQUEST,RESPONSE", just(protocol::dccp)},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(dccp_match, cases, {.family = in, .backend = of});
}

TEST_CASE("a DCCP header has 12 bytes, and types and options are fields") {
  const meaning_context dccp_rule{.protocol = just(protocol::dccp)};
  packet sent;
  sent.second_word = 80;
  sent.dccp_type = 2;
  sent.low_kinds = uint128{1} << 5;
  struct {
    const char* words;
    const char* decided;
  } const cases[] = {
      {"--dport 80", "yes"},          {"! --dport 80", "no"},           {"--dport 90:80", "no"},
      {"! --dport 90:80", "yes"},     {"--dccp-types DATA,ACK", "yes"}, {"! --dccp-types DATA,ACK", "no"},
      {"--dccp-types INVALID", "no"}, {"--dccp-option 5", "yes"},       {"--dccp-option 133", "no"},
      {"! --dccp-option 6", "yes"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words);
    CHECK(decides(dccp_match, one.words, sent, dccp_rule) == one.decided);
  }
  sent.dccp_type = 10;
  CHECK(decides(dccp_match, "--dccp-types INVALID", sent, dccp_rule) == "yes");
  sent.transport = static_cast<transport_part>(11);
  CHECK(decides(dccp_match, "", sent, dccp_rule) == "drop");
}

TEST_CASE("INVALID stands for every DCCP packet type without a name") {
  const meaning_context dccp_only{.protocol = just(protocol::dccp)};
  packet sent;
  sent.protocol = protocol::dccp;
  for (const unsigned type : {10U, 11U, 15U}) {
    sent.dccp_type = static_cast<std::uint8_t>(type);
    CAPTURE(type);
    CHECK(decides(dccp_match, "--dccp-types INVALID", sent, dccp_only) == "yes");
  }
  sent.dccp_type = 9;
  CHECK(decides(dccp_match, "--dccp-types INVALID", sent, dccp_only) == "no");
}

TEST_CASE("ports, type and options of every DCCP packet, whole or cut, against plain numbers") {
  const meaning_context dccp_rule{.protocol = just(protocol::dccp)};
  std::vector<uint128> ports = around({53, 80});
  ports.insert(ports.end(), {0, 0, 1, 65534, 65535, 65535});
  std::vector<uint128> types;
  for (unsigned one = 0; one < 16; ++one) types.push_back(one);
  const uint128 bit = 1;
  const std::vector<uint128> kinds = {0, bit << 5, bit << 4, bit << 6, ~(bit << 5), bit << 127, bit};
  const std::vector<packet> packets = mixed_packets(family::ipv4,
                                                    {{field::first_word, ports},
                                                     {field::second_word, ports},
                                                     {field::dccp_type, types},
                                                     {field::low_kinds, kinds},
                                                     {field::high_kinds, kinds},
                                                     every_part()},
                                                    4000);
  const auto check = [&](const std::string& words, const auto& fits) {
    for (const bool inverted : {false, true})
      check_each(dccp_match, (inverted ? "! " : "") + words, dccp_rule, packets,
                 [&](const packet& sent) { return fate_by_bytes(sent, 12, fits(sent) != inverted); });
  };
  check_each(dccp_match, "", dccp_rule, packets, [&](const packet& sent) { return fate_by_bytes(sent, 12, true); });
  for (const auto& [low, high] :
       {std::pair{53U, 53U}, std::pair{53U, 80U}, std::pair{0U, 53U}, std::pair{0U, 0U}, std::pair{80U, 65535U},
        std::pair{65535U, 65535U}, std::pair{0U, 65535U}, std::pair{80U, 53U}}) {
    const std::string range = std::to_string(low) + ":" + std::to_string(high);
    const auto in_range = [&](unsigned port) { return port >= low && port <= high; };
    check("--sport " + range, [&](const packet& sent) { return in_range(sent.first_word); });
    check("--dport " + range, [&](const packet& sent) { return in_range(sent.second_word); });
    for (const bool inverted : {false, true})
      check_each(dccp_match, "--sport 53 " + std::string(inverted ? "! " : "") + "--dport " + range, dccp_rule, packets,
                 [&](const packet& sent) {
                   return fate_by_bytes(sent, 12, sent.first_word == 53 && in_range(sent.second_word) != inverted);
                 });
  }
  constexpr const char* names[] = {"REQUEST", "RESPONSE", "DATA", "ACK",     "DATAACK", "CLOSEREQ",
                                   "CLOSE",   "RESET",    "SYNC", "SYNCACK", "INVALID"};
  for (const unsigned list : {0U, 1U, 2U, 4U, 0x200U, 0x400U, 3U, 0x201U, 0x600U, 0x88U, 0x7ffU, 0x3ffU, 0x405U}) {
    std::string words;
    for (unsigned one = 0; one < 11; ++one)
      if ((list >> one & 1) != 0) words += (words.empty() ? "" : ",") + std::string(names[one]);
    check("--dccp-types " + (words.empty() ? "\"\"" : words),
          [&](const packet& sent) { return (list >> std::min(10U, unsigned{sent.dccp_type}) & 1) != 0; });
  }
  check("--dccp-option 5", [&](const packet& sent) { return (sent.low_kinds >> 5 & 1) != 0; });
  check("--dccp-option 127", [&](const packet& sent) { return (sent.low_kinds >> 127 & 1) != 0; });
  check("--dccp-option 133", [&](const packet& sent) { return (sent.high_kinds >> 5 & 1) != 0; });
  check("--dccp-option 255", [&](const packet& sent) { return (sent.high_kinds >> 127 & 1) != 0; });
}
