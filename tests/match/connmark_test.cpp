#include <cordon/match/connmark.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m connmark is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--mark 0xffffffff/0x0", "--mark 0xffffffff/0x0"},
      {"! --mark 5/3", "! --mark 0x5/0x3"},
      {"--mark 1/0xf", "--mark 0x1/0xf"},
      {"! --mark 17", "! --mark 0x11"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(connmark_match, cases, {.family = in, .backend = of});
}

TEST_CASE("-m connmark asks the connection's mark, which packets without a connection do not have") {
  packet sent;
  sent.connection_mark = 0x11;
  CHECK(decides(connmark_match, "--mark 17", sent) == "yes");
  CHECK(decides(connmark_match, "--mark 1/0xf", sent) == "yes");
  CHECK(decides(connmark_match, "! --mark 1/0xf", sent) == "no");
  CHECK(decides(connmark_match, "--mark 5/3", sent) == "no");
  for (const connection_state state : {connection_state::invalid, connection_state::untracked}) {
    sent.state = state;
    CHECK(decides(connmark_match, "--mark 17", sent) == "no");
    CHECK(decides(connmark_match, "! --mark 17", sent) == "no");
  }
}
