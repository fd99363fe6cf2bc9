#include <cordon/text/writer.hpp>

#include <string>

#include <rapidcheck.h>

#include <cordon/testing/rapidcheck.hpp>

#include "../catch.hpp"
#include "reading.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("a ruleset is written as iptables-save prints it, without comments and counters") {
  const std::string rules =
      "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n"
      ":POSTROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
      ":A - [0:0]\n:b - [0:0]\n-A OUTPUT -j A\n-A A -g b\nCOMMIT\n";
  CHECK(read_text(rules) == rules);
  CHECK(write_ruleset({}, family::ipv4) == "");
}

TEST_CASE("what legacy cannot show of a rule it leaves out, and nft shows it") {
  CHECK(read_lines("-A OUTPUT ! -o + -j DROP\n", legacy) == "-A OUTPUT -j DROP\n");
  CHECK(read_lines("-A OUTPUT ! -o + -j DROP\n", nft) == "-A OUTPUT ! -o + -j DROP\n");
}

TEST_CASE("words are quoted as iptables-save quotes them") {
  CHECK(read_lines(R"(-A OUTPUT -m comment --comment "it's \"a\\b\" $x é")"
                   "\n") == R"(-A OUTPUT -m comment --comment "it\'s \"a\\b\" $x é")"
                            "\n");
  CHECK(read_lines("-A OUTPUT -m comment --comment a_b-C9\n") == "-A OUTPUT -m comment --comment a_b-C9\n");
  CHECK(read_lines("-A OUTPUT -m comment --comment \"\"\n") == "-A OUTPUT -m comment --comment \"\"\n");
}

TEST_CASE("words of a match that is not known are written so that they are read as the same words") {
  rule one;
  one.matches.push_back({nullptr, "foo", {}, "--bar \"a b\" c"});
  CHECK(write_rule(one, family::ipv4, "OUTPUT") == "-A OUTPUT -m foo --bar \"a b\" c");
}

TEST_CASE("reading what was written gives an equal ruleset, and writing that the same text") {
  CHECK(rc::check("written, read, written", [] {
    const family of = *rc::gen::element(family::ipv4, family::ipv6);
    const backend how = *rc::gen::element(backend::legacy, backend::nft);
    const ruleset drawn = *testing::rulesets(of, how, {.with_opaque = true});
    const text written = write_ruleset(drawn, of);
    const auto again = read_ruleset(written, {.family = of, .backend = how});
    if (!again) RC_FAIL(string_from(written) + string_from(to_text(again.diagnostics())));
    RC_ASSERT(*again == drawn);
    RC_ASSERT(write_ruleset(*again, of) == written);
  }));
}
