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
#include <cordon/prove/compared_sides.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/differing_packets.hpp>
#include <cordon/prove/doubts.hpp>
#include <cordon/prove/earlier_hooks.hpp>
#include <cordon/prove/ends.hpp>
#include <cordon/prove/goal.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rewriting.hpp>
#include <cordon/prove/rule_places.hpp>
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
    field_set set_before = set_by_earlier_hooks(before, of, at) | set_by_earlier_hooks(after, of, at);
    for (const firewall* const one : {&before, &after})
      if (!marks_of_carriers(*one, of, at).empty()) set_before |= set_of(field::mark);
    const detail::asked_packets packets(sandbox, of, tested, set_before);
    here = detail::family_comparer(std::move(all), packets).compare();
  }
  return made;
}

}  // namespace cordon
