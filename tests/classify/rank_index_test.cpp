#include <cordon/classify/rank_index.hpp>

#include <initializer_list>

#include <cordon/classify/vector_units.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/random.hpp>

using namespace cordon;
using namespace cordon::detail;

TEST_CASE("each way to find ranks is chosen for the numbers that it is made for") {
  const auto way = [](std::uint32_t count, std::uint32_t distance) {
    sequence<uint128> starts{0};
    for (std::uint32_t i = 1; i <= count; ++i) starts.push_back(uint128{i} * distance);
    return rank_index::of(starts).how;
  };
  CHECK(way(0, 1) == rank_index::kind::none);
  CHECK(way(1000, 7) == rank_index::kind::by_value);
  CHECK(way(3000, 65537) == rank_index::kind::by_bits);
  CHECK(way(300, 65537) == rank_index::kind::by_bits);
  // Twenty-nine to each upper half.
  CHECK(way(4000, 2311) == rank_index::kind::by_halves);
  CHECK(way(10000, 100) == rank_index::kind::by_tree);
}
