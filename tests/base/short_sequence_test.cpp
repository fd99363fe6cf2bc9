#include <cordon/base/short_sequence.hpp>

#include <utility>
#include <vector>

#include <cordon/base/uint128.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
constexpr bool holds(const short_sequence<int>& of, std::initializer_list<int> wanted) {
  return of == short_sequence<int>(wanted) && of.size() == wanted.size() && of.empty() == (wanted.size() == 0);
}

constexpr bool is_a_value(std::initializer_list<int> elements) {
  short_sequence<int> one(elements);
  short_sequence<int> other = one;
  other.push_back(9);
  if (other.size() != elements.size() + 1 || other.back() != 9 || !holds(one, elements)) return false;
  short_sequence<int> moved = std::move(other);
  if (!other.empty()) return false;
  other = moved;
  moved = std::move(other);
  other.push_back(1);
  if (!holds(other, {1})) return false;
  moved.pop_back();
  one = moved;
  return holds(one, elements);
}
static_assert(is_a_value({}));
static_assert(is_a_value({1}));
static_assert(is_a_value({1, 2}));
static_assert(is_a_value({1, 2, 3, 4, 5}));

constexpr bool grows_and_shrinks() {
  short_sequence<int> all;
  all.push_back(1);
  all.push_back(all[0]);
  all.push_back(all.front());
  all.resize(5);
  if (!holds(all, {1, 1, 1, 0, 0})) return false;
  all[4] = 7;
  all.erase(all.begin() + 1, all.begin() + 4);
  if (!holds(all, {1, 7})) return false;
  all.resize(1);
  all.resize(2);
  if (!holds(all, {1, 0})) return false;
  all.erase(all.begin());
  all.clear();
  return holds(all, {}) && all.begin() == all.end();
}
static_assert(grows_and_shrinks());
}  // namespace

TEST_CASE("a short sequence is a value, however many elements it has") {
  for (const auto& one : {std::initializer_list<int>{}, {1}, {1, 2}, {1, 2, 3, 4, 5}}) CHECK(is_a_value(one));
  CHECK(grows_and_shrinks());
}

TEST_CASE("one element takes no memory of its own") {
  short_sequence<range> one{{1, 2}};
  const auto* const at = reinterpret_cast<const char*>(one.data());
  const auto* const self = reinterpret_cast<const char*>(&one);
  CHECK((at >= self && at < self + sizeof one));
  const view<range> seen = one;
  CHECK(seen.data() == one.data());
  CHECK(seen.size() == 1);
}
