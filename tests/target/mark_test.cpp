#include <cordon/target/mark.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j MARK is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--set-mark 5/3", "--set-xmark 0x5/0x7"},
      {"--set-mark 0x5/0xffffffff", "--set-xmark 0x5/0xffffffff"},
      {"--set-xmark 5", "--set-xmark 0x5/0xffffffff"},
      {"--and-mark 5", "--set-xmark 0x0/0xfffffffa"},
      {"--or-mark 5", "--set-xmark 0x5/0x5"},
      {"--xor-mark 5", "--set-xmark 0x5/0x0"},
      {"--and-mark 5/3", nullptr},
      {"--set-mark 5 --or-mark 3", nullptr},
      {"", nullptr},
      {"--set-mark x", nullptr},
      {"--set-xmark 0xfeedcafe/0xfeedcafe", "--set-xmark 0xfeedcafe/0xfeedcafe"},
      {"--set-xmark 0x0", "--set-xmark 0x0/0xffffffff"},
      {"--set-xmark 4294967295", "--set-xmark 0xffffffff/0xffffffff"},
      {"--set-xmark 4294967296", nullptr},
      {"--set-xmark -1", nullptr},
      {"--set-mark 5", "--set-xmark 0x5/0xffffffff"},
      {"--set-xmark 0x5/0xff", "--set-xmark 0x5/0xff"},
      {"--or-mark 0x10", "--set-xmark 0x10/0x10"},
      {"--and-mark 0x10", "--set-xmark 0x0/0xffffffef"},
      {"--xor-mark 0x10", "--set-xmark 0x10/0x0"},
      {"--set-mark 1/0xf", "--set-xmark 0x1/0xf"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(mark_target, cases, {.family = in, .backend = of});
}

TEST_CASE("MARK clears the bits of the mask and flips those of the value") {
  const use made = read_use(mark_target, "--set-mark 0x5/0x3", {});
  CHECK(changes_of(meaning_of(mark_target, made.options, {})) == sequence{set_bits(field::mark, 5, 7)});
}
