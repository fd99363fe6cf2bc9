#include <cordon/base/shared_text.hpp>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../catch.hpp"

using namespace cordon;

namespace {
constexpr bool text_is_a_value() {
  shared_text one = "-A OUTPUT";
  shared_text other = one;
  if (!(other == one) || other.view().data() != one.view().data()) return false;
  one = "x";
  one = other;
  other = std::move(one);
  const shared_text& self = other;
  other = self;
  one = std::move(other);
  other = shared_text(text("y"));
  if (!(one == "-A OUTPUT") || one.size() != 9 || !(other == std::string_view("y"))) return false;
  one.clear();
  return one.empty() && one == shared_text("") && one.view().empty() && shared_text(one).empty();
}
static_assert(text_is_a_value());

constexpr bool lines_are_kept() {
  shared_lines lines;
  const shared_text first = lines.add("one", 8);
  const shared_text none = lines.add("", 5);
  shared_text second;
  {
    const shared_text copy = lines.add("three", 5);
    second = copy;
  }
  const shared_text third = lines.add("more than was to come", 1);
  lines = shared_lines();
  return first == "one" && none.empty() && second == "three" && third == "more than was to come" &&
         second.view().data() == first.view().data() + 3;
}
static_assert(lines_are_kept());
}  // namespace

TEST_CASE("a shared text is a value, and its copies are the same bytes") { CHECK(text_is_a_value()); }

TEST_CASE("lines stay what they are, however many come, and when what kept them is gone") {
  CHECK(lines_are_kept());
  std::vector<shared_text> all;
  {
    shared_lines lines;
    for (int i = 0; i < 20000; ++i) all.push_back(lines.add("line " + std::to_string(i), 1'000'000));
    all.push_back(lines.add(std::string(100'000, 'x'), 100'000));
    all.push_back(lines.add("after", 5));
  }
  for (int i = 0; i < 20000; ++i) REQUIRE(all[static_cast<std::size_t>(i)] == ("line " + std::to_string(i)).c_str());
  CHECK(all[20000].size() == 100'000);
  CHECK(all[20001] == "after");
}

TEST_CASE("owners of a text in several threads come and go") {
  shared_text kept;
  {
    const shared_text first = "a line";
    kept = first;
    const auto use = [&first] {
      std::size_t sum = 0;
      for (int i = 0; i < 10000; ++i) {
        const shared_text mine = first;
        sum += mine.size();
      }
      return sum;
    };
    std::thread one(use);
    std::thread other(use);
    one.join();
    other.join();
  }
  CHECK(kept == "a line");
}
