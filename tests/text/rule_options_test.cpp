#include <cordon/text/rule_options.hpp>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("every long option of iptables leads to its letter, and nothing else does") {
  for (const rule_option& one : detail::rule_options) {
    CAPTURE(one.name);
    CHECK(rule_option_letter(one.name) == one.letter);
    CHECK(argument_of(one.letter) != argument::unknown_option);
  }
  CHECK(rule_option_letter("sourc") == 0);
  CHECK(rule_option_letter("") == 0);
  CHECK(rule_option_letter("dport") == 0);
}

TEST_CASE("letters that iptables does not know are unknown") {
  for (const char letter : {'a', 'b', 'e', 'k', 'q', 'B', 'Y', '1', '5', '-', '='}) {
    CAPTURE(letter);
    CHECK(argument_of(letter) == argument::unknown_option);
  }
}
