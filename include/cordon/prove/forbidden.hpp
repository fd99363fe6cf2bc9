// What of a firewall's decision is against the policy.
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

/// A decision of `walk`, taken apart by what has become of the packets: for each situation, `take(part, now)`, a part of
/// that part; and all of these together.
template <class Take>
constexpr diagram by_situation(packet_space& space, const decider& walk, diagram decision, const Take& take) {
  diagram_store& store = space.store();
  if (walk.changes_nothing()) return take(decision, environment{});
  sequence<std::uint32_t> examples;  // an outcome of each situation
  for (const std::uint32_t number : store.leaf_numbers(decision)) {
    const auto is_like_it = [&](std::uint32_t other) { return walk.outcome(other).in == walk.outcome(number).in; };
    if (number != 0 && !detail::any_of(examples, is_like_it)) examples.push_back(number);
  }
  diagram all = no_packet;
  for (const std::uint32_t example : examples) {
    const situation_number way = walk.outcome(example).in;
    const diagram here = store.renamed(
        decision, [&](std::uint32_t number) { return number != 0 && walk.outcome(number).in == way ? number : 0U; });
    all = store.either(all, take(here, walk.situation_of(example).now));
  }
  return all;
}

/// The fields that targets of these rules change so that packets are routed anew.
constexpr field_set fields_routed_by(const program& rules) {
  field_set made = 0;
  if (rules.entered_at != hook::output) return made;
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        for (const alteration& change : step.does.changes)
          made |= set_of(change.field) & fields_of_route(table.name, rules.family);
  return made;
}

/// The part of `let_out`, a decision of `walk` on `rules`, that goes to no endpoint. What was rewritten is judged where it goes
/// then.
constexpr diagram forbidden_part(packet_space& space, const decider& walk, const program& rules, diagram let_out,
                                 const egress_policy& policy) {
  const field_set routed_by = fields_routed_by(rules);
  return by_situation(space, walk, let_out, [&](diagram here, const environment& now) {
    return space.store().minus(here, space.set_of(goes_to_any(policy, rules.family, now, routed_by)));
  });
}

}  // namespace cordon::detail
