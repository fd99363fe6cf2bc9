#include <cordon/text/rule_interfaces.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {
interface_match read_interface(std::string_view written, bool inverted = false) {
  interface_match into;
  REQUIRE(read_rule_interface(written, inverted, into).empty());
  return into;
}
bool refuses_interface(std::string_view written) {
  interface_match into;
  return !read_rule_interface(written, false, into).empty();
}
}  // namespace

TEST_CASE("a name is a name, and a plus at its end makes it a prefix") {
  CHECK(read_interface("lo") == interface_match{true, false, false, "lo"});
  CHECK(read_interface("eth+", true) == interface_match{true, true, true, "eth"});
  CHECK(read_interface("+") == interface_match{true, false, true, ""});
  CHECK(read_interface("++") == interface_match{true, false, true, "+"});
  CHECK(read_interface("e+h") == interface_match{true, false, false, "e+h"});
}

TEST_CASE("a name has 1 to 15 characters, a plus counted") {
  CHECK(read_interface("abcdefghijklmno").name == "abcdefghijklmno");
  CHECK(read_interface("abcdefghijklmn+").name == "abcdefghijklmn");
  CHECK(refuses_interface("abcdefghijklmnop"));
  CHECK(refuses_interface("abcdefghijklmno+"));
  CHECK(refuses_interface(""));
}

TEST_CASE("a name that could not be printed as one word is refused") {
  CHECK(refuses_interface("a b"));
  CHECK(refuses_interface("a\"b"));
  CHECK(refuses_interface("a\tb"));
  CHECK(refuses_interface("a\\b"));
}
