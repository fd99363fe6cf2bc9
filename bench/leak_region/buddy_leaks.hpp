// The peer: the same set as a binary decision diagram of BuDDy, one variable a bit, the sandbox's user fixed first.
#pragma once

#include <string>

#include "../rule_set.hpp"

namespace cordon::bench {

/// A packet as the five fields that both sides ask.
struct five_values {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t source_port = 0;
  std::uint32_t destination_port = 0;
  std::uint32_t protocol = 0;
};

/// The packets that the rules let out and no endpoint allows. One at a time: BuDDy has one state for the whole program.
class buddy_leaks {
 public:
  /// `order`: the fields from the top of the diagram to its bottom, s and d for the addresses, S and D for the ports, p for
  /// the protocol, u for the fixed user, which has no variable.
  explicit buddy_leaks(const std::string& order);
  ~buddy_leaks();
  buddy_leaks(const buddy_leaks&) = delete;
  buddy_leaks& operator=(const buddy_leaks&) = delete;

  void build(const rule_set& from);
  /// Forgets the set, and all that BuDDy remembers of building it.
  void forget();

  bool is_empty() const;
  bool contains(const five_values& packet) const;

 private:
  struct state;
  state* state_;
};

}  // namespace cordon::bench
