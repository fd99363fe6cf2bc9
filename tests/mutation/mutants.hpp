// One mistake in what an extension means, made in its data: in a test or an operator of the predicate, or in
// what a target does. The same mistake can be made in every use of that shape, as a mistake in the code would
// be.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "meaning.hpp"

namespace cordon::mutation {

/// What is done at one place of a meaning.
enum class change {
  // of a test: low <= field <= high
  lower_low,
  raise_low,
  lower_high,
  raise_high,
  shift_up,
  shift_down,
  // of a test: (field & mask) == value
  without_lowest_bit,
  without_highest_bit,
  one_bit_more,
  other_value,
  // of either
  any_value,
  no_value,
  other_field,
  turned_round,
  // of what no packet decides, and of constants
  surely_so,
  surely_not,
  opposite,
  // of operators
  without_negation,
  without_left,
  without_right,
  other_operator,
  // of a whole predicate
  negated,
  always_so,
  never_so,
  not_known,
  // of a target
  goes_on,
  accepts,
  drops,
  may_do_anything,
  other_answer,
  connection_or_not,
  // of one of its changes
  left_out,
  other_flip,
  keeps_other_low_bit,
  keeps_other_high_bit,
  takes_other_bit,
  any_result,
  no_result,
};

struct mutant {
  change what;
  bool in_drops = false;  ///< of a match: in what it drops, not in when it holds
  std::size_t place = 0;  ///< which step of the predicate, or which change of a target

  /// Whether the mistake is in a whole predicate, not in one of its tests or operators.
  bool is_of_the_whole() const;
  /// "step 3 of what holds: raise_high"
  std::string words() const;
  /// The meaning with the mistake in it, which may change nothing: a bound that is the greatest value there
  /// is. Precondition: the mutant was made for that shape.
  meaning of(const meaning& original) const;
};

/// All that can be made of meanings with this one's shape.
std::vector<mutant> mutants_of(const meaning& shape);

}  // namespace cordon::mutation
