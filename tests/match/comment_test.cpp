#include <cordon/match/comment.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("comments are quoted as iptables-save quotes them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"--comment foo", "--comment foo"},
      {"--comment \"foo bar\"", "--comment \"foo bar\""},
      {"--comment \"it\\\"s \\\\ $x\"", "--comment \"it\\\"s \\\\ $x\""},
      {"--comment it's", "--comment \"it\\'s\""},
      {"--comment \"\"", "--comment \"\""},
      {"--comment a:b,c;d/e_f-g.h", "--comment \"a:b,c;d/e_f-g.h\""},
      {"--comment \xc3\xa9", "--comment \"\xc3\xa9\""},
      {"--comment -x", "--comment -x"},
      {"--comment #a", "--comment \"#a\""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(comment_match, one.written) == one.printed);
  }
}

TEST_CASE("a comment is cut off behind its 255th byte") {
  const std::string written(300, 'x');
  CHECK(canonical(comment_match, "--comment " + written) == "--comment " + written.substr(0, 255));
}

TEST_CASE("a comment cannot be left out, be inverted or hold the end of a line") {
  CHECK(is_refused(canonical(comment_match, "")));
  CHECK(is_refused(canonical(comment_match, "! --comment a")));
  CHECK(is_refused(canonical(comment_match, "--comment \"a\nb\"")));
}

TEST_CASE("a comment decides nothing") { CHECK(decides(comment_match, "--comment a", packet{}) == "yes"); }
