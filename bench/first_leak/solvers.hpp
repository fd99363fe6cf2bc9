// The peers: the same question as a formula over bit vectors, for a solver that finds one packet that satisfies it.
#pragma once

#include "../rule_set.hpp"

namespace cordon::bench {

struct solver_answer {
  enum class kind { none, leak, gave_up };
  kind what = kind::gave_up;
  five_values packet = {};  ///< of a leak
};

/// Builds the formula and asks it, in this process: nothing is parsed. Gives up after `most_seconds`.
solver_answer ask_z3(const rule_set& about, unsigned most_seconds);
solver_answer ask_cvc5(const rule_set& about, unsigned most_seconds);

}  // namespace cordon::bench
