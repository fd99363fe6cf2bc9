// The peer: a set of packets as a binary decision diagram of BuDDy, one variable a bit, the sandbox's user fixed first.
#pragma once

#include <string>
#include <vector>

#include "rule_set.hpp"

namespace cordon::bench {

/// Orders of fields that are not hopeless for a rule set. The best of them counts.
std::vector<std::string> buddy_orders_for(const rule_set& rules);

/// Packets of the sandbox. One set at a time: BuDDy has one state for the whole program.
class buddy_set {
 public:
  /// `order`: the fields from the top of the diagram to its bottom, s and d for the addresses, S and D for the ports, p for
  /// the protocol, u for the fixed user, which has no variable.
  explicit buddy_set(const std::string& order);
  ~buddy_set();
  buddy_set(const buddy_set&) = delete;
  buddy_set& operator=(const buddy_set&) = delete;

  /// Those that the rules let out and no endpoint allows.
  void build_leaks(const rule_set& from);
  /// Those that one of the two lets out, and the other stops.
  void build_difference(const rule_set& before, const rule_set& after);
  /// Forgets the set, and all that BuDDy remembers of building it.
  void forget();

  bool is_empty() const;
  bool contains(const five_values& packet) const;

 private:
  struct state;
  state* state_;
};

}  // namespace cordon::bench
