#include <cordon/prove/stopping_rule.hpp>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("a packet that is let out is stopped by the rule that is told once those before it are gone") {
  rc::prop("taken out of the rules themselves", [] {
    firewall live = *testing::firewalls();
    const packet sent = *testing::packets_near(live);
    const stopping_rule said = rule_that_stops(compile(live, sent.family), sent);
    const bool is_out = simulate(live, sent).accepted();
    if (!is_out) RC_ASSERT(said.but_for.empty());
    // The last ones first, so that the numbers of the others stay.
    sequence<rule_place> gone = said.but_for;
    detail::sort(gone, [](const rule_place& a, const rule_place& b) { return a.number > b.number; });
    for (const rule_place& one : gone) {
      chain& from = *live.of(sent.family).rulesets[0].find(one.table)->find(one.chain.view());
      from.rules.erase(from.rules.begin() + (one.number - 1));
    }
    const outcome then = simulate(live, sent);
    RC_LOG() << testing::shown(sent) << "\n";
    RC_ASSERT(then.verdict == said.verdict);
    RC_ASSERT(said.by.has_value() == (then.decided_by.has_value() && !then.accepted()));
  });
}

TEST_CASE("the incident's rule 3 would have stopped what its rule 2 let out") {
  packet sent;
  sent.owner.uid = 1001;
  sent.destination = sent.source = 0x7f000001;
  sent.second_word = 8000;
  const firewall before = incident("before", backend::nft);
  const stopping_rule made = rule_that_stops(compile(before, family::ipv4), sent);
  REQUIRE(made.but_for.size() == 1);
  CHECK(made.but_for[0].number == 2);
  REQUIRE(made.by.has_value());
  CHECK(made.by->number == 3);
  CHECK(to_text(made.verdict) == "REJECT:icmp-net-unreachable");
  sent.owner.uid = 1002;
  const stopping_rule other = rule_that_stops(compile(before, family::ipv4), sent);
  CHECK(other.but_for.empty());
  CHECK_FALSE(other.by.has_value());
}
