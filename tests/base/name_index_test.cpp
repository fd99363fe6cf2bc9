#include <cordon/base/name_index.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {
constexpr name_index small() {
  name_index made;
  made.add("one", 1);
  made.add("two", 2);
  made.add("one", 3);
  return made;
}
}  // namespace

static_assert(small().find("two") == 2);

TEST_CASE("a name leads to the number that it was first added with") {
  CHECK(small().find("one") == 1);
  CHECK(small().find("two") == 2);
}

TEST_CASE("a name that was not added leads nowhere") {
  CHECK(small().find("three") == name_index::none);
  CHECK(small().find("") == name_index::none);
  CHECK(name_index().find("one") == name_index::none);
}

TEST_CASE("names that fall into one place of the table are told apart") {
  // Length, ends and middle are all that the table looks at first: these differ elsewhere.
  std::string names[200];
  name_index made;
  for (int i = 0; i < 200; ++i) {
    names[i] = "aXXXmXXXXz";
    names[i][2] = static_cast<char>('0' + i % 10);
    names[i][3] = static_cast<char>('0' + i / 10 % 10);
    names[i][7] = static_cast<char>('0' + i / 100);
    made.add(names[i], static_cast<std::uint8_t>(i));
  }
  for (int i = 0; i < 200; ++i) CHECK(made.find(names[i]) == i);
  CHECK(made.find("aXXXmXXXXz") == name_index::none);
}
