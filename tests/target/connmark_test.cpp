#include <cordon/target/connmark.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j CONNMARK is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--set-mark 5/3", "--set-xmark 0x5/0x7"},
      {"--set-xmark 5/3", "--set-xmark 0x5/0x3"},
      {"--and-mark 5", "--set-xmark 0x0/0xfffffffa"},
      {"--or-mark 5", "--set-xmark 0x5/0x5"},
      {"--xor-mark 5", "--set-xmark 0x5/0x0"},
      {"--save-mark --mask 0xff", "--save-mark --nfmask 0xff --ctmask 0xff"},
      {"--save-mark --nfmask 0xff --ctmask 0xf0", "--save-mark --nfmask 0xff --ctmask 0xf0"},
      {"--restore-mark --nfmask 0xff", "--restore-mark --nfmask 0xff --ctmask 0xffffffff"},
      {"--restore-mark --ctmask 0xff", "--restore-mark --nfmask 0xffffffff --ctmask 0xff"},
      {"--restore-mark --mask 0xff --nfmask 1", nullptr},
      {"--set-mark 5 --mask 3", "--set-xmark 0x5/0x3"},
      {"--set-mark 5 --save-mark", nullptr},
      {"--nfmask 5", nullptr},
      {"--left-shift-mark 5 --save-mark", "--save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 5"},
      {"--set-mark 5 --left-shift-mark 5", "--set-xmark 0x5/0xffffffff --left-shift-mark 5"},
      {"--set-xmark 5 --right-shift-mark 5", "--set-xmark 0x5/0xffffffff --right-shift-mark 5"},
      {"", nullptr},
      {"--set-mark 1", "--set-xmark 0x1/0xffffffff"},
      {"--save-mark", "--save-mark --nfmask 0xffffffff --ctmask 0xffffffff"},
      {"--restore-mark --mask 0xff", "--restore-mark --nfmask 0xff --ctmask 0xff"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(connmark_target, cases, {.family = in, .backend = of});
}

TEST_CASE(
    "CONNMARK sets the connection's mark, saves the packet's in it, and restores it, of packets with a connection") {
  const auto changes = [](const char* words) {
    const effect does = meaning_of(connmark_target, read_use(connmark_target, words, {}).options, {});
    CHECK(does == effect{.changes = does.changes, .needs_connection = true});
    return does.changes;
  };
  CHECK(changes("--set-xmark 0x1/0xf") == sequence{set_bits(field::connection_mark, 1, 15)});
  CHECK(changes("--save-mark --nfmask 0xff --ctmask 0xf0") ==
        sequence{
            alteration{.field = field::connection_mark, .keep = 0xffffff0f, .from = field::mark, .from_mask = 0xff}});
  CHECK(changes("--restore-mark --nfmask 0xff --ctmask 0xf0") ==
        sequence{
            alteration{.field = field::mark, .keep = 0xffffff00, .from = field::connection_mark, .from_mask = 0xf0}});
  CHECK(changes("--restore-mark --left-shift-mark 3") == sequence{make_unknown(field::mark)});
  CHECK(changes("--set-mark 1 --left-shift-mark 3") == sequence{make_unknown(field::connection_mark)});
}
