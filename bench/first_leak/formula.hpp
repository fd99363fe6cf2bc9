// The formula, written once for any solver: the rules as a chain of if-then-else from the last to the first, which solvers
// take better than one condition a rule that says that no rule before fits.
#pragma once

#include <array>
#include <cstdint>

#include "../rule_set.hpp"

namespace cordon::bench {

inline constexpr unsigned field_widths[] = {32, 32, 16, 16,
                                            8};  // addresses, ports, protocol: source before destination

/// What the solver must have: `constant(bool)`, `between(field, low, high)` for bounds that leave something out, `both(a, b)`,
/// `either(a, b)`, `negation(a)`, `if_else(condition, a, b)`.
template <class Solver, class Term>
class formula {
 public:
  explicit formula(Solver& with) : with_(with) {}

  /// A packet that the rules let out and that goes to no endpoint.
  Term leak(const rule_set& through) {
    Term let_out = with_.constant(false);
    for (auto rule = through.of_sandbox.rbegin(); rule != through.of_sandbox.rend(); ++rule)
      let_out = with_.if_else(packets_of(rule->matches), with_.constant(rule->accepts), let_out);
    Term allowed = with_.constant(false);
    for (const five_tuple& one : through.allowed) allowed = with_.either(allowed, packets_of(one));
    return with_.both(let_out, with_.negation(allowed));
  }

 private:
  Term packets_of(const five_tuple& what) {
    const std::array<interval, 5> values{what.source, what.destination, what.source_port, what.destination_port,
                                         what.protocol};
    Term made = with_.constant(true);
    for (unsigned i = 0; i < values.size(); ++i) {
      const std::uint32_t most = field_widths[i] == 32 ? 0xffffffff : (std::uint32_t{1} << field_widths[i]) - 1;
      if (values[i].low != 0 || values[i].high != most)
        made = with_.both(made, with_.between(i, values[i].low, values[i].high));
    }
    return made;
  }

  Solver& with_;
};

}  // namespace cordon::bench
