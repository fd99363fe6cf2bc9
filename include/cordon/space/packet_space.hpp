// Packets as a space: predicates become the sets of packets that they hold for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/environment.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/space/diagram.hpp>
#include <cordon/space/layout.hpp>
#include <cordon/space/product.hpp>

namespace cordon {

/// The packets of one domain, told apart as finely as the layout's predicates do, times the valuations of the atoms.
class packet_space {
 public:
  /// `levels` is finished: every predicate to come was observed by it.
  constexpr explicit packet_space(layout levels, std::size_t most_edges = std::size_t{1} << 26)
      : layout_(std::move(levels)), store_(most_edges) {}

  ///@{
  /// What the space is made of.
  constexpr const layout& levels() const { return layout_; }
  constexpr diagram_store& store() { return store_; }
  constexpr const diagram_store& store() const { return store_; }
  ///@}

  /// The first level that belongs to an atom: atoms come after all fields.
  constexpr std::uint32_t first_atom_level() const { return static_cast<std::uint32_t>(layout_.levels().size()); }
  /// How many atoms there are.
  constexpr std::size_t atom_count() const { return atoms_.size(); }
  /// What the atom of a level says; `level` is at least `first_atom_level()`.
  constexpr const atom& atom_at(std::uint32_t level) const { return atoms_[level - first_atom_level()]; }

  /// The packets that are in `set` under every valuation of the atoms.
  constexpr diagram surely(diagram set) { return atoms_.empty() ? set : store_.with_every(set, first_atom_level()); }
  /// The packets that are in `set` under some valuation of the atoms.
  constexpr diagram possibly(diagram set) { return atoms_.empty() ? set : store_.with_some(set, first_atom_level()); }

  /// Sees to it that `condition`, which the layout has not observed, can be asked too; all sets stay what they were. False
  /// if it cannot.
  constexpr bool cut(const predicate& condition) { return layout_.cut(condition); }

  /// From here on another firewall is asked about the same packets at the same time: what it asks of a stateful atom for
  /// the n-th time has the value that the one before got at the n-th time. Counted apart for each of the situations that
  /// `ask_in` tells.
  constexpr void ask_another() {
    not_asked_again_.assign(atoms_.size(), 1);
    ask_in({});
  }
  /// From here on every question to a stateful atom is a new one again.
  constexpr void ask_anew() { not_asked_again_.clear(); }
  /// From here on questions are about packets of which targets have made `now`.
  constexpr void ask_in(const environment& now) {
    if (asked_in_ < environments_.size() && environments_[asked_in_] == now) return;  // as for most rules of a chain
    for (asked_in_ = 0; asked_in_ < environments_.size(); ++asked_in_)
      if (environments_[asked_in_] == now) return;
    environments_.push_back(now);
  }

  /// Where the atom is true: of an atom's own, new level, or of the one that a stateless atom of that name has already for
  /// packets in which it looks at the same. Where nobody knows what it looks at it is as a stateful one.
  constexpr diagram set_of(const atom& what) {
    const environment& now = environments_[asked_in_];
    const bool anew = what.stateful || (what.hangs_on & now.open_fields()) != 0;
    for (std::size_t i = 0; i < (anew ? not_asked_again_.size() : atoms_.size()); ++i) {
      // By its name alone: of two firewalls that are compared one may say that its answers change, and the other not.
      if (atoms_[i].name != what.name) continue;
      if (!anew) {
        if (now.agrees_with(environments_[atom_environments_[i]], what.hangs_on)) return atom_set(i);
        continue;
      }
      if (atom_environments_[i] == asked_in_ && std::exchange(not_asked_again_[i], char{0}) != 0) return atom_set(i);
    }
    atoms_.push_back(what);
    atom_environments_.push_back(asked_in_);
    return atom_set(atoms_.size() - 1);
  }

  /// The packets (and valuations) for which `condition` holds; or, with a number, the diagram that gives these the number
  /// and 0 to all others.
  constexpr diagram set_of(const predicate& condition, std::uint32_t number = 1) {
    products_.clear();
    pieces_.clear();
    for (const predicate_step& step : condition.steps()) {
      switch (step.what) {
        case predicate_step::kind::always: pieces_.push_back({}); break;
        case predicate_step::kind::never: pieces_.push_back({detail::products::none()}); break;
        case predicate_step::kind::interval:
        case predicate_step::kind::masked: pieces_.push_back(test(step)); break;
        case predicate_step::kind::atom: pieces_.push_back(said_by(set_of(condition.atoms()[step.index]))); break;
        case predicate_step::kind::negation: {
          piece& of = pieces_.back();
          if (of.is_product() && products_.has_negation(of.sides))
            of.sides = products_.negation(of.sides);
          else
            of = said_by(store_.negation(diagram_of(of)));
          break;
        }
        case predicate_step::kind::conjunction: {
          const piece right = pieces_.back();
          pieces_.pop_back();
          piece& left = pieces_.back();
          if (left.is_product() && right.is_product())
            left.sides = products_.both(left.sides, right.sides);
          else
            left = said_by(store_.both(diagram_of(left), diagram_of(right)));
          break;
        }
        case predicate_step::kind::disjunction: {
          const piece right = pieces_.back();
          pieces_.pop_back();
          piece& left = pieces_.back();
          if (left.is_product() && right.is_product() && products_.has_union(left.sides, right.sides))
            left.sides = products_.either(left.sides, right.sides);
          else
            left = said_by(store_.either(diagram_of(left), diagram_of(right)));
          break;
        }
      }
    }
    const piece& all = pieces_.back();
    if (all.is_product()) return products_.diagram_of(store_, all.sides, leaf(number));
    return number == 1 ? all.set : store_.both(all.set, leaf(number));
  }

  /// The packets of the domain whose field lies between `low` and `high`.
  constexpr diagram interval(field which, uint128 low, uint128 high) {
    const range& domain = layout_.domain()[which];
    if (low < domain.low) low = domain.low;
    if (high > domain.high) high = domain.high;
    if (low > high) return no_packet;
    if (low == domain.low && high == domain.high) return every_packet;
    const view<level> runs = layout_.levels_of(which);
    const std::uint32_t first = layout_.first_level_of(which);
    require(!runs.empty(), "the layout did not observe this test");
    if (runs.size() == 1) return run_interval(first, runs[0], low, high);
    return store_.both(at_least(runs, first, low), at_most(runs, first, high));
  }

  /// What `of` gives to one packet of the domain; `of` must not depend on an atom.
  constexpr std::uint32_t value_at(diagram of, const packet& which) const {
    while (!is_leaf(of)) {
      require(store_.level_of(of) < first_atom_level(), "no packet decides an atom");
      const level& here = layout_.levels()[store_.level_of(of)];
      const uint128 value = (value_of(which, here.field) >> here.shift) & low_bits(here.width);
      const std::uint32_t cell = here.cell_of(value);
      const diagram_store::edge* edges = store_.edges_of(of);
      while (edges->last < cell) ++edges;
      of = edges->child;
    }
    return number_of(of);
  }

 private:
  constexpr diagram atom_set(std::size_t i) {
    return store_.cells(first_atom_level() + static_cast<std::uint32_t>(i), 2, 1, 1);
  }

  // What a piece of a predicate holds for: a product of cell sets as long as it is one, then a diagram.
  struct piece {
    detail::products::product sides = {};
    diagram set = unsaid;

    constexpr bool is_product() const { return set == unsaid; }
  };
  static constexpr diagram unsaid = leaf(2);

  static constexpr piece said_by(diagram set) {
    if (set == no_packet) return {detail::products::none()};
    if (set == every_packet) return {};
    return {{}, set};
  }
  constexpr diagram diagram_of(const piece& of) {
    return of.is_product() ? products_.diagram_of(store_, of.sides, every_packet) : of.set;
  }

  constexpr piece test(const predicate_step& step) {
    if (step.what == predicate_step::kind::interval) return within(step.field, step.a, step.b);
    const range as_interval = layout_.prefix_interval(step);
    if (as_interval.low <= as_interval.high) return within(step.field, as_interval.low, as_interval.high);
    return masked(step);
  }

  constexpr piece within(field which, uint128 low, uint128 high) {
    const range& domain = layout_.domain()[which];
    if (low < domain.low) low = domain.low;
    if (high > domain.high) high = domain.high;
    if (low > high) return {detail::products::none()};
    if (low == domain.low && high == domain.high) return {};
    const view<level> runs = layout_.levels_of(which);
    if (runs.size() != 1) return said_by(interval(which, low, high));
    const level& run = runs.data()[0];
    const std::uint32_t first = run.first_cell_of(low);
    const std::uint32_t last = run.cell_of(high);
    require(run.starts[first] == low && run.values_of(last).high == high, "the layout did not observe this test");
    return {products_.cells(layout_.first_level_of(which), run.cell_count(), first, last)};
  }

  constexpr piece masked(const predicate_step& step) {
    const range& domain = layout_.domain()[step.field];
    if (domain.low == domain.high) return (domain.low & step.a) == step.b ? piece{} : piece{detail::products::none()};
    const view<level> runs = layout_.levels_of(step.field);
    const std::uint32_t first = layout_.first_level_of(step.field);
    detail::products::product all;
    for (std::uint32_t i = 0; i < runs.size(); ++i) {
      const level& run = runs[i];
      if (((step.a >> run.shift) & 1) == 0) continue;
      const uint128 wanted = (step.b >> run.shift) & low_bits(run.width);
      const std::uint32_t cell = run.cell_of(wanted);
      require(run.starts[cell] == wanted && run.values_of(cell).high == wanted, "the layout did not observe this test");
      products_.restrict(all, first + i, run.cell_count(), cell, cell);
    }
    return {all};
  }

  // Cells of one level whose values lie between two values that are cuts of it.
  constexpr diagram run_interval(std::uint32_t at, const level& run, uint128 low, uint128 high) {
    const std::uint32_t first = run.first_cell_of(low);
    const std::uint32_t last = run.cell_of(high);
    require(run.starts[first] == low && run.values_of(last).high == high, "the layout did not observe this test");
    return store_.cells(at, run.cell_count(), first, last);
  }

  // Values of a field in several runs that are at least `bound`: a lexicographic comparison, from the lowest run up.
  constexpr diagram at_least(view<level> runs, std::uint32_t first, uint128 bound) {
    diagram rest = every_packet;
    for (std::size_t i = runs.size(); i-- > 0;) {
      const level& run = runs[i];
      const uint128 part = (bound >> run.shift) & low_bits(run.width);
      diagram_store::edge edges[3];
      std::size_t count = 0;
      const std::uint32_t cell = run.cell_of(part);
      if (cell > 0) edges[count++] = {cell - 1, no_packet};
      edges[count++] = {cell, rest};
      if (cell + 1 < run.cell_count()) edges[count++] = {run.cell_count() - 1, every_packet};
      rest = store_.node(first + static_cast<std::uint32_t>(i), edges, count);
    }
    return rest;
  }

  constexpr diagram at_most(view<level> runs, std::uint32_t first, uint128 bound) {
    diagram rest = every_packet;
    for (std::size_t i = runs.size(); i-- > 0;) {
      const level& run = runs[i];
      const uint128 part = (bound >> run.shift) & low_bits(run.width);
      diagram_store::edge edges[3];
      std::size_t count = 0;
      const std::uint32_t cell = run.cell_of(part);
      if (cell > 0) edges[count++] = {cell - 1, every_packet};
      edges[count++] = {cell, rest};
      if (cell + 1 < run.cell_count()) edges[count++] = {run.cell_count() - 1, no_packet};
      rest = store_.node(first + static_cast<std::uint32_t>(i), edges, count);
    }
    return rest;
  }

  layout layout_;
  diagram_store store_;
  detail::products products_;  // of the predicate that is being looked at
  sequence<piece> pieces_;
  sequence<atom> atoms_;
  sequence<std::size_t> atom_environments_;  // of each atom, in which it was asked for first
  sequence<char> not_asked_again_;           // of the atoms at the time of `ask_another`
  sequence<environment> environments_{environment{}};
  std::size_t asked_in_ = 0;
};

}  // namespace cordon
