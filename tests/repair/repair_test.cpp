#include "../catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <cordon/prove/difference.hpp>
#include <cordon/render/repair_report.hpp>
#include <cordon/repair/repair.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/ipset_text.hpp>

#include "../prove/rules.hpp"
#include "can_be_sent.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy egress = sandbox(uid{1001})
                                 .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                 .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);
const egress_policy nowhere = sandbox(uid{1001});
const egress_policy proxy_alone = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);

std::string commands_in(const repair_answer& of) {
  std::string all;
  for (const text& one : commands_of(of)) all += testing::shown(one) + "\n";
  return all;
}

// The commands for rules of the filter table of one family, alone on its host.
std::string fix_of(std::string_view lines, const egress_policy& policy, family of = family::ipv4,
                   backend how = backend::nft) {
  const repair_answer made = repair(host_with(lines, of, how), policy);
  if (!made.found()) return made.needed() ? "none" : "none is needed";
  REQUIRE(proved(made.repaired->rules(), policy));
  return commands_in(made);
}

const std::string stop = "-m owner --uid-owner 1001 -j REJECT --reject-with icmp-port-unreachable\n";

bool is_of_sandbox(const packet& sent, const egress_policy& policy) {
  const bool follows = sent.state == connection_state::established || sent.state == connection_state::related;
  return policy.owns(sent) && !(policy.flows == flows::fresh && follows);
}
// What the sandbox cannot send, and its policy does not judge.
bool is_beyond(const packet& sent, const egress_policy& policy) {
  return policy.attacker == attacker::unprivileged && (sent.mark != 0 || sent.transport != transport_part::whole);
}

// Whether everything of the family that a host can send, but the sandbox's own, meets what it met; by the same answer that
// `cordon diff` gives, whose regions are not needed here.
void check_others(const firewall& before, const firewall& after, const egress_policy& policy,
                  const std::vector<packet>& sent) {
  for (const packet& one : sent) {
    if (!can_be_sent(one)) continue;
    const bool was_out = simulate(before, one).accepted();
    const bool is_out = simulate(after, one).accepted();
    if (was_out == is_out) continue;
    RC_ASSERT(is_of_sandbox(one, policy));
    if (!is_beyond(one, policy)) RC_ASSERT(policy.allows(one) == is_out);
  }
  const firewall_difference found = differences(before, after);
  for (const family of : both_families)
    for (const difference& one : found.of(of).differences) {
      RC_ASSERT(is_of_sandbox(one.witness, policy));
      if (is_beyond(one.witness, policy)) continue;
      RC_ASSERT(one.kind != difference_kind::goes_elsewhere);
      RC_ASSERT(policy.allows(one.witness) == (one.kind == difference_kind::let_out));
    }
}

}  // namespace

TEST_CASE("the incident: before it the fix and IPv6, behind it IPv6 alone") {
  for (const backend how : {backend::legacy, backend::nft}) {
    CAPTURE(name_of(how));
    const repair_answer before = repair(incident("before", how), egress);
    REQUIRE(before.found());
    const std::string comment = "-m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress ";
    CHECK(commands_in(before) ==
          "iptables -I OUTPUT 2 -d 127.0.0.53/32 -o lo -p udp " + comment +
              "-m udp --dport 53 -j ACCEPT\n"
              "iptables -R OUTPUT 3 -d 127.0.0.53/32 -o lo -p tcp " +
              comment +
              "-m tcp --dport 53 -j ACCEPT\n"
              "ip6tables -I OUTPUT 1 -m owner --uid-owner 1001 -j REJECT --reject-with icmp6-port-unreachable\n");
    CHECK(prove(before.repaired->rules(), egress).usable());
    for (const family_repair& one : before.families) {
      CHECK(one.plans.size() == 1);
      CHECK_FALSE(one.cut_off);
    }
    CHECK(commands_in(repair(incident("after", how), egress)) ==
          "ip6tables -I OUTPUT 1 -m owner --uid-owner 1001 -j REJECT --reject-with icmp6-port-unreachable\n");
  }
}

TEST_CASE("what is proved and open needs nothing") {
  CHECK(fix_of("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n", nowhere) == "none is needed");
}

TEST_CASE("a rule for the sandbox alone is deleted") {
  CHECK(fix_of("-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
               nowhere) == "iptables -D OUTPUT 1\n");
}

TEST_CASE("a rule that others need is kept from the sandbox") {
  const std::string rules = ":OUTPUT DROP\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n";
  CHECK(fix_of(rules, nowhere) == "iptables -R OUTPUT 1 -o lo -m owner ! --uid-owner 1001 -j ACCEPT\n");
  // No rule leaves out a user with a group: another is put before it.
  CHECK(
      fix_of(rules, sandbox(uid{1001}, gid{33})) ==
      "iptables -I OUTPUT 1 -m owner --uid-owner 1001 --gid-owner 33 -j REJECT --reject-with icmp-port-unreachable\n");
}

TEST_CASE("where the chain's policy lets everything out a rule stops the sandbox, and the policy stays") {
  CHECK(fix_of("-A OUTPUT -p icmp -j LOG\n", nowhere) == "iptables -I OUTPUT 2 " + stop);
  CHECK(fix_of("-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n", proxy_alone) ==
        "iptables -I OUTPUT 2 " + stop);
}

TEST_CASE("a chain that is called REJECT hides the target, so that the rule says DROP") {
  for (const backend how : {backend::nft, backend::legacy})
    CHECK(fix_of(":REJECT -\n-A OUTPUT -p icmp -j LOG\n-A REJECT -p tcp -j RETURN\n", nowhere, family::ipv4, how) ==
          "iptables -I OUTPUT 2 -m owner --uid-owner 1001 -j DROP\n");
}

TEST_CASE("the policy is made DROP where that changes nothing for anyone else") {
  const egress_policy everyone = egress_policy{}.may_reach(udp, ipv4_address(10, 0, 0, 1), 53);
  const std::string rules =
      "-A OUTPUT -d 10.0.0.1 -p udp --dport 53 -j ACCEPT\n"
      "-A OUTPUT -m owner ! --socket-exists -j ACCEPT\n"
      "-A OUTPUT -m owner ! --uid-owner 0-4294967294 -j ACCEPT\n";
  CHECK(fix_of(rules, everyone) == "iptables -P OUTPUT DROP\n");
}

TEST_CASE("a rule for connections that exist is kept from the sandbox, whose endpoints stay open") {
  CHECK(fix_of(":OUTPUT DROP\n-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
               "-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n"
               "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
               proxy_alone) ==
        "iptables -R OUTPUT 1 -m conntrack --ctstate RELATED,ESTABLISHED -m owner ! --uid-owner 1001 -j ACCEPT\n");
}

TEST_CASE("where connections do not count they are left alone") {
  egress_policy fresh = nowhere;
  fresh.flows = flows::fresh;
  CHECK(fix_of("-A OUTPUT -p icmp -j LOG\n", fresh).find("! --ctstate RELATED,ESTABLISHED -j REJECT") !=
        std::string::npos);
  CHECK(fix_of("-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", fresh) ==
        "iptables -I OUTPUT 2 " + stop);
}

TEST_CASE("a chain that other hooks use too stays as it is, and the sandbox is stopped before it is called") {
  const std::string fix = fix_of(
      ":OUTPUT DROP\n:SHARED -\n-A INPUT -j SHARED\n-A OUTPUT -p tcp -j SHARED\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n-A SHARED -j ACCEPT\n",
      nowhere);
  CHECK(fix.find("SHARED 1") == std::string::npos);
  CHECK(fix == "iptables -R OUTPUT 1 -p tcp -m owner ! --uid-owner 1001 -j SHARED\n");
}

TEST_CASE("a chain with two callers is changed once") {
  CHECK(fix_of(":A -\n-A OUTPUT -p tcp -j A\n-A OUTPUT -p udp -j A\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n"
               "-A A -m owner --uid-owner 1001 -o lo -j ACCEPT\n",
               nowhere) == "iptables -D A 1\n");
}

TEST_CASE("several leaks: each is closed, with the fewest commands for all") {
  CHECK(
      fix_of(
          "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -p udp -m owner --uid-owner 1001 -j ACCEPT\n"
          "-A OUTPUT -p icmp -m owner --uid-owner 1001 -j ACCEPT\n",
          nowhere) == "iptables -I OUTPUT 1 " + stop);
  CHECK(
      fix_of(
          "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n"
          "-A OUTPUT -p icmp -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
          proxy_alone) == "iptables -D OUTPUT 1\niptables -D OUTPUT 2\n");
}

TEST_CASE("a port that was mistaken is put right with one command") {
  CHECK(fix_of("-A OUTPUT -d 127.0.0.1 -p tcp -m owner --uid-owner 1001 -m tcp --dport 18444 -j ACCEPT\n"
               "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
               proxy_alone) ==
        "iptables -R OUTPUT 1 -d 127.0.0.1/32 -p tcp -m owner --uid-owner 1001 -m tcp --dport 18443 -j ACCEPT\n");
}

TEST_CASE("an endpoint that is closed is opened, by the sandbox's own rule or without the one that closes it") {
  CHECK(fix_of("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n", proxy_alone) ==
        "iptables -I OUTPUT 1 -d 127.0.0.1/32 -p tcp -m owner --uid-owner 1001 -m tcp --dport 18443 -j ACCEPT\n");
  CHECK(fix_of("-A OUTPUT -p tcp -m owner --uid-owner 1001 -m tcp --dport 18443 -j DROP\n"
               "-A OUTPUT -d 127.0.0.1 -p tcp -m owner --uid-owner 1001 -m tcp --dport 18443 -j ACCEPT\n"
               "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
               proxy_alone) == "iptables -D OUTPUT 1\n");
}

TEST_CASE("an endpoint that nothing opens is told, and the leak closed all the same") {
  egress_policy policy = proxy_alone;
  policy.allow({.protocols = udp,
                .destination = {ipv4_address(10, 0, 0, 1), prefix_mask(family::ipv4, 32)},
                .ports = 53,
                .out = "eth+"});  // that one interface, for which no rule has words
  const repair_answer made = repair(host_with("-A OUTPUT -d 10.0.0.1 -p udp -m owner --uid-owner 1001 -j DROP\n"
                                              "-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n"),
                                    policy);
  REQUIRE(made.found());
  REQUIRE(made.families[0].stay_closed.size() == 1);
  CHECK(made.families[0].stay_closed[0] == policy[1]);
  CHECK(commands_in(made) == "iptables -I OUTPUT 3 " + stop);
}

TEST_CASE("what nat leads elsewhere is left as it is") {
  firewall host = host_with(
      "-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n-A OUTPUT -d 10.9.9.9 -j ACCEPT\n"
      "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n");
  const table nat =
      *read_rules(
           "*nat\n-A OUTPUT -d 127.0.0.1 -p tcp -m tcp --dport 18443 -j DNAT --to-destination 10.9.9.9:80\nCOMMIT\n")
           .find(table_name::nat);
  host.v4.rulesets[0].tables.insert(host.v4.rulesets[0].tables.begin(), nat);
  const repair_answer made = repair(host, proxy_alone);
  REQUIRE(made.found());
  CHECK(prove(made.repaired->rules(), proxy_alone).usable());
  CHECK(commands_in(made).find("iptables -t nat ") != std::string::npos);
}

TEST_CASE("what hangs on what no packet decides is closed as a leak is") {
  CHECK(
      fix_of(
          "-A OUTPUT -m nosuchmatch --at all -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
          nowhere) == "iptables -D OUTPUT 1\n");
}

TEST_CASE("rules of both back ends are changed by the command of theirs") {
  firewall host = host_with("-A OUTPUT -p tcp -m owner --uid-owner 1001 -j DROP\n");
  host.v4.rulesets.push_back(read_rules(
      "*filter\n-A OUTPUT ! -p udp -m owner --uid-owner 1001 -j DROP\n-A OUTPUT -m owner --uid-owner 1002 -j DROP\nCOMMIT\n",
      family::ipv4, backend::legacy));
  host.v4.rulesets[1].file = "legacy rules";
  const repair_answer made = repair(host, nowhere);
  REQUIRE(made.found());
  CHECK((commands_in(made).starts_with("iptables-legacy ") || commands_in(made).starts_with("iptables-nft ")));
}

TEST_CASE("rules that a save program of one back end told are changed by the command of that back end") {
  for (const backend how : {backend::legacy, backend::nft}) {
    firewall host = host_with("-A OUTPUT -d 10.0.0.1 -j ACCEPT\n-A OUTPUT -j DROP\n", family::ipv4, how);
    const std::string name = "iptables-" + std::string(name_of(how));
    host.v4.rulesets[0].file = std::string_view(name + "-save");
    CHECK(commands_in(repair(host, nowhere)) ==
          name + " -R OUTPUT 1 -d 10.0.0.1/32 -m owner ! --uid-owner 1001 -j ACCEPT\n");
  }
}

TEST_CASE("a set that a rule of the other family changes may hold anything") {
  firewall host = host_with(":OUTPUT DROP\n-A OUTPUT -p tcp -m set --match-set ports dst -j ACCEPT\n");
  host.v6 = read_rules("*filter\n:OUTPUT DROP\n-A OUTPUT -p tcp -j SET --add-set ports dst\nCOMMIT\n", family::ipv6);
  const auto sets = read_sets("create ports bitmap:port range 0-100\n", "sets");
  REQUIRE(sets);
  host.host.sets = *sets;
  REQUIRE(prove(host, nowhere).verdict() == answer::unknown);
  const repair_answer made = repair(host, nowhere);
  REQUIRE(made.found());
  CHECK(prove(made.repaired->rules(), nowhere).proved());
}

TEST_CASE("no command is told that cannot be shown as it is") {
  const std::string wide = "-A OUTPUT -o lo -m comment --comment \"a\tb\" -j ACCEPT\n";
  CHECK(fix_of(wide + "-A OUTPUT -j DROP\n", nowhere) == "iptables -I OUTPUT 1 " + stop);
}

TEST_CASE("without a small change there is the chain of the sandbox's own, or the reason why there is none") {
  const repair_answer made = repair(incident("before", backend::nft), egress, {.judged = 0});
  CHECK_FALSE(made.found());
  for (const family_repair& one : made.families) CHECK(one.cut_off);
  REQUIRE(made.otherwise);
  CHECK(made.otherwise->proved());
  CHECK_FALSE(made.otherwise_is_confined);  // it lets the sandbox reach the proxy by lo alone

  const repair_answer other = repair(host_with(":CORDON-1001 -\n-A INPUT -j CORDON-1001\n"), nowhere, {.judged = 0});
  CHECK(other.needed());
  CHECK_FALSE(other.found());
  REQUIRE(other.otherwise);
  CHECK_FALSE(other.otherwise->proved());
}

TEST_CASE("what the rules took to be judged before any change is a part of what a search may take") {
  const repair_answer made = repair(incident("before", backend::nft), egress, {.work = 1});
  REQUIRE(made.families[0].family == family::ipv4);  // of IPv6 there are no rules to judge
  CHECK(made.families[0].cut_off);
  CHECK(made.families[0].judged == 0);
}

TEST_CASE("where a hundred leaks cut the search off, what stands first in OUTPUT closes them") {
  std::string rules = "-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -j ACCEPT\n";
  for (int i = 0; i < 100; ++i)
    rules += "-A OUTPUT -d 10.0.0." + std::to_string(i) + " -m owner --uid-owner 1001-1002 -p udp -j ACCEPT\n";
  const repair_answer made = repair(host_with(":OUTPUT DROP\n" + rules), proxy_alone, {.judged = 30});
  REQUIRE(made.found());
  CHECK(commands_of(made).size() <= 2);
}

TEST_CASE(
    "whatever the rules and the policy: what is proposed is proved, opens what it says, and changes nothing for others") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies({.most_endpoints = 3});
    const firewall host = *testing::firewalls_for(policy, {.tables = testing::only_filter,
                                                           .with_opaque = true,
                                                           .with_both_backends = true,
                                                           .most_rules = 4,
                                                           .most_chains = 2});
    const proof before = prove(host, policy);
    const repair_answer made = repair(host, policy, {.judged = 60});
    if (before.verdict() != answer::proved) RC_ASSERT(made.needed());
    if (before.proved() && before.usable()) RC_ASSERT(!made.needed());
    RC_CLASSIFY(made.found(), "repaired");
    RC_CLASSIFY(made.needed() && !made.found(), "none found");
    if (!made.found()) {
      if (made.needed()) RC_ASSERT(made.otherwise.has_value());
      return;
    }
    const firewall& after = made.repaired->rules();
    const proof now = prove(after, policy);
    RC_ASSERT(now.proved());
    for (std::size_t i = 0; i < policy.size(); ++i) {
      bool stays_closed = host.of(policy[i].destination.base.family).absent;
      for (const family_repair& one : made.families)
        for (const endpoint& closed : one.stay_closed) stays_closed = stays_closed || closed == policy[i];
      if (!stays_closed) RC_ASSERT(now.endpoints[i].status == endpoint_status::open);
      if (before.endpoints[i].status == endpoint_status::open)
        RC_ASSERT(now.endpoints[i].status == endpoint_status::open);
    }
    const auto near = *rc::gen::container<std::vector<packet>>(40, testing::packets_near(host).gen());
    check_others(host, after, policy, near);
    check_others(host, after, policy,
                 *rc::gen::container<std::vector<packet>>(20, testing::packets_near(after).of(policy).gen()));
    // Every plan, not only the first.
    for (const family_repair& one : made.families)
      for (const repair_plan& plan : one.plans) {
        firewall with = after;
        with.of(one.family) = edited(one.before, plan.edits);
        RC_ASSERT(proved(with, policy));
        RC_ASSERT(plan.edits.size() == one.plans.front().edits.size());
      }
  }));
}

TEST_CASE("no single command does what a plan takes several for") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies({.most_endpoints = 2, .with_fresh_flows = false});
    const firewall host =
        *testing::firewalls_for(policy, {.tables = testing::only_filter, .most_rules = 3, .most_chains = 1});
    const repair_answer made = repair(host, policy, {.judged = 60});
    for (const family_repair& one : made.families) {
      if (one.cut_off || one.plans.empty() || one.plans.front().edits.size() < 2) continue;
      RC_TAG("several commands");
      const detail::edit_judge judge(host, policy, one.family);
      for (std::size_t r = 0; r < one.before.rulesets.size(); ++r)
        for (const table& in : one.before.rulesets[r].tables)
          for (const chain& each : in.chains)
            for (std::uint32_t number = 1; number <= each.rules.size() + 1; ++number)
              for (const auto what : {rule_edit::kind::insert, rule_edit::kind::remove, rule_edit::kind::policy}) {
                if (what != rule_edit::kind::insert && number > each.rules.size()) continue;
                if (each.name != "OUTPUT" && is_built_in(in.name, each.name.view())) continue;
                if (what == rule_edit::kind::policy && !each.policy) continue;
                const sequence<rule_edit> only = {
                    {what,
                     {r, in.name, each.name},
                     number,
                     stopping_rule_for(policy, one.family, in.name == table_name::filter, false)}};
                const detail::judged_edits said = judge.judge(only);
                bool opens_all = said.proof.answer == answer::proved;
                for (std::size_t i = 0; i < policy.size(); ++i)
                  if (policy[i].destination.base.family == one.family && !detail::has(one.stay_closed, policy[i]))
                    opens_all = opens_all && said.is_open(i);
                RC_ASSERT(!(opens_all && judge.confined(only).holds));
              }
    }
  }));
}
