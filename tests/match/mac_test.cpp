#include <cordon/match/mac.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

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
