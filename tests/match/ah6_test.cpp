#include <cordon/match/ah6.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m ah of IPv6 is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--ahspi 1:5 --ahlen 32 --ahres", "--ahspi 1:5 --ahlen 32 --ahres"},
      {"! --ahlen 32", "! --ahlen 32"},
      {"! --ahspi 0:4294967295", ""},
      {"--ahlen 0", ""},
      {"! --ahlen 0", "! --ahlen 0"},
      {"--ahspi 0", "--ahspi 0"},
      {"--ahspi 4294967295", "--ahspi 4294967295"},
      {"--ahspi 0:4294967295", ""},
      {"! --ahspi 0", "! --ahspi 0"},
      {"--ahspi -1", nullptr},
      {"--ahspi 4294967296", nullptr},
      {"--ahspi invalid", nullptr},
      {"--ahspi 0:invalid", nullptr},
      {"--ahspi", nullptr},
      {"", ""},
      {"--ahspi :", ""},
      {"! --ahspi :", ""},
      {"--ahspi :3", "--ahspi 0:3"},
      {"--ahspi 3:", "--ahspi 3:4294967295"},
      {"--ahspi 3:3", "--ahspi 3"},
      {"--ahspi 4:3", "--ahspi 4:3"},
      {"--ahspi 5 --ahres", "--ahspi 5 --ahres"},
  };
  for (const backend of : both_backends_tested) check_saved(ah6_match, cases, {.family = family::ipv6, .backend = of});
}

TEST_CASE("-m ah of IPv6 fits packets that have the header, whatever stands behind it") {
  const meaning_context v6{.family = family::ipv6};
  packet sent;
  sent.family = family::ipv6;
  sent.spi = 5;
  CHECK(decides(ah6_match, "", sent, v6) == "no");
  CHECK(decides(ah6_match, "! --ahspi 6", sent, v6) == "no");
  sent.extension_headers = extension_header::authentication;
  CHECK(decides(ah6_match, "", sent, v6) == "yes");
  CHECK(decides(ah6_match, "--ahspi 5", sent, v6) == "yes");
  CHECK(decides(ah6_match, "! --ahspi 5", sent, v6) == "no");
  CHECK(decides(ah6_match, "--ahspi 5 --ahlen 24", sent, v6) == "unknown");
  CHECK(decides(ah6_match, "--ahspi 6 --ahlen 24", sent, v6) == "no");
}

TEST_CASE("each family has its own -m ah") {
  CHECK(find_match_extension("ah", family::ipv4) == &ah_match);
  CHECK(find_match_extension("ah", family::ipv6) == &ah6_match);
}

TEST_CASE(
    "the authentication header of every IPv6 packet, against plain numbers; its length and reserved field are unknown") {
  const meaning_context v6{.family = family::ipv6};
  const std::vector<packet> packets = mixed_packets(
      family::ipv6,
      {{field::spi, around({5, 9})}, {field::extension_headers, {0, 1, 2, 4, 8, 15, 16, 16, 17, 24, 31, 31}}}, 500);
  for (const bool open : {false, true})
    for (const bool inverted : {false, true}) {
      const auto fits = [&](const packet& sent) {
        const bool there = (sent.extension_headers & 16) != 0 && (sent.spi >= 5 && sent.spi <= 9) != inverted;
        return there && open ? truth::unknown : truth_of(there);
      };
      const std::string spi = std::string(inverted ? "! " : "") + "--ahspi 5:9";
      if (!open) check_each(ah6_match, spi, v6, packets, fits);
      if (!open) continue;
      for (const char* const more : {" --ahlen 24", " ! --ahlen 24", " --ahres", " --ahlen 24 --ahres"})
        check_each(ah6_match, spi + more, v6, packets, fits);
    }
  for (const char* const words : {"", "--ahlen 0", "--ahlen 24", "! --ahlen 24", "--ahres", "! --ahlen 24 --ahres"})
    check_each(ah6_match, words, v6, packets, [&](const packet& sent) {
      const bool asks_nothing = std::string(words).empty() || std::string(words) == "--ahlen 0";
      if ((sent.extension_headers & 16) == 0) return truth::no;
      return asks_nothing ? truth::yes : truth::unknown;
    });
}

TEST_CASE("--ahlen and its negation ask one question, each length another, and --ahres one more, where the header is") {
  const meaning_context v6{.family = family::ipv6};
  struct {
    const char* words;
    int length;  // 1: asked for, 0: asked not to be, -1: not asked for
    bool reserved;
  } const cases[] = {{"--ahlen 24", 1, false},
                     {"! --ahlen 24", 0, false},
                     {"--ahres", -1, true},
                     {"--ahlen 24 --ahres", 1, true},
                     {"! --ahlen 24 --ahres", 0, true}};
  struct {
    const char* words;
    bool (*fits)(std::uint32_t);
  } const numbers[] = {{"", [](std::uint32_t) { return true; }},
                       {"--ahspi 1 ", [](std::uint32_t spi) { return spi == 1; }},
                       {"! --ahspi 1 ", [](std::uint32_t spi) { return spi != 1; }}};
  for (const auto& one : cases)
    for (const auto& number : numbers) {
      const std::string words = std::string(number.words) + one.words;
      const match_meaning made = meaning_of(ah6_match, read_use(ah6_match, words, v6).options, v6);
      CHECK(made.drops == never());
      for (unsigned open = 0; open < 4; ++open)
        for (unsigned headers = 0; headers < 32; ++headers)
          for (const std::uint32_t spi : {0U, 1U, 2U}) {
            const bool length = (open & 1) != 0;
            const bool reserved = (open & 2) != 0;
            packet sent;
            sent.extension_headers = static_cast<extension_header_set>(headers);
            sent.spi = spi;
            const truth said = evaluate(made.holds, sent, 0, [&](const atom& asked) {
              if (asked.name.view() == "ah length 24") return truth_of(length);
              return asked.name.view() == "ah reserved field zero" ? truth_of(reserved) : truth::unknown;
            });
            const bool fits = (headers & extension_header::authentication) != 0 && number.fits(spi) &&
                              (one.length < 0 || length == (one.length == 1)) && (!one.reserved || reserved);
            CAPTURE(words, length, reserved, headers, spi);
            CHECK(said == truth_of(fits));
          }
    }
}
