// What the leaves of decisions stand for, and how decisions follow one another.
//
// A decision is a diagram whose leaves are numbers of outcomes: accepted by which rule, dropped, returned to the caller, or
// not decided yet, which is 0 where the packet has not changed either. An outcome tells beside what has become of the packet
// since the decision began; what follows adds to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/interned.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/situation.hpp>
#include <cordon/space/diagram.hpp>

namespace cordon {

/// What a leaf of a decision stands for.
struct outcome_of_walk {
  /// How a walk, or what was walked of it, ends.
  enum class kind : std::uint8_t { undecided, accepted, dropped, returned };
  kind what = kind::undecided;  ///< how this one does
  situation_number in = 0;      ///< what has become of the packet by then
  decision_place at = {};       ///< for accepted

  friend constexpr bool operator==(const outcome_of_walk&, const outcome_of_walk&) = default;
};

namespace detail {

/// Packets in one situation.
struct flock {
  situation_number in = 0;      ///< what has become of them
  diagram packets = no_packet;  ///< these, or a decision about them
  situation_number seen = 0;    ///< what the rules that they come to see of it
};
/// Those that rules cannot tell apart: some flocks that stand together.
using crowd = view<flock>;

/// The outcomes of one walk, and what is made of decisions.
class outcome_list {
 public:
  /// Of packets of a family, with decisions in `store`.
  constexpr outcome_list(diagram_store& store, family of) : store_(&store), situations_(of) {
    // The commonest outcome has the number of a set's packets, so that a decision is a set where nothing tells more.
    number_of({});
    number_of({outcome_of_walk::kind::accepted, 0, {}});
    number_of({outcome_of_walk::kind::dropped, 0, {}});
  }

  ///@{
  /// What there is; numbers go from 0.
  constexpr std::size_t size() const { return all_.size(); }
  constexpr const outcome_of_walk& operator[](std::uint32_t number) const { return all_[number]; }
  constexpr situation_list& situations() { return situations_; }
  constexpr const situation_list& situations() const { return situations_; }
  ///@}

  /// The number of an outcome.
  constexpr std::uint32_t number_of(const outcome_of_walk& what) {
    const std::uint64_t hash =
        detail::mixed(detail::mixed((std::uint64_t{what.at.table} << 32) | what.at.chain, what.at.rule),
                      (std::uint64_t{what.in} << 2) | static_cast<std::uint64_t>(what.what));
    const std::uint32_t number = numbers_.find_or_add(hash, [&](std::uint32_t other) { return all_[other] == what; });
    if (number == all_.size()) all_.push_back(what);
    return number;
  }

  ///@{
  /// The decisions that decide the same on all packets.
  constexpr diagram accepted(situation_number in, const decision_place& at) {
    return leaf(number_of({outcome_of_walk::kind::accepted, in, at}));
  }
  constexpr diagram returned() { return leaf(number_of({outcome_of_walk::kind::returned, 0, {}})); }
  static constexpr std::uint32_t dropped_number = 2;
  static constexpr diagram dropped() { return leaf(dropped_number); }
  /// To the next rule.
  constexpr diagram going_on(situation_number changed) {
    return leaf(number_of({outcome_of_walk::kind::undecided, changed, {}}));
  }
  ///@}

  /// Whether an outcome is no decision yet.
  constexpr bool is_undecided(std::uint32_t number) const {
    return all_[number].what == outcome_of_walk::kind::undecided;
  }

  /// The outcome of packets that had become `first` before.
  constexpr std::uint32_t outcome_after(situation_number first, std::uint32_t number) {
    outcome_of_walk made = all_[number];
    if (first == 0 || made.what == outcome_of_walk::kind::dropped) return number;
    made.in = situations_.one_after_another(first, made.in);
    return number_of(made);
  }
  /// ... of a decision that gives 0 to the packets that it is not about.
  constexpr diagram decision_after(situation_number first, diagram decision) {
    if (first == 0) return decision;
    return store_->renamed(decision,
                           [&](std::uint32_t number) { return number == 0 ? number : outcome_after(first, number); });
  }

  /// A decision where it is one, or where it is none yet (of changed packets: of the others it says nothing anyway).
  constexpr diagram part_of(diagram decision, bool decided) {
    return store_->renamed(decision,
                           [&](std::uint32_t number) { return is_undecided(number) != decided ? number : 0U; });
  }
  /// Those of a decision's packets that are changed and not decided yet.
  constexpr sequence<diagram_store::part> changed_by(diagram decision) {
    return store_->parts_of(part_of(decision, false));
  }

  /// The first of two decisions that decides. `changes`: packets may come out of them changed.
  constexpr diagram followed_by(diagram first, diagram then, bool changes) {
    diagram_store& store = *store_;
    diagram made = store.instead(first, 0, then);
    if (!changes || then == no_packet) return made;
    sequence<diagram> further;
    diagram back = no_packet;  // whose changes the second decision undoes
    for (const diagram_store::part& part : changed_by(first)) {
      const situation_number before = all_[part.number].in;
      const diagram met = store.both(part.packets, then);
      if (met == no_packet) continue;
      const diagram after = decision_after(before, met);
      further.push_back(after);
      back = store.either(back, store.minus(store.as_set(met), store.as_set(after)));
    }
    return store.minus(store.either(united(further), made), back);
  }

  /// The first of some decisions that decides.
  constexpr diagram one_after_another(diagram* first, diagram* last, bool changes) {
    if (first == last) return no_packet;
    for (std::size_t size = static_cast<std::size_t>(last - first); size > 1; size = (size + 1) / 2) {
      for (std::size_t i = 0; i + 1 < size; i += 2) first[i / 2] = followed_by(first[i], first[i + 1], changes);
      if (size % 2 != 0) first[size / 2] = first[size - 1];
    }
    return *first;
  }
  /// Decisions about different packets in one.
  constexpr diagram united(sequence<diagram>& all) { return one_after_another(all.begin(), all.end(), false); }

  /// The same with `at_end` behind them. Nothing is open then any more, and what is dropped gets 0: diagrams of two values
  /// instead of three, in all but the left half of each half.
  constexpr diagram settled(diagram* first, diagram* last, diagram at_end) {
    if (first == last) return at_end;
    diagram* const middle = last - first == 1 ? last : first + (last - first) / 2;
    const diagram rest = settled(middle, last, at_end);
    return store_->settled(one_after_another(first, middle, false), dropped_number, rest);
  }

  /// A called chain's decision behind the jump to it: what returns goes on.
  constexpr diagram back_from(diagram called) {
    diagram_store& store = *store_;
    sequence<std::uint32_t> came_back;
    for (const std::uint32_t number : store.leaf_numbers(called))
      if (all_[number].what == outcome_of_walk::kind::returned) came_back.push_back(number);
    if (came_back.empty()) return called;
    if (came_back.size() == 1) return store.instead(called, came_back[0], going_on(all_[came_back[0]].in));
    return store.renamed(called, [&](std::uint32_t number) {
      const outcome_of_walk one = all_[number];
      return one.what == outcome_of_walk::kind::returned ? cordon::number_of(going_on(one.in)) : number;
    });
  }

  /// Flocks of the same `seen` together.
  static constexpr void gather(sequence<flock>& flocks) {
    detail::sort(flocks, [](const flock& a, const flock& b) { return a.seen < b.seen; });
  }
  /// The first crowd of those from `first` on.
  static constexpr crowd crowd_at(const sequence<flock>& flocks, std::size_t first) {
    std::size_t last = first + 1;
    while (last < flocks.size() && flocks[last].seen == flocks[first].seen) ++last;
    return {flocks.data() + first, last - first};
  }

  /// One flock for each situation.
  constexpr void join_alike(sequence<flock>& flocks) {
    if (flocks.size() < 2) return;
    for (flock& one : flocks) one.seen = one.in;
    gather(flocks);
    sequence<flock> made;
    for (std::size_t i = 0; i < flocks.size();) {
      const crowd alike = crowd_at(flocks, i);
      sequence<diagram> parts;
      for (const flock& one : alike) parts.push_back(one.packets);
      made.push_back({alike.data()->in, united(parts)});
      i += alike.size();
    }
    flocks = std::move(made);
  }

  /// Sees flocks as rules do that ask for `asked`, their packets having become `before` and then what each flock has.
  constexpr void see(sequence<flock>& flocks, situation_number before, field_set asked) {
    for (flock& one : flocks) one.seen = situations_.seen_by(asked, situations_.one_after_another(before, one.in));
    gather(flocks);
  }

 private:
  diagram_store* store_;
  sequence<outcome_of_walk> all_;
  interned numbers_;
  situation_list situations_;
};

}  // namespace detail
}  // namespace cordon
