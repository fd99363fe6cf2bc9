// Packets as a space: predicates become the sets of packets that they hold for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/space/diagram.hpp>
#include <cordon/space/layout.hpp>

namespace cordon {

/// The packets of one domain, told apart as finely as the layout's predicates do, times the valuations of the atoms.
class packet_space {
 public:
  /// `levels` is finished: every predicate to come was observed by it.
  constexpr explicit packet_space(layout levels, std::size_t most_edges = std::size_t{1} << 26)
      : layout_(std::move(levels)), store_(most_edges) {}

  constexpr const layout& levels() const { return layout_; }
  constexpr diagram_store& store() { return store_; }
  constexpr const diagram_store& store() const { return store_; }

  /// The first level that belongs to an atom: atoms come after all fields.
  constexpr std::uint32_t first_atom_level() const { return static_cast<std::uint32_t>(layout_.levels().size()); }
  constexpr std::size_t atom_count() const { return atoms_.size(); }
  /// What the atom of a level says; `level` is at least `first_atom_level()`.
  constexpr const atom& atom_at(std::uint32_t level) const { return atoms_[level - first_atom_level()]; }

  /// The packets that are in `set` under every valuation of the atoms.
  constexpr diagram surely(diagram set) { return store_.with_every(set, first_atom_level()); }
  /// The packets that are in `set` under some valuation of the atoms.
  constexpr diagram possibly(diagram set) { return store_.with_some(set, first_atom_level()); }

  /// Where the atom is true: of an atom's own, new level, or of the one that a stateless atom of that name has already.
  constexpr diagram set_of(const atom& what) {
    if (!what.stateful)
      for (std::size_t i = 0; i < atoms_.size(); ++i)
        if (atoms_[i] == what) return atom_set(i);
    atoms_.push_back(what);
    return atom_set(atoms_.size() - 1);
  }

  /// The packets (and valuations) for which `condition` holds.
  constexpr diagram set_of(const predicate& condition) {
    sequence<diagram> stack;
    for (const predicate_step& step : condition.steps()) {
      switch (step.what) {
        case predicate_step::kind::always: stack.push_back(every_packet); break;
        case predicate_step::kind::never: stack.push_back(no_packet); break;
        case predicate_step::kind::interval:
        case predicate_step::kind::masked:
          stack.push_back(test(step));
          break;
        case predicate_step::kind::atom: stack.push_back(set_of(condition.atoms()[step.index])); break;
        case predicate_step::kind::negation: stack.back() = store_.negation(stack.back()); break;
        case predicate_step::kind::conjunction: {
          const diagram right = stack.back();
          stack.pop_back();
          stack.back() = store_.both(stack.back(), right);
          break;
        }
        case predicate_step::kind::disjunction: {
          const diagram right = stack.back();
          stack.pop_back();
          stack.back() = store_.either(stack.back(), right);
          break;
        }
      }
    }
    return stack.back();
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

  constexpr diagram test(const predicate_step& step) {
    if (step.what == predicate_step::kind::interval) return interval(step.field, step.a, step.b);
    const range as_interval = layout_.prefix_interval(step);
    if (as_interval.low <= as_interval.high) return interval(step.field, as_interval.low, as_interval.high);
    return masked(step);
  }

  constexpr diagram masked(const predicate_step& step) {
    const range& domain = layout_.domain()[step.field];
    if (domain.low == domain.high) return (domain.low & step.a) == step.b ? every_packet : no_packet;
    const view<level> runs = layout_.levels_of(step.field);
    const std::uint32_t first = layout_.first_level_of(step.field);
    diagram all = every_packet;
    for (std::size_t i = runs.size(); i-- > 0;) {
      if (((step.a >> runs[i].shift) & 1) == 0) continue;
      const uint128 part = (step.b >> runs[i].shift) & low_bits(runs[i].width);
      const auto at = first + static_cast<std::uint32_t>(i);
      all = store_.both(run_interval(at, runs[i], part, part), all);
    }
    return all;
  }

  // Cells of one level whose values lie between two values that are cuts of it.
  constexpr diagram run_interval(std::uint32_t at, const level& run, uint128 low, uint128 high) {
    const std::uint32_t first = run.cell_of(low);
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
  sequence<atom> atoms_;
};

}  // namespace cordon
