#include <cordon/match/icmp6.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context icmp6_rule{.family = family::ipv6, .protocol = {true, false, protocol::icmpv6}};

packet icmp6_of_type(unsigned type, unsigned code) {
  packet made;
  made.family = family::ipv6;
  made.protocol = protocol::icmpv6;
  made.first_word = static_cast<std::uint16_t>(type * 256 + code);
  return made;
}
}  // namespace

TEST_CASE("ICMPv6 types are printed as ip6tables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--icmpv6-type echo-request", "--icmpv6-type 128"},
      {"--icmpv6-type redir", "--icmpv6-type 137"},
      {"--icmpv6-type 255", "--icmpv6-type 255"},
      {"--icmpv6-type failed-policy", "--icmpv6-type 1/5"},
      {"! --icmpv6-type 135", "! --icmpv6-type 135"},
      {"--icmpv6-type 1/255", "--icmpv6-type 1/255"},
      {"--icmpv6-type neighbor-advertisement", "--icmpv6-type 136"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(icmp6_match, one.written, icmp6_rule) == one.printed);
  }
}

TEST_CASE("an ICMPv6 type that is none, or could be two, is refused") {
  for (const char* const words :
       {"--icmpv6-type any", "--icmpv6-type echo", "--icmpv6-type neigh", "--icmpv6-type 256", ""}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(icmp6_match, words, icmp6_rule)));
  }
  CHECK(is_refused(canonical(icmp6_match, "--icmpv6-type 1", {.family = family::ipv6})));
}

TEST_CASE("255 is an ICMPv6 type as any other") {
  CHECK(decides(icmp6_match, "--icmpv6-type 255", icmp6_of_type(128, 0), icmp6_rule) == "no");
  CHECK(decides(icmp6_match, "--icmpv6-type 255", icmp6_of_type(255, 9), icmp6_rule) == "yes");
  CHECK(decides(icmp6_match, "! --icmpv6-type 1/4", icmp6_of_type(1, 3), icmp6_rule) == "yes");
}

TEST_CASE("-m icmp6 is of IPv6 alone") {
  CHECK(find_match_extension("icmp6", family::ipv6) == &icmp6_match);
  CHECK(find_match_extension("icmp6", family::ipv4) == nullptr);
}

TEST_CASE("type and code of every ICMPv6 packet, whole or cut, against plain numbers") {
  struct {
    const char* type;
    unsigned low;  // type and code as one number
    unsigned high;
  } const cases[] = {
      {"3", 0x300, 0x3ff}, {"3/4", 0x304, 0x304}, {"0", 0, 0xff}, {"255", 0xff00, 0xffff}, {"255/255", 0xffff, 0xffff}};
  for (const auto& one : cases)
    for (const bool inverted : {false, true}) {
      std::vector<uint128> values = around({0x300, 0x304, 0x3ff, 0xff00});
      values.insert(values.end(), {0, 0xff, 0x100, 0xffff});
      const std::vector<packet> packets =
          mixed_packets(family::ipv6, {{field::first_word, values}, every_part()}, 1500);
      const auto fate = [&](const packet& sent) {
        const unsigned said = sent.first_word;
        return fate_by_bytes(sent, 8, (said >= one.low && said <= one.high) != inverted);
      };
      check_each(icmp6_match, std::string(inverted ? "! " : "") + "--icmpv6-type " + one.type, icmp6_rule, packets,
                 fate);
    }
}
