// Which cells of a level the packets of a set have.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/space/diagram.hpp>

namespace cordon {

/// For each of the `count` cells of level `at` whether some packet of `of` has it; nothing at all if every cell has one,
/// because a way to a packet leaves the level open. In one pass over the diagram.
constexpr sequence<char> used_cells(const diagram_store& store, diagram of, std::uint32_t at, std::uint32_t count) {
  sequence<char> used(count, 0);
  if (is_leaf(of)) {
    if (of != no_packet) used.clear();
    return used;
  }
  bool is_open = store.level_of(of) > at;
  store.visit(of, [&](diagram one) {
    if (is_leaf(one) || store.level_of(one) > at) return;
    const diagram_store::edge* const edges = store.edges_of(one);
    std::uint32_t cell = 0;
    for (std::size_t i = 0; i < store.edge_count_of(one); ++i) {
      const diagram child = edges[i].child;
      if (store.level_of(one) == at) {
        for (; cell <= edges[i].last; ++cell)
          if (child != no_packet) used[cell] = 1;
      } else if (child != no_packet && (is_leaf(child) || store.level_of(child) > at)) {
        is_open = true;
      }
    }
  });
  if (is_open) used.clear();
  return used;
}

}  // namespace cordon
