// Products of cell sets: what a conjunction of tests comes to over the levels of a space. Most rules are one, and a diagram
// of it is a path that is written down in one go, where an operation for each test would make nodes that nobody asks for
// again: for ten thousand rules that was half of the time of a proof.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/space/diagram.hpp>

namespace cordon::detail {

/// The cells `first` to `last` of a level.
struct cell_run {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  friend constexpr bool operator==(const cell_run&, const cell_run&) = default;
};

/// Products, which live until `clear`. Each is some sides, one for each level that it restricts, levels ascending; a side is
/// some runs of cells, ascending, not touching, neither none nor all of the level's cells.
class products {
 public:
  /// A product, or the empty set. Without sides it is every packet.
  struct product {
    bool is_empty = false;
    std::uint32_t first_side = 0;
    std::uint32_t side_count = 0;

    constexpr bool is_all() const { return !is_empty && side_count == 0; }
  };

  constexpr void clear() {
    sides_.clear();
    runs_.clear();
  }

  static constexpr product none() { return {true, 0, 0}; }

  /// The packets with cells `low` to `high` of a level with `cells` cells.
  constexpr product cells(std::uint32_t level, std::uint32_t cells, std::uint32_t low, std::uint32_t high) {
    if (low == 0 && high + 1 == cells) return {};
    runs_.push_back({low, high});
    sides_.push_back({level, cells, static_cast<std::uint32_t>(runs_.size() - 1), 1});
    return {false, static_cast<std::uint32_t>(sides_.size() - 1), 1};
  }

  /// Appends a restriction of a level behind all that `to`, the product made last, restricts.
  constexpr void restrict(product& to, std::uint32_t level, std::uint32_t cells, std::uint32_t low,
                          std::uint32_t high) {
    const product more = this->cells(level, cells, low, high);
    if (more.side_count == 0) return;
    if (to.side_count == 0) to.first_side = more.first_side;
    ++to.side_count;
  }

  constexpr product both(const product& a, const product& b) {
    if (a.is_empty || b.is_all()) return a;
    if (b.is_empty || a.is_all()) return b;
    product made{false, static_cast<std::uint32_t>(sides_.size()), 0};
    std::uint32_t i = 0;
    std::uint32_t j = 0;
    while (i < a.side_count || j < b.side_count) {
      const side* const one = i < a.side_count ? &sides_[a.first_side + i] : nullptr;
      const side* const other = j < b.side_count ? &sides_[b.first_side + j] : nullptr;
      side next = other == nullptr || (one != nullptr && one->level <= other->level) ? *one : *other;
      if (one != nullptr && other != nullptr && one->level == other->level) {
        next = common(*one, *other);
        if (next.run_count == 0) return none();
        ++i;
        ++j;
      } else if (one != nullptr && next.level == one->level) {
        ++i;
      } else {
        ++j;
      }
      sides_.push_back(next);
      ++made.side_count;
    }
    return made;
  }

  /// Whether `negate` and `either` can say what comes of these.
  constexpr bool has_negation(const product& of) const { return of.is_empty || of.side_count <= 1; }
  constexpr bool has_union(const product& a, const product& b) const {
    if (a.is_empty || b.is_empty || a.is_all() || b.is_all()) return true;
    return a.side_count == 1 && b.side_count == 1 && sides_[a.first_side].level == sides_[b.first_side].level;
  }

  constexpr product negation(const product& of) {
    if (of.is_empty) return {};
    if (of.is_all()) return none();
    const side from = sides_[of.first_side];
    side made{from.level, from.cells, static_cast<std::uint32_t>(runs_.size()), 0};
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < from.run_count; ++i) {
      const cell_run run = runs_[from.first_run + i];
      if (run.first > next) runs_.push_back({next, run.first - 1});
      next = run.last + 1;
    }
    if (next < from.cells) runs_.push_back({next, from.cells - 1});
    return with_side(made);
  }

  constexpr product either(const product& a, const product& b) {
    if (a.is_empty || b.is_all()) return b;
    if (b.is_empty || a.is_all()) return a;
    const side one = sides_[a.first_side];
    const side other = sides_[b.first_side];
    side made{one.level, one.cells, static_cast<std::uint32_t>(runs_.size()), 0};
    std::uint32_t i = 0;
    std::uint32_t j = 0;
    while (i < one.run_count || j < other.run_count) {
      const bool from_one = j == other.run_count ||
                            (i < one.run_count && runs_[one.first_run + i].first <= runs_[other.first_run + j].first);
      const cell_run next = from_one ? runs_[one.first_run + i++] : runs_[other.first_run + j++];
      if (runs_.size() > made.first_run && runs_.back().last + 1 >= next.first) {
        if (runs_.back().last < next.last) runs_.back().last = next.last;
      } else {
        runs_.push_back(next);
      }
    }
    return with_side(made);
  }

  /// Where the product holds, `then`, a leaf; elsewhere 0.
  constexpr diagram diagram_of(diagram_store& store, const product& of, diagram then) {
    if (of.is_empty) return no_packet;
    for (std::uint32_t i = of.side_count; i-- > 0;) {
      const side& here = sides_[of.first_side + i];
      edges_.clear();
      std::uint32_t next = 0;
      for (std::uint32_t k = 0; k < here.run_count; ++k) {
        const cell_run& run = runs_[here.first_run + k];
        if (run.first > next) edges_.push_back({run.first - 1, no_packet});
        edges_.push_back({run.last, then});
        next = run.last + 1;
      }
      if (next < here.cells) edges_.push_back({here.cells - 1, no_packet});
      then = store.node(here.level, edges_.data(), edges_.size());
    }
    return then;
  }

 private:
  struct side {
    std::uint32_t level = 0;
    std::uint32_t cells = 0;  // of the level
    std::uint32_t first_run = 0;
    std::uint32_t run_count = 0;
  };

  constexpr product with_side(side made) {
    made.run_count = static_cast<std::uint32_t>(runs_.size()) - made.first_run;
    if (made.run_count == 0) return none();
    if (made.run_count == 1 && runs_.back().first == 0 && runs_.back().last + 1 == made.cells) return {};
    sides_.push_back(made);
    return {false, static_cast<std::uint32_t>(sides_.size() - 1), 1};
  }

  constexpr side common(const side& one, const side& other) {
    side made{one.level, one.cells, static_cast<std::uint32_t>(runs_.size()), 0};
    std::uint32_t i = 0;
    std::uint32_t j = 0;
    while (i < one.run_count && j < other.run_count) {
      const cell_run a = runs_[one.first_run + i];
      const cell_run b = runs_[other.first_run + j];
      const std::uint32_t first = a.first > b.first ? a.first : b.first;
      const std::uint32_t last = a.last < b.last ? a.last : b.last;
      if (first <= last) runs_.push_back({first, last});
      if (a.last <= last) ++i;
      if (b.last <= last) ++j;
    }
    made.run_count = static_cast<std::uint32_t>(runs_.size()) - made.first_run;
    return made;
  }

  sequence<side> sides_;
  sequence<cell_run> runs_;
  sequence<diagram_store::edge> edges_;
};

}  // namespace cordon::detail
