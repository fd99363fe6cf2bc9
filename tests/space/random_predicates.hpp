// Predicates at random, over all fields and every kind of test.
#pragma once

#include <cstddef>

#include <rapidcheck.h>

#include <cordon/rule/predicate.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::test {

/// One test of a field: an interval, a prefix or a mask with holes.
inline predicate draw_test(const choice_source& choices, family in) {
  const auto which = static_cast<field>(choices.below(field_count));
  const unsigned width = width_of(which, in);
  const range all{0, low_bits(width)};
  const uint128 a = testing::draw_number(choices, all);
  switch (choices.below(4)) {
    case 0: return is(which, a);
    case 1: {
      const uint128 b = testing::draw_number(choices, all);
      return between(which, a < b ? a : b, a < b ? b : a);
    }
    case 2: {
      const uint128 mask = all.high & ~low_bits(static_cast<unsigned>(choices.below(width + 1)));
      return masked(which, mask, a & mask);
    }
    default: {
      const range& domain = domain_of(which, in);
      // Fields whose values are not all that their bits can say are asked for values alone.
      if (domain.low != 0 || domain.high != all.high) return is(which, a);
      const uint128 mask = testing::draw_number(choices, all) & testing::draw_number(choices, all);
      return masked(which, mask, a & mask);
    }
  }
}

/// Tests joined by and, or and not; no atoms.
inline predicate draw_predicate(const choice_source& choices, family in) {
  predicate made = draw_test(choices, in);
  for (std::uint64_t left = choices.below(6); left > 0; --left) {
    predicate other = draw_test(choices, in);
    if (choices.one_in(3)) other.negate();
    if (choices.one_in(2))
      made &= other;
    else
      made |= other;
    if (choices.one_in(4)) made.negate();
  }
  return made;
}

}  // namespace cordon::test
