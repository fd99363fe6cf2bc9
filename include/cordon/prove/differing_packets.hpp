// Which packets two firewalls treat differently, as exact sets: those that the one lets out and the other stops, and those that
// both let out, but to another place.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/goal.hpp>
#include <cordon/prove/rewriting.hpp>
#include <cordon/prove/situation.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

/// The packets for which two deciders over one space differ; sets that may depend on atoms.
struct differing_packets {
  struct elsewhere {
    diagram packets;
    std::uint32_t before;  // an outcome of each side
    std::uint32_t after;
  };
  diagram let_out = no_packet;
  diagram stopped = no_packet;
  sequence<elsewhere> rewritten;
};

// A decision with one number for all outcomes behind which a packet goes to the same place by the same rule.
constexpr diagram by_goal(diagram_store& store, const decider& walk, diagram decision) {
  sequence<std::uint32_t> examples;
  return store.renamed(decision, [&](std::uint32_t number) {
    if (number == 0) return number;
    const situation& in = walk.situation_of(number);
    for (const std::uint32_t known : examples) {
      const situation& other = walk.situation_of(known);
      bool same = in.is_rewritten == other.is_rewritten && in.rewritten_by == other.rewritten_by;
      for (const field which : goal_fields) {
        const current_value* const a = in.now.find(which);
        const current_value* const b = other.now.find(which);
        same = same && (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b);
      }
      if (same) return known;
    }
    examples.push_back(number);
    return number;
  });
}

/// Compares what two deciders over one space have decided.
constexpr differing_packets compare(packet_space& space, const decider& before, diagram decided_before,
                                    const decider& after, diagram decided_after) {
  diagram_store& store = space.store();
  const diagram out_before = store.as_set(decided_before);
  const diagram out_after = store.as_set(decided_after);
  differing_packets made;
  made.let_out = store.minus(out_after, out_before);
  made.stopped = store.minus(out_before, out_after);
  space.ask_anew();
  const diagram goal_after = by_goal(store, after, store.both(out_before, decided_after));
  const diagram goal_before = by_goal(store, before, store.both(out_after, decided_before));
  for (const diagram_store::part& from : store.parts_of(goal_before))
    for (const diagram_store::part& to : store.parts_of(store.both(from.packets, goal_after))) {
      const predicate same = goes_to_same(before.situation_of(from.number).now, after.situation_of(to.number).now,
                                          space.levels().domain().family);
      if (same.is_always()) continue;
      const diagram packets = store.minus(to.packets, space.set_of(same));
      if (packets != no_packet) made.rewritten.push_back({packets, from.number, to.number});
    }
  return made;
}

}  // namespace cordon::detail
