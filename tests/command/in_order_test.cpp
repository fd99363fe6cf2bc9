#include "../../examples/cordon/in_order.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <thread>
#include <vector>

#include "../catch.hpp"

namespace {

// Longer for some, so that threads overtake each other.
std::size_t slow_square(std::size_t of) {
  if (of % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(of % 11 * 50));
  return of * of;
}

}  // namespace

TEST_CASE("results come in order, each once, however many threads there are") {
  for (const unsigned threads : {1U, 2U, 3U, 8U, 64U})
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
      CAPTURE(threads, count);
      std::vector<std::size_t> taken;
      in_order(count, threads, slow_square, [&](std::size_t one) { taken.push_back(one); });
      REQUIRE(taken.size() == count);
      for (std::size_t i = 0; i < count; ++i) REQUIRE(taken[i] == i * i);
    }
}

TEST_CASE("results are taken one at a time") {
  std::atomic<int> taking = 0;
  bool is_alone = true;
  in_order(400, 8, slow_square, [&](std::size_t) {
    if (++taking != 1) is_alone = false;
    std::this_thread::sleep_for(std::chrono::microseconds(20));
    --taking;
  });
  CHECK(is_alone);
}

TEST_CASE("all threads work at once") {
  constexpr unsigned threads = 3;
  std::atomic<unsigned> together = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto meet = [&](std::size_t) {
    ++together;
    while (together < threads && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return 0;
  };
  in_order(threads, threads, meet, [](int) {});
  CHECK(together == threads);
  CHECK(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("while the first is slow, no more than a bound of results wait for it") {
  constexpr unsigned threads = 4;
  constexpr std::size_t count = 10 * most_waiting * threads;
  std::atomic<std::size_t> started = 0;
  std::size_t started_when_first_was_taken = 0;
  std::atomic<bool> is_first_taken = false;
  const auto work = [&](std::size_t index) {
    ++started;
    // Until nothing moves any more: the others have filled what room there is.
    for (std::size_t before = 0; index == 0 && before != started;) {
      before = started;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return index;
  };
  in_order(count, threads, work, [&](std::size_t) {
    if (!is_first_taken.exchange(true)) started_when_first_was_taken = started;
  });
  CHECK(started == count);
  CHECK(started_when_first_was_taken <= most_waiting * threads);
  CHECK(started_when_first_was_taken > threads);
}

TEST_CASE("what work or its taker throws ends it and is thrown again; what was taken before has no gap") {
  for (const unsigned threads : {1U, 4U})
    for (const bool in_work : {true, false}) {
      CAPTURE(threads, in_work);
      std::vector<std::size_t> taken;
      const auto work = [&](std::size_t index) {
        if (in_work && index == 100) throw std::runtime_error("work");
        return slow_square(index);
      };
      const auto take = [&](std::size_t one) {
        if (!in_work && one == 100 * 100) throw std::runtime_error("take");
        taken.push_back(one);
      };
      CHECK_THROWS_AS(in_order(1000, threads, work, take), std::runtime_error);
      CHECK(taken.size() <= 100);
      for (std::size_t i = 0; i < taken.size(); ++i) CHECK(taken[i] == i * i);
    }
}
