#include <cordon/prove/prove.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <cordon/prove/first_leak.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/ipset_text.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

/// A policy, and a firewall that has something to do with it.
struct question {
  egress_policy policy;
  firewall live;
  proof answer;

  static question draw(const testing::firewall_setting& setting) {
    const egress_policy policy = *testing::policies();
    const bool is_close = *rc::gen::inRange(0, 2) == 0;
    const firewall live = is_close ? *testing::firewalls_for(policy, setting) : *testing::firewalls(setting);
    return {policy, live, prove(live, policy)};
  }

  sequence<packet> packets(family in, std::size_t count = 20) const {
    return *rc::gen::container<sequence<packet>>(count, testing::packets_near(live).of(policy).only(in).gen());
  }
};

constexpr testing::firewall_setting opaque{.with_opaque = true, .with_both_backends = true};
constexpr testing::firewall_setting decided{.with_both_backends = true};

/// The rule or policy that lets a packet out is the one that is blamed. True where that is not one place alone: where no
/// packet decides a step on the way, or where filter is not asked, and the last table may pass a packet by.
bool is_blamed(const leak& of, const outcome& simulated, const program& rules) {
  for (const way_step& step : simulated.way)
    if (step.uncertain) return true;
  bool has_filter = false;
  for (const program_table& one : rules.tables) has_filter = has_filter || one.name == table_name::filter;
  if (!has_filter && !rules.tables.empty()) return true;
  if (!simulated.decided_by || rules.tables.empty()) return of.blame.is_policy();
  const decision& by = *simulated.decided_by;
  return of.blame.table == by.step.table && of.blame.chain == by.step.chain.view() &&
         of.blame.number == (by.source == nullptr ? 0 : by.at.step + 1);
}

}  // namespace

TEST_CASE("a firewall that is proved lets no packet of the sandbox out but to an endpoint") {
  rc::prop("whatever undecided matches do", [] {
    const question asked = question::draw(opaque);
    for (const family in : both_families) {
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      const answer said = asked.answer.of(in).answer;
      for (const packet& sent : asked.packets(in)) {
        const escape found = escape_of(orders, asked.policy, sent);
        if (!found.is_clear || !is_judged(rules, asked.policy, sent)) continue;
        RC_LOG() << testing::shown(sent) << "\n";
        if (said == answer::proved) RC_ASSERT_FALSE(found.perhaps);
        if (said == answer::unknown) RC_ASSERT_FALSE(found.surely);
      }
    }
  });
}

TEST_CASE("a leak's witness is let out, is forbidden, and takes the way that is shown") {
  rc::prop("for every leak", [] {
    const question asked = question::draw(opaque);
    for (const family in : both_families) {
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      for (const leak& one : asked.answer.of(in).leaks) {
        RC_LOG() << testing::shown(one.witness) << "\n";
        RC_ASSERT(asked.policy.owns(one.witness));
        RC_ASSERT(is_judged(rules, asked.policy, one.witness));
        const outcome simulated = simulate(rules, one.witness);
        RC_ASSERT(simulated.way == one.way);
        if (one.region_is_whole) RC_ASSERT(holds(one.region, one.witness));
        const escape found = escape_of(orders, asked.policy, one.witness);
        if (found.is_clear) RC_ASSERT(found.surely);
      }
    }
  });
}

TEST_CASE("a leak's region is the packets that leak through its rule, all of them and no others") {
  rc::prop("every packet of a box leaks, by the rule that is blamed", [] {
    const question asked = question::draw(decided);
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    for (const family in : both_families) {
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      const auto around = testing::edges::of_firewall(asked.live, asked.policy, in);
      for (const leak& one : asked.answer.of(in).leaks)
        for (const box& each : one.region) {
          packet sent = testing::draw_packet(choices, around, asked.policy);
          if (!draw_from(choices, each, sent)) continue;
          // Whether a RELATED packet is the first of its connection is not seen, and not in a region.
          sent.expected_first = 0;
          packet first = sent;
          first.expected_first = sent.state == connection_state::related ? 1 : 0;
          if (!is_judged(rules, asked.policy, sent)) continue;
          RC_LOG() << testing::shown(sent) << "\n";
          const auto leaks_here = [&](const packet& which) {
            return escape_of(orders, asked.policy, which).surely && is_blamed(one, simulate(rules, which), rules);
          };
          RC_ASSERT((leaks_here(sent) || leaks_here(first)));
        }
    }
  });
  rc::prop("every packet that leaks is in one region, every other in none", [] {
    const question asked = question::draw(decided);
    for (const family in : both_families) {
      const program rules = compile(asked.live, in);
      const sequence<program> orders = in_each_order(asked.live, in);
      const sequence<leak>& leaks = asked.answer.of(in).leaks;
      for (const leak& one : leaks) RC_PRE(one.region_is_whole);
      for (packet sent : asked.packets(in)) {
        sent.expected_first = 0;
        if (!is_judged(rules, asked.policy, sent)) continue;
        RC_LOG() << testing::shown(sent) << "\n";
        int regions = 0;
        for (const leak& one : leaks) regions += holds(one.region, sent) ? 1 : 0;
        packet first = sent;
        first.expected_first = sent.state == connection_state::related ? 1 : 0;
        const bool leaks_either_way =
            escape_of(orders, asked.policy, sent).surely || escape_of(orders, asked.policy, first).surely;
        if (sent.state == connection_state::related)
          RC_ASSERT((regions > 0) == leaks_either_way);
        else
          RC_ASSERT(regions == (leaks_either_way ? 1 : 0));
      }
    }
  });
}

TEST_CASE("an endpoint has the status that its client's packets find") {
  rc::prop("open, blocked, partial", [] {
    const question asked = question::draw(opaque);
    testing::random_choices random(*rc::gen::arbitrary<std::uint64_t>());
    const choice_source choices = random.source();
    for (std::size_t i = 0; i < asked.policy.size(); ++i) {
      const endpoint& to = asked.policy[i];
      const endpoint_answer& said = asked.answer.endpoints[i];
      const family in = to.destination.base.family;
      const program rules = compile(asked.live, in);
      const client_packets client = client_of(to, in);
      auto around = testing::edges(in);
      around.observe(rules);
      around.observe(client.opening);
      around.observe(client.following);
      around.finish();
      const packet_domain domain = packets_of(asked.policy, in);
      const testing::detail::aim aim(choices, around, domain);
      for (int tries = 0; tries < 20; ++tries) {
        packet sent = testing::draw_packet(choices, around, domain);
        aim.at(sent, choices.one_in(2) ? client.opening : client.following, true);
        testing::detail::tidy(sent, domain);
        const bool opens = evaluate(client.opening, sent) == truth::yes;
        const bool follows = evaluate(client.following, sent) == truth::yes;
        if ((!opens && !follows) || !is_judged(rules, asked.policy, sent)) continue;
        const outcome simulated = simulate(rules, sent);
        RC_LOG() << testing::shown(sent) << " " << to_text(simulated.verdict).view() << "\n";
        const truth there = goes_there(to, rules, sent, simulated);
        if (said.status == endpoint_status::open) RC_ASSERT((!simulated.possible.may_stop() && there != truth::no));
        const bool may_arrive = simulated.possible.may_accept() && there == truth::yes;
        if (said.status == endpoint_status::blocked && opens) RC_ASSERT_FALSE(may_arrive);
        if (said.status == endpoint_status::partial && there != truth::unknown)
          RC_ASSERT(holds(said.blocked, sent) == !may_arrive);
      }
    }
  });
}

namespace {
firewall only_v4(const std::string& rules) {
  firewall host;
  host.v4 = read_rules(rules);
  host.v6 = family_rules::none();
  return host;
}
}  // namespace

TEST_CASE("a mark that is put into another is a number where every packet of the sandbox has the same") {
  // The mark of an unprivileged sandbox's packets is 0, so that the connection's stays as it was.
  const firewall host = only_v4(
      "*filter\n-A OUTPUT -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0\nCOMMIT\n"
      "*security\n:OUTPUT DROP\n-A OUTPUT -m connmark --mark 0x1/0xff -j ACCEPT\nCOMMIT\n");
  CHECK(prove(host, sandbox(uid{1001})).verdict() == answer::leak);
}

TEST_CASE("the lowest bits that a target keeps are asked alone") {
  const proof answer = prove(only_v4("*mangle\n-A OUTPUT -j DSCP --set-dscp 0\nCOMMIT\n"
                                     "*filter\n:OUTPUT DROP\n-A OUTPUT -m ecn --ecn-ip-ect 0 -j ACCEPT\nCOMMIT\n"),
                             sandbox(uid{1001}));
  REQUIRE(answer.v4.leaks.size() == 1);
  REQUIRE(answer.v4.leaks[0].region.size() == 1);
  for (const box_side& side : answer.v4.leaks[0].region[0].sides) CHECK(side.shift + side.width <= 2);
}

TEST_CASE("what is dropped for a mark that an earlier rule set stays dropped") {
  const proof answer = prove(
      only_v4("*filter\n-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff\n-A OUTPUT -m mark --mark 0x1 -j DROP\nCOMMIT\n"),
      sandbox(uid{1001}));
  CHECK(answer.v4.leaks.empty());
}

TEST_CASE("two marks in the same bits are told apart bit by bit, up to twelve of them") {
  const auto asked = [](const std::string& value) {
    egress_policy policy = sandbox(uid{1001});
    policy.attacker = attacker::raw;
    return prove(only_v4("*filter\n:OUTPUT DROP\n-A OUTPUT -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0\n"
                         "-A OUTPUT -m mark --mark 0x1/0xff -m connmark --mark " +
                         value + " -j ACCEPT\nCOMMIT\n"),
                 policy);
  };
  const proof few = asked("0x3/0xff");
  REQUIRE(few.verdict() == answer::leak);
  CHECK((few.v4.leaks[0].witness.connection_mark & 0xff) == 2);
  CHECK(asked("0x3").verdict() == answer::unknown);
}

TEST_CASE("the bits of a copy are told apart in what was copied") {
  const proof answer = prove(only_v4("*filter\n:OUTPUT DROP\n-A OUTPUT -j CONNMARK --restore-mark\n"
                                     "-A OUTPUT -j MARK --set-xmark 0x10/0xf0\n"
                                     "-A OUTPUT -m mark --mark 0x13/0xff -j ACCEPT\nCOMMIT\n"),
                             sandbox(uid{1001}));
  REQUIRE(answer.verdict() == cordon::answer::leak);
  CHECK((answer.v4.leaks[0].witness.connection_mark & 0x0f) == 3);
}

TEST_CASE("an endpoint whose packets nat leads elsewhere is not reached") {
  const firewall host = only_v4("*nat\n-A OUTPUT -d 192.0.2.1 -p tcp -j DNAT --to-destination 192.0.2.2\nCOMMIT\n");
  const egress_policy policy =
      sandbox(uid{1001}).may_reach(tcp, ipv4_address(192, 0, 2, 1), 80).may_reach(tcp, ipv4_address(192, 0, 2, 2), 80);
  const proof answer = prove(host, policy);
  CHECK(answer.endpoints[0].status == endpoint_status::blocked);
  CHECK(answer.endpoints[1].status == endpoint_status::open);
}

TEST_CASE("a NEW packet may be of a connection whose source is translated, and of none whose destination is") {
  const auto asking = [](const std::string& state) {
    return prove(only_v4("*filter\n:OUTPUT DROP\n-A OUTPUT -m conntrack --ctstate NEW -m conntrack --ctstate " + state +
                         " -j ACCEPT\nCOMMIT\n"),
                 sandbox(uid{1001}))
        .v4.answer;
  };
  CHECK(asking("SNAT") == answer::leak);
  CHECK(asking("DNAT") == answer::proved);
}

TEST_CASE("by which interface a packet leaves whose route was looked up once more is not known") {
  const auto by = [](const char* interface, const char* table, const char* rule, const char* out) {
    const proof made = prove(only_v4("*" + std::string(table) + "\n-A OUTPUT " + rule +
                                     "\nCOMMIT\n*filter\n:OUTPUT DROP\n-A OUTPUT -o " + out + " -j ACCEPT\nCOMMIT\n"),
                             [&] {
                               egress_policy policy = sandbox(uid{1001});
                               policy.allow(*read_endpoint("any:0.0.0.0/0:any@" + std::string(interface)));
                               return policy;
                             }());
    if (made.v4.answer == answer::unknown) {
      REQUIRE(made.v4.doubts.size() == 1);
      CHECK(name_of(made.v4.doubts[0].at.table) == table);
      CHECK(made.v4.doubts[0].at.number == 1);
    }
    return made.v4.answer;
  };
  CHECK(by("eth0", "mangle", "-j TOS --set-tos 0x10", "eth0") == answer::unknown);
  CHECK(by("eth0", "mangle", "-j MARK --set-mark 1", "eth0") == answer::unknown);
  CHECK(by("eth0", "mangle", "-j TTL --ttl-set 1", "eth0") == answer::proved);
  CHECK(by("eth0", "raw", "-j MARK --set-mark 1", "eth0") == answer::proved);
  CHECK(by("eth0", "mangle", "-j MARK --set-mark 1", "lo") == answer::leak);
  CHECK(by("lo", "mangle", "-j MARK --set-mark 1", "lo") == answer::unknown);
  CHECK(by("lo", "mangle", "-d 127.0.0.0/8 -j MARK --set-mark 1", "lo") == answer::proved);
  CHECK(by("lo", "nat", "-p tcp -j DNAT --to-destination 192.0.2.1", "lo") == answer::unknown);
  CHECK(by("lo", "nat", "-p tcp -j REDIRECT --to-ports 3128", "lo") == answer::proved);
  CHECK(by("eth0", "nat", "-p tcp -j REDIRECT --to-ports 3128", "eth0") == answer::unknown);
}

namespace {
// The first packet of a connection, or one that follows on it.
packet client_sends(protocol by, const address& to, std::uint16_t port, bool opens) {
  packet sent;
  sent.family = to.family;
  sent.owner = {socket_kind::user, 1001, 1001};
  sent.protocol = by;
  sent.source = ipv4_address(192, 0, 2, 9).bits;
  sent.destination = to.bits;
  sent.second_word = port;
  sent.out = "eth0";
  sent.state = opens ? connection_state::fresh : connection_state::established;
  sent.flags = by != protocol::tcp ? tcp_flags{0} : opens ? tcp_flag::syn : tcp_flag::ack;
  return sent;
}
}  // namespace

TEST_CASE("what follows on a connection that nat leads is judged where it is led") {
  rc::prop("an endpoint is open if both its first and its following packets pass, whatever they are then", [] {
    const auto one_of = [](std::initializer_list<std::string> words) {
      return *rc::gen::elementOf(std::vector<std::string>(words));
    };
    const auto some = [&](std::string words) { return *rc::gen::arbitrary<bool>() ? " " + words : std::string(); };
    std::string rules = "*nat\n";
    for (int left = *rc::gen::inRange(0, 3); left > 0; --left)
      rules += "-A OUTPUT -d 192.0.2.1 -p " + one_of({"tcp", "udp"}) + " --dport 53 -j DNAT --to-destination " +
               one_of({"192.0.2.1:40001", "192.0.2.1:53", "192.0.2.2:53", "192.0.2.2"}) + "\n";
    rules += "COMMIT\n*filter\n:OUTPUT DROP\n";
    for (int left = *rc::gen::inRange(1, 4); left > 0; --left)
      rules +=
          "-A OUTPUT" + some("-d " + one_of({"192.0.2.1", "192.0.2.2"})) +
          (*rc::gen::arbitrary<bool>() ? " -p " + one_of({"tcp", "udp"}) + some("--dport " + one_of({"53", "40001"}))
                                       : "") +
          some("-m conntrack --ctstate " + one_of({"NEW", "ESTABLISHED"})) + " -j " +
          one_of({"ACCEPT", "ACCEPT", "DROP"}) + "\n";
    rules += "COMMIT\n";
    const endpoint to = *read_endpoint(one_of({"udp", "tcp", "udp,tcp"}) + ":192.0.2.1:53>" +
                                       one_of({"192.0.2.1", "192.0.2.2", "192.0.2.0/30", "192.0.2.1:40001"}));
    RC_LOG() << rules << to_text(to).view() << "\n";
    const firewall host = only_v4(rules);
    const program compiled = compile(host, family::ipv4);
    egress_policy policy = sandbox(uid{1001});
    policy.allow(to);
    bool opens = true;
    bool follows = true;
    bool any_opens = false;
    for (const protocol by : {protocol::tcp, protocol::udp}) {
      if (!to.protocols.contains(by)) continue;
      const packet first = client_sends(by, ipv4_address(192, 0, 2, 1), 53, true);
      const outcome met = simulate(compiled, first);
      const bool arrives = met.verdict.accepted() && goes_there(to, compiled, first, met) == truth::yes;
      const packet next = client_sends(by, met.became.destination_address(), met.became.second_word, false);
      opens = opens && arrives;
      any_opens = any_opens || arrives;
      follows = follows && simulate(compiled, next).verdict.accepted();
    }
    const endpoint_status said = prove(host, policy).endpoints[0].status;
    RC_TAG(name_of(said));
    RC_ASSERT((said == endpoint_status::open) == (opens && follows));
    RC_ASSERT((said == endpoint_status::blocked) == !any_opens);
  });

  // Docker's resolver, behind rules that know the port of the day.
  const std::string docker =
      "*nat\n-A OUTPUT -d 127.0.0.11 -p udp --dport 53 -j DNAT --to-destination 127.0.0.11:47729\n"
      "-A OUTPUT -d 127.0.0.11 -p tcp --dport 53 -j DNAT --to-destination 127.0.0.11:36041\nCOMMIT\n*filter\n:OUTPUT DROP\n";
  egress_policy policy = sandbox(uid{1001});
  policy.allow(*read_endpoint("udp,tcp:127.0.0.11:53@lo>127.0.0.11"));
  const auto status = [&](const std::string& filter) {
    return prove(only_v4(docker + filter + "COMMIT\n"), policy).endpoints[0].status;
  };
  CHECK(status("-A OUTPUT -p udp --dport 47729 -j ACCEPT\n-A OUTPUT -p tcp --dport 36041 -j ACCEPT\n") ==
        endpoint_status::open);
  CHECK(status("-A OUTPUT -p udp --dport 47729 -j ACCEPT\n") == endpoint_status::partial);
  CHECK(status("-A OUTPUT -p udp --dport 53 -j ACCEPT\n-A OUTPUT -p tcp --dport 53 -j ACCEPT\n") ==
        endpoint_status::blocked);
  CHECK(status("-A OUTPUT -d 127.0.0.11 -m conntrack --ctstate NEW -j ACCEPT\n") == endpoint_status::partial);
  // A port that the kernel chooses: what follows has any of them.
  const auto chosen = [&](const std::string& ports) {
    egress_policy of_proxy = sandbox(uid{1001});
    of_proxy.allow(*read_endpoint("tcp:192.0.2.1:80>127.0.0.1"));
    return prove(only_v4("*nat\n-A OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 9040-9049\nCOMMIT\n"
                         "*filter\n:OUTPUT DROP\n-A OUTPUT -p tcp --dport " +
                         ports + " -j ACCEPT\nCOMMIT\n"),
                 of_proxy)
        .endpoints[0]
        .status;
  };
  CHECK(chosen("9040:9049") == endpoint_status::open);
  CHECK(chosen("9040:9048") != endpoint_status::open);
}

namespace {

const egress_policy egress_to_proxy = sandbox(uid{1001})
                                          .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                          .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);

}  // namespace

TEST_CASE("the incident's first rules leak all that leaves by lo, and all of IPv6") {
  for (const backend how : {backend::legacy, backend::nft}) {
    const proof before = prove(incident("before", how), egress_to_proxy);
    REQUIRE(before.v4.answer == answer::leak);
    REQUIRE(before.v4.leaks.size() == 1);
    const leak& by_lo = before.v4.leaks[0];
    CHECK(by_lo.blame.number == 2);
    CHECK(by_lo.blame.chain == "OUTPUT");
    CHECK(to_text(by_lo.witness.destination_address()) == "127.0.0.1");
    CHECK(by_lo.way.size() == 1);
    packet sent = by_lo.witness;
    for (const int port : {8000, 6379, 3900, 1, 65535}) {
      sent.second_word = static_cast<std::uint16_t>(port);
      CHECK(holds(by_lo.region, sent));
    }
    sent.second_word = 18443;
    CHECK_FALSE(holds(by_lo.region, sent));
    sent.out = "eth0";
    CHECK_FALSE(holds(by_lo.region, sent));

    REQUIRE(before.v6.leaks.size() == 1);
    CHECK(before.v6.leaks[0].blame.is_policy());
    CHECK(before.v6.leaks[0].region == sequence<box>{{.family = family::ipv6}});
    CHECK(to_text(before.v6.leaks[0].witness.destination_address()) == "::1");
  }
}

TEST_CASE("the incident's fix is proved on IPv4, and still leaks all of IPv6") {
  for (const backend how : {backend::legacy, backend::nft}) {
    const proof after = prove(incident("after", how), egress_to_proxy);
    CHECK(after.v4.answer == answer::proved);
    CHECK(after.v6.answer == answer::leak);
    CHECK(after.verdict() == answer::leak);
    CHECK(after.usable());
  }
}

TEST_CASE("a family that the host does not have proves nothing and leaks nothing") {
  firewall neither;
  neither.v4 = neither.v6 = family_rules::none();
  const proof empty = prove(neither, egress_to_proxy);
  CHECK(empty.proved());
  CHECK(empty.is_empty());
  CHECK(prove(firewall{}, egress_to_proxy).verdict() == answer::leak);
}

TEST_CASE("a NEW packet may have the mark of a connection that another has opened") {
  egress_policy nowhere = sandbox(uid{1001});
  nowhere.flows = flows::fresh;
  const proof made = prove(only_v4("*filter\n"
                                   ":OUTPUT DROP\n-A OUTPUT -m connmark --mark 0x5 -j ACCEPT\nCOMMIT\n"),
                           nowhere);
  REQUIRE(made.of(family::ipv4).answer == answer::leak);
  CHECK(made.of(family::ipv4).leaks[0].needs == leak_need::established);
  CHECK(
      prove(
          only_v4(
              "*filter\n"
              ":OUTPUT DROP\n-A OUTPUT -m conntrack --ctstate INVALID,UNTRACKED -m connmark --mark 0x5 -j ACCEPT\nCOMMIT\n"),
          nowhere)
          .of(family::ipv4)
          .answer == answer::proved);
}

TEST_CASE("which back end the kernel asks first no dump tells: what hangs on it is unknown") {
  const auto host = [](const std::string& legacy, const std::string& nft) {
    firewall made;
    made.v6 = family_rules::none();
    made.v4.rulesets.push_back(read_rules(legacy, family::ipv4, backend::legacy));
    made.v4.rulesets.push_back(read_rules(nft, family::ipv4, backend::nft));
    return made;
  };
  const std::string marks = "*mangle\n-A OUTPUT -m owner --uid-owner 1001 -j MARK --set-mark 1\nCOMMIT\n";
  const std::string drops = "*mangle\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n";
  const egress_policy nowhere = sandbox(uid{1001});
  for (const firewall& rules : {host(marks, drops), host(drops, marks)}) {
    const proof made = prove(rules, nowhere);
    CHECK(made.v4.answer == answer::unknown);
    CHECK(made.v4.leaks.empty());
    REQUIRE(made.v4.doubts.size() == 1);
    CHECK(made.v4.doubts[0].at.table == table_name::mangle);
    CHECK(made.v4.doubts[0].match == "which back end is asked first");
    CHECK(first_leak(rules, nowhere).verdict == answer::unknown);
  }
  // A later table is behind both of them, and a leak in either order is one.
  CHECK(prove(host(marks, "*mangle\n-A OUTPUT -p udp\nCOMMIT\n*filter\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n"),
              nowhere)
            .proved());
  const proof leaks = prove(host(marks, "*mangle\n-A OUTPUT -m mark --mark 2 -j DROP\nCOMMIT\n"), nowhere);
  CHECK(leaks.v4.answer == answer::leak);
  CHECK(leaks.v4.leaks.size() == 1);
  // Each order has leaks, but no packet leaks in both.
  const proof either =
      prove(host("*mangle\n-A OUTPUT -m mark --mark 1 -j DROP\n-A OUTPUT -j MARK --set-mark 2\nCOMMIT\n",
                 "*mangle\n-A OUTPUT -p tcp -m mark --mark 2 -j DROP\n"
                 "-A OUTPUT -p tcp -j MARK --set-mark 3\n-A OUTPUT -p udp -j MARK --set-mark 1\n"
                 "-A OUTPUT ! -p tcp -m mark ! --mark 1 -j DROP\nCOMMIT\n"),
            nowhere);
  CHECK(either.v4.answer == answer::unknown);
  CHECK(either.v4.leaks.empty());
  REQUIRE(either.v4.doubts.size() == 1);
  // One does, and others perhaps: it is told, and that some hang on the order.
  const proof some = prove(host("*mangle\n-A OUTPUT -p tcp -j MARK --set-mark 1\nCOMMIT\n",
                                "*mangle\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n"),
                           nowhere);
  CHECK(some.v4.answer == answer::leak);
  REQUIRE(some.v4.leaks.size() == 1);
  CHECK(some.v4.leaks[0].witness.protocol != protocol::tcp);
  CHECK(some.v4.doubts.size() == 1);
  // An endpoint that is open in one order alone.
  const egress_policy proxy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);
  const std::string stops =
      "*filter\n-A OUTPUT -d 127.0.0.1 -o lo -p tcp --dport 18443 -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n";
  const proof half = prove(host(marks, drops + stops), proxy);
  CHECK(half.proved());
  CHECK(half.endpoints[0].status == endpoint_status::unknown);
}

TEST_CASE("a client's first packet has no connection mark") {
  const egress_policy proxy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);
  const auto status = [&](const std::string& match) {
    return prove(
               only_v4(
                   "*filter\n:OUTPUT DROP\n-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -m conntrack --ctstate ESTABLISHED "
                   "-j ACCEPT\n-A OUTPUT -d 127.0.0.1 -p tcp --dport 18443 -m connmark " +
                   match + " -j ACCEPT\nCOMMIT\n"),
               proxy)
        .endpoints[0]
        .status;
  };
  CHECK(status("--mark 0") == endpoint_status::open);
  CHECK(status("--mark 5") == endpoint_status::blocked);
}

TEST_CASE("what entries of sets keep in that will be gone one day is not proved") {
  const auto judged = [](const std::string& sets, const std::string& rules) {
    firewall host = only_v4("*filter\n" + rules + "COMMIT\n");
    auto read = read_sets(sets);
    REQUIRE(read);
    host.host.sets = std::move(*read);
    return prove(host, sandbox(uid{1001}).may_reach(tcp, ipv4_address(10, 0, 0, 1), 443)).v4;
  };
  const std::string blocked = ":OUTPUT ACCEPT\n-A OUTPUT -m set --match-set s dst -j DROP\n";
  const std::string allowed = ":OUTPUT DROP\n-A OUTPUT -p tcp -m set --match-set s dst -m tcp --dport 443 -j ACCEPT\n";
  const std::string halves = "create s hash:net timeout 0\nadd s 0.0.0.0/1 timeout 9\nadd s 128.0.0.0/1\n";
  const family_proof made = judged(halves, blocked);
  REQUIRE(made.answer == answer::unknown);
  REQUIRE(made.doubts.size() == 1);
  CHECK(made.doubts[0].match == "an entry of the set s that expires");
  CHECK(judged("create s hash:net timeout 0\nadd s 0.0.0.0/1\nadd s 128.0.0.0/1\n", blocked).answer == answer::proved);
  // Of a set that was not given nothing is known, but that it says the same of a packet each time.
  CHECK(judged("create s hash:ip timeout 0\nadd s 10.0.0.9 timeout 9\n",
               ":OUTPUT DROP\n-A OUTPUT -m set --match-set other dst -j DROP\n"
               "-A OUTPUT -m set --match-set other dst -j ACCEPT\n")
            .answer == answer::proved);
  // What closes when it is gone keeps its proof, and what leaks now is a leak.
  CHECK(judged("create s hash:ip timeout 0\nadd s 10.0.0.1 timeout 9\n", allowed).answer == answer::proved);
  CHECK(judged("create s hash:ip timeout 0\nadd s 10.0.0.2 timeout 9\n", allowed).answer == answer::leak);
  CHECK(
      judged("create l list:set timeout 0\ncreate s hash:net\nadd s 0.0.0.0/1\nadd s 128.0.0.0/1\nadd l s timeout 9\n",
             ":OUTPUT ACCEPT\n-A OUTPUT -m set --match-set l dst -j DROP\n")
          .answer == answer::unknown);
  // ... in each order of the back ends: behind the mark nothing gets out, before it what the set no longer holds does.
  firewall both = only_v4("*mangle\n-A OUTPUT -j MARK --set-mark 5\nCOMMIT\n");
  both.v4.rulesets.push_back(
      read_rules("*mangle\n-A OUTPUT -m mark --mark 5 -j DROP\n-A OUTPUT -m set --match-set s dst -j DROP\nCOMMIT\n",
                 family::ipv4, backend::legacy));
  auto read = read_sets(halves);
  REQUIRE(read);
  both.host.sets = std::move(*read);
  CHECK(prove(both, sandbox(uid{1001})).v4.answer == answer::unknown);
}
