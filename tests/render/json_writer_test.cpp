#include <string>
#include <string_view>

#include <rapidcheck.h>

#include <cordon/render/json_writer.hpp>

#include "../catch.hpp"
#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string string_for(std::string_view content) {
  text out;
  append_json_string(out, content);
  return testing::shown(out);
}

constexpr text small_object() {
  json_writer json;
  json.open_object().key("a").open_array().number(1).boolean(true).null().string("x").close_array();
  json.key("b").open_object().close_object().close_object();
  return std::move(json).finish();
}
static_assert(small_object() == R"({"a": [1, true, null, "x"], "b": {}})");

}  // namespace

TEST_CASE("quotes, backslashes and control characters are escaped") {
  CHECK(string_for("a\"b\\c") == R"("a\"b\\c")");
  CHECK(string_for("\n\r\t\x01\x7f") == R"("\n\r\t\u0001\u007f")");
  CHECK(string_for(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(string_for("") == R"("")");
}

TEST_CASE("UTF-8 goes through as it is, and what is none becomes U+FFFD") {
  CHECK(string_for("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\xa5") == "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\xa5\"");
  const char* const wrong[] = {
      "\x80",              // a continuation without a beginning
      "\xc3",              // cut off
      "\xc0\xaf",          // longer than it need be: two bytes, each none
      "\xed\xa0\x80",      // half of a surrogate pair
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xff",
  };
  for (const char* const one : wrong) {
    const std::string made = string_for(one);
    CHECK(made.find("\\ufffd") != std::string::npos);
    for (const char c : made) CHECK(static_cast<unsigned char>(c) < 0x80);
  }
}

TEST_CASE("whatever bytes go in, the string ends where it should") {
  CHECK(rc::check([](const std::string& content) {
    const std::string made = string_for(content);
    RC_ASSERT(made.size() >= 2);
    std::size_t at = 1;
    while (made.at(at) != '"') {
      RC_ASSERT(static_cast<unsigned char>(made[at]) >= 0x20);
      at += made[at] == '\\' ? 2U : 1U;
    }
    RC_ASSERT(at + 1 == made.size());
  }));
}
