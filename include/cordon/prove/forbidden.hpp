// What of a firewall's decision is against the policy.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
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

/// The part of `let_out`, a decision of `walk`, that goes to no endpoint. What was rewritten is judged where it goes then.
constexpr diagram forbidden_part(packet_space& space, const decider& walk, diagram let_out,
                                 const egress_policy& policy) {
  const family of = space.levels().domain().family;
  return by_situation(space, walk, let_out, [&](diagram here, const environment& now) {
    return space.store().minus(here, space.set_of(goes_to_any(policy, of, now)));
  });
}

}  // namespace cordon::detail
