// Where a number stands among sorted ones, in one of four ways: by a table of all numbers where there are few, by a table
// of their upper bits that tells where to compare from, of whole numbers or of their lower halves, or by a tree of nodes of
// sixteen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>

namespace cordon::detail {

/// Sixteen numbers, ascending: a cache line, and what one or two comparisons of a vector unit take.
struct alignas(64) rank_node {
  static constexpr std::uint32_t size = 16;
  std::uint32_t numbers[size] = {};
};

/// The rank of a number is how many of some numbers are below it.
struct rank_index {
  enum class kind : std::uint8_t {
    none,      ///< there are no numbers: every rank is 0
    by_value,  ///< `ranks` has that of every number up to `greatest`, which stands for all above
    by_bits,   ///< `firsts`, by the upper bits: the numbers to compare with begin there, and are at most 16 * `runs`
    by_halves,  ///< `ranks`, by the upper half and one more: from there to the next, at most 32, compare the lower halves
    by_tree,
  };
  static constexpr std::uint32_t most_levels = 7;
  static constexpr std::uint32_t most_bits = 16;
  static constexpr std::uint32_t most_halves = 32;

  kind how = kind::none;
  std::uint32_t greatest = 0;
  std::uint32_t shift = 0;
  std::uint32_t runs = 0;
  std::uint32_t level_count = 0;
  std::uint32_t first_node[most_levels] = {};
  sequence<std::uint16_t> ranks = {};
  sequence<std::uint32_t> firsts = {};
  sequence<std::uint32_t> numbers = {};       ///< ascending, then at least 16 * `runs` of the greatest number
  sequence<std::uint16_t> lower_halves = {};  ///< of all numbers, and 2 * `most_halves` more
  sequence<rank_node> nodes = {};  ///< of the tree, the root first; a node's numbers separate seventeen others

  constexpr std::size_t bytes() const {
    return 2 * (ranks.size() + lower_halves.size()) + 4 * (firsts.size() + numbers.size()) +
           nodes.size() * sizeof(rank_node);
  }

  /// Of `starts`, ascending and from 0: a number's rank is the index of the last that is not above it.
  static constexpr rank_index of(const sequence<uint128>& starts) {
    rank_index made;
    if (starts.size() < 2) return made;
    sequence<std::uint32_t> all;
    for (std::size_t i = 1; i < starts.size(); ++i) all.push_back(static_cast<std::uint32_t>(starts[i] - 1));
    if (all.back() < 65535 && all.size() < 65536) {
      made.how = kind::by_value;
      made.greatest = all.back() + 1;
      std::uint16_t rank = 0;
      for (std::uint32_t value = 0; value <= made.greatest; ++value) {
        if (rank < all.size() && all[rank] < value) ++rank;
        made.ranks.push_back(rank);
      }
      return made;
    }
    std::uint32_t levels = 1;
    for (std::size_t reach = rank_node::size; reach < all.size(); reach = (reach + 1) * (rank_node::size + 1) - 1)
      ++levels;
    const std::uint32_t runs = runs_with(all, most_bits);
    if (runs < 2 * levels) {
      std::uint32_t bits = 8;
      while (runs_with(all, bits) > runs) ++bits;
      // Where that takes a large table, one of half the size does, and one comparison.
      if (runs == most_halves / rank_node::size && bits > 14 && all.size() < 65536)
        made.look_by_halves(all);
      else
        made.look_by_bits(std::move(all), bits, runs);
    } else {
      made.grow(all);
    }
    return made;
  }

 private:
  // How many vectors of sixteen hold all numbers with the same upper bits.
  static constexpr std::uint32_t runs_with(const sequence<std::uint32_t>& all, std::uint32_t bits) {
    std::uint32_t most = 1;
    for (std::size_t i = 0; i < all.size();) {
      std::size_t end = i;
      while (end < all.size() && all[end] >> (32 - bits) == all[i] >> (32 - bits)) ++end;
      most = greater_of(most, static_cast<std::uint32_t>((end - i + rank_node::size - 1) / rank_node::size));
      i = end;
    }
    return most;
  }

  constexpr void look_by_bits(sequence<std::uint32_t> all, std::uint32_t bits, std::uint32_t in_runs) {
    how = kind::by_bits;
    shift = 32 - bits;
    runs = in_runs;
    std::uint32_t below = 0;
    for (std::uint32_t upper = 0; upper < std::uint32_t{1} << bits; ++upper) {
      while (below < all.size() && all[below] >> shift < upper) ++below;
      firsts.push_back(below);
    }
    all.resize(all.size() + std::size_t{rank_node::size} * runs, ~std::uint32_t{0});
    numbers = std::move(all);
  }

  constexpr void look_by_halves(const sequence<std::uint32_t>& all) {
    how = kind::by_halves;
    std::uint16_t below = 0;
    for (std::uint32_t upper = 0; upper <= 65536; ++upper) {
      while (below < all.size() && all[below] >> 16 < upper) ++below;
      ranks.push_back(below);
    }
    for (const std::uint32_t one : all) lower_halves.push_back(static_cast<std::uint16_t>(one));
    lower_halves.resize(lower_halves.size() + std::size_t{2} * most_halves, 0);
  }

  constexpr void grow(const sequence<std::uint32_t>& all) {
    how = kind::by_tree;
    // Levels from the leaves up. A leaf's first number decides between it and the one before: at or below it a number
    // belongs to the one before, where it has the same rank.
    sequence<sequence<rank_node>> levels(1);
    sequence<std::uint32_t> separators;  // before each node of the latest level but the first
    for (std::size_t i = 0; i < all.size(); i += rank_node::size) {
      if (i != 0) separators.push_back(all[i]);
      add_node(levels[0], all, i);
    }
    while (levels.back().size() > 1) {
      sequence<rank_node> level;
      sequence<std::uint32_t> above;
      for (std::size_t i = 0; i <= separators.size(); i += rank_node::size + 1) {
        if (i != 0) above.push_back(separators[i - 1]);
        add_node(level, separators, i);
      }
      separators = std::move(above);
      levels.push_back(std::move(level));
    }
    for (std::size_t i = levels.size(); i-- > 0;) {
      first_node[level_count++] = static_cast<std::uint32_t>(nodes.size());
      nodes.append(levels[i]);
    }
  }

  // A place that is not used has the greatest number, which none is above.
  static constexpr void add_node(sequence<rank_node>& to, const sequence<std::uint32_t>& all, std::size_t from) {
    rank_node made;
    for (std::size_t i = 0; i < rank_node::size; ++i)
      made.numbers[i] = from + i < all.size() ? all[from + i] : ~std::uint32_t{0};
    to.append(&made, 1);
  }
};

}  // namespace cordon::detail
