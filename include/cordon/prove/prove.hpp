// The proof: does every packet that a sandbox can send keep to its policy? Exact over every packet of both families, by
// decision diagrams, never by sampling.
//
//   proved   =  for all packets p of the sandbox, for all valuations of the atoms: let out(p)  implies  allowed(p)
//   leak     =  for some packet p, for all valuations: let out(p) and not allowed(p)
//   unknown  =  neither: some p gets out and is not allowed under some valuation
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/client.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/doubts.hpp>
#include <cordon/prove/earlier_hooks.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/leak_finding.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/prove/replies.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/boxes.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

namespace detail {

/// The rules of one family that packets meet at one hook, made ready for any number of policies. Refers to the firewall,
/// which must outlive it.
struct ready_rules {
  hook at = hook::output;
  bool is_empty = true;  ///< the family has none
  program steps = {};
  field_set set_before = 0;                 ///< by the hooks before (`set_by_earlier_hooks`)
  sequence<doubt> carried_marks = {};       ///< `marks_of_carriers`; none where marks are free anyhow
  sequence<other_order> other_orders = {};  ///< in which the kernel may ask the two back ends, where that matters
  sequence<other_order> later = {};  ///< the steps in each order once entries of sets are gone; none: no entry expires

  constexpr ready_rules() = default;
  constexpr ready_rules(const firewall& rules, family of, hook where)
      : at(where),
        is_empty(rules.of(of).empty()),
        steps(compile(rules, of, where)),
        set_before(set_by_earlier_hooks(rules, of, where)),
        other_orders(cordon::other_orders(rules, of, where, tables_of_open_order(steps))) {
    if (!contains(set_before, field::mark)) carried_marks = marks_of_carriers(rules, of, where);
    if (!rules.host.has_expiring_sets()) return;
    const auto add = [&](table_set reversed) {
      later.push_back({reversed, compile(rules, of, where, reversed, nullptr, /*entries_expire=*/true)});
    };
    add(0);
    for (const other_order& one : other_orders) add(one.reversed);
  }
};

// Answers for one family.
class family_prover {
 public:
  /// `rules` and `policy`, which are about the same hook, must outlive this.
  constexpr family_prover(const ready_rules& rules, const egress_policy& policy, leak_telling how = leak_telling::whole)
      : family_prover(rules, policy, how, rules.steps, rules.set_before) {}

  constexpr family_proof prove() {
    orders_in_doubt doubtful = 0;
    family_proof made = prove_in_this_order(rules_->other_orders, doubtful);
    note_blocked_replies();
    const answer first = made.answer;
    for (const other_order& other : rules_->other_orders) {
      // What is too large is unknown, and as large in other orders.
      if (made.too_large) break;
      heed(other, first, made, doubtful);
    }
    if (!rules_->other_orders.empty() && made.too_large)
      for (judged_endpoint& one : endpoints_) {
        one.judged.status = endpoint_status::unknown;
        one.judged.blocked.clear();
      }
    if (made.answer == answer::leak && made.leaks.empty()) made.answer = answer::unknown;
    add_doubts_of_order(tables_in(doubtful), program_, made.doubts);
    for (const other_order& one : rules_->later)
      if (made.answer == answer::proved) heed_time(one, made);
    if (!rules_->carried_marks.empty()) {
      heed_carriers(program_, made);
      for (const other_order& one : rules_->other_orders) heed_carriers(one.steps, made);
      for (const other_order& one : rules_->later) heed_carriers(one.steps, made);
    }
    return made;
  }

  struct judged_endpoint {
    std::size_t index = 0;  ///< in the policy
    endpoint_answer judged;
  };
  /// Those of this family. After `prove`.
  constexpr const sequence<judged_endpoint>& endpoints() const { return endpoints_; }
  /// The steps of the diagrams that the answer took. After `prove`.
  constexpr std::uint64_t work() const { return work_; }

 private:
  constexpr family_prover(const ready_rules& rules, const egress_policy& policy, leak_telling how, const program& steps,
                          field_set set_before)
      : rules_(&rules), policy_(&policy), how_(how), program_(steps), set_before_(set_before) {}

  // What holds in one order of the two back ends alone hangs on it.
  constexpr void heed(const other_order& other, answer first, family_proof& made, orders_in_doubt& doubtful) {
    family_prover there(*rules_, *policy_, leak_telling::outline, other.steps, set_before_);
    const family_proof found = there.prove_in_this_order({}, doubtful);
    there.note_blocked_replies();
    work_ += there.work_;
    made.too_large = made.too_large || found.too_large;
    for (std::size_t i = 0; i < endpoints_.size() && i < there.endpoints_.size(); ++i) {
      endpoint_answer& one = endpoints_[i].judged;
      const endpoint_answer& same = there.endpoints_[i].judged;
      one.replies_blocked = one.replies_blocked && same.replies_blocked;
      if (one.status == same.status && one.blocked == same.blocked) continue;
      one.status = endpoint_status::unknown;
      one.blocked.clear();
    }
    if (found.answer == first) return;
    made.answer = answer::unknown;
    made.leaks.clear();
    add_order(doubtful, other.reversed);
  }

  // `others`: leaks are told that there are in those orders too.
  constexpr family_proof prove_in_this_order(const sequence<other_order>& others, orders_in_doubt& doubtful) {
    family_proof made;
    made.family = program_.family;
    made.has_rules = !rules_->is_empty;
    layout levels = layout_for(packets_of(*policy_, program_.family, set_before_), program_, *policy_);
    sequence<client_packets> clients;  // of the endpoints of this family
    for (const endpoint& one : *policy_) {
      if (one.destination.base.family != program_.family) continue;
      const client_packets& client = clients.push_back(client_of(one, program_.family, policy_->at));
      levels.observe(client.opening);
      levels.observe(client.following);
    }
    levels.finish();
    packet_space space(std::move(levels));
    exist_ = space.set_of(can_exist(*policy_, program_.family, fields_tested(program_), set_before_));
    decider walk(program_, space, detail_of_decision::fate, exist_, fields_told_for(*policy_));
    diagram_store& store = space.store();
    const diagram let_out = walk.decide();
    const diagram forbidden = walk.let_out(forbidden_part(space, walk, program_, let_out, *policy_));
    const diagram surely = space.surely(forbidden);
    const diagram possibly = space.possibly(forbidden);
    work_ = store.work();
    if (walk.too_large()) {
      made.answer = answer::unknown;
      made.too_large = true;
      return made;
    }
    made.answer = surely != no_packet ? answer::leak : possibly != no_packet ? answer::unknown : answer::proved;
    const diagram leaking = leaking_in_each(others, space, surely, doubtful, made.too_large);
    std::uint64_t told = 0;
    if (leaking != no_packet) {
      const diagram_store::bookmark before = store.here();
      made.leaks = leaks_of(space, leaking, made.too_large);
      told = store.work() - before.work;
      store.go_back(before);
      if (made.leaks.empty()) made.leaks.push_back(leak_by_witness(space, program_, leaking));
    }
    if (surely != possibly) {
      const diagram open = store.minus(forbidden, surely);
      find_doubts(space, program_, walk, open, made.doubts);
      if (made.doubts.empty()) find_doubts_of_goals(space, program_, walk, let_out, open, made.doubts);
    }
    find_endpoints(space, walk, let_out, clients);
    made.too_large = made.too_large || store.too_large();
    if (made.too_large && made.answer != answer::leak) made.answer = answer::unknown;
    work_ = store.work() + told;
    return made;
  }

  // What of `surely` leaks in other orders of the back ends too.
  constexpr diagram leaking_in_each(const sequence<other_order>& others, packet_space& space, diagram surely,
                                    orders_in_doubt& doubtful, bool& too_large) const {
    diagram made = surely;
    for (const other_order& one : others) {
      if (made == no_packet || too_large) break;
      space.ask_another();
      decider walk(one.steps, space, detail_of_decision::fate, exist_, fields_told_for(*policy_));
      const diagram forbidden = walk.let_out(forbidden_part(space, walk, one.steps, walk.decide(), *policy_));
      const diagram there = walk.too_large() ? no_packet : space.surely(forbidden);
      if (there != surely) add_order(doubtful, one.reversed);
      made = space.store().both(made, there);
      too_large = walk.too_large();
    }
    return made;
  }

  // Asks again, now by which rule the packets of `surely` are let out.
  constexpr sequence<leak> leaks_of(packet_space& space, diagram surely, bool& too_large) const {
    space.ask_another();  // no packet of `surely` hangs on an atom: the same ones do
    decider walk(program_, space, detail_of_decision::by_rule, surely);
    const diagram forbidden = forbidden_part(space, walk, program_, walk.decide(), *policy_);
    leak_finder finder(program_, space, walk, forbidden, exist_);
    sequence<leak> made;
    if (!walk.too_large()) made = finder.find(surely, how_);
    too_large = too_large || walk.too_large() || !finder.told_all();
    space.ask_anew();
    return made;
  }

  // A proof that stands on entries of sets which will be gone one day, without anybody's doing, holds until then.
  constexpr void heed_time(const other_order& later, family_proof& made) {
    const family_proof found = prove_with(later.steps, set_before_, made);
    if (found.answer == answer::proved) return;
    made.answer = answer::unknown;
    for (const doubt& one : found.doubts) add_doubt(one, made.doubts);
  }

  // Nor does a proof hold if packets out of tunnels have marks that it did not reckon with.
  constexpr void heed_carriers(const program& steps, family_proof& made) {
    if (made.answer != answer::proved) return;
    const family_proof found = prove_with(steps, set_before_ | set_of(field::mark), made);
    if (found.answer == answer::proved) return;
    made.answer = answer::unknown;
    for (const doubt& one : rules_->carried_marks) add_doubt(one, made.doubts);
  }

  // Asks again, in other circumstances.
  constexpr family_proof prove_with(const program& steps, field_set set_before, family_proof& made) {
    family_prover then(*rules_, *policy_, leak_telling::outline, steps, set_before);
    orders_in_doubt none = 0;
    const family_proof found = then.prove_in_this_order({}, none);
    work_ += then.work_;
    made.too_large = made.too_large || found.too_large;
    return found;
  }

  constexpr void find_endpoints(packet_space& space, const decider& walk, diagram let_out,
                                const sequence<client_packets>& clients) {
    diagram_store& store = space.store();
    const bool is_rewritten = !walk.changes_nothing() && any_of(store.leaf_numbers(let_out), [&](std::uint32_t number) {
      return (walk.situation_of(number).now.changed_fields() & fields_of_endpoints) != 0;
    });
    diagram surely = space.surely(walk.let_out(let_out));
    diagram possibly = space.possibly(walk.let_out(let_out));
    for (std::size_t i = 0; i < policy_->size(); ++i) {
      const endpoint& to = (*policy_)[i];
      if (to.destination.base.family != program_.family) continue;
      const client_packets& client = clients[endpoints_.size()];
      const diagram opening = store.both(exist_, space.set_of(client.opening));
      diagram following = store.both(exist_, space.set_of(client.following));
      // All of these were sent to the endpoint. Nat may have led them elsewhere.
      if (is_rewritten) {
        egress_policy only;
        only.allow(to);
        diagram arriving =
            store.minus(walk.let_out(let_out), walk.let_out(forbidden_part(space, walk, program_, let_out, only)));
        maybe<predicate> led;
        if (to.rewritten_to) led = following_where_led(space, walk, store.both(opening, let_out), client);
        if (led) {
          following = store.both(exist_, space.set_of(*led));
          arriving = store.either(arriving, store.both(following, walk.let_out(let_out)));
        }
        surely = space.surely(arriving);
        possibly = space.possibly(arriving);
      }
      endpoint_answer made{to};
      const bool is_empty = opening == no_packet && following == no_packet;
      if (store.includes(surely, opening) && store.includes(surely, following) && !is_empty) {
        made.status = endpoint_status::open;
      } else if (store.both(opening, possibly) == no_packet) {
        made.status = endpoint_status::blocked;
      } else if (const diagram all = store.either(opening, following);
                 store.both(all, surely) != no_packet && !store.includes(possibly, all)) {
        made.status = endpoint_status::partial;
        made.blocked = boxes_of(space, store.minus(all, possibly), store.negation(all)).boxes;
      }
      endpoints_.push_back({i, std::move(made)});
    }
  }

  // What follows on a client's connections, `opened` being the decision on its opening packets: it comes to filter with the
  // destination to which nat has led those. Nothing where none are led, or it is not known where to.
  static constexpr maybe<predicate> following_where_led(packet_space& space, const decider& walk, diagram opened,
                                                        const client_packets& client) {
    diagram_store& store = space.store();
    predicate any = never();
    bool some_are_led = false;
    for (const std::uint32_t outcome : store.leaf_numbers(opened)) {
      if (outcome == 0) continue;
      const environment& now = walk.situation_of(outcome).now;
      const field_set led = now.changed_fields() & (set_of(field::destination) | set_of(field::second_word));
      some_are_led = some_are_led || led != 0;
      predicate here = client.following.rewritten(
          [&](const predicate_step& test) { return contains(led, test.field) ? always() : predicate::of(test); });
      for (const current_value& value : now.changed()) {
        if (!contains(led, value.field)) continue;
        const auto values = values_of(value);
        if (!values) return no_value;
        here &= between(value.field, values->low, values->high);
      }
      // Protocols with ports may each be led to a place of their own.
      const diagram these = store.renamed(opened, [&](std::uint32_t number) { return number == outcome ? 1U : 0U; });
      const auto add = [&](const predicate& protocols) {
        if (store.both(these, space.set_of(protocols)) != no_packet) any |= protocols && here;
      };
      predicate without_ports = always();
      for (unsigned number = 0; number < 256; ++number) {
        if (!has_ports(static_cast<protocol>(static_cast<std::uint8_t>(number)))) continue;
        add(is(field::protocol, number));
        without_ports &= !is(field::protocol, number);
      }
      add(without_ports);
    }
    if (!some_are_led) return no_value;
    return any;
  }

  // Behind the proof, whose space is given back by then: what is asked here has one of its own.
  constexpr void note_blocked_replies() {
    if (policy_->at != hook::output || how_ == leak_telling::first) return;
    sequence<endpoint> on_loopback;
    for (const auto& [index, judged] : endpoints_)
      if (is_loopback(judged.to)) on_loopback.push_back(judged.to);
    const sequence<char> blocked = replies_blocked(program_, *policy_, on_loopback, loopback_client(program_.family));
    std::size_t next = 0;
    for (auto& [index, judged] : endpoints_)
      if (is_loopback(judged.to)) judged.replies_blocked = blocked[next++] != 0;
  }

  const ready_rules* rules_;
  const egress_policy* policy_;
  leak_telling how_;
  const program& program_;
  field_set set_before_;
  diagram exist_ = every_packet;  // the packets that can exist
  sequence<judged_endpoint> endpoints_;
  std::uint64_t work_ = 0;
};

/// The proof of a policy before any family is judged: nothing but its endpoints.
constexpr proof unjudged(const egress_policy& policy) {
  proof made;
  made.policy = policy;
  for (const endpoint& one : policy) made.endpoints.push_back({one});
  for (const family of : both_families) (of == family::ipv4 ? made.v4 : made.v6).family = of;
  return made;
}

/// Judges one family of a proof; null: the host does not have it.
constexpr void judge(proof& into, family of, const ready_rules* rules) {
  if (rules == nullptr) {
    for (endpoint_answer& one : into.endpoints)
      if (one.to.destination.base.family == of) one.status = endpoint_status::blocked;  // no packet gets there
    return;
  }
  family_prover prover(*rules, into.policy);
  (of == family::ipv4 ? into.v4 : into.v6) = prover.prove();
  for (const auto& [index, judged] : prover.endpoints()) into.endpoints[index] = judged;
}

}  // namespace detail

/// Proves that every packet of the policy's sandbox gets out only to an allowed endpoint, or shows which do not.
///
/// Judged are the packets whose socket has the owner; what has no socket (RST, ICMP errors, the last FIN of a closed
/// socket) is not. For a policy of FORWARD or INPUT: all that another machine can send there, as nat has left it. A family without rules accepts everything. Precondition: the firewall is one that a reader accepts
/// (jumps lead to chains, no loops).
constexpr proof prove(const firewall& rules, const egress_policy& policy) {
  proof made = detail::unjudged(policy);
  for (const family of : both_families) {
    if (rules.of(of).absent) {
      detail::judge(made, of, nullptr);
      continue;
    }
    const detail::ready_rules ready(rules, of, policy.at);
    detail::judge(made, of, &ready);
  }
  return made;
}

}  // namespace cordon
