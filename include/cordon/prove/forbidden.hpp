// What of a firewall's decision is against the policy.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

/// The packets of a decision of `walk` by what has become of them: those of each situation have one number, that of an
/// outcome with it.
constexpr sequence<diagram_store::part> parts_by_situation(diagram_store& store, const decider& walk,
                                                           diagram decision) {
  sequence<std::uint32_t> examples;  // of each situation, by its number; 0: none
  return store.parts_of(store.renamed(decision, [&](std::uint32_t number) {
    if (number == 0) return number;
    const situation_number in = walk.outcome(number).in;
    if (in >= examples.size()) examples.resize(in + 1, 0);
    if (examples[in] == 0) examples[in] = number;
    return examples[in];
  }));
}

/// A decision of `walk`, taken apart by what has become of the packets: for each situation, `take(part, now)`, a part of
/// that part; and all of these together.
template <class Take>
constexpr diagram by_situation(packet_space& space, const decider& walk, diagram decision, const Take& take) {
  diagram_store& store = space.store();
  if (walk.changes_nothing()) return take(decision, environment{});
  diagram all = no_packet;
  for (const diagram_store::part& part : parts_by_situation(store, walk, decision))
    all = store.either(all, take(store.both(part.packets, decision), walk.situation_of(part.number).now));
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

// Nothing that has a packet routed anew is left out of what deciders tell.
static_assert((fields_of_route(table_name::mangle, family::ipv6) & ~fields_of_ways) == 0);
static_assert((fields_of_endpoints & fields_of_ways) == fields_of_goals);

/// The fields of which `forbidden_part` asks what has become: whoever names no interface is not asked about routes.
constexpr field_set fields_told_for(const egress_policy& policy) {
  for (const endpoint& one : policy)
    if (!one.out.empty()) return fields_of_ways;
  return fields_of_goals;
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
