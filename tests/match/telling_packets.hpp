// Packets that tell a meaning from one that is a little wrong: each test of it is put to packets whose answer
// hangs on that test alone, with the field at its bounds and just beside them.
#pragma once

#include <cstddef>
#include <vector>

#include <cordon/packet/packet.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/testing/draw.hpp>

namespace cordon::test {

namespace detail {
inline bool is_test(const predicate_step& step) {
  return step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked;
}

/// The condition with one of its tests, counted from 0, decided.
inline predicate with_test(const predicate& condition, std::size_t which, bool holds) {
  std::size_t at = 0;
  return condition.rewritten([&](const predicate_step& test) {
    if (at++ != which) return predicate::of(test);
    predicate decided;
    if (!holds) decided.negate();
    return decided;
  });
}

/// Values of the field at the test's bounds and beside them: of a mask, with one bit of it or beside it
/// turned round.
inline std::vector<uint128> telling_values(const predicate_step& test, const packet& of) {
  if (test.what == predicate_step::kind::interval) return {test.a - 1, test.a, test.b, test.b + 1};
  const uint128 fitting = (value_of(of, test.field) & ~test.a) | test.b;
  const auto lowest = [](uint128 bits) { return bits & (~bits + 1); };
  uint128 highest = test.a;
  while ((highest & (highest - 1)) != 0) highest &= highest - 1;
  return {fitting, fitting ^ lowest(test.a), fitting ^ highest, fitting ^ lowest(~test.a)};
}

inline void add_telling(const predicate& condition, const std::vector<packet>& drawn, const packet_domain& domain,
                        std::vector<packet>& into) {
  std::size_t number = 0;
  for (const predicate_step& step : condition.steps()) {
    if (!is_test(step)) continue;
    const predicate if_so = with_test(condition, number, true);
    const predicate if_not = with_test(condition, number, false);
    ++number;
    for (const packet& one : drawn) {
      if (evaluate(if_so, one) == evaluate(if_not, one)) continue;
      for (const uint128 value : telling_values(step, one)) {
        const range& possible = domain[step.field];
        if (value < possible.low || value > possible.high) continue;
        if (is_interface(step.field) && number_of(interface_of(value)) != value) continue;
        into.push_back(one);
        set_value(into.back(), step.field, value);
      }
      break;
    }
  }
}
}  // namespace detail

/// Such packets, of those that `settle` makes possible: it is given each drawn packet.
template <class Settle>
std::vector<packet> telling_packets(const predicate& holds, const predicate& drops, const choice_source& choices,
                                    const packet_domain& domain, const Settle& settle) {
  constexpr std::size_t most_drawn = 400;
  testing::edges edges(domain.family);
  edges.observe(holds);
  edges.observe(drops);
  edges.finish();
  std::vector<packet> drawn;
  for (std::size_t i = 0; i < most_drawn; ++i) {
    drawn.push_back(testing::draw_packet(choices, edges, domain));
    settle(drawn.back());
  }
  std::vector<packet> made;
  detail::add_telling(drops, drawn, domain, made);
  // Of what is dropped nobody asks whether it fits.
  std::erase_if(drawn, [&](const packet& one) { return evaluate(drops, one) == truth::yes; });
  detail::add_telling(holds, drawn, domain, made);
  return made;
}

}  // namespace cordon::test
