#include <cordon/base/text.hpp>

#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "../catch.hpp"

using namespace cordon;

namespace {
constexpr bool grows() {
  text made;
  for (int i = 0; i < 100; ++i) made.append(i % 2 == 0 ? "ab" : "c").append('d');
  text copy = made;
  text moved = std::move(made);
  const text& same = copy;
  copy = same;
  return moved.size() == 250 && copy == moved && moved.view().starts_with("abdcd");
}
}  // namespace

static_assert(grows());

TEST_CASE("a text grows as it is appended to, and copies and moves keep it") { CHECK(grows()); }

TEST_CASE("a text can be appended to itself") {
  text made = "abc";
  for (int i = 0; i < 4; ++i) made.append(made.view());
  CHECK(made.size() == 48);
  CHECK(made.view().substr(45) == "abc");
}

TEST_CASE("a text that was moved from or cleared is empty and can be used again") {
  text made = "abc";
  text other = std::move(made);
  made = "x";
  CHECK(made == "x");
  other.clear();
  CHECK(other.empty());
  CHECK(other.append("y") == "y");
  other = text();
  CHECK(other == "");
}

TEST_CASE("a text behaves as a std::string does") {
  CHECK(rc::check("append, assign, clear and compare", [](const std::vector<std::string>& pieces) {
    text made;
    std::string model;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i % 5 == 4) {
        made = text(pieces[i]);
        model = pieces[i];
      } else if (i % 7 == 6) {
        made.clear();
        model.clear();
      } else {
        made.append(pieces[i]);
        model += pieces[i];
      }
      RC_ASSERT(made.view() == model);
      RC_ASSERT((made == text("x")) == (model == "x"));
      RC_ASSERT((made < text("m")) == (model < "m"));
    }
  }));
}

TEST_CASE("numbers are written in full, up to 128 bits") {
  CHECK(decimal(0) == "0");
  CHECK(decimal(~uint128{0}) == "340282366920938463463374607431768211455");
  CHECK(text().append_hexadecimal(0, 4) == "0000");
  CHECK(text().append_hexadecimal(0xabc) == "abc");
}
