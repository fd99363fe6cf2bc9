// Proofs about FORWARD and INPUT.
#include <cordon/prove/earlier_hooks.hpp>

#include <string>

#include <cordon/prove/difference.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/report.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/ipset_text.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

/// Rules as they are drawn for OUTPUT, asked of what is forwarded instead, now and then by interfaces.
ruleset forwarding(ruleset drawn) {
  erase_if(drawn.tables, [](const table& one) { return one.name == table_name::raw || one.name == table_name::nat; });
  for (table& one : drawn.tables) {
    chain& rules = *one.find("FORWARD");
    std::swap(rules, *one.find("OUTPUT"));
    std::swap(rules.name, one.find("FORWARD")->name);
    for (rule& each : one.find("FORWARD")->rules)
      if (*rc::gen::inRange(0, 3) == 0)
        each.in = {true, *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(),
                   interface_name(*rc::gen::element<std::string>("eth", "eth0", "l", "lo"))};
  }
  return drawn;
}

packet draw_forwarded(const firewall& live, const egress_policy& policy, family in) {
  testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
  return testing::draw_packet(random.source(), testing::edges::of_firewall(live, policy, in), packets_of(policy, in));
}

}  // namespace

TEST_CASE("what a proof says of forwarded packets is what the simulator says of each") {
  rc::prop("leaks are those that leave, and nothing leaves that is proved not to", [] {
    firewall live;
    for (const family in : both_families)
      live.of(in) = forwarding(*testing::rulesets(in, backend::nft, {.with_opaque = *rc::gen::arbitrary<bool>()}));
    egress_policy policy = packets_through(hook::forward).may_reach(tcp | udp, ipv4_address(10, 9, 0, 2), {1, 1000});
    const proof answer = prove(live, policy);
    for (const family in : both_families) {
      const program rules = compile(live, in, hook::forward);
      const family_proof& here = answer.of(in);
      for (const leak& one : here.leaks) {
        RC_ASSERT(one.blame.chain.view() != "OUTPUT");
        RC_ASSERT(policy.owns(one.witness));
        RC_ASSERT(escape_of(rules, policy, one.witness).surely);
        RC_ASSERT(one.witness.in.size() > 0U);
      }
      for (int left = 20; left > 0; --left) {
        const packet sent = draw_forwarded(live, policy, in);
        if (!is_judged(rules, policy, sent)) continue;
        const escape found = escape_of(rules, policy, sent);
        if (!found.is_clear) continue;
        RC_LOG() << testing::shown(sent) << "\n";
        if (here.answer == answer::proved) RC_ASSERT_FALSE(found.perhaps);
        if (here.answer == answer::unknown) RC_ASSERT_FALSE(found.surely);
        bool is_told = false;
        for (const leak& one : here.leaks) is_told = is_told || !one.region_is_whole || holds(one.region, sent);
        if (sent.expected_first == 0 && sent.state != connection_state::related) RC_ASSERT(!found.surely || is_told);
      }
    }
  });
}

TEST_CASE("FORWARD is told apart by the interfaces and Ethernet addresses of its packets") {
  const firewall live = host_with(
      ":FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
      "-A FORWARD -i eth+ -m mac --mac-source 02:00:00:00:00:01 -o lan -j ACCEPT\n");
  const proof answer = prove(live, packets_through(hook::forward));
  REQUIRE(answer.v4.leaks.size() == 1);
  const leak& one = answer.v4.leaks[0];
  REQUIRE(one.region.size() == 1);
  CHECK(testing::shown(to_text(one.region[0])) ==
        "any protocol by lan, in by eth+, from Ethernet address 02:00:00:00:00:01");
  CHECK(testing::shown(place_in_words(one.blame)) == "rule 1 of filter FORWARD");
  CHECK(one.witness.owner.socket == socket_kind::none);
  CHECK(testing::shown(write_report(answer)).find("packets of FORWARD get out that their policy forbids") !=
        std::string::npos);
  CHECK(prove(host_with(":FORWARD DROP [0:0]\n"), packets_through(hook::forward)).proved());
}

TEST_CASE("what came by no Ethernet fits neither an Ethernet address nor its negation") {
  packet sent;
  sent.owner = {socket_kind::none, 0, 0};
  sent.in = "lo";
  for (const char* const match : {"--mac-source 02:00:00:00:00:01", "! --mac-source 02:00:00:00:00:01"}) {
    const firewall live = host_with(":INPUT DROP [0:0]\n-A INPUT -m mac " + std::string(match) + " -j ACCEPT\n");
    CHECK_FALSE(simulate(compile(live, family::ipv4, hook::input), sent).accepted());
    packet by_ethernet = sent;
    by_ethernet.mac = match[0] == '!' ? 0x020000000002 : 0x020000000001;
    CHECK(simulate(compile(live, family::ipv4, hook::input), by_ethernet).accepted());
  }
}

TEST_CASE("in INPUT no packet has an interface that it leaves by") {
  const auto leaks = [](const std::string& rule) {
    return !prove(host_with(":INPUT DROP [0:0]\n:U - [0:0]\n-A INPUT -j U\n-A U " + rule + " -j ACCEPT\n"),
                  packets_through(hook::input))
                .proved();
  };
  CHECK_FALSE(leaks("-o eth0"));
  CHECK(leaks("! -o eth0"));
  CHECK(leaks("-i eth0"));
}

TEST_CASE("marks and UNTRACKED are what PREROUTING may have made, and nothing else") {
  const auto host = [](const std::string& before, const std::string& rule) {
    firewall made = host_with("");
    made.v4 = read_rules(before + "*filter\n:FORWARD DROP [0:0]\n-A FORWARD " + rule + " -j ACCEPT\nCOMMIT\n");
    return made;
  };
  const std::string marks = "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j MARK --set-mark 1\nCOMMIT\n";
  const std::string untracked = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n";
  const egress_policy policy = packets_through(hook::forward);
  CHECK(prove(host("", "-m mark --mark 0x1"), policy).proved());
  CHECK_FALSE(prove(host(marks, "-m mark --mark 0x1"), policy).proved());
  CHECK(prove(host("", "-m conntrack --ctstate UNTRACKED"), policy).proved());
  CHECK_FALSE(prove(host(untracked, "-m conntrack --ctstate UNTRACKED"), policy).proved());
  CHECK(set_by_earlier_hooks(host(marks, "-p tcp"), family::ipv4, hook::forward) == set_of(field::mark));
  CHECK(set_by_earlier_hooks(host(marks, "-p tcp"), family::ipv4, hook::output) == 0);
}

TEST_CASE("what comes back by lo keeps the mark that OUTPUT or POSTROUTING gave it") {
  for (const char* const chain : {"OUTPUT", "POSTROUTING"}) {
    firewall made = host_with("");
    made.v4 = read_rules(
        "*mangle\n:" + std::string(chain) + " ACCEPT [0:0]\n-A " + chain +
        " -p udp -j MARK --set-mark 1\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -m mark --mark 0x1 -j ACCEPT\nCOMMIT\n");
    CHECK_FALSE(prove(made, packets_through(hook::input)).proved());
  }
}

TEST_CASE(
    "a mark that packets may have out of a tunnel, of INPUT or of the other family, leaves open what hangs on it") {
  const std::string marks = "MARK --set-mark 1\n";
  const std::string accepts = "-m mark --mark 0x1 -j ACCEPT\n";
  const auto in_input = [](const std::string& rules) { return "*filter\n:INPUT DROP [0:0]\n" + rules + "COMMIT\n"; };
  const auto prerouting = [](const std::string& rules) {
    return "*mangle\n:PREROUTING ACCEPT [0:0]\n:unused - [0:0]\n" + rules + "COMMIT\n";
  };
  const auto host = [](const std::string& v4, const std::string& v6) {
    firewall made;
    made.v4 = read_rules(v4);
    made.v6 = read_rules(v6, family::ipv6);
    return made;
  };
  const auto proved = [](const firewall& live) { return prove(live, packets_through(hook::input)); };
  const std::string nothing = in_input("");

  const proof own = proved(host(in_input("-A INPUT -p udp -j " + marks + "-A INPUT " + accepts), nothing));
  CHECK(own.v4.answer == answer::leak);  // it accepts what it marks
  const proof before = proved(host(in_input("-A INPUT " + accepts + "-A INPUT -p udp -j " + marks), nothing));
  CHECK(before.v4.answer == answer::unknown);
  REQUIRE(before.v4.doubts.size() == 1);
  CHECK(testing::shown(place_in_words(before.v4.doubts[0].at)) == "rule 2 of filter INPUT");
  CHECK(before.v6.answer == answer::proved);
  const auto marked_last = [&](const std::string& protocol) {
    return host(in_input("-A INPUT " + accepts + "-A INPUT -p " + protocol + " -j " + marks), nothing);
  };
  CHECK(proved(marked_last("icmp")).proved());
  CHECK(proved(marked_last("tcp")).v4.answer == answer::unknown);
  CHECK(proved(host(in_input("-A INPUT -p udp -j " + marks), nothing)).proved());

  const std::string marked_by_v4 = prerouting("-A PREROUTING -p udp -j " + marks);
  CHECK(proved(host(nothing + marked_by_v4, in_input("-A INPUT " + accepts))).v6.answer == answer::unknown);
  CHECK(proved(host(nothing + prerouting("-A unused -p udp -j " + marks), in_input("-A INPUT " + accepts))).proved());
  const proof forwarded = prove(host(in_input("-A INPUT -p udp -j " + marks) + marked_by_v4,
                                     "*filter\n:FORWARD DROP [0:0]\n-A FORWARD " + accepts + "COMMIT\n"),
                                packets_through(hook::forward));
  CHECK(forwarded.v6.answer == answer::unknown);
  CHECK(forwarded.v6.doubts.size() == 2);
  CHECK(prove(host(nothing + marked_by_v4, "*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT " + accepts + "COMMIT\n"),
              sandbox(uid{1001}))
            .v6.answer == answer::proved);
  CHECK(differences(host(nothing + marked_by_v4, nothing),
                    host(nothing + marked_by_v4, in_input("-A INPUT " + accepts)), packets_through(hook::input))
            .v6.answer != comparison::same);
}

TEST_CASE(
    "such a mark is reckoned with in each order of the back ends, when entries of sets are gone, and from what may give any") {
  const auto judged = [](const firewall& live) { return prove(live, packets_through(hook::input)).v4.answer; };
  const auto mangle = [](const std::string& rules) { return "*mangle\n:INPUT ACCEPT [0:0]\n" + rules + "COMMIT\n"; };

  // The one lets in what has the mark, the other takes it away.
  const ruleset asks =
      read_rules(mangle("-A INPUT -m mark --mark 0x1 -j ACCEPT\n-A INPUT -j DROP\n"), family::ipv4, backend::legacy);
  const ruleset takes = read_rules(mangle("-A INPUT -j MARK --set-mark 0\n"), family::ipv4, backend::nft);
  for (const bool asks_first : {true, false}) {
    firewall made = host_with("");
    made.v4 = asks_first ? asks : takes;
    made.v4.rulesets.push_back(asks_first ? takes : asks);
    CHECK(judged(made) == answer::unknown);
  }

  firewall stopped = host_with(
      ":INPUT DROP [0:0]\n-A INPUT -m set --match-set s src -j DROP\n-A INPUT -m mark --mark 0x1 -j ACCEPT\n"
      "-A INPUT -p udp -j MARK --set-mark 1\n");
  const auto with_sets = [&](const std::string& sets) {
    stopped.host.sets = *read_sets(sets);
    return judged(stopped);
  };
  CHECK(with_sets("create s hash:net\nadd s 0.0.0.0/1\nadd s 128.0.0.0/1\n") == answer::proved);
  CHECK(with_sets("create s hash:net timeout 0\nadd s 0.0.0.0/1 timeout 9\nadd s 128.0.0.0/1\n") == answer::unknown);

  for (const char* const target : {"NFQUEUE --queue-num 1", "NOTMODELLED --at-all"}) {
    firewall made = host_with(":INPUT DROP [0:0]\n-A INPUT -m mark --mark 0x1 -j ACCEPT\n", family::ipv6);
    made.v4 = read_rules("*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp -j " + std::string(target) + "\nCOMMIT\n");
    CHECK(prove(made, packets_through(hook::input)).v6.answer == answer::unknown);
  }
}

TEST_CASE("neighbour discovery is UNTRACKED without a rule that says so, whoever can write it") {
  const auto host = [](const std::string& chain) {
    return host_with(":" + chain + " DROP [0:0]\n-A " + chain + " -m conntrack --ctstate UNTRACKED -j ACCEPT\n",
                     family::ipv6);
  };
  egress_policy raw = sandbox(uid{1001});
  raw.attacker = attacker::raw;
  const struct {
    egress_policy policy;
    std::string chain;
  } asked[] = {{packets_through(hook::input), "INPUT"}, {packets_through(hook::forward), "FORWARD"}, {raw, "OUTPUT"}};
  for (const auto& [policy, chain] : asked) {
    const proof answer = prove(host(chain), policy);
    REQUIRE(answer.v6.leaks.size() == 1);
    CHECK(answer.v6.leaks[0].witness.protocol == protocol::icmpv6);
    CHECK(answer.v6.leaks[0].needs == leak_need::nothing);
    CHECK(prove(host_with(
                    ":" + chain + " DROP [0:0]\n-A " + chain + " -p udp -m conntrack --ctstate UNTRACKED -j ACCEPT\n",
                    family::ipv6),
                policy)
              .proved());
  }
  CHECK(prove(host("OUTPUT"), sandbox(uid{1001})).proved());
}

TEST_CASE("a match that asks for something else than in OUTPUT leaves the answer open") {
  for (const char* const rule :
       {"-m addrtype --dst-type LOCAL", "-m pkttype --pkt-type unicast", "-m conntrack --ctorigdst 10.0.0.1"})
    CHECK(prove(host_with(":FORWARD DROP [0:0]\n-A FORWARD " + std::string(rule) + " -j ACCEPT\n"),
                packets_through(hook::forward))
              .verdict() == answer::unknown);
}

TEST_CASE("two firewalls are compared where the policy's packets come to") {
  const firewall before = host_with(":FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
  const firewall after = host_with(":FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -i eth0 -p udp -j ACCEPT\n");
  CHECK(differences(before, after, sandbox(uid{1001})).answer() == comparison::same);
  const firewall_difference found = differences(before, after, packets_through(hook::forward));
  REQUIRE(found.v4.differences.size() == 1);
  CHECK(found.v4.differences[0].kind == difference_kind::let_out);
  CHECK(testing::shown(to_text(found.v4.differences[0].region[0])) == "udp, in by eth0");
}

TEST_CASE("a leak of UNTRACKED packets needs no connection") {
  firewall live = host_with("");
  live.v4 = read_rules(
      "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --notrack\nCOMMIT\n"
      "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT\nCOMMIT\n");
  const proof answer = prove(live, packets_through(hook::forward));
  REQUIRE(answer.v4.leaks.size() == 1);
  CHECK(answer.v4.leaks[0].needs == leak_need::nothing);
}
