#include <cordon/text/words.hpp>

#include <string>
#include <vector>

#include "../catch.hpp"

using namespace cordon;

namespace {

// The words as iptables-restore 1.8.9 got them: what `iptables-restore --test` said of lines with these words behind
// `-m comment --comment`.
std::vector<std::string> split(std::string_view line) {
  line_words words;
  words.split(line);
  std::vector<std::string> made;
  for (const word& one : words) made.emplace_back(one.content);
  return made;
}
using list = std::vector<std::string>;

}  // namespace

TEST_CASE("blanks and tabs divide words, any number of them") {
  CHECK(split("-A OUTPUT -j DROP") == list{"-A", "OUTPUT", "-j", "DROP"});
  CHECK(split("\t -A\t\tOUTPUT  ") == list{"-A", "OUTPUT"});
  CHECK(split("   ").empty());
}

TEST_CASE("double quotes hold a word together, single quotes do not") {
  CHECK(split(R"(--comment "a b" -j)") == list{"--comment", "a b", "-j"});
  CHECK(split(R"(--comment 'a b')") == list{"--comment", "'a", "b'"});
}

TEST_CASE("a backslash takes the next character inside quotes alone") {
  CHECK(split(R"("a\"b\\c\n")") == list{R"(a"b\cn)"});
  CHECK(split(R"(a\ b\"c d")") == list{R"(a\)", R"(b\c d)"});
}

TEST_CASE("a quote in the middle of a word goes on with it, and the one that closes it ends the word") {
  CHECK(split(R"(a"b c" -j)") == list{"ab c", "-j"});
  CHECK(split(R"("a"b)") == list{"a", "b"});
  CHECK(split(R"(a""b)") == list{"a", "b"});
}

TEST_CASE("two quotes with nothing between are a word") {
  CHECK(split(R"(--comment "" -j)") == list{"--comment", "", "-j"});
}

TEST_CASE("a quote that is never closed takes the rest of the line, blanks at its end too") {
  CHECK(split(R"(--comment "a -j DROP )") == list{"--comment", "a -j DROP "});
  CHECK(split(R"(a "b\)") == list{"a", "b"});
  CHECK(split(R"(a ")") == list{"a"});
}

TEST_CASE("the column of an open quote is kept, and 0 where there is none") {
  line_words words;
  words.split(R"(ab c"d)");
  CHECK(words.open_quote() == 5);
  words.split(R"(ab "c" d)");
  CHECK(words.open_quote() == 0);
}

TEST_CASE("each word has the column of its first byte, quotes included, counted from where the line begins") {
  line_words words;
  words.split(R"( a "b c" d"e f" g)", 8);
  REQUIRE(words.size() == 4);
  CHECK(words[0].column == 9);
  CHECK(words[1].column == 11);
  CHECK(words[1].quoted);
  CHECK(words[2].column == 17);
  CHECK(words[2].content == "de f");
  CHECK(words[3].column == 24);
  CHECK_FALSE(words[3].quoted);
}

TEST_CASE("words with escapes stay where they are while the rest of the line is cut") {
  line_words words;
  std::string line;
  for (int i = 0; i < 100; ++i) line += R"("x\"y" )";
  words.split(line);
  REQUIRE(words.size() == 100);
  for (const word& one : words) CHECK(one.content == "x\"y");
}

static_assert([] {
  line_words words;
  words.split(R"(-A "a\"b" c)");
  return words.size() == 3 && words[1].content == "a\"b";
}());
