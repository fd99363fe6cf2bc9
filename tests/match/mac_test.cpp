#include <cordon/match/mac.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("an Ethernet address is shown in two digits a byte, and refused unless it has six bytes") {
  const saved_case cases[] = {
      {"--mac-source 00:11:22:33:44:5e", "--mac-source 00:11:22:33:44:5e"},
      {"! --mac-source 0:1:2:A:B:C", "! --mac-source 00:01:02:0a:0b:0c"},
      {"--mac-source 00:11:22:33:44", nullptr},
      {"--mac-source 00:11:22:33:44:5g", nullptr},
      {"", nullptr},
  };
  check_saved(mac_match, cases, {});
}

TEST_CASE("packets that this machine sends came from no Ethernet address") {
  CHECK_FALSE(contains(valid_hooks(mac_match, {}, {}), hook::output));
  CHECK_FALSE(contains(valid_hooks(mac_match, {}, {}), hook::postrouting));
  CHECK(contains(valid_hooks(mac_match, {}, {}), hook::forward));
}

TEST_CASE("what came by Ethernet has an address, and what did not fits neither one nor all others") {
  const uint128 address = 0x00112233445e;
  const std::vector<packet> packets =
      mixed_packets(family::ipv4, {{field::mac, {address, address - 1, address + 1, 0, 1, no_mac - 1, no_mac}}}, 100);
  const meaning_context forwarded{.hook = hook::forward};
  check_each(mac_match, "--mac-source 00:11:22:33:44:5e", forwarded, packets,
             [&](const packet& sent) { return sent.mac == address; });
  check_each(mac_match, "! --mac-source 00:11:22:33:44:5e", forwarded, packets,
             [&](const packet& sent) { return sent.mac != address && sent.mac != no_mac; });
}
