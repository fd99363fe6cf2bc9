#include "trace.hpp"

#include <random>

namespace cordon::bench {

std::vector<six_values> draw_trace(const std::vector<tuple_rule>& rules, std::size_t count) {
  std::mt19937_64 random(1);
  const auto pick = [&](const interval& of) {
    return of.low + static_cast<std::uint32_t>(random() % (std::uint64_t{of.high} - of.low + 1));
  };
  std::vector<six_values> made;
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const tuple_rule& one = rules[random() % rules.size()];
    // No packet has the user 4294967295.
    const std::uint32_t user = one.user.low == one.user.high ? one.user.low : pick({0, 0xfffffffe});
    made.push_back({pick(one.matches.source), pick(one.matches.destination), pick(one.matches.source_port),
                    pick(one.matches.destination_port), pick(one.matches.protocol), user});
  }
  return made;
}

std::size_t first_rule(const std::vector<tuple_rule>& rules, const six_values& of) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const five_tuple& one = rules[i].matches;
    if (one.source.contains(of.source) && one.destination.contains(of.destination) &&
        one.source_port.contains(of.source_port) && one.destination_port.contains(of.destination_port) &&
        one.protocol.contains(of.protocol) && rules[i].user.contains(of.user))
      return i;
  }
  return rules.size();
}

}  // namespace cordon::bench
