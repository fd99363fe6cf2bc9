#include <cordon/base/bytes.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
constexpr std::size_t find_in(std::string_view in, char wanted) {
  return static_cast<std::size_t>(find_byte(in.data(), in.data() + in.size(), wanted) - in.data());
}
constexpr bool copies() {
  char to[4] = {'x', 'x', 'x', 'x'};
  copy_bytes(to + 1, "ab", 2);
  copy_bytes(to, "", 0);
  return to[0] == 'x' && to[1] == 'a' && to[2] == 'b' && to[3] == 'x';
}
}  // namespace

TEST_CASE("bytes are compared by length and content") {
  CHECK(same_bytes("abc", "abc"));
  CHECK(same_bytes("", {}));
  CHECK_FALSE(same_bytes("abc", "abd"));
  CHECK_FALSE(same_bytes("abc", "ab"));
}

TEST_CASE("the first of several bytes is found, and the end where there is none") {
  CHECK(find_in("a,b,c", ',') == 1);
  CHECK(find_in("abc", ',') == 3);
  CHECK(find_in("", ',') == 0);
  CHECK(find_in("a\xe9", '\xe9') == 1);
}

TEST_CASE("as many bytes are copied as were asked for") { CHECK(copies()); }

static_assert(copies() && same_bytes("ab", "ab") && !same_bytes("ab", "ac") && find_in("a,b", ',') == 1 &&
              find_in("ab", ',') == 2);
