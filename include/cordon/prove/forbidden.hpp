// What of a firewall's decision is against the policy.
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

/// The part of `let_out`, a decision of `walk`, that goes to no endpoint. What was rewritten is judged where it goes then.
constexpr diagram forbidden_part(packet_space& space, const decider& walk, diagram let_out,
                                 const egress_policy& policy) {
  diagram_store& store = space.store();
  const family of = space.levels().domain().family;
  if (walk.changes_nothing()) return store.minus(let_out, space.set_of(goes_to_any(policy, of)));
  sequence<std::uint32_t> examples;  // an outcome of each situation
  for (const std::uint32_t number : store.leaf_numbers(let_out)) {
    const auto is_like_it = [&](std::uint32_t other) { return walk.outcome(other).in == walk.outcome(number).in; };
    if (number != 0 && !detail::any_of(examples, is_like_it)) examples.push_back(number);
  }
  diagram all = no_packet;
  for (const std::uint32_t example : examples) {
    const situation_number way = walk.outcome(example).in;
    const diagram here = store.renamed(let_out, [&](std::uint32_t number) {
      return number != 0 && walk.outcome(number).in == way ? number : 0U;
    });
    const predicate allowed = goes_to_any(policy, of, walk.situation_of(example).now);
    all = store.either(all, store.minus(here, space.set_of(allowed)));
  }
  return all;
}

}  // namespace cordon::detail
