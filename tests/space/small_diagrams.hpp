// Diagrams small enough to be written out: three levels of 3, 4 and 2 cells, 24 packets. What an operation gives is
// compared with what it means, packet by packet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <cordon/space/diagram.hpp>

namespace cordon::test {

inline constexpr std::array<std::uint32_t, 3> cells_of_levels = {3, 4, 2};
inline constexpr std::size_t packet_count = 3 * 4 * 2;

/// A function of all packets, as a table.
using table_of_values = std::array<std::uint32_t, packet_count>;

inline std::array<std::uint32_t, 3> cells_of(std::size_t packet) {
  return {static_cast<std::uint32_t>(packet / 8), static_cast<std::uint32_t>(packet / 2 % 4),
          static_cast<std::uint32_t>(packet % 2)};
}

/// What `of` gives to each packet.
inline table_of_values values_of(const diagram_store& store, diagram of) {
  table_of_values made = {};
  for (std::size_t packet = 0; packet < packet_count; ++packet) {
    const auto cells = cells_of(packet);
    diagram at = of;
    while (!is_leaf(at)) {
      const diagram_store::edge* edge = store.edges_of(at);
      while (edge->last < cells[store.level_of(at)]) ++edge;
      at = edge->child;
    }
    made[packet] = number_of(at);
  }
  return made;
}

/// The diagram of a table, from the last level up.
inline diagram diagram_of(diagram_store& store, const table_of_values& values, std::uint32_t level = 0,
                          std::size_t first = 0) {
  if (level == 3) return leaf(values[first]);
  constexpr std::size_t below[] = {8, 2, 1};
  sequence<diagram_store::edge> edges;
  for (std::uint32_t cell = 0; cell < cells_of_levels[level]; ++cell)
    edges.push_back({cell, diagram_of(store, values, level + 1, first + cell * below[level])});
  return store.node(level, edges.data(), edges.size());
}

template <class Operation>
table_of_values pointwise(const table_of_values& a, const table_of_values& b, const Operation& operation) {
  table_of_values made = {};
  for (std::size_t packet = 0; packet < packet_count; ++packet) made[packet] = operation(a[packet], b[packet]);
  return made;
}

}  // namespace cordon::test
