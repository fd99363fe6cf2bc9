#include <cordon/match/sctp.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context sctp_rule{.protocol = {true, false, protocol::sctp}};
}

TEST_CASE("SCTP options are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--sport 5 ! --dport 0:65535", "--sport 5 ! --dport 0:65535"},
      {"--dport 0:65535", "--dport 0:65535"},
      {"--dport 5:5", "--dport 5"},
      {"--chunk-types any DATA:Be,INIT", "--chunk-types any DATA:Be,INIT"},
      {"--chunk-types all DATA:IUBE,ABORT:T,SHUTDOWN_COMPLETE:t",
       "--chunk-types all DATA:IUBE,ABORT:T,SHUTDOWN_COMPLETE:t"},
      {"--chunk-types only none", "--chunk-types only NONE"},
      {"--chunk-types ANY data", "--chunk-types any DATA"},
      {"! --chunk-types any RE_CONFIG,PAD,ASCONF,ASCONF_ACK,FORWARD_TSN,I_DATA,I_FORWARD_TSN,SACK",
       "! --chunk-types any SACK,I_DATA,ASCONF_ACK,RE_CONFIG,PAD,FORWARD_TSN,ASCONF,I_FORWARD_TSN"},
      {"--chunk-types any DATA:BbE", "--chunk-types any DATA:BE"},
      {"--chunk-types any DATA:-------B", "--chunk-types any DATA:-B"},
      {"--chunk-types any DATA:EBUI,DATA:e", "--chunk-types any DATA:IUBE"},
      {"--chunk-types any DATA:", "--chunk-types any DATA"},
      {"--chunk-types any DATA,,INIT", "--chunk-types any DATA,INIT"},
      {"--chunk-types any ,", "--chunk-types any NONE"},
      {"--chunk-types any I_DATA:BI", "--chunk-types any I_DATA"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(saved(sctp_match, one.written, sctp_rule) == one.printed);
  }
}

TEST_CASE("chunk types and flags that SCTP does not have are refused") {
  for (const char* const words : {"--chunk-types any ALL:B", "--chunk-types any 5", "--chunk-types any INIT:B",
                                  "--chunk-types some DATA", "--chunk-types any", "--chunk-types any DATA:x"}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(sctp_match, words, sctp_rule)));
  }
  CHECK(is_refused(canonical(sctp_match, "--dport 5", {})));
  CHECK(is_refused(canonical(sctp_match, "--dport 5", {.protocol = all_but(protocol::sctp)})));
}

TEST_CASE("chunks are asked for any, all or only") {
  packet sent;
  sent.second_word = 53;
  sent.low_kinds = uint128{1} << 1 | uint128{1} << 3;  // INIT, SACK
  struct {
    const char* words;
    const char* decided;
  } const cases[] = {
      {"--dport 54 --chunk-types any INIT", "no"},
      {"--chunk-types any INIT,DATA", "yes"},
      {"--chunk-types any DATA", "no"},
      {"! --chunk-types any DATA", "yes"},
      {"--chunk-types all INIT,SACK", "yes"},
      {"--chunk-types all INIT", "yes"},
      {"--chunk-types all INIT,DATA", "no"},
      {"--chunk-types only INIT,SACK,DATA", "yes"},
      {"--chunk-types only INIT", "no"},
      {"--chunk-types any NONE", "no"},
      {"--chunk-types only ALL", "yes"},
      {"--chunk-types any ABORT:T", "no"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words);
    CHECK(decides(sctp_match, one.words, sent, sctp_rule) == one.decided);
  }
  sent.low_kinds = uint128{1} << 6;  // ABORT: its flags are in no field
  CHECK(decides(sctp_match, "--chunk-types any ABORT:T", sent, sctp_rule) == "unknown");
}

TEST_CASE("an SCTP header has 12 bytes") {
  packet sent;
  sent.second_word = 53;
  CHECK(decides(sctp_match, "--dport 53", sent, sctp_rule) == "yes");
  CHECK(decides(sctp_match, "! --dport 0:65535", sent, sctp_rule) == "no");
  sent.transport = static_cast<transport_part>(11);
  CHECK(decides(sctp_match, "--dport 53", sent, sctp_rule) == "drop");
  sent.transport = transport_part::later_fragment;
  CHECK(decides(sctp_match, "! --dport 54", sent, sctp_rule) == "no");
}

TEST_CASE("an SCTP packet without a chunk is dropped where chunks are asked for and the ports fit") {
  packet bare;
  bare.protocol = protocol::sctp;
  bare.second_word = 80;
  CHECK(decides(sctp_match, "--chunk-types only ALL", bare, sctp_rule) == "drop");
  CHECK(decides(sctp_match, "! --chunk-types any DATA", bare, sctp_rule) == "drop");
  CHECK(decides(sctp_match, "--dport 80 --chunk-types all NONE", bare, sctp_rule) == "drop");
  CHECK(decides(sctp_match, "--dport 81 --chunk-types all NONE", bare, sctp_rule) == "no");
  CHECK(decides(sctp_match, "--dport 80", bare, sctp_rule) == "yes");
}

namespace {

struct wanted_chunk {
  unsigned kind;
  bool with_flags;  // they are asked for too, which no field says
};

// What match_packet of xt_sctp.c says of a packet with these chunks; the flags of all of them being as asked or none's.
bool chunks_fit(char mode, const std::vector<wanted_chunk>& wanted, const packet& sent, bool flags_fit) {
  const auto is_there = [&](unsigned kind) {
    return ((kind < 128 ? sent.low_kinds : sent.high_kinds) >> (kind & 127) & 1) != 0;
  };
  const auto one_fits = [&](const wanted_chunk& one) { return is_there(one.kind) && (!one.with_flags || flags_fit); };
  if (mode == 'a') return std::any_of(wanted.begin(), wanted.end(), one_fits);
  if (mode == 'l') return std::all_of(wanted.begin(), wanted.end(), one_fits);
  uint128 others[] = {sent.low_kinds, sent.high_kinds};
  for (const wanted_chunk& one : wanted) {
    if (is_there(one.kind) && !one_fits(one)) return false;
    others[one.kind / 128] &= ~(uint128{1} << (one.kind & 127));
  }
  return others[0] == 0 && others[1] == 0;
}

}  // namespace

TEST_CASE("the chunks of every SCTP packet, whole or cut, with ports and without, with the flags that are asked for") {
  std::vector<wanted_chunk> every;
  for (unsigned kind = 0; kind < 256; ++kind) every.push_back({kind, false});
  const struct {
    const char* words;
    std::vector<wanted_chunk> wanted;
  } lists[] = {{"INIT", {{1, false}}},
               {"DATA", {{0, false}}},
               {"INIT,DATA", {{0, false}, {1, false}}},
               {"INIT,SACK,DATA", {{0, false}, {1, false}, {3, false}}},
               {"ASCONF_ACK", {{128, false}}},
               {"FORWARD_TSN", {{192, false}}},
               {"DATA,ASCONF_ACK", {{0, false}, {128, false}}},
               {"ABORT:T", {{6, true}}},
               {"DATA,ABORT:T", {{0, false}, {6, true}}},
               {"NONE", {}},
               {"ALL", every}};
  const auto bit = [](unsigned kind) { return uint128{1} << (kind & 127); };
  std::vector<packet> packets = mixed_packets(
      family::ipv4,
      {{field::first_word, {6, 7, 7, 7, 8}},
       {field::second_word, {52, 53, 53, 53, 54}},
       {field::low_kinds,
        {0, 0, 0, low_bits(128) - 1, bit(0), bit(1), bit(2), bit(3), bit(6), bit(7), bit(0) | bit(1), bit(0) | bit(6),
         bit(1) | bit(3), bit(0) | bit(1) | bit(3), bit(0) | bit(2), bit(1) | bit(2), low_bits(128), bit(127)}},
       {field::high_kinds,
        {0, 0, 0, 0, 0, bit(128), bit(129), bit(192), bit(193), bit(255), low_bits(128), bit(128) | bit(192)}},
       every_part()},
      20000);
  const struct {
    const char* words;
    bool (*fit)(const packet&);
  } ports[] = {
      {"", [](const packet&) { return true; }},
      {"--dport 53 ", [](const packet& sent) { return sent.second_word == 53; }},
      {"--sport 7 ! --dport 53 ", [](const packet& sent) { return sent.first_word == 7 && sent.second_word != 53; }}};
  check_each(sctp_match, "", sctp_rule, packets, [](const packet& sent) { return fate_by_bytes(sent, 12, true); });
  for (const auto& list : lists)
    for (const char* const mode : {"any", "all", "only"})
      for (const auto& port : ports)
        for (const bool inverted : {false, true}) {
          const std::string words =
              std::string(port.words) + (inverted ? "! " : "") + "--chunk-types " + mode + " " + list.words;
          const char letter = mode == std::string("all") ? 'l' : mode[0];
          check_each(
              sctp_match, words, sctp_rule, packets,
              [&](const packet& sent) -> std::string_view {
                const bool is_bare = sent.low_kinds == 0 && sent.high_kinds == 0;
                if (port.fit(sent) && is_bare && fate_by_bytes(sent, 12, true) == "yes") return "drop";
                const bool if_flags_fit = chunks_fit(letter, list.wanted, sent, true);
                const bool if_not = chunks_fit(letter, list.wanted, sent, false);
                if (if_flags_fit == if_not) return fate_by_bytes(sent, 12, port.fit(sent) && if_not != inverted);
                return fate_by_bytes(sent, 12, port.fit(sent)) == "yes" ? "unknown" : fate_by_bytes(sent, 12, false);
              },
              /*may_fare_alike=*/true);
        }
}
