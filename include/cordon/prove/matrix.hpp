// Several sandboxes on one host: does each keep to its policy, and does none reach what another one may
// reach?
//
// A crossing leads from one sandbox, `from`, to the endpoints of another, `to`:
//
//   reaches  =  for some packet p of `from`, for all valuations of the atoms: let out(p), p goes to an
//   endpoint of `to`,
//               and the policy of `from` forbids p
//   apart    =  for no packet, under no valuation
//   unknown  =  neither: some packet does under some valuation
//
// So a crossing is a part of what `from` leaks, and a sandbox that is proved has none: then nothing more is
// asked. What both policies allow is no crossing; it is told as shared, for two sandboxes can meet there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/doubts.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/leak_finding.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

/// One of several sandboxes, and what it is called in answers.
struct named_policy {
  text name = {};             ///< as it is called in answers
  egress_policy policy = {};  ///< what it may reach
};

/// One sandbox, judged for itself.
struct judged_sandbox {
  text name = {};            ///< as it is called in answers
  cordon::proof proof = {};  ///< what `prove` says of its policy
};

/// What one sandbox reaches of another one's endpoints against its own policy, in one family.
struct family_crossing {
  cordon::family family = family::ipv4;  ///< which one
  /// proved: they are apart; leak: the one reaches endpoints of the other; absent: the host does not have the
  /// family.
  cordon::answer answer = answer::absent;
  sequence<leak> leaks = {};  ///< as those of a proof, of the packets that go to the other one's endpoints alone
  sequence<std::size_t> reached = {};  ///< those endpoints, in the policy of `to`: surely reached, in part at least
  sequence<std::size_t> perhaps = {};  ///< and those that are reached under some valuation alone
  sequence<doubt> doubts = {};         ///< what `perhaps` hangs on
  bool too_large = false;              ///< outgrew its bounds: the answer is unknown, or not all is told
};

/// What one sandbox reaches of another one's endpoints.
struct crossing {
  std::size_t from = 0;                           ///< of the matrix' sandboxes
  std::size_t to = 0;                             ///< the one whose endpoints they are
  family_crossing v4 = {.family = family::ipv4};  ///< of IPv4
  family_crossing v6 = {.family = family::ipv6};  ///< of IPv6
  /// The endpoints of `to`, in its policy, that the policy of `from` allows too, in part at least.
  sequence<std::size_t> shared = {};

  ///@{
  /// By family.
  constexpr const family_crossing& of(family which) const { return which == family::ipv4 ? v4 : v6; }
  constexpr family_crossing& of(family which) { return which == family::ipv4 ? v4 : v6; }
  ///@}
  /// Of both families: leak outweighs unknown, unknown outweighs proved, which says that they are apart.
  constexpr cordon::answer answer() const {
    if (v4.answer == answer::leak || v6.answer == answer::leak) return answer::leak;
    if (v4.answer == answer::unknown || v6.answer == answer::unknown) return answer::unknown;
    return answer::proved;
  }
};

/// How the answer to a crossing is called.
constexpr std::string_view crossing_in_words(answer of) {
  return of == answer::leak ? "reaches" : of == answer::unknown ? "unknown" : "apart";
}

/// Two sandboxes to which a packet may belong at once: both policies are then asked of it.
struct owner_overlap {
  std::size_t first = 0;   ///< of the matrix' sandboxes
  std::size_t second = 0;  ///< of the matrix' sandboxes
  maybe<uid> user = {};    ///< the owners that they have in common; nothing: any
  maybe<gid> group = {};   ///< as `user`
};

/// The answer for all sandboxes of a host.
struct sandbox_matrix {
  sequence<judged_sandbox> sandboxes = {};  ///< each for itself, in the order in which they were given
  sequence<crossing> crossings = {};        ///< of each to each other one, in their order
  sequence<owner_overlap> overlaps = {};    ///< sandboxes that are not apart

  /// Of all sandboxes: leak outweighs unknown, unknown outweighs proved.
  constexpr answer verdict() const {
    answer worst = answer::proved;
    for (const judged_sandbox& one : sandboxes) {
      const answer here = one.proof.verdict();
      if (here == answer::leak) return here;
      if (here == answer::unknown) worst = here;
    }
    return worst;
  }
  /// Whether every sandbox keeps to its policy.
  constexpr bool proved() const { return verdict() == answer::proved; }
  /// Whether every endpoint of every sandbox is open.
  constexpr bool usable() const {
    return detail::all_of(sandboxes, [](const judged_sandbox& one) { return one.proof.usable(); });
  }
  /// The crossing from one sandbox to another. Precondition: there are these two, and they are not the same.
  constexpr const crossing& of(std::size_t from, std::size_t to) const {
    require(from < sandboxes.size() && to < sandboxes.size() && from != to,
            "a crossing leads from one sandbox to another");
    return crossings[from * (sandboxes.size() - 1) + (to < from ? to : to - 1)];
  }
};

namespace detail {

/// The packets that, `now` being what targets have made of them, go where an endpoint is: to itself, or to
/// where nat may lead what is sent to it.
constexpr predicate is_at(const endpoint& to, family of, const environment& now, field_set routed_by) {
  endpoint place = to;
  place.out = {};
  predicate fits = as_sent(goes_to(place, of), now, of);
  if (place.rewritten_to) fits |= as_sent(goes_to(where_led(place), of), now, of);
  fits &= leaves_by_interface_of(to, of, now, routed_by);
  return fits;
}

/// Answers for one family and one sandbox, about all others.
class family_crossing_finder {
 public:
  /// All must outlive this; `from` is one of the sandboxes, and about the same hook as the rules; `steps` are those of
  /// `rules` in one order of the back ends.
  constexpr family_crossing_finder(const ready_rules& rules, const program& steps,
                                   const sequence<named_policy>& sandboxes, std::size_t from)
      : program_(&steps),
        sandboxes_(&sandboxes),
        policy_(&sandboxes[from].policy),
        space_(levels(rules, steps, sandboxes, from)),
        exist_(space_.set_of(can_exist(*policy_, steps.family, fields_tested(steps), rules.set_before))),
        walk_(steps, space_, detail_of_decision::fate, exist_),
        forbidden_(forbidden_part(space_, walk_, steps, walk_.decide(), *policy_)) {}

  /// The answers, in the order of `others`, which are indices of sandboxes. Leaks are told that there are in `other_orders`
  /// of the back ends too; `doubtful`, one for each answer, hears of the orders in which others are not.
  constexpr sequence<family_crossing> find(const sequence<std::size_t>& others,
                                           const sequence<other_order>& other_orders = {},
                                           sequence<orders_in_doubt>* doubtful = nullptr) {
    sequence<family_crossing> made(others.size());
    sequence<diagram> surely(others.size(), no_packet);
    diagram all = no_packet;
    for (std::size_t i = 0; i < others.size(); ++i) {
      made[i].family = program_->family;
      surely[i] = judge((*sandboxes_)[others[i]].policy, made[i]);
    }
    for (const other_order& one : other_orders)
      if (!is_too_large()) keep_leaking(one, others, surely, *doubtful);
    for (const diagram one : surely) all = space_.store().either(all, one);
    if (all != no_packet && !is_too_large()) tell(others, surely, all, made);
    for (family_crossing& one : made) {
      one.too_large = one.too_large || is_too_large();
      if (one.too_large && one.answer != answer::leak) one.answer = answer::unknown;
    }
    return made;
  }

 private:
  static constexpr layout levels(const ready_rules& rules, const program& steps,
                                 const sequence<named_policy>& sandboxes, std::size_t from) {
    const egress_policy& policy = sandboxes[from].policy;
    const family of = steps.family;
    layout made = layout_for(packets_of(policy, of, rules.set_before), steps, policy);
    for (const named_policy& other : sandboxes)
      for (const endpoint& one : other.policy) observe_endpoint(made, one, of);
    made.finish();
    return made;
  }

  constexpr bool is_too_large() const { return walk_.too_large() || space_.store().too_large(); }

  // The part of a decision of `walk` that goes where endpoints are.
  constexpr diagram part_at(const decider& walk, diagram decision, const endpoint* first, const endpoint* last) {
    const family of = program_->family;
    const field_set routed_by = fields_routed_by(*program_);  // whatever the order of the back ends
    return by_situation(space_, walk, decision, [&](diagram here, const environment& now) {
      predicate any = never();
      for (const endpoint* one = first; one != last; ++one)
        if (one->destination.base.family == of) any |= is_at(*one, of, now, routed_by);
      return space_.store().both(space_.set_of(any), here);
    });
  }

  // Answers for one other sandbox, but for the leaks. The packets that surely get to it.
  constexpr diagram judge(const egress_policy& other, family_crossing& made) {
    diagram_store& store = space_.store();
    made.answer = answer::proved;
    const diagram part = walk_.let_out(part_at(walk_, forbidden_, other.begin(), other.end()));
    const diagram surely = space_.surely(part);
    const diagram possibly = space_.possibly(part);
    if (possibly == no_packet) return no_packet;
    made.answer = surely != no_packet ? answer::leak : answer::unknown;
    for (std::size_t i = 0; i < other.size(); ++i) {
      const diagram here = walk_.let_out(part_at(walk_, forbidden_, &other[i], &other[i] + 1));
      if (space_.surely(here) != no_packet)
        made.reached.push_back(i);
      else if (space_.possibly(here) != no_packet)
        made.perhaps.push_back(i);
    }
    if (surely != possibly) {
      const diagram open = store.minus(part, surely);
      find_doubts(space_, *program_, walk_, open, made.doubts);
      if (made.doubts.empty()) find_doubts_of_goals(space_, *program_, walk_, forbidden_, open, made.doubts);
    }
    return surely;
  }

  // Of the packets that surely get to others those that do in another order of the back ends too.
  constexpr void keep_leaking(const other_order& order, const sequence<std::size_t>& others, sequence<diagram>& surely,
                              sequence<orders_in_doubt>& doubtful) {
    space_.ask_another();
    decider walk(order.steps, space_, detail_of_decision::fate, exist_);
    const diagram forbidden = forbidden_part(space_, walk, order.steps, walk.decide(), *policy_);
    for (std::size_t i = 0; i < others.size(); ++i) {
      const egress_policy& other = (*sandboxes_)[others[i]].policy;
      const diagram part = walk.let_out(part_at(walk, forbidden, other.begin(), other.end()));
      const diagram there = walk.too_large() ? no_packet : space_.surely(part);
      if (there != surely[i]) add_order(doubtful[i], order.reversed);
      surely[i] = space_.store().both(surely[i], there);
    }
  }

  // Asks again, now by which rule the packets of `all` are let out.
  constexpr void tell(const sequence<std::size_t>& others, const sequence<diagram>& surely, diagram all,
                      sequence<family_crossing>& made) {
    space_.ask_another();  // no packet of `all` hangs on an atom: the same ones do
    decider walk(*program_, space_, detail_of_decision::by_rule, all);
    const diagram forbidden = forbidden_part(space_, walk, *program_, walk.decide(), *policy_);
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (surely[i] == no_packet) continue;
      const egress_policy& other = (*sandboxes_)[others[i]].policy;
      const diagram_store::bookmark before = space_.store().here();
      const diagram part = part_at(walk, forbidden, other.begin(), other.end());
      leak_finder finder(*program_, space_, walk, part, exist_);
      made[i].leaks = finder.find(surely[i]);
      made[i].too_large = !finder.told_all();
      space_.store().go_back(before);
    }
    space_.ask_anew();
  }

  const program* program_;
  const sequence<named_policy>* sandboxes_;
  const egress_policy* policy_;
  packet_space space_;
  diagram exist_;  // the packets that can exist
  decider walk_;
  diagram forbidden_;  // what of its decision is against the policy
};

// Takes in what a crossing comes to in another order of the two back ends: what holds in one alone is unknown. Whether
// something does.
constexpr bool heed_other_order(const family_crossing& there, family_crossing& made) {
  bool is_same = made.answer == there.answer;
  if (!is_same) {
    made.answer = answer::unknown;
    made.leaks.clear();
  }
  made.too_large = made.too_large || there.too_large;
  const auto add_perhaps = [&](std::size_t one) {
    is_same = false;
    if (!has(made.perhaps, one)) made.perhaps.push_back(one);
  };
  for (const sequence<std::size_t>* const some : {&there.reached, &there.perhaps})
    for (const std::size_t one : *some)
      if (!has(made.reached, one) && !has(made.perhaps, one)) add_perhaps(one);
  erase_if(made.reached, [&](std::size_t one) {
    const bool is_gone = !has(there.reached, one);
    if (is_gone) add_perhaps(one);
    return is_gone;
  });
  sort(made.perhaps, [](std::size_t a, std::size_t b) { return a < b; });
  return !is_same;
}

/// What one sandbox reaches of `others`, whichever back end is asked first.
constexpr sequence<family_crossing> crossings_from(const ready_rules& rules, const sequence<named_policy>& sandboxes,
                                                   std::size_t from, const sequence<std::size_t>& others) {
  sequence<orders_in_doubt> doubtful(rules.other_orders.empty() ? 0 : others.size(), 0);
  sequence<family_crossing> made =
      family_crossing_finder(rules, rules.steps, sandboxes, from).find(others, rules.other_orders, &doubtful);
  const auto is_too_large = [&] { return any_of(made, [](const family_crossing& one) { return one.too_large; }); };
  for (const other_order& one : rules.other_orders) {
    if (is_too_large()) break;
    const sequence<family_crossing> there = family_crossing_finder(rules, one.steps, sandboxes, from).find(others);
    for (std::size_t i = 0; i < others.size(); ++i)
      if (heed_other_order(there[i], made[i])) add_order(doubtful[i], one.reversed);
  }
  for (std::size_t i = 0; i < doubtful.size(); ++i) {
    if (made[i].too_large) made[i].leaks.clear();  // not asked of every order
    if (made[i].answer == answer::leak && made[i].leaks.empty()) made[i].answer = answer::unknown;
    add_doubts_of_order(tables_in(doubtful[i]), rules.steps, made[i].doubts);
  }
  return made;
}

constexpr bool have_common(const network& a, const network& b) {
  return a.base.family == b.base.family && ((a.base.bits ^ b.base.bits) & a.mask & b.mask) == 0;
}

// Whether packets exist that go to both endpoints, as they stand there.
constexpr bool have_common_packets(const endpoint& a, const endpoint& b) {
  if (!have_common(a.destination, b.destination)) return false;
  if (!a.out.empty() && !b.out.empty() && a.out != b.out) return false;
  if (a.ports.low > b.ports.high || b.ports.low > a.ports.high) return false;
  const bool needs_ports = !a.ports.is_all() || !b.ports.is_all();
  for (unsigned number = a.protocols.next(0); number < 256; number = a.protocols.next(number + 1)) {
    const auto one = static_cast<protocol>(static_cast<std::uint8_t>(number));
    if (b.protocols.contains(one) && (!needs_ports || has_ports(one))) return true;
  }
  return false;
}

/// Whether two endpoints are at one place, in part at least: their own, or to which nat may lead.
constexpr bool meet(const endpoint& a, const endpoint& b) {
  if (have_common_packets(a, b)) return true;
  if (a.rewritten_to && have_common_packets(where_led(a), b)) return true;
  if (b.rewritten_to && have_common_packets(a, where_led(b))) return true;
  return a.rewritten_to && b.rewritten_to && have_common_packets(where_led(a), where_led(b));
}

// The ids of both; nothing is any. False if there is none.
template <class Ids>
constexpr bool find_common(const maybe<Ids>& a, const maybe<Ids>& b, maybe<Ids>& common) {
  if (!a || !b) {
    common = a ? a : b;
    return true;
  }
  const std::uint32_t low = greater_of(a->low, b->low);
  const std::uint32_t high = smaller_of(a->high, b->high);
  if (low > high) return false;
  common = Ids(low, high);
  return true;
}

constexpr void find_overlaps(const sequence<named_policy>& sandboxes, sequence<owner_overlap>& into) {
  for (std::size_t i = 0; i < sandboxes.size(); ++i)
    for (std::size_t k = i + 1; k < sandboxes.size(); ++k) {
      owner_overlap made{i, k, {}, {}};
      if (sandboxes[i].policy.at == sandboxes[k].policy.at &&
          find_common(sandboxes[i].policy.user, sandboxes[k].policy.user, made.user) &&
          find_common(sandboxes[i].policy.group, sandboxes[k].policy.group, made.group))
        into.push_back(made);
    }
}

}  // namespace detail

/// Judges several sandboxes on one host: each for itself, as `prove` does, and whether it reaches endpoints
/// of another that its own policy forbids. Where their owners overlap that is said, and a packet of both has
/// to keep to both policies. Precondition: as for `prove`.
constexpr sandbox_matrix matrix(const firewall& rules, const sequence<named_policy>& sandboxes) {
  sandbox_matrix made;
  for (const named_policy& one : sandboxes) made.sandboxes.push_back({one.name, detail::unjudged(one.policy)});
  for (std::size_t from = 0; from < sandboxes.size(); ++from)
    for (std::size_t to = 0; to < sandboxes.size(); ++to) {
      if (from == to) continue;
      crossing& here = made.crossings.push_back({});
      here.from = from;
      here.to = to;
      const egress_policy& other = sandboxes[to].policy;
      for (std::size_t i = 0; i < other.size(); ++i)
        if (detail::any_of(sandboxes[from].policy, [&](const endpoint& own) { return detail::meet(own, other[i]); }))
          here.shared.push_back(i);
    }
  const std::size_t others = sandboxes.size() - 1;  // of each; without sandboxes nothing is asked
  for (const family of : both_families) {
    maybe<detail::ready_rules> ready;  // for as many sandboxes as have their packets at one hook
    for (std::size_t from = 0; from < sandboxes.size(); ++from) {
      proof& own = made.sandboxes[from].proof;
      if (rules.of(of).absent) {
        detail::judge(own, of, nullptr);
        continue;
      }
      const hook at = sandboxes[from].policy.at;
      if (!ready || ready->at != at) ready = detail::ready_rules(rules, of, at);
      detail::judge(own, of, &*ready);
      crossing* const row = made.crossings.begin() + from * others;
      for (std::size_t i = 0; i < others; ++i) row[i].of(of).answer = answer::proved;
      if (own.of(of).answer == answer::proved) continue;
      sequence<std::size_t> asked;
      for (std::size_t i = 0; i < others; ++i) asked.push_back(row[i].to);
      sequence<family_crossing> found = detail::crossings_from(*ready, sandboxes, from, asked);
      for (std::size_t i = 0; i < others; ++i) row[i].of(of) = std::move(found[i]);
    }
  }
  detail::find_overlaps(sandboxes, made.overlaps);
  return made;
}

}  // namespace cordon
