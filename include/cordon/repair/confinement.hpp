// Whether a change of rules is confined to what it is for: that, over every packet of every sender of the host,
//
//   what is stopped now and was not  is a packet of the sandbox that its policy forbids;
//   what is let out now and was not  is a packet of the sandbox to an endpoint that was closed;
//   what nat leads elsewhere now     is a packet of the sandbox that went where its policy forbids.
//
// Of the sandbox's own packets those do not matter that it cannot send and so its policy does not judge: with a mark, or
// in pieces, where it has no privilege.
#pragma once

#include <cstdint>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/asked_packets.hpp>
#include <cordon/prove/compared_sides.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/differing_packets.hpp>
#include <cordon/prove/earlier_hooks.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

namespace detail {

/// The packets of a sandbox's owner that count for its policy (`flows`), whatever they bear.
constexpr predicate packets_that_count(const egress_policy& policy) {
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  predicate made = is(field::socket, number(socket_kind::user));
  if (policy.user) made &= between(field::uid, policy.user->low, policy.user->high);
  if (policy.group) made &= between(field::gid, policy.group->low, policy.group->high);
  if (policy.flows == flows::fresh)
    made &= !between(field::state, number(connection_state::established), number(connection_state::related));
  return made;
}

/// The packets that whoever sends them needs a privilege for, and a policy does not judge.
constexpr predicate packets_beyond(const egress_policy& policy) {
  if (policy.attacker == attacker::raw) return never();
  return !is(field::mark, 0) || !is(field::transport, static_cast<unsigned>(transport_part::whole));
}

}  // namespace detail

/// Judges changes of the rules of one family.
class confinement {
 public:
  /// `before` and `policy`, which is about OUTPUT, must outlive this. `closed`: the endpoints that may be opened.
  constexpr confinement(const firewall& before, const egress_policy& policy, const sequence<endpoint>& closed,
                        family of)
      : rules_before_(&before),
        policy_(&policy),
        closed_(only(policy, closed)),
        family_(of),
        before_(before, of, hook::output, /*without_dead=*/false) {}

  /// What a question comes to.
  struct finding {
    bool holds = false;      ///< false too if the question outgrew its bounds
    std::uint64_t work = 0;  ///< that it took, in steps of the diagrams
  };
  /// Whether the change from the rules before to these is confined.
  constexpr finding find(const firewall& after) const {
    const detail::orders_of_versions orders(*rules_before_, after, family_);
    detail::compared_sides sides{before_, {after, family_, hook::output, /*without_dead=*/false, orders.after(0)}};
    const table_set open = orders.open(sides.before, sides.after);
    finding made = find(std::move(sides));
    for_each_other_order(open, [&](table_set some) {
      if (!made.holds) return;
      const finding there = find({{*rules_before_, family_, hook::output, /*without_dead=*/false, some},
                                  {after, family_, hook::output, /*without_dead=*/false, orders.after(some)}});
      made.holds = there.holds;
      made.work += there.work;
    });
    return made;
  }
  /// The same, without what it took.
  constexpr bool holds_for(const firewall& after) const { return find(after).holds; }

 private:
  // In one order of the back ends.
  constexpr finding find(detail::compared_sides sides) const {
    detail::keep_what_is_asked(sides);
    const detail::compared_side& before = sides.before;
    const detail::compared_side& now = sides.after;
    const detail::asked_packets packets(no_value, family_, fields_tested(before.decides) | fields_tested(now.decides));
    predicate endpoints = never();
    for (const endpoint& one : *policy_) {
      endpoints |= goes_to(one, family_);
      if (one.rewritten_to) endpoints |= goes_to(where_led(one), family_);
      if (!one.out.empty()) endpoints |= detail::network_test(field::destination, detail::loopback_network(family_));
    }
    packet_space space(packets.levels({&before.decides, &now.decides}, {endpoints, detail::packets_that_count(*policy_),
                                                                        detail::packets_beyond(*policy_)}));
    diagram_store& store = space.store();
    const diagram exist = space.set_of(packets.exist);
    const diagram asked = detail::packets_of_changed_rules(space, before, now, exist);
    decider walk_before(before.decides, space, detail_of_decision::fate, asked);
    const diagram decided_before = walk_before.decide();
    space.ask_another();
    decider walk_now(now.decides, space, detail_of_decision::fate, asked);
    const diagram decided_now = walk_now.decide();
    const detail::differing_packets found = detail::compare(space, walk_before, decided_before, walk_now, decided_now);
    if (walk_before.too_large() || walk_now.too_large()) return {false, store.work()};

    const diagram own = space.set_of(detail::packets_that_count(*policy_));
    const diagram beyond = store.both(own, space.set_of(detail::packets_beyond(*policy_)));
    const diagram forbidden = store.both(
        own, walk_before.let_out(detail::forbidden_part(space, walk_before, before.decides, decided_before, *policy_)));
    const diagram may_change = store.either(forbidden, beyond);
    diagram wrong = store.minus(found.stopped, may_change);
    for (const detail::differing_packets::elsewhere& one : found.rewritten)
      wrong = store.either(wrong, store.minus(one.packets, may_change));
    if (found.let_out != no_packet) {
      const diagram elsewhere =
          walk_now.let_out(detail::forbidden_part(space, walk_now, now.decides, decided_now, closed_));
      wrong = store.either(wrong, store.either(store.minus(found.let_out, own), store.both(found.let_out, elsewhere)));
    }
    return {wrong == no_packet && !store.too_large(), store.work()};
  }

  static constexpr egress_policy only(const egress_policy& policy, const sequence<endpoint>& endpoints) {
    egress_policy made;
    made.user = policy.user;
    made.group = policy.group;
    for (const endpoint& one : endpoints) made.allow(one);
    return made;
  }

  const firewall* rules_before_;
  const egress_policy* policy_;
  egress_policy closed_;
  family family_;
  detail::compared_side before_;  // in the order of the files
};

}  // namespace cordon
