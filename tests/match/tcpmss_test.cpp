#include <cordon/match/tcpmss.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m tcpmss is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mss 5:3", nullptr, just(protocol::tcp)},
      {"! --mss 5", "! --mss 5", just(protocol::tcp)},
      {"--mss 5", nullptr, all_but(protocol::tcp)},
      {"--mss 42", nullptr},
      {"--mss 42", "--mss 42", just(protocol::tcp)},
      {"--mss :", "--mss 0:65535", just(protocol::tcp)},
      {"--mss :42", "--mss 0:42", just(protocol::tcp)},
      {"--mss 42:", "--mss 42:65535", just(protocol::tcp)},
      {"--mss 42:42", "--mss 42", just(protocol::tcp)},
      {"--mss 42:12345", "--mss 42:12345", just(protocol::tcp)},
      {"--mss 42:65536", nullptr, just(protocol::tcp)},
      {"--mss 65535:1000", nullptr, just(protocol::tcp)},
      {"--mss 536:1460", "--mss 536:1460", just(protocol::tcp)},
      {"--mss 536", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(tcpmss_match, cases, {.family = in, .backend = of});
}

TEST_CASE("a packet without an MSS option fits the negation alone, and a header that is cut off is dropped") {
  const meaning_context of_tcp{.protocol = just(protocol::tcp)};
  packet sent;
  CHECK(decides(tcpmss_match, "--mss 0:65535", sent, of_tcp) == "no");
  CHECK(decides(tcpmss_match, "! --mss 0:65535", sent, of_tcp) == "yes");
  sent.segment_size = 1460;
  CHECK(decides(tcpmss_match, "--mss 1400:1460", sent, of_tcp) == "yes");
  CHECK(decides(tcpmss_match, "! --mss 1400:1460", sent, of_tcp) == "no");
  CHECK(decides(tcpmss_match, "--mss 536", sent, of_tcp) == "no");
  sent.transport = static_cast<transport_part>(19);
  CHECK(decides(tcpmss_match, "--mss 1400:1460", sent, of_tcp) == "drop");
}

TEST_CASE("the MSS option of every packet, whole or cut, against plain numbers; a later fragment's is unknown") {
  const meaning_context of_tcp{.protocol = just(protocol::tcp)};
  std::vector<uint128> sizes = around({536, 1460});
  sizes.insert(sizes.end(), {0, 1, 65534, 65535, no_segment_size, no_segment_size});
  const std::vector<packet> packets = mixed_packets(family::ipv4, {{field::segment_size, sizes}, every_part()}, 3000);
  for (const auto& [low, high] : {std::pair{536U, 536U}, std::pair{536U, 1460U}, std::pair{0U, 536U},
                                  std::pair{1460U, 65535U}, std::pair{0U, 65535U}, std::pair{0U, 0U}})
    for (const bool inverted : {false, true}) {
      const auto fate = [&](const packet& sent) -> std::string_view {
        if (!header_bytes(sent)) return "may drop";
        return fate_by_bytes(sent, 20, (sent.segment_size >= low && sent.segment_size <= high) != inverted);
      };
      check_each(tcpmss_match,
                 std::string(inverted ? "! " : "") + "--mss " + std::to_string(low) + ":" + std::to_string(high),
                 of_tcp, packets, fate);
    }
}

TEST_CASE("where a later fragment's bytes are taken for a header it may fit, or be dropped, or neither") {
  const meaning_context of_tcp{.protocol = just(protocol::tcp)};
  packet sent;
  for (const transport_part part : {transport_part::fragment_at_8, transport_part::later_fragment})
    for (const char* const words : {"--mss 536", "! --mss 536"}) {
      sent.transport = part;
      const match_meaning made = meaning_of(tcpmss_match, read_use(tcpmss_match, words, of_tcp).options, of_tcp);
      for (const std::uint32_t size : {536U, 537U, no_segment_size})
        for (const truth answer : {truth::no, truth::yes}) {
          sent.segment_size = size;
          const auto answered = [&](const atom&) { return answer; };
          CHECK(evaluate(made.drops, sent, 0, answered) == answer);
          CHECK(evaluate(made.holds, sent, 0, answered) == answer);
        }
    }
}
