#include <cordon/match/sctp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

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
