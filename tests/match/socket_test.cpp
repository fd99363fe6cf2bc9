#include <cordon/match/socket.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m socket has three flags, none of which can be inverted") {
  const saved_case cases[] = {
      {"", ""},
      {"--restore-skmark --nowildcard --transparent", "--transparent --nowildcard --restore-skmark"},
      {"! --transparent", nullptr},
  };
  check_saved(socket_match, cases, {});
}

TEST_CASE("-m socket is asked of packets that come in alone") {
  CHECK(valid_hooks(socket_match, {}, {}) == (set_of(hook::prerouting) | set_of(hook::input)));
}
