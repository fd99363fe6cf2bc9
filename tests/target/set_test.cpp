#include <cordon/target/set.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j SET is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"--add-set s4 dst", "--add-set s4 dst"},
      {"--add-set s4 src --exist --timeout 5", "--add-set s4 src --exist --timeout 5"},
      {"--del-set s4 src", "--del-set s4 src"},
  };
  for (const backend of : both_backends_tested) check_saved(set_target, cases, {.family = family::ipv4, .backend = of});
}

TEST_CASE("SET changes nothing of a packet but the mark, which may come from the set") {
  const meaning_context rule{.table = "mangle"};
  const auto changes = [&](const char* words) {
    const use made = read_use(set_target, words, rule);
    CAPTURE(words, made.refused);
    REQUIRE(made.refused.empty());
    return changes_of(meaning_of(set_target, made.options, rule));
  };
  CHECK(changes("--add-set s dst").empty());
  CHECK(changes("--del-set s src,dst").empty());
  CHECK(changes("--map-set s dst --map-prio").empty());
  CHECK(changes("--map-set s dst --map-mark") == sequence{make_unknown(field::mark)});
}
