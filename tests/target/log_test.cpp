#include <cordon/target/log.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("LOG options are printed as iptables-save prints them") {
  struct {
    const char* written;
    const char* printed;
  } const cases[] = {
      {"", ""},
      {"--log-prefix \"hello: \" --log-level info --log-uid --log-ip-options --log-tcp-sequence --log-tcp-options",
       "--log-prefix \"hello: \" --log-level 6 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid"},
      {"--log-level 4 --log-prefix x", "--log-prefix x"},
      {"--log-level warning", ""},
      {"--log-macdecode --log-level debug", "--log-level 7 --log-macdecode"},
      {"--log-level 0x3", "--log-level 3"},
      {"--log-level panic", "--log-level 0"},
      {"--log-prefix 1234567890123456789012345678901234567890", "--log-prefix 12345678901234567890123456789"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.written);
    CHECK(canonical(log_target, one.written) == one.printed);
  }
}

TEST_CASE("levels that iptables does not know, and an empty prefix, are refused") {
  for (const char* const words : {"--log-level warn", "--log-level err", "--log-level deb", "--log-level DEBUG",
                                  "--log-level 8", "--log-prefix \"\""}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(log_target, words)));
  }
}

TEST_CASE("a logged packet goes on") { CHECK(meaning_of(log_target, {}, {}) == effect{}); }
