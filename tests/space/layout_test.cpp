#include <cordon/space/layout.hpp>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "random_predicates.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("no predicate that was observed tells two packets of the same cells apart") {
  rc::prop("for random predicates", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    const family in = choices.one_in(2) ? family::ipv4 : family::ipv6;
    sequence<predicate> predicates;
    testing::edges around(in);
    layout levels(packet_domain::all(in));
    for (std::uint64_t left = 1 + choices.below(4); left > 0; --left) {
      predicates.push_back(draw_predicate(choices, in));
      levels.observe(predicates.back());
      around.observe(predicates.back());
    }
    levels.finish();
    around.finish();
    for (int i = 0; i < 20; ++i) {
      const packet one = testing::draw_packet(choices, around);
      // Another packet with the same cells: each run of bits anywhere in its cell, what has no level anywhere at all.
      packet other = one;
      for (std::size_t k = 0; k < field_count; ++k) {
        const auto which = static_cast<field>(k);
        const auto runs = levels.levels_of(which);
        if (which == field::out) continue;  // not every number is a name
        if (runs.empty()) {
          set_value(other, which, testing::draw_number(choices, levels.domain()[which]));
          continue;
        }
        uint128 value = 0;
        for (const level& run : runs) {
          const uint128 part = (value_of(one, which) >> run.shift) & low_bits(run.width);
          value |= testing::draw_number(choices, run.values_of(run.cell_of(part))) << run.shift;
        }
        set_value(other, which, value);
      }
      for (const predicate& each : predicates) RC_ASSERT(evaluate(each, one) == evaluate(each, other));
    }
  });
}

TEST_CASE("the cells of a level lie side by side and cover its values") {
  rc::prop("for random predicates", [] {
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    layout levels(packet_domain::all(family::ipv4));
    for (std::uint64_t left = choices.below(6); left > 0; --left) levels.observe(draw_predicate(choices, family::ipv4));
    levels.finish();
    for (const level& one : levels.levels()) {
      RC_ASSERT(one.cell_count() > 1U);
      const bool is_whole = levels.levels_of(one.field).size() == 1;
      const range& domain = levels.domain()[one.field];
      RC_ASSERT(one.values_of(0).low == (is_whole ? domain.low : 0));
      RC_ASSERT(one.values_of(one.cell_count() - 1).high ==
                (is_whole && one.width == width_of(one.field, family::ipv4) ? domain.high : low_bits(one.width)));
      for (std::uint32_t cell = 0; cell < one.cell_count(); ++cell) {
        const range values = one.values_of(cell);
        RC_ASSERT(values.low <= values.high);
        if (cell > 0) RC_ASSERT(values.low == one.values_of(cell - 1).high + 1);
        RC_ASSERT(one.cell_of(values.low) == cell);
        RC_ASSERT(one.cell_of(values.high) == cell);
      }
    }
  });
}

TEST_CASE("what nothing asks for has no level") {
  layout levels(packet_domain::all(family::ipv4));
  levels.observe(is(field::uid, 1001));
  levels.finish();
  REQUIRE(levels.levels().size() == 1);
  CHECK(levels.levels()[0].field == field::uid);
  CHECK(levels.levels()[0].cell_count() == 3);
  CHECK(levels.levels_of(field::gid).empty());
}

namespace {

// Which of two fields comes first for many rules, each with a port of its own where `ports`, and an address where not.
bool is_first(field one, field other, bool ports, unsigned rules) {
  layout levels(packet_domain::all(family::ipv4));
  for (unsigned i = 0; i < rules; ++i) {
    const field narrow[2] = {ports ? field::first_word : field::source,
                             ports ? field::second_word : field::destination};
    const field wide[2] = {ports ? field::source : field::first_word, ports ? field::destination : field::second_word};
    levels.observe(is(field::protocol, i % 2 != 0 ? 6U : 17U) && is(narrow[0], 2 * i) && is(narrow[1], 2 * i) &&
                   between(wide[0], i, 60000) && between(wide[1], i, 60000));
  }
  levels.finish();
  return levels.first_level_of(one) < levels.first_level_of(other);
}

}  // namespace

TEST_CASE("in large rule sets addresses come before ports where they tell most rules apart, and behind them else") {
  CHECK(is_first(field::source, field::second_word, false, 1000));
  CHECK(is_first(field::second_word, field::source, true, 1000));
  CHECK(is_first(field::first_word, field::destination, true, 1000));
  CHECK(is_first(field::second_word, field::destination, false, 10));
  CHECK(is_first(field::destination, field::first_word, false, 10));
}
