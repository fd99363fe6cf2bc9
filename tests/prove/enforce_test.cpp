#include "../catch.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <cordon/prove/enforce.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/writer.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy egress = sandbox(uid{1001})
                                 .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                 .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);

// Whether a plain client of the endpoint sends anything at all, and nothing that a rule cannot name.
bool can_be_open(const endpoint& one, const sequence<diagnostic>& said) {
  if (is_loopback(one) && !one.out.empty() && one.out != "lo") return false;
  return std::none_of(said.begin(), said.end(), [&](const diagnostic& each) {
    return each.message.view().find(name_of(one).view()) != std::string_view::npos;
  });
}

std::string output_of(const firewall& rules, family of = family::ipv4) {
  std::string all;
  for (const rule& one : rules.of(of).rulesets.front().find(table_name::filter)->find("OUTPUT")->rules)
    all += testing::shown(write_rule(one, of, "OUTPUT")) + "\n";
  return all;
}

const std::string jump = "-A OUTPUT -m owner --uid-owner 1001 -j CORDON-1001\n";

}  // namespace

TEST_CASE("every policy is enforced on a host without rules, and its endpoints are open") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const enforcement made = enforce(policy);
    RC_ASSERT(made.proved());
    RC_ASSERT(!made.proof.is_empty());
    for (const endpoint_answer& one : made.proof.endpoints)
      if (can_be_open(one.to, made.said)) RC_ASSERT(one.status == endpoint_status::open);
  }));
}

TEST_CASE("every policy is enforced whatever stands in the host's filter table, and packets agree") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const firewall host = *testing::firewalls(
        {.tables = testing::only_filter, .with_opaque = true, .with_both_backends = true, .most_rules = 4});
    const enforcement made = enforce(policy, host);
    RC_ASSERT(made.proved());
    const auto packets =
        *rc::gen::container<sequence<packet>>(20, testing::packets_near(made.firewall->rules()).of(policy).gen());
    for (const packet& sent : packets)
      if (simulate(made.firewall->rules(), sent).accepted()) RC_ASSERT(policy.allows(sent));
  }));
}

TEST_CASE("what other tables do is left to the proof: a firewall comes out just if it holds") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const enforcement made = enforce(policy, *testing::firewalls({.with_opaque = true, .most_rules = 3}));
    RC_ASSERT(made.proved() == made.proof.proved());
  }));
}

TEST_CASE("enforcing twice is enforcing once") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const enforcement once =
        enforce(policy, *testing::firewalls({.tables = testing::only_filter, .most_rules = 3, .most_chains = 2}));
    RC_ASSERT(once.proved());
    const enforcement twice = enforce(policy, once.firewall->rules());
    RC_ASSERT(twice.proved());
    RC_ASSERT(twice.firewall->rules() == once.firewall->rules());
    for (const family of : both_families) RC_ASSERT(twice.firewall->of(of).jumps_there == 1U);
  }));
}

TEST_CASE("a host of which nothing is known gets the chain in both families, proved for both back ends") {
  const enforcement made = enforce(egress);
  REQUIRE(made.proved());
  CHECK(made.said.empty());
  CHECK(made.proof.usable());
  for (const family of : both_families) {
    const firewall& rules = made.firewall->rules();
    REQUIRE(rules.of(of).rulesets.size() == 1);
    CHECK(output_of(rules, of) == jump);
    const installation& part = made.firewall->of(of);
    CHECK(part.family == of);
    CHECK_FALSE(part.host_is_known);
    CHECK(part.jumps_there == 0);
    CHECK(part.own.rules == rules.of(of).rulesets[0].find(table_name::filter)->find("CORDON-1001")->rules);
  }
  firewall on_legacy = made.firewall->rules();
  on_legacy.v4.rulesets[0].backend = on_legacy.v6.rulesets[0].backend = backend::legacy;
  CHECK(proved(on_legacy, egress));
}

TEST_CASE("the jump comes before the host's own rules, which stay") {
  const firewall host =
      host_with(":OUTPUT DROP\n:AAA -\n:ZZZ -\n-A OUTPUT -o lo -j ACCEPT\n-A AAA -j DROP\n-A ZZZ -j DROP\n");
  const enforcement made = enforce(egress, host);
  REQUIRE(made.proved());
  CHECK(output_of(made.firewall->rules()) == jump + "-A OUTPUT -o lo -j ACCEPT\n");
  const table& filter = *made.firewall->rules().v4.rulesets[0].find(table_name::filter);
  CHECK(filter.find("OUTPUT")->policy == chain_policy::drop);
  std::string names;
  for (const chain& one : filter.chains) names += std::string(one.name.view()) + " ";
  CHECK(names == "INPUT FORWARD OUTPUT AAA CORDON-1001 ZZZ ");
  CHECK(made.firewall->of(family::ipv4).host_is_known);
}

TEST_CASE("an older chain is replaced, and all of its jumps but the first are taken out") {
  const enforcement made =
      enforce(egress, host_with(":CORDON-1001 -\n-A OUTPUT -j LOG\n" + jump + "-A OUTPUT -p udp -j DROP\n" + jump +
                                "-A CORDON-1001 -j ACCEPT\n"));
  REQUIRE(made.proved());
  CHECK(output_of(made.firewall->rules()) == jump + "-A OUTPUT -j LOG\n-A OUTPUT -p udp -j DROP\n");
  CHECK(made.firewall->of(family::ipv4).jumps_there == 2);
  CHECK(made.proof.usable());
}

TEST_CASE("a chain of that name with another purpose is left alone") {
  const char* const uses[] = {"-A OUTPUT -j CORDON-1001\n", "-A OUTPUT -m owner --uid-owner 1002 -j CORDON-1001\n",
                              "-A OUTPUT -m owner --uid-owner 1001 -g CORDON-1001\n", "-A INPUT -j CORDON-1001\n",
                              ":OTHER -\n-A OTHER -m owner --uid-owner 1001 -j CORDON-1001\n"};
  for (const std::string use : uses) {
    CAPTURE(use);
    const enforcement made = enforce(egress, host_with(":CORDON-1001 -\n" + use));
    CHECK_FALSE(made.proved());
    REQUIRE(made.said.size() == 1);
    CHECK(made.said[0].severity == severity::error);
    CHECK(made.said[0].file == "rules");
    CHECK(made.said[0].at.line == std::count(use.begin(), use.end(), '\n') + 2);
  }
}

TEST_CASE("beside a chain that is called REJECT no rule can reject, so that there is none") {
  const enforcement made = enforce(egress, host_with(":REJECT -\n-A OUTPUT -j REJECT\n-A REJECT -p tcp -j DROP\n"));
  CHECK_FALSE(made.proved());
  REQUIRE(made.said.size() == 1);
  CHECK(made.said[0].severity == severity::error);
  CHECK(made.said[0].at.line == 4);
}

TEST_CASE("the other tables stay, and a table of filter that is not there is made") {
  const std::string mangle = "*mangle\n-A OUTPUT -p udp -j DROP\nCOMMIT\n";
  firewall host;
  host.v4 = read_rules(mangle);
  host.v6 = family_rules::none();
  const enforcement made = enforce(egress, host);
  REQUIRE(made.proved());
  const ruleset& rules = made.firewall->rules().v4.rulesets[0];
  CHECK(*rules.find(table_name::mangle) == *host.v4.rulesets[0].find(table_name::mangle));
  CHECK(output_of(made.firewall->rules()) == jump);
}

TEST_CASE("a family that the host does not have gets nothing") {
  firewall host;
  host.v6 = family_rules::none();
  const enforcement made = enforce(egress, host);
  REQUIRE(made.proved());
  CHECK_FALSE(made.firewall->has(family::ipv6));
  CHECK(made.firewall->rules().v6.absent);
  CHECK(made.firewall->rules().v6.rulesets.empty());
  CHECK(made.firewall->has(family::ipv4));
}

TEST_CASE("of two rule sets the one of nft gets the chain") {
  firewall host;
  host.v4.rulesets = {read_rules("*filter\n-A OUTPUT -o lo -j ACCEPT\nCOMMIT\n", family::ipv4, backend::legacy),
                      read_rules("*filter\n-A OUTPUT -p udp -j ACCEPT\nCOMMIT\n", family::ipv4, backend::nft)};
  host.v6 = family_rules::none();
  const enforcement made = enforce(egress, host);
  REQUIRE(made.proved());
  CHECK(made.firewall->of(family::ipv4).backend == backend::nft);
  CHECK(made.firewall->rules().v4.rulesets[0] == host.v4.rulesets[0]);
  CHECK(made.firewall->rules().v4.rulesets[1].find(table_name::filter)->find("OUTPUT")->rules.size() == 2);
}

TEST_CASE("a family without rules follows the back end of the other") {
  firewall host;
  host.v4 = read_rules("*filter\n-A OUTPUT -o lo -j ACCEPT\nCOMMIT\n", family::ipv4, backend::legacy);
  const enforcement made = enforce(egress, host);
  REQUIRE(made.proved());
  CHECK(made.firewall->of(family::ipv6).backend == backend::legacy);
  CHECK_FALSE(made.firewall->of(family::ipv6).host_is_known);
}

TEST_CASE("whoever can cut headers gets no later fragment and no cut header to a port, on either back end") {
  egress_policy policy = sandbox(uid{1001}).may_reach(tcp | udp | sctp, ipv4_address(192, 0, 2, 1), 443);
  policy.attacker = attacker::raw;
  for (const backend how : {backend::legacy, backend::nft}) {
    const enforcement made = enforce(policy, host_with(":OUTPUT ACCEPT\n", family::ipv4, how));
    REQUIRE(made.proved());
    const program rules = compile(made.firewall->rules(), family::ipv4);
    packet sent;
    sent.owner.uid = 1001;
    sent.out = "eth0";
    sent.destination = ipv4_address(192, 0, 2, 1).bits;
    sent.second_word = 443;
    for (const protocol one : {tcp, udp, sctp}) {
      sent.protocol = one;
      for (const unsigned part : {0U, 3U, 4U, 7U, 21U, 22U}) {
        sent.transport = static_cast<transport_part>(part);
        CHECK_FALSE(verdict_of(rules, sent).accepted());
      }
      sent.transport = transport_part::whole;
      CHECK(verdict_of(rules, sent).accepted());
    }
  }
}

TEST_CASE("an answer with a firewall can be used as one") {
  const enforcement made = enforce(egress);
  const enforced_firewall& rules = made;
  CHECK(rules.policy() == egress);
}
