#include <cordon/match/icmp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context icmp_rule{.protocol = {true, false, protocol::icmp}};

packet icmp_of_type(unsigned type, unsigned code) {
  packet made;
  made.protocol = protocol::icmp;
  made.first_word = static_cast<std::uint16_t>(type * 256 + code);
  return made;
}
}  // namespace

TEST_CASE("ICMP types are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--icmp-type echo-request", "--icmp-type 8"}, {"--icmp-type ping", "--icmp-type 8"},
      {"--icmp-type ECHO-REQ", "--icmp-type 8"},     {"--icmp-type 3/1", "--icmp-type 3/1"},
      {"--icmp-type any", "--icmp-type any"},        {"! --icmp-type 8", "! --icmp-type 8"},
      {"--icmp-type 8/0", "--icmp-type 8/0"},        {"--icmp-type 255", "--icmp-type any"},
      {"--icmp-type 255/3", "--icmp-type any"},      {"--icmp-type 3/255", "--icmp-type 3/255"},
      {"--icmp-type 010", "--icmp-type 8"},          {"--icmp-type host-unreachable", "--icmp-type 3/1"},
      {"--icmp-type 3/0:255", "--icmp-type 3"},      {"--icmp-type 255/0:255", "--icmp-type any"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(icmp_match, one.written, icmp_rule) == one.printed);
  }
}

TEST_CASE("an ICMP type that is none, or could be two, is refused") {
  for (const char* const words : {"--icmp-type 256", "--icmp-type 8/256", "--icmp-type 8/", "--icmp-type echo",
                                  "--icmp-type ttl-zero", "--icmp-type redirected", "--icmp-type \"\"", ""}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(icmp_match, words, icmp_rule)));
  }
  CHECK(is_refused(canonical(icmp_match, "--icmp-type 8", {})));
  CHECK(is_refused(canonical(icmp_match, "--icmp-type 8", {.protocol = all_but(protocol::icmp)})));
}

TEST_CASE("a type without a code is all its codes, and 255 is every type") {
  CHECK(decides(icmp_match, "--icmp-type 3", icmp_of_type(3, 13), icmp_rule) == "yes");
  CHECK(decides(icmp_match, "--icmp-type 3/1", icmp_of_type(3, 13), icmp_rule) == "no");
  CHECK(decides(icmp_match, "! --icmp-type 3/1", icmp_of_type(3, 13), icmp_rule) == "yes");
  CHECK(decides(icmp_match, "--icmp-type any", icmp_of_type(42, 7), icmp_rule) == "yes");
  CHECK(decides(icmp_match, "! --icmp-type any", icmp_of_type(255, 255), icmp_rule) == "no");
}

TEST_CASE("an ICMP header has 8 bytes, and a later fragment none") {
  packet sent = icmp_of_type(8, 0);
  sent.transport = static_cast<transport_part>(7);
  CHECK(decides(icmp_match, "--icmp-type 8", sent, icmp_rule) == "drop");
  sent.transport = transport_part::later_fragment;
  CHECK(decides(icmp_match, "! --icmp-type 5", sent, icmp_rule) == "no");
}

TEST_CASE("-m icmp is of IPv4 alone") {
  CHECK(find_match_extension("icmp", family::ipv4) == &icmp_match);
  CHECK(find_match_extension("icmp", family::ipv6) == nullptr);
}

TEST_CASE("of a range of codes iptables-save shows the first alone, and the kernel compares both ends") {
  CHECK(saved(icmp_match, "--icmp-type 3/1:3", icmp_rule) == "--icmp-type 3/1");
  CHECK(canonical(icmp_match, "--icmp-type 3/1:3", icmp_rule) == "--icmp-type 3/1:3");
  CHECK(decides(icmp_match, "--icmp-type 3/1:3", icmp_of_type(3, 2), icmp_rule) == "yes");
  CHECK(decides(icmp_match, "--icmp-type 3/3:1", icmp_of_type(3, 2), icmp_rule) == "no");
  CHECK(decides(icmp_match, "! --icmp-type 3/3:1", icmp_of_type(3, 2), icmp_rule) == "yes");
}

TEST_CASE("type and code of every ICMP packet, whole or cut, against plain numbers") {
  struct {
    const char* type;
    unsigned low;  // type and code as one number
    unsigned high;
  } const cases[] = {
      {"3", 0x300, 0x3ff}, {"3/4", 0x304, 0x304}, {"0", 0, 0xff}, {"any", 0, 65535}, {"255/255", 0, 0xffff}};
  for (const auto& one : cases)
    for (const bool inverted : {false, true}) {
      std::vector<uint128> values = around({0x300, 0x304, 0x3ff, 0xff00});
      values.insert(values.end(), {0, 0xff, 0x100, 0xffff});
      const std::vector<packet> packets =
          mixed_packets(family::ipv4, {{field::first_word, values}, every_part()}, 1500);
      const auto fate = [&](const packet& sent) {
        const unsigned said = sent.first_word;
        return fate_by_bytes(sent, 8, (said >= one.low && said <= one.high) != inverted);
      };
      check_each(icmp_match, std::string(inverted ? "! " : "") + "--icmp-type " + one.type, icmp_rule, packets, fate);
    }
}
