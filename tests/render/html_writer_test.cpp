#include <cordon/render/html_writer.hpp>

#include <string>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string on_a_page(std::string_view words) {
  text out;
  detail::append_html(out, words);
  return testing::shown(out);
}

constexpr bool writes_in_a_constant_expression() {
  html_writer page;
  page.open("p").with("title", "a\"b").words("<").close();
  return std::move(page).finish() == "<p title=\"a&quot;b\">&lt;</p>\n";
}
static_assert(writes_in_a_constant_expression());

}  // namespace

TEST_CASE("words stay words: nothing in them is markup, and nothing in them is unseen") {
  CHECK(on_a_page("<script>alert(\"1\")</script>&amp;") ==
        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;");
  CHECK(on_a_page("a\nb\tc\x7f") == "a\\x0ab\\x09c\\x7f");
  CHECK(on_a_page(std::string_view("\0", 1)) == "\\x00");
  CHECK(on_a_page("\xff\xc3") == "\\xff\\xc3");
  CHECK(on_a_page("na\xc3\xafve \xe6\x97\xa5") == "na\xc3\xafve \xe6\x97\xa5");
  // A C1 control, a mark that turns text round, a space without width.
  CHECK(on_a_page("\xc2\x85") == "\\xc2\\x85");
  CHECK(on_a_page("\xe2\x80\xae") == "\\xe2\\x80\\xae");
  CHECK(on_a_page("\xe2\x80\x8b") == "\\xe2\\x80\\x8b");
}

TEST_CASE("whatever bytes come in, no element, attribute or reference can begin or end there") {
  rc::prop("they are UTF-8 without controls and markup", [] {
    const auto bytes = *rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::elementOf(std::string("<>&\"'\n\x80\xe2\x80\xae"))));
    const std::string shown = on_a_page(bytes);
    RC_ASSERT(shown.find_first_of("<>\"") == std::string::npos);
    for (std::size_t at = shown.find('&'); at != std::string::npos; at = shown.find('&', at + 1))
      RC_ASSERT(shown.compare(at, 4, "&lt;") == 0 || shown.compare(at, 4, "&gt;") == 0 ||
                shown.compare(at, 5, "&amp;") == 0 || shown.compare(at, 6, "&quot;") == 0);
    for (std::string_view rest = shown; !rest.empty();) {
      const std::size_t length = detail::utf8_length(rest);
      RC_ASSERT(length != 0);
      RC_ASSERT(static_cast<unsigned char>(rest[0]) >= 0x20);
      rest.remove_prefix(length);
    }
  });
}

TEST_CASE("elements are closed in turn, but for those that have no end") {
  html_writer page;
  page.open("p")
      .with("class", "\"a<")
      .with("id", std::size_t{7})
      .words("x")
      .open("br")
      .close()
      .element("b", "y")
      .close();
  CHECK(testing::shown(std::move(page).finish()) == "<p class=\"&quot;a&lt;\" id=\"7\">x<br><b>y</b></p>\n");
}

TEST_CASE("words are cut between characters") {
  CHECK(detail::beginning_of("abc", 3) == "abc");
  CHECK(detail::beginning_of("abc", 2) == "ab");
  CHECK(detail::beginning_of("a\xe6\x97\xa5z", 3) == "a");
  CHECK(detail::beginning_of("a\xe6\x97\xa5z", 4) == "a\xe6\x97\xa5");
}
