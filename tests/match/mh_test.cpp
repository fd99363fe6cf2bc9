#include <cordon/match/mh.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m mh is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mh-type bu", "--mh-type 5", just(protocol::mobility_header)},
      {"--mh-type 5:3", nullptr, just(protocol::mobility_header)},
      {"! --mh-type :", "", just(protocol::mobility_header)},
      {"--mh-type 256", nullptr, just(protocol::mobility_header)},
      {"--mh-type hoti:hot", "--mh-type 1:3", just(protocol::mobility_header)},
      {"--mh-type b", "--mh-type 0", just(protocol::mobility_header)},
      {"--mh-type BRR", "--mh-type 0", just(protocol::mobility_header)},
      {"--mh-type home", "--mh-type 1", just(protocol::mobility_header)},
      {"--mh-type care", "--mh-type 2", just(protocol::mobility_header)},
      {"", nullptr},
      {"", "", just(protocol::mobility_header)},
      {"--mh-type 1", "--mh-type 1", just(protocol::mobility_header)},
      {"! --mh-type 4", "! --mh-type 4", just(protocol::mobility_header)},
      {"--mh-type 4:123", "--mh-type 4:123", just(protocol::mobility_header)},
      {"--mh-type :", "", just(protocol::mobility_header)},
      {"! --mh-type :", "", just(protocol::mobility_header)},
      {"--mh-type :3", "--mh-type 0:3", just(protocol::mobility_header)},
      {"--mh-type 3:", "--mh-type 3:255", just(protocol::mobility_header)},
      {"--mh-type 3:3", "--mh-type 3", just(protocol::mobility_header)},
      {"--mh-type 4:3", nullptr, just(protocol::mobility_header)},
      {"--mh-type binding-refresh-request", "--mh-type 0", just(protocol::mobility_header)},
  };
  for (const backend of : both_backends_tested) check_saved(mh_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("the type of a mobility header is its third byte, and a header that is not the last is dropped") {
  const meaning_context mh_rule{.family = family::ipv6, .protocol = just(protocol::mobility_header)};
  packet sent;
  sent.family = family::ipv6;
  sent.first_word = 59 * 256;
  sent.second_word = 5 * 256 + 7;
  CHECK(decides(mh_match, "--mh-type bu", sent, mh_rule) == "yes");
  CHECK(decides(mh_match, "--mh-type 0:4", sent, mh_rule) == "no");
  CHECK(decides(mh_match, "! --mh-type 5", sent, mh_rule) == "no");
  CHECK(decides(mh_match, "! --mh-type 0:255", sent, mh_rule) == "no");
  sent.first_word = 6 * 256;
  CHECK(decides(mh_match, "--mh-type bu", sent, mh_rule) == "drop");
}

TEST_CASE("every mobility header, whole or cut, whatever is said to follow, against plain numbers") {
  const meaning_context mh_rule{.family = family::ipv6, .protocol = just(protocol::mobility_header)};
  std::vector<uint128> types = around({0x500, 0x5ff, 0x7ff});
  types.insert(types.end(), {0, 0xff, 0x100, 0x600, 0x700, 0xff00, 0xffff});
  const std::vector<packet> packets =
      mixed_packets(family::ipv6,
                    {{field::first_word, {0, 0x3aff, 0x3b00, 0x3b00, 0x3b07, 0x3bff, 0x3bff, 0x3c00, 0xffff}},
                     {field::second_word, types},
                     every_part()},
                    4000);
  struct {
    const char* words;
    unsigned low;
    unsigned high;
  } const cases[] = {{"", 0, 255},          {"--mh-type 5", 5, 5},   {"--mh-type 5:7", 5, 7},
                     {"--mh-type 0", 0, 0}, {"--mh-type 0:5", 0, 5}, {"--mh-type 5:255", 5, 255}};
  for (const auto& one : cases)
    for (const bool inverted : {false, true}) {
      const std::string words(one.words);
      if (inverted && words.empty()) continue;
      check_each(mh_match, (inverted ? "! " : "") + words, mh_rule, packets,
                 [&](const packet& sent) -> std::string_view {
                   const unsigned type = sent.second_word / 256U;
                   const bool is_last = sent.first_word / 256U == 59;
                   if (header_bytes(sent) && !is_last) return "drop";
                   return fate_by_bytes(sent, 6, (type >= one.low && type <= one.high) != inverted);
                 });
    }
}
