#include <cordon/space/diagram.hpp>

#include <algorithm>
#include <set>
#include <vector>

#include <cordon/testing/catch2.hpp>

#include "small_diagrams.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// Tables of few numbers, so that parts of them are equal now and then.
table_of_values draw_table(std::uint32_t most) {
  const auto drawn =
      *rc::gen::container<sequence<std::uint32_t>>(packet_count, rc::gen::inRange<std::uint32_t>(0, most + 1));
  table_of_values made = {};
  std::copy(drawn.begin(), drawn.end(), made.begin());
  // Neighbours that are alike make runs.
  for (std::size_t packet = 1; packet < packet_count; ++packet)
    if (*rc::gen::inRange(0, 3) == 0) made[packet] = made[packet - 1];
  return made;
}

// One whose operations call themselves on all levels, or on some, or on none.
diagram_store draw_store() {
  return diagram_store(std::size_t{1} << 20, std::uint64_t{1} << 27, *rc::gen::inRange<std::uint32_t>(0, 5));
}

}  // namespace

TEST_CASE("a diagram gives every packet the number that it was made with") {
  rc::prop("tables survive", [] {
    diagram_store store;
    const table_of_values values = draw_table(3);
    RC_ASSERT(values_of(store, diagram_of(store, values)) == values);
  });
}

TEST_CASE("operations on diagrams do what they say to every packet") {
  rc::prop("both, minus, instead", [] {
    diagram_store store = draw_store();
    const table_of_values set = draw_table(1);
    const table_of_values first = draw_table(3);
    const table_of_values then = draw_table(3);
    const auto number = *rc::gen::inRange<std::uint32_t>(0, 4);
    const diagram s = diagram_of(store, set);
    const diagram a = diagram_of(store, first);
    const diagram b = diagram_of(store, then);
    RC_ASSERT(values_of(store, store.both(s, a)) ==
              pointwise(set, first, [](std::uint32_t x, std::uint32_t y) { return x != 0 ? y : 0; }));
    RC_ASSERT(values_of(store, store.minus(a, s)) ==
              pointwise(set, first, [](std::uint32_t x, std::uint32_t y) { return x != 0 ? 0 : y; }));
    RC_ASSERT(values_of(store, store.instead(a, number, b)) ==
              pointwise(first, then, [&](std::uint32_t x, std::uint32_t y) { return x == number ? y : x; }));
    if (number != 0)
      RC_ASSERT(values_of(store, store.settled(a, number, b)) ==
                pointwise(first, then, [&](std::uint32_t x, std::uint32_t y) {
                  return x == 0 ? y : x == number ? 0 : x;
                }));
  });
  rc::prop("negation, either, includes", [] {
    diagram_store store = draw_store();
    const table_of_values left = draw_table(1);
    const table_of_values right = draw_table(1);
    const diagram a = diagram_of(store, left);
    const diagram b = diagram_of(store, right);
    RC_ASSERT(values_of(store, store.negation(a)) ==
              pointwise(left, left, [](std::uint32_t x, std::uint32_t) { return 1 - x; }));
    RC_ASSERT(values_of(store, store.either(a, b)) ==
              pointwise(left, right, [](std::uint32_t x, std::uint32_t y) { return x | y; }));
    bool inside = true;
    for (std::size_t packet = 0; packet < packet_count; ++packet)
      inside = inside && (right[packet] == 0 || left[packet] != 0);
    RC_ASSERT(store.includes(a, b) == inside);
  });
  rc::prop("renamed, collapsed", [] {
    diagram_store store = draw_store();
    const table_of_values values = draw_table(4);
    const diagram of = diagram_of(store, values);
    const auto rename = [](std::uint32_t number) { return number % 3; };
    RC_ASSERT(values_of(store, store.renamed(of, rename)) ==
              pointwise(values, values, [&](std::uint32_t x, std::uint32_t) { return rename(x); }));
    const auto level = *rc::gen::inRange<std::uint32_t>(0, 4);
    // The summary is the numbers as the bits of one.
    const diagram summary = store.collapsed(of, level, [](const std::uint32_t* numbers, std::size_t count) {
      std::uint32_t bits = 0;
      for (std::size_t i = 0; i < count; ++i) bits |= 1U << numbers[i];
      return bits;
    });
    const table_of_values found = values_of(store, summary);
    for (std::size_t packet = 0; packet < packet_count; ++packet) {
      std::uint32_t bits = 0;
      for (std::size_t other = 0; other < packet_count; ++other) {
        const auto here = cells_of(packet);
        const auto there = cells_of(other);
        if (std::equal(here.begin(), here.begin() + level, there.begin())) bits |= 1U << values[other];
      }
      RC_ASSERT(found[packet] == bits);
    }
  });
}

TEST_CASE("two diagrams are one node exactly if they are one function") {
  rc::prop("tables and their diagrams", [] {
    diagram_store store;
    const table_of_values left = draw_table(2);
    table_of_values right = left;
    if (*rc::gen::inRange(0, 2) == 0) right[*rc::gen::inRange<std::size_t>(0, packet_count)] = 0;
    RC_ASSERT((diagram_of(store, left) == diagram_of(store, right)) == (left == right));
  });
  rc::prop("a function made by operations is the one that was written out", [] {
    diagram_store store;
    diagram made = no_packet;
    table_of_values values = {};
    for (int step = *rc::gen::inRange(0, 12); step > 0; --step) {
      const auto level = *rc::gen::inRange<std::uint32_t>(0, 3);
      const auto low = *rc::gen::inRange<std::uint32_t>(0, cells_of_levels[level]);
      const auto high = *rc::gen::inRange<std::uint32_t>(low, cells_of_levels[level]);
      const diagram some = store.cells(level, cells_of_levels[level], low, high);
      const auto how = *rc::gen::inRange(0, 3);
      made = how == 0 ? store.either(made, some) : how == 1 ? store.both(made, some) : store.minus(some, made);
      for (std::size_t packet = 0; packet < packet_count; ++packet) {
        const std::uint32_t cell = cells_of(packet)[level];
        const std::uint32_t inside = low <= cell && cell <= high ? 1 : 0;
        std::uint32_t& value = values[packet];
        value = how == 0 ? value | inside : how == 1 ? value & inside : inside & (1 - value);
      }
    }
    RC_ASSERT(made == diagram_of(store, values));
  });
}

TEST_CASE("sets of packets obey the laws of sets") {
  rc::prop("as the same node", [] {
    diagram_store store;
    const diagram a = diagram_of(store, draw_table(1));
    const diagram b = diagram_of(store, draw_table(1));
    const diagram c = diagram_of(store, draw_table(1));
    RC_ASSERT(store.either(store.either(a, b), c) == store.either(a, store.either(b, c)));
    RC_ASSERT(store.both(store.both(a, b), c) == store.both(a, store.both(b, c)));
    RC_ASSERT(store.both(a, b) == store.both(b, a));
    RC_ASSERT(store.either(a, b) == store.either(b, a));
    RC_ASSERT(store.negation(store.both(a, b)) == store.either(store.negation(a), store.negation(b)));
    RC_ASSERT(store.both(a, store.either(b, c)) == store.either(store.both(a, b), store.both(a, c)));
    RC_ASSERT(store.minus(a, b) == store.both(a, store.negation(b)));
    RC_ASSERT(store.negation(store.negation(a)) == a);
    RC_ASSERT(store.either(a, store.negation(a)) == every_packet);
    RC_ASSERT(store.both(a, store.negation(a)) == no_packet);
  });
  rc::prop("decisions compose in any bracketing", [] {
    diagram_store store;
    const diagram a = diagram_of(store, draw_table(3));
    const diagram b = diagram_of(store, draw_table(3));
    const diagram c = diagram_of(store, draw_table(3));
    RC_ASSERT(store.instead(store.instead(a, 0, b), 0, c) == store.instead(a, 0, store.instead(b, 0, c)));
  });
}

TEST_CASE("a diagram tells which numbers it gives and on which levels it depends") {
  rc::prop("for every table", [] {
    diagram_store store;
    const table_of_values values = draw_table(3);
    const diagram of = diagram_of(store, values);
    const std::set<std::uint32_t> numbers(values.begin(), values.end());
    RC_ASSERT(store.leaf_numbers(of) == sequence<std::uint32_t>(numbers.begin(), numbers.end()));
    sequence<std::uint32_t> levels;
    for (std::uint32_t level = 0; level < 3; ++level) {
      bool matters = false;
      for (std::size_t packet = 0; packet < packet_count; ++packet)
        for (std::size_t other = 0; other < packet_count; ++other) {
          auto here = cells_of(packet);
          auto there = cells_of(other);
          here[level] = there[level] = 0;
          matters = matters || (here == there && values[packet] != values[other]);
        }
      if (matters) levels.push_back(level);
    }
    RC_ASSERT(store.levels_tested(of) == levels);
  });
}

TEST_CASE("a diagram falls into the packets of each number") {
  rc::prop("for every table", [] {
    diagram_store store;
    const table_of_values values = draw_table(5);
    const diagram of = diagram_of(store, values);
    std::set<std::uint32_t> numbers(values.begin(), values.end());
    numbers.erase(0);
    sequence<std::uint32_t> found;
    for (const diagram_store::part& one : store.parts_of(of)) {
      found.push_back(one.number);
      table_of_values expected = {};
      for (std::size_t packet = 0; packet < packet_count; ++packet) expected[packet] = values[packet] == one.number;
      RC_ASSERT(one.packets == diagram_of(store, expected));
    }
    RC_ASSERT(found == sequence<std::uint32_t>(numbers.begin(), numbers.end()));
  });
}

TEST_CASE("a diagram tells what it gives without the levels below") {
  rc::prop("some and every", [] {
    diagram_store store;
    const table_of_values values = draw_table(2);
    const diagram of = diagram_of(store, values);
    const auto level = *rc::gen::inRange<std::uint32_t>(0, 4);
    table_of_values some = {};
    table_of_values every = {};
    for (std::size_t packet = 0; packet < packet_count; ++packet) {
      auto here = cells_of(packet);
      bool any = false;
      bool all = true;
      for (std::size_t other = 0; other < packet_count; ++other) {
        auto there = cells_of(other);
        if (!std::equal(here.begin(), here.begin() + level, there.begin())) continue;
        any = any || values[other] != 0;
        all = all && values[other] != 0;
      }
      some[packet] = any;
      every[packet] = all;
    }
    const diagram set = store.as_set(of);
    RC_ASSERT(store.with_some(set, level) == diagram_of(store, some));
    RC_ASSERT(store.with_every(set, level) == diagram_of(store, every));
  });
}

TEST_CASE("a store that went back answers as if it had never gone on") {
  rc::prop("whatever was made and forgotten", [] {
    diagram_store store;
    sequence<table_of_values> kept;
    sequence<diagram> made;
    for (int round = 0; round < 4; ++round) {
      kept.push_back(draw_table(1));
      made.push_back(diagram_of(store, kept.back()));
      const diagram_store::bookmark before = store.here();
      for (int i = 0; i < 4; ++i)
        store.either(made[*rc::gen::inRange<std::size_t>(0, made.size())], diagram_of(store, draw_table(1)));
      store.go_back(before);
      RC_ASSERT(store.node_count() == before.nodes);
      RC_ASSERT(store.edge_count() == before.edges);
      for (std::size_t i = 0; i < made.size(); ++i)
        for (std::size_t k = 0; k < made.size(); ++k) {
          const auto both = [](std::uint32_t x, std::uint32_t y) { return x & y; };
          const auto minus = [](std::uint32_t x, std::uint32_t y) { return x & ~y; };
          RC_ASSERT(values_of(store, store.both(made[i], made[k])) == pointwise(kept[i], kept[k], both));
          RC_ASSERT(values_of(store, store.minus(made[i], made[k])) == pointwise(kept[i], kept[k], minus));
          RC_ASSERT(diagram_of(store, kept[i]) == made[i]);
        }
    }
  });
}

TEST_CASE("a store that went back from where it was full is not full") {
  diagram_store store(100);
  const diagram kept = store.cells(0, 4, 1, 2);
  const diagram_store::bookmark before = store.here();
  for (std::uint32_t level = 1; !store.too_large(); ++level) store.cells(level, 4, 1, 2);
  store.go_back(before);
  CHECK_FALSE(store.too_large());
  CHECK(store.cells(0, 4, 1, 2) == kept);
  CHECK(store.both(kept, store.cells(1, 4, 1, 1)) != no_packet);
}

TEST_CASE("a store that has worked enough says so, and work that was taken back is not counted") {
  diagram_store store(1000, 200);
  const auto work = [&] {
    diagram all = every_packet;
    for (std::uint32_t level = 0; level < 16 && !store.too_large(); ++level)
      all = store.both(store.cells(level, 4, 1, 2), all);
  };
  const diagram_store::bookmark before = store.here();
  for (int i = 0; i < 100; ++i) {
    store.both(store.cells(0, 4, 1, 2), store.cells(1, 4, 1, 2));
    CHECK(store.work() > before.work);
    store.go_back(before);
    CHECK(store.work() == before.work);
  }
  CHECK_FALSE(store.too_large());
  for (int i = 0; i < 100 && !store.too_large(); ++i) work();
  CHECK(store.too_large());
}

TEST_CASE("nodes fill a store as their edges do") {
  diagram_store store(8000);
  for (std::uint32_t level = 0; !store.too_large(); ++level) store.cells(level, 2, 1, 1);
  CHECK(store.node_count() == 1000);  // of two edges each, and of memory for six more
  CHECK(store.size() == 8000);
}

TEST_CASE("work is what is looked up too, which takes longer among many nodes") {
  const auto work_among = [](std::uint32_t nodes) {
    diagram_store store;
    for (std::uint32_t level = 0; level < nodes; ++level) store.cells(level, 3, 1, 1);
    const std::uint64_t before = store.work();
    CHECK(store.both(store.cells(0, 2, 1, 1), store.cells(1, 2, 1, 1)) != no_packet);
    return store.work() - before;
  };
  CHECK(work_among(0) > 10);
  CHECK(work_among(40000) > 2 * work_among(0));
}

TEST_CASE("a store that is full says so and goes on to answer nothing") {
  diagram_store store(40);
  diagram all = every_packet;
  for (std::uint32_t level = 0; level < 64; ++level) {
    const diagram bit = store.cells(level, 2, 1, 1);
    all = store.either(store.both(bit, store.negation(all)), store.minus(all, bit));
  }
  CHECK(store.too_large());
  CHECK(store.edge_count() <= 40);
}

TEST_CASE("a store that grows keeps what it knows") {
  diagram_store store;
  // The sum of 128 bits modulo 2: two nodes a level, made bit by bit in both orders.
  const auto parity = [&](bool upwards) {
    diagram odd = no_packet;
    for (std::uint32_t i = 0; i < 128; ++i) {
      const diagram bit = store.cells(upwards ? i : 127 - i, 2, 1, 1);
      odd = store.either(store.minus(bit, odd), store.minus(odd, bit));
    }
    return odd;
  };
  const diagram up = parity(true);
  const std::size_t nodes = store.node_count();
  CHECK(nodes > 64);  // more than the first tables hold
  CHECK(up == parity(false));
  CHECK(up == parity(true));
  CHECK(store.levels_tested(up).size() == 128);
}

TEST_CASE("what was kept of other operations is not taken for this one's result") {
  rc::prop("functions of more nodes than there is room to keep results", [] {
    constexpr std::uint32_t levels = 11;
    diagram_store store = draw_store();
    const auto draw = [] {
      return *rc::gen::container<std::vector<std::uint32_t>>(1U << levels, rc::gen::inRange<std::uint32_t>(0, 3));
    };
    const auto diagram_of_all = [&](const std::vector<std::uint32_t>& values) {
      std::vector<diagram> below;
      for (const std::uint32_t value : values) below.push_back(leaf(value));
      for (std::uint32_t level = levels; level-- > 0;)
        for (std::size_t i = 0; i < 1U << level; ++i) {
          const diagram_store::edge halves[] = {{0, below[2 * i]}, {~std::uint32_t{0}, below[2 * i + 1]}};
          below[i] = halves[0].child == halves[1].child ? halves[0].child : store.node(level, halves, 2);
        }
      return below[0];
    };
    const std::vector<std::uint32_t> first = draw();
    const std::vector<std::uint32_t> then = draw();
    std::vector<std::uint32_t> made = first;
    for (std::size_t i = 0; i < made.size(); ++i)
      if (made[i] == 1) made[i] = then[i];
    RC_ASSERT(store.instead(diagram_of_all(first), 1, diagram_of_all(then)) == diagram_of_all(made));
  });
}

TEST_CASE("no number of levels is too many for the stack") {
  constexpr std::uint32_t levels = 200000;
  diagram_store store;
  // Whether all cells are 1 on every second level, and on all of them.
  diagram some = every_packet;
  diagram all = every_packet;
  for (std::uint32_t level = levels; level-- > 0;) {
    const diagram_store::edge here[] = {{0, no_packet}, {1, all}};
    all = store.node(level, here, 2);
    if (level % 2 != 0) continue;
    const diagram_store::edge every_second[] = {{0, no_packet}, {1, some}};
    some = store.node(level, every_second, 2);
  }
  CHECK(store.includes(some, all));
  CHECK_FALSE(store.includes(all, some));
  CHECK(store.both(all, some) == all);
  CHECK(store.either(all, some) == some);
  CHECK(store.minus(store.either(all, leaf(2)), all) == store.both(store.negation(all), leaf(2)));
  CHECK(store.renamed(store.instead(all, 1, leaf(3)), [](std::uint32_t number) { return number / 3; }) == all);
  const diagram above = store.with_some(all, levels / 2);
  CHECK(store.with_every(all, levels / 2) == no_packet);
  CHECK(store.levels_tested(above).size() == levels / 2);
  CHECK_FALSE(store.too_large());
}
