#include <cordon/match/ah.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m ah is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ahspi 5:1", "--ahspi 5:1", just(protocol::ah)},
      {"! --ahspi 0:4294967295", "", just(protocol::ah)},
      {"--ahspi 0", nullptr},
      {"--ahspi", nullptr},
      {"", nullptr},
      {"--ahspi 0", "--ahspi 0", just(protocol::ah)},
      {"--ahspi 4294967295", "--ahspi 4294967295", just(protocol::ah)},
      {"--ahspi 0:4294967295", "", just(protocol::ah)},
      {"! --ahspi 0", "! --ahspi 0", just(protocol::ah)},
      {"--ahspi -1", nullptr, just(protocol::ah)},
      {"--ahspi 4294967296", nullptr, just(protocol::ah)},
      {"--ahspi invalid", nullptr, just(protocol::ah)},
      {"--ahspi 0:invalid", nullptr, just(protocol::ah)},
      {"", "", just(protocol::ah)},
      {"--ahspi :", "", just(protocol::ah)},
      {"! --ahspi :", "", just(protocol::ah)},
      {"--ahspi :3", "--ahspi 0:3", just(protocol::ah)},
      {"--ahspi 3:", "--ahspi 3:4294967295", just(protocol::ah)},
      {"--ahspi 3:3", "--ahspi 3", just(protocol::ah)},
      {"--ahspi 4:3", "--ahspi 4:3", just(protocol::ah)},
      {"--ahspi 5", "--ahspi 5", just(protocol::ah)},
  };
  for (const backend of : both_backends_tested) check_saved(ah_match, cases, {.family = family::ipv4, .backend = of});
}

TEST_CASE("an authentication header has 12 bytes, and its SPI is a field") {
  const meaning_context ah_rule{.protocol = just(protocol::ah)};
  packet sent;
  sent.spi = 5;
  CHECK(decides(ah_match, "--ahspi 1:5", sent, ah_rule) == "yes");
  CHECK(decides(ah_match, "--ahspi 6:", sent, ah_rule) == "no");
  CHECK(decides(ah_match, "! --ahspi 6:", sent, ah_rule) == "yes");
  CHECK(decides(ah_match, "! --ahspi 0:4294967295", sent, ah_rule) == "no");
  CHECK(decides(ah_match, "--ahspi 5:1", sent, ah_rule) == "no");
  sent.transport = static_cast<transport_part>(11);
  CHECK(decides(ah_match, "--ahspi 5", sent, ah_rule) == "drop");
  sent.transport = transport_part::later_fragment;
  CHECK(decides(ah_match, "! --ahspi 6", sent, ah_rule) == "no");
}

TEST_CASE("the SPI behind every authentication header, whole or cut, against plain numbers") {
  const meaning_context ah_rule{.protocol = just(protocol::ah)};
  struct {
    const char* words;
    std::uint32_t low;
    std::uint32_t high;
  } const cases[] = {{"", 0, 0xffffffff},   {"--ahspi 5", 5, 5},           {"--ahspi 5:9", 5, 9},
                     {"--ahspi 0:9", 0, 9}, {"--ahspi 5:", 5, 0xffffffff}, {"--ahspi 9:5", 9, 5}};
  std::vector<uint128> numbers = around({5, 9});
  numbers.insert(numbers.end(), {0, 0xffffffff});
  const std::vector<packet> packets = mixed_packets(family::ipv4, {{field::spi, numbers}, every_part()}, 1000);
  for (const auto& one : cases)
    for (const bool inverted : {false, true}) {
      const std::string words(one.words);
      if (inverted && words.empty()) continue;
      check_each(ah_match, (inverted ? "! " : "") + words, ah_rule, packets, [&](const packet& sent) {
        return fate_by_bytes(sent, 12, (sent.spi >= one.low && sent.spi <= one.high) != inverted);
      });
    }
}
