#include <cordon/match/udp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
constexpr meaning_context udp_on(backend of) { return {.backend = of, .protocol = {true, false, protocol::udp}}; }
}  // namespace

TEST_CASE("a UDP header has 8 bytes") {
  packet cut;
  cut.transport = static_cast<transport_part>(7);
  CHECK(decides(udp_match, "--sport 1", cut, udp_on(backend::legacy)) == "drop");
  cut.transport = static_cast<transport_part>(8);
  CHECK(decides(udp_match, "--sport 40000", cut, udp_on(backend::legacy)) == "yes");
}

TEST_CASE("-m udp has no --syn") { CHECK(is_refused(canonical(udp_match, "--syn", udp_on(backend::nft)))); }

TEST_CASE("a range of UDP ports that runs backwards is of none, where there is a header") {
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) {
      const std::vector<packet> packets = mixed_packets(
          in, {{field::first_word, {2, 3, 4, 5}}, {field::second_word, {2, 3, 4, 5}}, every_part()}, 1000);
      const meaning_context context{.family = in, .backend = of, .protocol = {true, false, protocol::udp}};
      for (const char* const option : {"--sport", "--dport"})
        for (const bool inverted : {false, true}) {
          const auto fate = [&](const packet& sent) -> std::string_view {
            if (of == backend::legacy) return fate_by_bytes(sent, 8, inverted);
            const bool has_port =
                sent.transport >= static_cast<transport_part>(option == std::string("--sport") ? 2 : 4);
            return has_port && inverted ? "yes" : "no";
          };
          check_each(udp_match, std::string(inverted ? "! " : "") + option + " 4:3", context, packets, fate,
                     /*may_fare_alike=*/true);
        }
      if (of == backend::legacy)
        check_each(udp_match, "", context, packets, [](const packet& sent) { return fate_by_bytes(sent, 8, true); });
    }
}
