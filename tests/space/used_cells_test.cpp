#include <cordon/space/used_cells.hpp>

#include <cordon/testing/catch2.hpp>

#include <rapidcheck.h>

#include "small_diagrams.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("a cell is used exactly if a packet of the set has it, and no list at all means every cell") {
  rc::prop("for every set and level", [] {
    diagram_store store;
    table_of_values values = {};
    for (std::uint32_t& one : values) one = *rc::gen::inRange(0, 4) == 0 ? 1 : 0;
    const diagram of = diagram_of(store, values);
    for (std::uint32_t level = 0; level < 3; ++level) {
      sequence<char> expected(cells_of_levels[level], 0);
      for (std::size_t packet = 0; packet < packet_count; ++packet)
        if (values[packet] != 0) expected[cells_of(packet)[level]] = 1;
      const sequence<char> found = used_cells(store, of, level, cells_of_levels[level]);
      if (found.empty())
        RC_ASSERT(expected == sequence<char>(cells_of_levels[level], 1));
      else
        RC_ASSERT(found == expected);
    }
  });
}
