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

TEST_CASE("an SCTP header has 12 bytes, and no packet says which chunks follow") {
  packet sent;
  sent.second_word = 53;
  CHECK(decides(sctp_match, "--dport 53", sent, sctp_rule) == "yes");
  CHECK(decides(sctp_match, "! --dport 0:65535", sent, sctp_rule) == "no");
  CHECK(decides(sctp_match, "--dport 53 --chunk-types any INIT", sent, sctp_rule) == "unknown");
  CHECK(decides(sctp_match, "--dport 54 --chunk-types any INIT", sent, sctp_rule) == "no");
  sent.transport = static_cast<transport_part>(11);
  CHECK(decides(sctp_match, "--dport 53", sent, sctp_rule) == "drop");
  sent.transport = transport_part::later_fragment;
  CHECK(decides(sctp_match, "! --dport 54", sent, sctp_rule) == "no");
}
