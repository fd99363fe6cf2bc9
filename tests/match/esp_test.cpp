#include <cordon/match/esp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m esp is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"! --espspi 0:4294967295", "", just(protocol::esp)},  {"--espspi 0:4294967295", "", just(protocol::esp)},
      {"--espspi 5:1", "--espspi 5:1", just(protocol::esp)}, {"--espspi :5", "--espspi 0:5", just(protocol::esp)},
      {"--espspi 0x10", "--espspi 16", just(protocol::esp)}, {"--espspi 1:5", "--espspi 1:5", just(protocol::esp)},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(esp_match, cases, {.family = in, .backend = of});
}

TEST_CASE("the SPI of an encrypted packet is its first four bytes") {
  const meaning_context esp_rule{.protocol = just(protocol::esp)};
  packet sent;
  sent.first_word = 1;
  sent.second_word = 5;  // 65541
  struct {
    const char* words;
    const char* decided;
  } const cases[] = {
      {"--espspi 65541", "yes"},        {"--espspi 65540", "no"},         {"--espspi 65541:65545", "yes"},
      {"--espspi 65535:131072", "yes"}, {"--espspi 5:65540", "no"},       {"--espspi 5:65541", "yes"},
      {"--espspi 65542:200000", "no"},  {"--espspi 1:4294967294", "yes"}, {"! --espspi 65541", "no"},
      {"--espspi 65541:5", "no"},       {"! --espspi 65541:5", "yes"},    {"! --espspi 0:4294967295", "no"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words);
    CHECK(decides(esp_match, one.words, sent, esp_rule) == one.decided);
  }
  sent.transport = static_cast<transport_part>(7);
  CHECK(decides(esp_match, "", sent, esp_rule) == "drop");
}

TEST_CASE("without an SPI every header that is whole fits, and a range that runs backwards is of none") {
  const meaning_context esp_rule{.protocol = just(protocol::esp)};
  const std::vector<packet> packets =
      mixed_packets(family::ipv4, {{field::first_word, {0, 1}}, {field::second_word, {4, 5, 6}}, every_part()}, 1000);
  for (const char* const words : {"", "! --espspi 65541:5", "! --espspi 5:1"})
    check_each(esp_match, words, esp_rule, packets, [](const packet& sent) { return fate_by_bytes(sent, 8, true); });
  for (const char* const words : {"--espspi 65541:5", "--espspi 5:1", "! --espspi 0:4294967295"})
    check_each(esp_match, words, esp_rule, packets, [](const packet& sent) { return fate_by_bytes(sent, 8, false); });
}

TEST_CASE("the SPI of every packet, whole or cut, against plain numbers") {
  const meaning_context esp_rule{.protocol = just(protocol::esp)};
  for (const auto& [low, high] :
       {std::pair{5U, 5U}, std::pair{5U, 0x7fU}, std::pair{0x10005U, 0x1ffffU}, std::pair{0xfU, 0x30003U},
        std::pair{0x10005U, 0x20007U}, std::pair{0x20000U, 0x50000U}, std::pair{0U, 9U}}) {
    const std::vector<packet> packets = mixed_packets(family::ipv4,
                                                      {{field::first_word, around({low >> 16, high >> 16})},
                                                       {field::second_word, around({low & 0xffff, high & 0xffff, 0})},
                                                       every_part()},
                                                      3000);
    for (const bool inverted : {false, true}) {
      const auto fate = [&](const packet& sent) {
        const unsigned spi = static_cast<unsigned>(sent.first_word) << 16 | sent.second_word;
        return fate_by_bytes(sent, 8, (spi >= low && spi <= high) != inverted);
      };
      check_each(esp_match,
                 std::string(inverted ? "! " : "") + "--espspi " + std::to_string(low) + ":" + std::to_string(high),
                 esp_rule, packets, fate);
    }
  }
}
