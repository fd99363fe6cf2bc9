#include "../catch.hpp"

#include <string>

#include <cordon/repair/confinement.hpp>
#include <cordon/repair/sandbox_rules.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"
#include "can_be_sent.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy proxy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);

bool is_confined(std::string_view before, std::string_view after, const egress_policy& policy = proxy,
                 const sequence<endpoint>& closed = {}) {
  const firewall was = host_with(before);
  return confinement(was, policy, closed, family::ipv4).holds_for(host_with(after));
}

const std::string from_1001 = "-A OUTPUT -m owner --uid-owner 1001 ";

}  // namespace

TEST_CASE("what the policy forbids the sandbox may be stopped, and nothing else") {
  CHECK(is_confined("", ""));
  CHECK(is_confined("", from_1001 + "-d 10.0.0.0/8 -j DROP\n"));
  CHECK_FALSE(is_confined("", "-A OUTPUT -d 10.0.0.0/8 -j DROP\n"));
  CHECK_FALSE(is_confined("", "-A OUTPUT -m owner --uid-owner 1001-1002 -d 10.0.0.0/8 -j DROP\n"));
  CHECK_FALSE(is_confined("", from_1001 + "-j DROP\n"));  // the proxy too
  CHECK(is_confined("", "-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n" + from_1001 + "-j DROP\n"));
  // Only what leaves by lo is the proxy's still.
  CHECK_FALSE(
      is_confined("", "-A OUTPUT -o lo -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n" + from_1001 + "-j DROP\n"));
}

TEST_CASE("what is let out goes from the sandbox to an endpoint that was closed") {
  const std::string opens = from_1001 + "-d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n";
  CHECK(is_confined(from_1001 + "-j DROP\n", opens + from_1001 + "-j DROP\n", proxy, {proxy[0]}));
  CHECK_FALSE(is_confined(from_1001 + "-j DROP\n", opens + from_1001 + "-j DROP\n"));  // it was not closed
  CHECK_FALSE(is_confined(from_1001 + "-j DROP\n", from_1001 + "-p tcp -j ACCEPT\n" + from_1001 + "-j DROP\n", proxy,
                          {proxy[0]}));
  CHECK_FALSE(is_confined("-A OUTPUT -j DROP\n",
                          "-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n-A OUTPUT -j DROP\n", proxy,
                          {proxy[0]}));
}

TEST_CASE("connections that do not count may not be stopped") {
  egress_policy fresh = sandbox(uid{1001});
  fresh.flows = flows::fresh;
  CHECK_FALSE(is_confined("", from_1001 + "-j DROP\n", fresh));
  CHECK(is_confined("", from_1001 + "-m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP\n", fresh));
}

TEST_CASE("a mark that the sandbox cannot set makes no difference") {
  CHECK(is_confined("-A OUTPUT -m mark --mark 5 -j ACCEPT\n" + from_1001 + "-j DROP\n", from_1001 + "-j DROP\n",
                    sandbox(uid{1001})));
  CHECK(is_confined(from_1001 + "-j DROP\n", from_1001 + "-m mark ! --mark 5 -j DROP\n" + from_1001 +
                                                 "-m mark ! --mark 5 -j DROP\n" + from_1001 + "-j DROP\n"));
}

TEST_CASE("what is confined in one order of the back ends alone is not") {
  const std::string raw = "*raw\n-A OUTPUT -j MARK --set-mark 0\nCOMMIT\n";
  const auto host = [&](const std::string& drops, const std::string& user) {
    firewall made;
    made.v6 = family_rules::none();
    made.v4.rulesets.push_back(read_rules(raw + "*mangle\n" + drops + "COMMIT\n"));
    made.v4.rulesets.push_back(
        read_rules("*mangle\n-A OUTPUT -m owner --uid-owner " + user + " -j MARK --set-mark 1\nCOMMIT\n", family::ipv4,
                   backend::legacy));
    return made;
  };
  const egress_policy policy = sandbox(uid{1001});
  for (const bool is_sandbox : {true, false}) {
    const std::string user = is_sandbox ? "1001" : "1002";
    const firewall before = host("", user);
    CHECK(confinement(before, policy, {}, family::ipv4).holds_for(host("-A OUTPUT -m mark --mark 1 -j DROP\n", user)) ==
          is_sandbox);
  }
}

TEST_CASE("what is confined changes nothing for any packet of another") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const testing::firewall_setting setting{.with_opaque = false, .most_rules = 3, .most_chains = 2};
    const firewall before = *testing::firewalls(setting);
    firewall after = before;
    // A change: some rule is put in, or taken out.
    const family of = *rc::gen::element(family::ipv4, family::ipv6);
    if (after.of(of).rulesets.empty()) after.of(of).rulesets.push_back({});
    ruleset& rules = after.of(of).rulesets[0];
    sequence<rule>& output = rules.find_or_add(table_name::filter).find("OUTPUT")->rules;
    if (output.empty() || *rc::gen::arbitrary<bool>()) {
      rule made = *testing::rules({.family = of, .backend = rules.backend});
      if (*rc::gen::arbitrary<bool>()) made = stopping_rule_for(policy, of, true, false);
      output.insert(output.begin() + *rc::gen::inRange<std::size_t>(0, output.size() + 1), made);
    } else {
      output.erase(output.begin() + *rc::gen::inRange<std::size_t>(0, output.size()));
    }
    const bool holds = confinement(before, policy, {}, of).holds_for(after);
    RC_CLASSIFY(holds, "confined");
    if (!holds) return;
    for (const firewall* const near : {&before, static_cast<const firewall*>(&after)}) {
      const auto sent = *rc::gen::container<std::vector<packet>>(30, testing::packets_near(*near).only(of).gen());
      for (const packet& one : sent) {
        if (!can_be_sent(one)) continue;
        const outcome was = simulate(before, one);
        const outcome is = simulate(after, one);
        if (was.accepted() != is.accepted() && was.possible.size() == 1 && is.possible.size() == 1)
          RC_ASSERT(policy.owns(one));
      }
    }
  }));
}
