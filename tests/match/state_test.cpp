#include <cordon/match/state.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("states are printed in the order of iptables-save") {
  CHECK(canonical(state_match, "--state UNTRACKED,ESTABLISHED,RELATED,NEW,INVALID") ==
        "--state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED");
  CHECK(canonical(state_match, "! --state new,est") == "! --state NEW,ESTABLISHED");
}

TEST_CASE("-m state knows neither SNAT nor DNAT, and needs a state") {
  for (const char* const words : {"", "--state SNAT", "--state DNAT", "--state NEW,", "--state \"\""}) {
    CAPTURE(words);
    CHECK(is_refused(canonical(state_match, words)));
  }
}

TEST_CASE("each packet is in exactly one state") {
  for (unsigned state = 0; state < 5; ++state) {
    packet sent;
    sent.state = static_cast<connection_state>(state);
    for (unsigned asked = 0; asked < 5; ++asked) {
      const std::string name(name_of(static_cast<connection_state>(asked)));
      CAPTURE(state, name);
      CHECK(decides(state_match, "--state " + name, sent) == (asked == state ? "yes" : "no"));
      CHECK(decides(state_match, "! --state " + name, sent) == (asked == state ? "no" : "yes"));
    }
  }
}

TEST_CASE("a packet fits a list of states if it is in one of them, for every list") {
  for (unsigned list = 1; list < 32; ++list) {
    std::string names;
    for (unsigned one = 0; one < 5; ++one)
      if ((list >> one & 1) != 0)
        names += (names.empty() ? "" : ",") + std::string(name_of(static_cast<connection_state>(one)));
    for (unsigned state = 0; state < 5; ++state) {
      packet sent;
      sent.state = static_cast<connection_state>(state);
      const bool fits = (list >> state & 1) != 0;
      CAPTURE(names, state);
      CHECK(decides(state_match, "--state " + names, sent) == (fits ? "yes" : "no"));
      CHECK(decides(state_match, "! --state " + names, sent) == (fits ? "no" : "yes"));
    }
  }
}
