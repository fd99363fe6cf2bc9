#include <cordon/match/esp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

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
