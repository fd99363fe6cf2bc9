#include <cordon/match/connmark.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"
#include "few_values.hpp"

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

TEST_CASE("the connection's mark of every packet under every kind of mask, in every state") {
  struct {
    const char* words;
    std::uint32_t mark;
    std::uint32_t mask;
  } const cases[] = {
      {"17", 17, 0xffffffff}, {"0", 0, 0xffffffff},      {"0xffffffff", 0xffffffff, 0xffffffff},
      {"0x1/0xf", 1, 0xf},    {"0x10/0x30", 0x10, 0x30}, {"0x80000000/0x80000001", 0x80000000, 0x80000001},
      {"0x5/0x3", 5, 3},      {"0x0/0x0", 0, 0},         {"0x8/0x8", 8, 8}};
  const std::vector<packet> packets =
      mixed_packets(family::ipv4,
                    {{field::connection_mark,
                      {0, 1, 3, 5, 7, 8, 9, 16, 17, 18, 25, 48, 49, 0x80000000, 0x80000001, 0x80000011, 0xffffffff}},
                     {field::mark, {0, 17}},
                     {field::state, {0, 1, 2, 3, 4}}},
                    2000);
  for (const auto& one : cases)
    for (const bool inverted : {false, true})
      check_each(
          connmark_match, std::string(inverted ? "! " : "") + "--mark " + one.words, {}, packets,
          [&](const packet& sent) {
            const bool tracked = sent.state != connection_state::invalid && sent.state != connection_state::untracked;
            return tracked && ((sent.connection_mark & one.mask) == one.mark) != inverted;
          },
          /*may_fare_alike=*/true);
}
