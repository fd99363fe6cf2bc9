#include <cordon/prove/first_leak.hpp>

#include <string>

#include <cordon/packet/literals.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

void search_and_compare(const testing::firewall_setting& setting) {
  const egress_policy policy = *testing::policies();
  const firewall rules = *testing::firewalls_for(policy, setting);
  RC_LOG() << testing::shown(rules) << "\n";
  const leak_search found = first_leak(rules, policy);
  RC_ASSERT(found.verdict == prove(rules, policy).verdict());
  RC_ASSERT(found.witness.has_value() == (found.verdict == answer::leak));
  if (!found.witness) return;
  const packet& sent = *found.witness;
  RC_LOG() << testing::shown(sent) << "\n";
  const program ready = compile(rules, sent.family);
  RC_ASSERT(policy.owns(sent));
  RC_ASSERT(is_judged(ready, policy, sent));
  const escape what = escape_of(ready, policy, sent);
  if (what.is_clear) RC_ASSERT(what.surely);
}

constexpr egress_policy to_proxy = sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443);

// What the corners of rules show, without the proof's word.
maybe<packet> at_corners(std::string_view lines, const egress_policy& policy = to_proxy) {
  const firewall rules = host_with(std::string(lines));
  return cordon::detail::corner_search(cordon::detail::ready_rules(rules, family::ipv4, policy.at), policy).find();
}

}  // namespace

TEST_CASE("the first leak is one, and is found where prove finds one") {
  rc::prop("rules that packets decide", [] { search_and_compare({.with_opaque = false}); });
  rc::prop("rules of all kinds", [] { search_and_compare({.with_opaque = true}); });
}

TEST_CASE("the corner of a rule that accepts shows a leak") {
  const maybe<packet> sent = at_corners(
      "-A OUTPUT -p tcp -d 127.0.0.1 --dport 18443 -j ACCEPT\n"
      "-A OUTPUT -p udp -d 203.0.113.0/24 ! --dport 0:443 -m owner --uid-owner 1001 -j ACCEPT\n"
      "-A OUTPUT -j DROP\n");
  REQUIRE(sent);
  CHECK(sent->protocol == protocol::udp);
  CHECK(to_text(sent->destination_address()) == "203.0.113.0");
  CHECK(sent->destination_port() == 444);
  CHECK(sent->owner.uid == 1001);
  CHECK(sent->flags == 0);
}

TEST_CASE("corners that leak nothing are none") {
  CHECK_FALSE(at_corners("-A OUTPUT -p tcp -d 127.0.0.1 --dport 18443 -j ACCEPT\n-A OUTPUT -j DROP\n"));
  // Another user's.
  CHECK_FALSE(at_corners("-A OUTPUT -m owner --uid-owner 1002 -j ACCEPT\n-A OUTPUT -j DROP\n"));
  // What a limit lets out, it lets out perhaps.
  CHECK_FALSE(at_corners("-A OUTPUT -m limit --limit 1/s -j ACCEPT\n-A OUTPUT -j DROP\n"));
  // What no sandbox can bring: a mark, an answer without a socket.
  CHECK_FALSE(at_corners("-A OUTPUT -m mark --mark 1 -j ACCEPT\n-A OUTPUT -j DROP\n"));
}

TEST_CASE("what nat leads away is judged where it goes") {
  const auto with_nat = [](const std::string& rule) {
    firewall made;
    made.v6 = family_rules::none();
    made.v4 = read_rules("*nat\n-A OUTPUT " + rule + "\nCOMMIT\n");
    return made;
  };
  // To the endpoint, whatever it was sent to.
  const firewall kept = with_nat("-p tcp -j DNAT --to-destination 127.0.0.1:18443");
  CHECK_FALSE(
      cordon::detail::corner_search(cordon::detail::ready_rules(kept, family::ipv4, hook::output), to_proxy).find());
  // Elsewhere.
  const firewall led = with_nat("-p tcp -j DNAT --to-destination 127.0.0.1:8000");
  CHECK(cordon::detail::corner_search(cordon::detail::ready_rules(led, family::ipv4, hook::output), to_proxy).find());
}

TEST_CASE("thousands of questions that no packet decides hide no leak beside them") {
  std::string lines = ":OUTPUT DROP [0:0]\n";
  for (int port = 1; port <= 2100; ++port)
    lines += "-A OUTPUT -p tcp --dport " + std::to_string(port) + " -m limit --limit 5/min -j ACCEPT\n";
  const firewall rules = host_with(lines + "-A OUTPUT -d 10.0.0.1 -p udp -j ACCEPT\n");
  const leak_search found = first_leak(rules, to_proxy);
  CHECK(found.verdict == answer::leak);
  REQUIRE(found.witness);
  CHECK(to_text(found.witness->destination_address()) == "10.0.0.1");
  const proof whole = prove(rules, to_proxy);
  REQUIRE(whole.v4.leaks.size() == 1);
  CHECK(whole.v4.leaks[0].blame.number == 2101);
  CHECK(whole.v4.leaks[0].region.size() == 1);
}

TEST_CASE("of a leak that cannot be told whole one packet is told, and what lets it out") {
  const firewall rules = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -p udp -j DROP\n-A OUTPUT -d 10.0.0.0/8 -j ACCEPT\n");
  const program ready = compile(rules, family::ipv4);
  const predicate some = between(field::destination, 10U << 24, (11U << 24) - 1) && is(field::protocol, number_of(tcp));
  layout levels = cordon::detail::layout_for(packets_of(to_proxy, family::ipv4), ready, to_proxy);
  levels.observe(some);
  levels.finish();
  packet_space space(std::move(levels));
  const leak told = cordon::detail::leak_by_witness(space, ready, space.set_of(some));
  CHECK(told.blame.number == 2);
  CHECK(told.witness.destination >> 24 == 10);
  CHECK(told.way.size() == 1);
  CHECK_FALSE(told.region_is_whole);
}
