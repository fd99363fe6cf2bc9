#include <cordon/base/shared_sequence.hpp>

#include <string>
#include <thread>
#include <utility>

#include <cordon/base/text.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
constexpr bool holds(const shared_sequence<text>& of, std::initializer_list<text> wanted) {
  return static_cast<const sequence<text>&>(of) == sequence<text>(wanted);
}

constexpr bool is_a_value() {
  shared_sequence<text> one{"a", "b"};
  shared_sequence<text> other = one;
  other.push_back("c");
  one[0] = "x";
  const shared_sequence<text> moved = std::move(one);
  one = other;
  one.erase(one.begin());
  one.insert(one.begin(), "y");
  one.append(other.data() + 2, 1);
  one.resize(3);
  return holds(moved, {"x", "b"}) && holds(other, {"a", "b", "c"}) && holds(one, {"y", "b", "c"}) && !(one == other) &&
         one == shared_sequence<text>{"y", "b", "c"};
}
static_assert(is_a_value());

constexpr bool is_empty_without_memory() {
  shared_sequence<text> none;
  shared_sequence<text> copy = none;
  copy.clear();
  return none.empty() && none == copy && std::as_const(none).data() == nullptr;
}
static_assert(is_empty_without_memory());
}  // namespace

TEST_CASE("a shared sequence is a value") { CHECK(is_a_value()); }

TEST_CASE("elements are shared until one of the owners reaches for its own") {
  const shared_sequence<text> first{"a", "b"};
  shared_sequence<text> second{"z"};
  shared_sequence<text> third;
  first.share_with(second);
  second.share_with(third);
  CHECK(first.data() == std::as_const(second).data());
  CHECK(first.data() == std::as_const(third).data());
  const shared_sequence<text> copy = third;
  CHECK(copy.data() == first.data());

  second[1] = "x";
  CHECK(holds(second, {"a", "x"}));
  third.clear();
  CHECK(third.empty());
  CHECK(holds(first, {"a", "b"}));
  CHECK(holds(copy, {"a", "b"}));
}

TEST_CASE("a copy of elements that one owner has is a copy") {
  shared_sequence<text> one{"a"};
  text& first = one[0];
  const shared_sequence<text> copy = one;
  first = "b";
  CHECK(holds(copy, {"a"}));

  shared_sequence<text> other;
  one.share_with(other);
  other.clear();  // `one` is the only owner again
  text& mine = one[0];
  const shared_sequence<text> again = one;
  mine = "c";
  CHECK(holds(again, {"b"}));
  CHECK(holds(one, {"c"}));
}

TEST_CASE("a sequence may be shared with itself, and with who has its elements") {
  shared_sequence<text> one{"a"};
  one.share_with(one);
  shared_sequence<text> other;
  one.share_with(other);
  one.share_with(other);
  one = other;
  other = std::move(one);
  CHECK(holds(other, {"a"}));
}

TEST_CASE("owners in several threads come and go") {
  const shared_sequence<text> first{"a", "b"};
  shared_sequence<text> shared;
  first.share_with(shared);
  const auto use = [&shared] {
    for (int i = 0; i < 10000; ++i) {
      shared_sequence<text> mine = std::as_const(shared);
      if (i % 3 == 0) mine[0] = "x";
    }
  };
  std::thread one(use);
  std::thread other(use);
  one.join();
  other.join();
  shared.clear();
  CHECK(holds(first, {"a", "b"}));
}
