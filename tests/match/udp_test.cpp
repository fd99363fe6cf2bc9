#include <cordon/match/udp.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

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
