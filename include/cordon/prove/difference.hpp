// Two firewalls, every packet: which packets the one lets out and the other stops, and which both let out,
// but to another place. Firewalls with different text that treat every packet alike have no difference.
//
// Both are decided in one space, so that an atom is the same on both sides: a stateless one by its name, and
// of a stateful one what the second firewall asks for the n-th time has the value that the first got at the
// n-th time. A packet is different surely if it is under every valuation of the atoms, possibly if under
// some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/asked_packets.hpp>
#include <cordon/prove/changed_rules.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/doubts.hpp>
#include <cordon/prove/earlier_hooks.hpp>
#include <cordon/prove/ends.hpp>
#include <cordon/prove/goal.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rewriting.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/rule_survey.hpp>
#include <cordon/prove/witness.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/space/boxes.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

/// What is different for some packets. How a packet is stopped (DROP, or an answer of REJECT) makes no
/// difference.
enum class difference_kind : std::uint8_t {
  let_out,         ///< stopped before, let out after
  stopped,         ///< let out before, stopped after
  goes_elsewhere,  ///< let out by both, but nat leads it to another place
};

/// What one of the two firewalls does with the packets of a difference.
struct side_of_difference {
  /// The rule or policy that lets them out or stops them, or sends them elsewhere. Nothing: the host does not
  /// have the family, nat leaves the packets alone, or only what is not modelled may stop them.
  maybe<rule_place> by = {};
  text reaches = {};            ///< for goes_elsewhere: where they go, if not where they were sent
  sequence<way_step> way = {};  ///< of the witness
};

/// Packets for which two firewalls differ, in one way and by one rule on each side.
struct difference {
  difference_kind kind = difference_kind::let_out;  ///< what the second firewall does that the first did not
  bool surely = true;                               ///< false: only under some valuations of the atoms
  side_of_difference before = {};                   ///< the first firewall's rule
  side_of_difference after = {};                    ///< the second firewall's rule
  sequence<box> region = {};                        ///< all of them, as sent
  bool region_is_whole = true;                      ///< false if the region has more boxes than are kept here
  maybe<box_summary> in_short = {};                 ///< the region as one box and its exceptions, if these are few
  packet witness = {};                              ///< the one that a person would try
};

/// Whether two firewalls differ.
enum class comparison : std::uint8_t {
  same,       ///< no packet is treated differently, whatever the opaque matches do
  different,  ///< some packet is, whatever they do
  unknown,    ///< it depends on what no packet decides
};

/// As answers and JSON name it.
constexpr std::string_view name_of(comparison of) {
  constexpr std::string_view names[] = {"same", "different", "unknown"};
  return names[static_cast<unsigned>(of)];
}

/// The answer for one family.
struct family_difference {
  cordon::family family = family::ipv4;   ///< which one
  comparison answer = comparison::same;   ///< whether it differs
  sequence<difference> differences = {};  ///< by kind; the sure ones of a kind first; regions of one kind are disjoint
  sequence<doubt> doubts = {};            ///< what possible differences hang on
  bool too_large = false;  ///< outgrew its bounds: the answer is unknown, or not all differences are told
};

/// The answer for two whole firewalls.
struct firewall_difference {
  family_difference v4 = {.family = family::ipv4};  ///< of IPv4
  family_difference v6 = {.family = family::ipv6};  ///< of IPv6

  /// By family.
  constexpr const family_difference& of(family which) const { return which == family::ipv4 ? v4 : v6; }
  /// Of both families: different outweighs unknown, unknown outweighs same.
  constexpr comparison answer() const {
    if (v4.answer == comparison::different || v6.answer == comparison::different) return comparison::different;
    if (v4.answer == comparison::unknown || v6.answer == comparison::unknown) return comparison::unknown;
    return comparison::same;
  }
};

namespace detail {

// Whether some rule asks a question that has another answer each time.
constexpr bool asks_again(const program& rules) {
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps) {
        if (step.does.what == effect::kind::queue || step.does.what == effect::kind::unknown) return true;
        if (!step.does.changes.empty()) return true;  // a test of what holds any value then
        for (const predicate* const part : {&step.holds, &step.drops})
          if (detail::any_of(part->atoms(), [](const atom& one) { return one.stateful; })) return true;
      }
  return false;
}

// What decides: rules that decide nothing and change nothing ask nothing either. Nor do those that never
// decide, for the answers that they got would be missing on the other side; where every answer is the same
// each time that does not matter.
constexpr program without_bystanders(const program& rules, bool without_dead = true) {
  program made = rules;
  for (program_table& table : made.tables)
    for (program_chain& chain : table.chains)
      for (program_step& step : chain.steps)
        if (step.does.what == effect::kind::go_on && step.does.changes.empty()) step.holds = never();
  if (without_dead && asks_again(made)) {
    const rule_survey survey(rules);
    if (!survey.too_large()) survey.leave_out_dead(made);
  }
  return made;
}

/// One of two firewalls: the program of a family as it is, and what of it decides.
struct compared_side {
  program whole;
  program decides;
  bool absent = false;

  constexpr compared_side() = default;
  /// `without_dead`: rules that never decide are left out where that may matter, which takes a survey of all. Without it rules
  /// that are the same may seem different, never the other way round. `reversed` and `beside`: as of `compile`.
  constexpr compared_side(const firewall& rules, family of, hook at = hook::output, bool without_dead = true,
                          table_set reversed = 0, const firewall* beside = nullptr)
      : whole(compile(rules, of, at, reversed, beside)),
        decides(without_bystanders(whole, without_dead)),
        absent(rules.of(of).absent) {}
};

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

/// The conditions of rules that two sides do not have in common: packets that fit none of them are treated alike. Nothing
/// where that may be any packet: where answers depend on what was asked before, or targets change what later rules ask.
constexpr maybe<sequence<predicate>> changed_rules(const compared_side& before, const compared_side& after) {
  if (before.absent || after.absent || asks_again(before.decides) || asks_again(after.decides)) return no_value;
  return rule_comparer(before.decides, after.decides).compare();
}

/// The packets of `exist` that may be treated differently.
constexpr diagram packets_of_changed_rules(packet_space& space, const compared_side& before, const compared_side& after,
                                           diagram exist) {
  const maybe<sequence<predicate>> changed = changed_rules(before, after);
  if (!changed) return exist;
  diagram any = no_packet;
  for (const predicate& one : *changed) any = space.store().either(any, space.set_of(one));
  return space.store().both(exist, space.possibly(any));
}

/// Two firewalls in one order of the back ends.
struct compared_sides {
  compared_side before = {};
  compared_side after = {};
  table_set reversed = 0;  ///< the tables of the first in which it is not that of the files
};

/// Leaves out what packets of changed rules are not asked: all that a comparison asks are of these.
constexpr void keep_what_is_asked(compared_sides& of) {
  const maybe<sequence<predicate>> changed = changed_rules(of.before, of.after);
  if (!changed) return;
  const condition_bounds near(*changed);
  leave_out_others(of.before.decides, near);
  leave_out_others(of.after.decides, near);
}

/// Compares two firewalls on the same packets, in each order of the back ends that is given.
class family_comparer {
 public:
  constexpr family_comparer(compared_side before, compared_side after, const asked_packets& packets)
      : family_comparer(one_order(std::move(before), std::move(after)), packets) {}
  /// Told are the rules of the first order, but for what differs in another alone. Precondition: there is one.
  constexpr family_comparer(sequence<compared_sides> orders, const asked_packets& packets)
      : orders_(std::move(orders)), packets_(packets), space_(levels()) {
    made_.family = orders_[0].before.whole.family;
  }

  constexpr family_difference compare() {
    diagram_store& store = space_.store();
    exist_ = space_.set_of(packets_.exist);
    beside_ = store.negation(exist_);
    if (orders_.size() > 1) sets_.resize(orders_.size() * sets_of_order, no_packet);
    for (std::size_t i = 1; i < orders_.size() && !made_.too_large; ++i)
      walk(orders_[i], [&](const decider&, const decider&, const differing_packets& found) { note(i, found); });
    tell(0);
    for (std::size_t i = 1; i < orders_.size() && !made_.too_large; ++i)
      if (differs_alone(i)) tell(i);
    made_.too_large = made_.too_large || store.too_large();
    if (orders_.size() > 1) finish();
    if (made_.too_large && made_.answer != comparison::different) made_.answer = comparison::unknown;
    return std::move(made_);
  }

 private:
  static constexpr sequence<compared_sides> one_order(compared_side before, compared_side after) {
    sequence<compared_sides> made;
    made.push_back({std::move(before), std::move(after)});
    return made;
  }

  constexpr layout levels() const {
    const compared_sides& first = orders_[0];
    if (orders_.size() == 1) return packets_.levels({&first.before.decides, &first.after.decides});
    return packets_.levels({&first.before.whole, &first.after.whole});  // which rules never decide is up to the order
  }

  // Calls `see(walk before, walk after, what differs)` for one order.
  template <class See>
  constexpr void walk(const compared_sides& sides, const See& see) {
    const diagram asked = packets_of_changed_rules(space_, sides.before, sides.after, exist_);
    if (orders_.size() > 1) space_.ask_another();
    decider before(sides.before.decides, space_, detail_of_decision::fate, asked);
    const diagram decided_before = sides.before.absent ? no_packet : before.decide();
    space_.ask_another();
    decider after(sides.after.decides, space_, detail_of_decision::fate, asked);
    const diagram decided_after = sides.after.absent ? no_packet : after.decide();
    const differing_packets found = detail::compare(space_, before, decided_before, after, decided_after);
    made_.too_large = made_.too_large || before.too_large() || after.too_large();
    see(before, after, found);
  }

  // The packets that differ in one order, by kind: those that surely do, and those that do under some valuation.
  static constexpr std::size_t sets_of_order = 6;
  constexpr diagram& surely_in(std::size_t order, difference_kind kind) {
    return sets_[order * sets_of_order + static_cast<unsigned>(kind)];
  }
  constexpr diagram& possibly_in(std::size_t order, difference_kind kind) {
    return sets_[order * sets_of_order + sets_of_order / 2 + static_cast<unsigned>(kind)];
  }

  // Notes which packets differ in one order.
  constexpr void note(std::size_t order, const differing_packets& found) {
    const auto add = [&](difference_kind kind, diagram differing) {
      diagram& surely = surely_in(order, kind);
      diagram& possibly = possibly_in(order, kind);
      surely = space_.store().either(surely, space_.surely(differing));
      possibly = space_.store().either(possibly, space_.possibly(differing));
    };
    add(difference_kind::let_out, found.let_out);
    add(difference_kind::stopped, found.stopped);
    for (const differing_packets::elsewhere& one : found.rewritten) add(difference_kind::goes_elsewhere, one.packets);
  }

  // The packets that differ in some order before this one, under some valuation.
  constexpr diagram possible_before(std::size_t order, difference_kind kind) {
    diagram made = no_packet;
    for (std::size_t i = 0; i < order; ++i) made = space_.store().either(made, possibly_in(i, kind));
    return made;
  }
  constexpr bool differs_alone(std::size_t order) {
    for (std::uint8_t number = 0; number < 3; ++number)
      if (const difference_kind kind{number};
          !space_.store().includes(possible_before(order, kind), possibly_in(order, kind)))
        return true;
    return false;
  }

  // Tells what differs in one order, and was not told of one before.
  constexpr void tell(std::size_t order) {
    const compared_sides& sides = orders_[order];
    walk(sides, [&](const decider& before, const decider& after, const differing_packets& found) {
      if (made_.too_large) return;
      if (order == 0 && orders_.size() > 1) note(0, found);
      open_ = no_packet;
      split(order, difference_kind::let_out, found.let_out);
      split(order, difference_kind::stopped, found.stopped);
      for (const differing_packets::elsewhere& one : found.rewritten)
        add_elsewhere(order, one, before.situation_of(one.before), after.situation_of(one.after));
      if (open_ == no_packet) return;
      find_doubts(space_, sides.before.decides, before, open_, made_.doubts);
      find_doubts(space_, sides.after.decides, after, open_, made_.doubts);
    });
  }

  // What hangs on the order of the back ends.
  constexpr void finish() {
    orders_in_doubt doubtful = 0;
    bool differs_in_each = true;
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      bool differs = false;
      bool is_same = true;
      for (std::size_t k = 0; k < sets_of_order; ++k) {
        const diagram here = sets_[i * sets_of_order + k];
        differs = differs || (k < sets_of_order / 2 && here != no_packet);
        is_same = is_same && here == sets_[k];
      }
      differs_in_each = differs_in_each && differs;
      if (!is_same) add_order(doubtful, orders_[i].reversed);
    }
    if (differs_in_each) made_.answer = comparison::different;
    add_doubts_of_order(tables_in(doubtful), orders_[0].after.whole, made_.doubts);
    sequence<difference> in_order;
    for (std::uint8_t kind = 0; kind < 3; ++kind)
      for (const bool surely : {true, false})
        for (std::size_t i = 0; i < made_.differences.size(); ++i)
          if (difference& one = made_.differences[i]; one.kind == difference_kind{kind} && one.surely == surely)
            in_order.push_back(std::move(one));
    made_.differences = std::move(in_order);
  }

  // Calls `add(packets, surely)` for those that differ surely, and for the others that may.
  template <class Add>
  constexpr void surely_and_possibly(std::size_t order, difference_kind kind, diagram differing, const Add& add) {
    diagram_store& store = space_.store();
    const diagram told = possible_before(order, kind);
    diagram surely = store.minus(space_.surely(differing), told);
    for (std::size_t i = 0; i < orders_.size() && orders_.size() > 1; ++i)
      surely = store.both(surely, surely_in(i, kind));
    const diagram perhaps = store.minus(store.minus(space_.possibly(differing), surely), told);
    if (surely != no_packet) {
      made_.answer = comparison::different;
      add(surely, true);
    }
    if (perhaps != no_packet) {
      if (made_.answer == comparison::same) made_.answer = comparison::unknown;
      open_ = store.either(open_, store.both(perhaps, differing));
      add(perhaps, false);
    }
  }

  constexpr void split(std::size_t order, difference_kind kind, diagram differing) {
    const compared_sides& sides = orders_[order];
    surely_and_possibly(order, kind, differing, [&](diagram packets, bool surely) {
      const bool was_out = kind == difference_kind::stopped;
      const sequence<packets_at> after = ends(sides.after, packets, !was_out);
      for (const packets_at& from : ends(sides.before, packets, was_out))
        for (const packets_at& to : after) {
          const diagram part = space_.store().both(from.packets, to.packets);
          if (part == no_packet || space_.store().too_large()) continue;
          const diagram_store::bookmark here = space_.store().here();
          difference& made = add(sides, kind, surely, part);
          made.before.by = place_in(sides.before, from.at);
          made.after.by = place_in(sides.after, to.at);
          give_back(here);
        }
    });
  }

  constexpr void add_elsewhere(std::size_t order, const differing_packets::elsewhere& one, const situation& before,
                               const situation& after) {
    const compared_sides& sides = orders_[order];
    surely_and_possibly(order, difference_kind::goes_elsewhere, one.packets, [&](diagram packets, bool surely) {
      const diagram_store::bookmark here = space_.store().here();
      difference& made = add(sides, difference_kind::goes_elsewhere, surely, packets);
      const box around = box_around(space_, packets);
      describe(made.before, sides.before, before, around);
      describe(made.after, sides.after, after, around);
      give_back(here);
    });
  }

  static constexpr void describe(side_of_difference& made, const compared_side& of, const situation& in,
                                 const box& around) {
    if (in.is_rewritten) made.by = place_of(of.whole, in.rewritten_by);
    if (detail::any_of(goal_fields, [&](field which) { return in.now.find(which) != nullptr; }))
      made.reaches = goal_in_words(in.now, around, of.whole.family);
  }

  static constexpr decision_place nowhere() { return {~std::uint32_t{0}, 0, 0}; }

  static constexpr maybe<rule_place> place_in(const compared_side& side, const decision_place& at) {
    if (at == nowhere()) return no_value;
    return place_of(side.whole, at);
  }

  // What lets packets out on one side, or what stops them.
  constexpr sequence<packets_at> ends(const compared_side& side, diagram packets, bool are_out) {
    sequence<packets_at> made;
    if (!side.absent && are_out) made = accepted_by(space_, side.decides, packets);
    if (!side.absent && !are_out) made = stopped_by(space_, side.decides, packets);
    for (const packets_at& one : made) packets = space_.store().minus(packets, one.packets);
    if (packets != no_packet) made.push_back({nowhere(), packets});
    return made;
  }

  constexpr difference& add(const compared_sides& sides, difference_kind kind, bool surely, diagram packets) {
    difference made;
    made.kind = kind;
    made.surely = surely;
    made.witness = witness_of(space_, packets);
    if (!sides.before.absent) made.before.way = simulate(sides.before.whole, made.witness).way;
    if (!sides.after.absent) made.after.way = simulate(sides.after.whole, made.witness).way;
    // Whether a RELATED packet is the first of its connection is the one thing that no one can see of it.
    const diagram seen = space_.store().with_some(packets, space_.levels().first_level_of(field::expected_first));
    const cover_limits limits{.boxes = 128, .work = detail::smaller_of(std::uint64_t{1} << 22, work_left_ / 4)};
    box_cover cover = boxes_of(space_, seen, beside_, limits);
    made.region = std::move(cover.boxes);
    made.region_is_whole = cover.whole;
    made.in_short = summary_of(space_, seen, beside_, limits);
    made_.differences.push_back(std::move(made));
    return made_.differences.back();
  }

  // Forgets the diagrams of one description. Unrelated firewalls differ in regions that no one reads to the end.
  constexpr void give_back(const diagram_store::bookmark& here) {
    work_left_ -= detail::smaller_of(work_left_, space_.store().work() - here.work);
    space_.store().go_back(here);
  }

  sequence<compared_sides> orders_;
  asked_packets packets_;
  packet_space space_;
  diagram exist_ = no_packet;
  diagram beside_ = no_packet;                        // packets that cannot exist
  diagram open_ = no_packet;                          // what differs under some valuations alone, in one order
  sequence<diagram> sets_;                            // what differs, in each order; none where there is but one
  std::uint64_t work_left_ = std::uint64_t{1} << 25;  // for the regions of all differences
  family_difference made_;
};

/// Two versions of one host's rules: its back ends are asked in the same order by both, whichever that is.
class orders_of_versions {
 public:
  constexpr orders_of_versions(const firewall& before, const firewall& after, family of) {
    const sequence<ruleset>& was = before.of(of).rulesets;
    const sequence<ruleset>& is = after.of(of).rulesets;
    is_turned_ = was.size() == 2 && is.size() == 2 && was[0].backend != is[0].backend;
  }
  /// What is reversed after where `reversed` is before.
  constexpr table_set after(table_set reversed) const {
    return is_turned_ ? static_cast<table_set>(~reversed) : reversed;
  }
  /// The tables in which the order may matter.
  static constexpr table_set open(const compared_side& before, const compared_side& after) {
    return static_cast<table_set>(tables_of_open_order(before.whole) | tables_of_open_order(after.whole));
  }

 private:
  bool is_turned_ = false;  // the files of the one are given in the other order
};

}  // namespace detail

/// What is different for the packets of a sandbox (or those that come to FORWARD or INPUT, if its policy is about
/// these), or of all senders if there is none; the endpoints of its policy do not count. A family that a host does not have
/// sends nothing. Where rules of both back ends stand, they are asked in the same order before and after, whichever that is.
/// Precondition: as for `prove`.
constexpr firewall_difference differences(const firewall& before, const firewall& after,
                                          const maybe<egress_policy>& sandbox = no_value) {
  firewall_difference made;
  for (const family of : both_families) {
    family_difference& here = of == family::ipv4 ? made.v4 : made.v6;
    here.family = of;
    if (before.of(of).absent && after.of(of).absent) continue;
    const hook at = sandbox ? sandbox->at : hook::output;
    const detail::orders_of_versions orders(before, after, of);
    constexpr std::size_t most_surveyed = 4;  // orders: which rules never decide is looked for in each
    const auto sides_in = [&](table_set reversed, bool without_dead) {
      return detail::compared_sides{{before, of, at, without_dead, reversed, &after},
                                    {after, of, at, without_dead, orders.after(reversed), &before},
                                    reversed};
    };
    sequence<detail::compared_sides> all;
    detail::compared_sides& first = all.push_back(sides_in(0, /*without_dead=*/true));
    const table_set open = orders.open(first.before, first.after);
    if (open == 0) detail::keep_what_is_asked(first);
    field_set tested = fields_tested(first.before.decides) | fields_tested(first.after.decides);
    if (open != 0) tested = fields_tested(first.before.whole) | fields_tested(first.after.whole);
    for_each_other_order(open,
                         [&](table_set reversed) { all.push_back(sides_in(reversed, all.size() < most_surveyed)); });
    const detail::asked_packets packets(sandbox, of, tested,
                                        set_by_earlier_hooks(before, of, at) | set_by_earlier_hooks(after, of, at));
    here = detail::family_comparer(std::move(all), packets).compare();
  }
  return made;
}

}  // namespace cordon
