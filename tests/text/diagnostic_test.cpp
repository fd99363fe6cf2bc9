#include <cordon/text/diagnostic.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {
std::string shown(const diagnostic& of) { return std::string(to_text(of).view()); }
}  // namespace

TEST_CASE("a diagnostic begins with file, line and column, as far as it has them") {
  CHECK(shown({"rules", {7, 3}, severity::error, "no"}) == "rules:7:3: error: no");
  CHECK(shown({"rules", {7, 0}, severity::warning, "no"}) == "rules:7: warning: no");
  CHECK(shown({"rules", {}, severity::note, "no"}) == "rules: note: no");
  CHECK(shown({{}, {}, severity::error, "no"}) == "error: no");
}

TEST_CASE("what a diagnostic quotes cannot make a second line or steer a terminal") {
  CHECK(shown({"a\nb", {}, severity::error, "\x1b[2J\r\x7f"}) == "a\\x0ab: error: \\x1b[2J\\x0d\\x7f");
  CHECK(shown({{}, {}, severity::error, "caf\xc3\xa9"}) == "error: caf\xc3\xa9");
}

TEST_CASE("a result holds a value, or diagnostics with an error among them") {
  const read_result<int> good(5, {{"f", {}, severity::warning, "w"}});
  REQUIRE(good);
  CHECK(*good == 5);
  CHECK(good.diagnostics().size() == 1);
  const auto bad = read_result<int>::failure({"f", {1, 1}, severity::error, "e"});
  CHECK_FALSE(bad);
  REQUIRE(bad.diagnostics().size() == 1);
  CHECK(bad.diagnostics()[0].message == "e");
}
