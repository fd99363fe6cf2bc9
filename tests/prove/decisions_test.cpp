#include <cordon/prove/decisions.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// The packets that the prover lets out: whatever no packet decides, and for some of it.
struct accepted_sets {
  packet_space space;
  decider walk;
  diagram decision;
  diagram surely;
  diagram perhaps;

  explicit accepted_sets(const program& rules) : space(layout_of(rules)), walk(rules, space), decision(walk.decide()) {
    diagram_store& store = space.store();
    const diagram set = store.renamed(decision, [](std::uint32_t number) { return number != 0 ? 1U : 0U; });
    surely = store.collapsed(set, space.first_atom_level(),
                             [](const std::uint32_t* numbers, std::size_t) { return numbers[0]; });
    perhaps = store.collapsed(set, space.first_atom_level(),
                              [](const std::uint32_t* numbers, std::size_t count) { return numbers[count - 1]; });
  }
  accepted_sets(const accepted_sets&) = delete;

  static layout layout_of(const program& rules) {
    layout levels(packet_domain::all(rules.family));
    observe(levels, rules);
    levels.finish();
    return levels;
  }
};

// Whether an atom looks at what some target changes. To the simulator that is the same again where the value is, to the
// prover where it came about alike, so that it leaves more open.
bool looks_at_changes(const program& rules) {
  field_set seen = 0;
  field_set changed = 0;
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps) {
        for (const predicate* const part : {&step.holds, &step.drops})
          for (const atom& one : part->atoms()) seen |= one.hangs_on;
        for (const alteration& one : step.does.changes) changed |= set_of(one.field);
      }
  return (seen & changed) != 0;
}

void check_agreement(const firewall& live) {
  for (const family in : both_families) {
    const program rules = compile(live, in);
    accepted_sets prover(rules);
    RC_ASSERT_FALSE(prover.walk.too_large());
    const bool may_be_wider = looks_at_changes(rules);
    for (const packet& sent : *rc::gen::container<sequence<packet>>(15, testing::packets_near(live).only(in).gen())) {
      const outcome simulated = simulate(rules, sent);
      RC_LOG() << testing::shown(sent) << " " << to_text(simulated.verdict).view() << "\n";
      const bool surely = prover.space.value_at(prover.surely, sent) != 0;
      const bool perhaps = prover.space.value_at(prover.perhaps, sent) != 0;
      RC_ASSERT(surely == !simulated.possible.may_stop() || (may_be_wider && !surely));
      RC_ASSERT(perhaps == simulated.possible.may_accept() || (may_be_wider && perhaps));
    }
  }
}

}  // namespace

TEST_CASE("simulator and prover let the same packets out") {
  // This is what all proofs stand on, and what is wrong once in thousands of firewalls is wrong.
  const auto many = [](const testing::firewall_setting& of) {
    for (int again = 0; again < 20; ++again) check_agreement(*testing::firewalls(of));
  };
  rc::prop("where packets decide everything", [&] { many({}); });
  rc::prop("where matches and targets that no packet decides may go either way", [&] { many({.with_opaque = true}); });
  rc::prop("where both back ends have rules",
           [&] { many({.with_opaque = true, .with_both_backends = true, .most_rules = 3}); });
  rc::prop("where rules of all tables change packets, return and lead on", [] {
    for (int again = 0; again < 4; ++again)
      check_agreement(*testing::firewalls({.crowded = true, .most_rules = 5, .most_chains = 3, .most_matches = 1}));
  });
  rc::prop("where many chains call each other",
           [&] { many({.tables = testing::only_filter, .most_chains = 12, .most_matches = 1}); });
}

TEST_CASE("simulator and prover name the same rule as the one that lets a packet out") {
  rc::prop("in filter, where packets decide everything", [] {
    const firewall live = *testing::firewalls({.tables = testing::only_filter});
    for (const family in : both_families) {
      const program rules = compile(live, in);
      if (rules.tables.empty()) continue;
      accepted_sets prover(rules);
      if (prover.space.atom_count() != 0) continue;  // CONNMARK may make a mark that no packet tells
      for (const packet& sent : *rc::gen::container<sequence<packet>>(15, testing::packets_near(live).only(in).gen())) {
        const outcome simulated = simulate(rules, sent);
        if (!simulated.accepted()) continue;
        RC_LOG() << testing::shown(sent) << "\n";
        const decision_place& at = prover.walk.outcome(prover.space.value_at(prover.decision, sent)).at;
        RC_ASSERT(simulated.decided_by.has_value());
        RC_ASSERT(at.table == simulated.decided_by->at.table);
        RC_ASSERT(at.chain == simulated.decided_by->at.chain);
        RC_ASSERT(at.rule == simulated.decided_by->at.step);
      }
    }
  });
}

TEST_CASE("simulator and prover agree where there are so many rules that fields are tested in another order") {
  const bool ports_tell = GENERATE(false, true);
  std::uint32_t state = 1;
  const auto below = [&](std::uint32_t bound) { return ((state = state * 1664525 + 1013904223) >> 8) % bound; };
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    const auto end = [&](const char* side, bool tells) {
      const std::uint32_t bits = tells ? 32 : 8 + below(8);
      return std::string(side) + " 10." + std::to_string(below(4)) + ".0." + std::to_string(below(64)) + "/" +
             std::to_string(bits);
    };
    const auto port = [&](const char* side) {
      const std::uint32_t low = below(64);
      return std::string(side) + " " + std::to_string(low) + ":" +
             std::to_string(ports_tell ? low : low + below(60000));
    };
    lines += "-A OUTPUT" + end(" -s", !ports_tell) + end(" -d", !ports_tell) + " -p " +
             (below(2) != 0 ? "tcp" : "udp") + port(" --sport") + port(" --dport") + " -j " +
             (below(2) != 0 ? "ACCEPT" : "DROP") + "\n";
  }
  const firewall live = host_with(lines);
  const program rules = compile(live, family::ipv4);
  accepted_sets prover(rules);
  REQUIRE_FALSE(prover.walk.too_large());
  const testing::edges edges = testing::edges::of_firewall(live, family::ipv4);
  testing::random_choices choices(7);
  for (int i = 0; i < 2000; ++i) {
    const packet sent = testing::draw_packet(choices.source(), edges);
    REQUIRE((prover.space.value_at(prover.surely, sent) != 0) == simulate(rules, sent).accepted());
  }
}

TEST_CASE("NOTRACK leaves the kernel's own answers RELATED, and makes all other packets UNTRACKED") {
  const firewall live = host_with(
      ":OUTPUT DROP\n-A OUTPUT -m conntrack --ctstate RELATED -j ACCEPT\nCOMMIT\n*raw\n-A OUTPUT -j NOTRACK\n");
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  packet sent;
  sent.state = connection_state::related;
  for (const socket_kind one : {socket_kind::none, socket_kind::kernel, socket_kind::user}) {
    sent.owner.socket = one;
    const bool is_answer = one != socket_kind::user;
    CHECK(simulate(rules, sent).accepted() == is_answer);
    CHECK((prover.space.value_at(prover.surely, sent) != 0) == is_answer);
    CHECK((prover.space.value_at(prover.perhaps, sent) != 0) == is_answer);
  }
}

TEST_CASE("a question with more atoms than the stack holds is given up, not crashed on") {
  std::string lines;
  for (int i = 0; i < 40000; ++i) lines += "-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n";
  const firewall live = host_with(lines + "-A OUTPUT -j DROP\n");
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  CHECK(prover.walk.too_large());
}

TEST_CASE("rules that change packets are walked once for each situation, not for each of the ways there") {
  std::string lines = "COMMIT\n*mangle\n";
  for (int port = 1; port <= 150; ++port) {
    const std::string number = std::to_string(port);
    lines +=
        "-A OUTPUT -p tcp --dport " + number + ":" + std::to_string(port + 30) + " -j MARK --set-mark " + number + "\n";
  }
  const firewall live = host_with(":OUTPUT DROP\n-A OUTPUT -m mark --mark 77 -j ACCEPT\n" + lines);
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  REQUIRE_FALSE(prover.walk.too_large());
  packet sent;
  for (const std::uint16_t port : {std::uint16_t{76}, std::uint16_t{77}, std::uint16_t{78}, std::uint16_t{201}}) {
    sent.second_word = port;
    CHECK((prover.space.value_at(prover.surely, sent) != 0) == (port == 77));
    CHECK(simulate(rules, sent).accepted() == (port == 77));
  }
}

TEST_CASE("what is behind a rule hangs on what the rules before it have made of the packet") {
  const auto marks_in_chains = [] {
    const auto below = [](unsigned bound) { return std::to_string(*rc::gen::inRange(0U, bound)); };
    const auto one_of = [](std::initializer_list<const char*> words) {
      return *rc::gen::elementOf(std::vector(words));
    };
    std::string lines =
        ":OUTPUT DROP\n-A OUTPUT -m mark --mark 0x" + below(4) + "/0x3 -j ACCEPT\nCOMMIT\n*mangle\n:a -\n:b -\n";
    const int count = *rc::gen::inRange(3, 14);
    for (int i = 0; i < count; ++i) {
      const std::string chain = one_of({"OUTPUT", "OUTPUT", "a", "b"});
      lines += "-A " + chain;
      if (below(3) != "0") lines += " -p tcp --dport " + below(3) + ":" + std::to_string(3 + *rc::gen::inRange(0, 3));
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          lines += std::string(" -m mark --mark 0x") + below(4) + "/0x3 -j " + one_of({"DROP", "ACCEPT", "RETURN"});
          break;
        case 1:
          lines += std::string(" -j ") + (chain == "OUTPUT" ? one_of({"a", "b"}) : chain == "a" ? "b" : "RETURN");
          break;
        default:
          lines += std::string(" -j MARK ") + one_of({"--or-mark", "--xor-mark", "--and-mark", "--set-mark"}) + " 0x" +
                   below(4);
      }
      lines += "\n";
    }
    RC_LOG() << lines;
    const firewall live = host_with(lines);
    const program rules = compile(live, family::ipv4);
    accepted_sets prover(rules);
    RC_ASSERT_FALSE(prover.walk.too_large());
    packet sent;
    for (const std::uint32_t mark : {0U, 1U, 2U, 3U})
      for (const std::uint16_t port :
           {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{4}, std::uint16_t{9}}) {
        sent.mark = mark;
        sent.second_word = port;
        RC_ASSERT((prover.space.value_at(prover.surely, sent) != 0) == simulate(rules, sent).accepted());
      }
  };
  // One in hundreds comes back to a chain in a situation in which others do.
  rc::prop("rules that change some bits of marks, and rules that ask for them, in chains", [&] {
    for (int again = 0; again < 100; ++again) marks_in_chains();
  });
}

// Whether prover and simulator make the same of a packet.
void check_same(const accepted_sets& prover, const program& rules, const packet& sent) {
  const outcome simulated = simulate(rules, sent);
  CAPTURE(write_packet_line(sent).view());
  CHECK((prover.space.value_at(prover.surely, sent) != 0) == !simulated.possible.may_stop());
  CHECK((prover.space.value_at(prover.perhaps, sent) != 0) == simulated.possible.may_accept());
}

TEST_CASE("what a chain returns goes on once, also if it then returns as others came back") {
  const firewall live = host_with(
      ":OUTPUT DROP\n-A OUTPUT -j ACCEPT\nCOMMIT\n*mangle\n:a -\n:b -\n-A OUTPUT -j a\n-A a -j b\n"
      "-A a -m mark ! --mark 1 -j DROP\n-A a -j MARK --set-mark 0\n"
      "-A b -j MARK --set-mark 0\n-A b -p tcp -j MARK --or-mark 1\n");
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  packet sent;
  CHECK(simulate(rules, sent).accepted());
  check_same(prover, rules, sent);
  sent.protocol = protocol::udp;
  CHECK_FALSE(simulate(rules, sent).accepted());
  check_same(prover, rules, sent);
}

TEST_CASE("what is translated into what it is already is not translated") {
  const auto check_nat = [](const std::string& target) {
    CAPTURE(target);
    for (const char* const asked : {"DNAT", "! DNAT"}) {
      const std::string negation = asked[0] == '!' ? "! " : "";
      const firewall live =
          host_with(":OUTPUT ACCEPT\n-A OUTPUT -m conntrack " + negation +
                    "--ctstate DNAT -j DROP\nCOMMIT\n*nat\n:OUTPUT ACCEPT\n-A OUTPUT " + target + "\n");
      const program rules = compile(live, family::ipv4);
      const accepted_sets prover(rules);
      for (const protocol of : {protocol::tcp, protocol::udp, protocol::icmp})
        for (const unsigned last : {1U, 2U, 77U})
          for (const std::uint16_t port : {std::uint16_t{79}, std::uint16_t{80}, std::uint16_t{81}}) {
            packet sent;
            sent.protocol = of;
            sent.second_word = port;
            sent.destination = 0x0a090000 + last;
            check_same(prover, rules, sent);
          }
    }
  };
  check_nat("-j DNAT --to-destination 10.9.0.1");
  check_nat("-j DNAT --to-destination 10.9.0.1-10.9.0.2");
  check_nat("-p tcp -j DNAT --to-destination 10.9.0.1:80");
  check_nat("-p tcp -j DNAT --to-destination 10.9.0.1:80-81");
  check_nat("-p udp -j DNAT --to-destination :80");
  check_nat("-j NETMAP --to 10.9.0.0/30");
}

TEST_CASE("of two nats the second may be asked or not where the first translates into what is there already") {
  firewall live;
  for (const backend of : {backend::legacy, backend::nft})
    live.v4.rulesets.push_back(
        read_rules(of == backend::legacy ? "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j DNAT --to-destination 10.9.0.1\nCOMMIT\n"
                                         : "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j DNAT --to-destination 10.9.0.2\nCOMMIT\n"
                                           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -d 10.9.0.1 -j DROP\nCOMMIT\n",
                   family::ipv4, of));
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  packet sent;
  sent.destination = 0x0a090001;
  CHECK(prover.space.value_at(prover.surely, sent) == 0);
  CHECK(prover.space.value_at(prover.perhaps, sent) != 0);
  sent.destination = 0x0a090003;
  CHECK(prover.space.value_at(prover.perhaps, sent) == 0);
}

TEST_CASE("a mark that nobody knows is asked for anew once it was made anew") {
  const firewall live = host_with(
      ":OUTPUT DROP\n-A OUTPUT -j ACCEPT\nCOMMIT\n*mangle\n:ask - [0:0]\n"
      "-A OUTPUT -j HMARK --hmark-tuple src --hmark-mod 9 --hmark-rnd 1\n-A OUTPUT -j ask\n-A OUTPUT -j DSCP --set-dscp 0\n"
      "-A OUTPUT -j HMARK --hmark-tuple dst --hmark-mod 9 --hmark-rnd 1\n-A OUTPUT -j ask\n"
      "-A ask -j DSCP --set-dscp 2\n-A ask -m mark --mark 1 -j DROP\n");
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  std::size_t atoms = 0;
  for (const std::uint32_t level : prover.space.store().levels_tested(prover.decision))
    if (level >= prover.space.first_atom_level()) ++atoms;
  CHECK(atoms == 2);
}

TEST_CASE("a limit is asked anew at each visit, also behind a rule that changes packets") {
  const firewall live = host_with(
      ":OUTPUT DROP\n:ask - [0:0]\n-A OUTPUT -j MARK --set-mark 1\n-A OUTPUT -j ask\n-A OUTPUT -j MARK --set-mark 1\n"
      "-A OUTPUT -j ask\n-A ask -j MARK --set-mark 2\n-A ask -m limit --limit 1/sec -j ACCEPT\n");
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  const sequence<std::uint32_t> levels = prover.space.store().levels_tested(prover.decision);
  CHECK(levels.size() == 2);
  for (const std::uint32_t level : levels) CHECK(level >= prover.space.first_atom_level());
}

TEST_CASE("what no packet decides is asked anew where a target has changed what it looks at, and only there") {
  struct question {
    const char* asked;
    const char* changes;
    bool is_asked_anew = true;
  };
  const question questions[] = {
      {"-m u32 --u32 0x8&0xff000000=0x1000000", "*mangle\n-A OUTPUT -j TTL --ttl-set 1\nCOMMIT\n"},
      {"-m u32 --u32 0x0=0x1", "*mangle\n-A OUTPUT -j TOS --set-tos 0x47\nCOMMIT\n"},
      {"-m u32 --u32 0x8&0xff000000=0x1000000", "*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n", false},
      {"-m addrtype --dst-type LOCAL", "*nat\n-A OUTPUT -j DNAT --to-destination 127.0.0.1\nCOMMIT\n"},
      {"-m addrtype --dst-type LOCAL", "*nat\n-A OUTPUT -j DNAT --to-destination 127.0.0.1-127.0.0.2\nCOMMIT\n"},
      {"-m addrtype --src-type LOCAL", "*nat\n-A OUTPUT -j DNAT --to-destination 127.0.0.1\nCOMMIT\n", false},
      {"-m set --match-set some dst", "*nat\n-A OUTPUT -j DNAT --to-destination 127.0.0.1\nCOMMIT\n"},
      {"-m set --match-set some src", "*nat\n-A OUTPUT -j DNAT --to-destination 127.0.0.1\nCOMMIT\n", false},
      {"-m set --match-set some dst", "*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n", false},
      {"-m set --match-set some dst,dst", "*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n"},
      {"-m policy --dir out --pol ipsec", "*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n"},
      {"-m cgroup --cgroup 1", "*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n", false},
  };
  for (const question& one : questions) {
    CAPTURE(one.asked, one.changes);
    const std::string rule = std::string("-A OUTPUT ") + one.asked;
    const firewall live = host_with(":OUTPUT DROP\n" + rule + " -j ACCEPT\nCOMMIT\n*raw\n:OUTPUT ACCEPT\n" + rule +
                                    " -j DROP\nCOMMIT\n" + one.changes + "*security\n:OUTPUT ACCEPT\n");
    const program rules = compile(live, family::ipv4);
    const accepted_sets prover(rules);
    packet sent;
    sent.destination = 0x0a090001;
    CHECK(simulate(rules, sent).possible.may_stop());
    CHECK(simulate(rules, sent).possible.may_accept() == one.is_asked_anew);
    check_same(prover, rules, sent);
  }
}

TEST_CASE("of a match that no packet decides a packet has one answer in each state that targets bring it into") {
  // Whether -m u32 fits is one thing for those with the one TTL, another for those with the other.
  const firewall live = host_with(
      ":OUTPUT DROP\n-A OUTPUT -m u32 --u32 0x0=0x1 -j ACCEPT\nCOMMIT\n*mangle\n:OUTPUT ACCEPT\n"
      "-A OUTPUT -p tcp -j TTL --ttl-set 1\n-A OUTPUT -m u32 --u32 0x0=0x1 -j DROP\n"
      "-A OUTPUT -p udp -j TTL --ttl-set 1\n");
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  for (const protocol of : {protocol::tcp, protocol::udp, protocol::sctp}) {
    packet sent;
    sent.protocol = of;
    CHECK(simulate(rules, sent).possible.may_accept() == (of == protocol::udp));
    check_same(prover, rules, sent);
  }
}

TEST_CASE("a packet that is not in a set may be once a rule that it comes to has added it") {
  const auto possible = [](const char* rule_of_mangle) {
    const std::string asked = "-A OUTPUT -m set --match-set some dst";
    const firewall live = host_with(":OUTPUT DROP\n" + asked + " -j ACCEPT\nCOMMIT\n*mangle\n:OUTPUT ACCEPT\n" + asked +
                                    " -j DROP\n" + rule_of_mangle);
    const program rules = compile(live, family::ipv4);
    const accepted_sets prover(rules);
    const packet sent;
    check_same(prover, rules, sent);
    return simulate(rules, sent).possible;
  };
  CHECK(possible("-A OUTPUT -j SET --add-set some dst\n").may_accept());
  CHECK(possible("-A OUTPUT -j SET --del-set some dst\n").may_accept());
  // So may another packet's way, at the same time.
  CHECK(possible(":INPUT ACCEPT\n-A INPUT -j SET --add-set some src\n").may_accept());
  CHECK_FALSE(possible("-A OUTPUT -j SET --map-set some dst --map-prio\n").may_accept());
}

TEST_CASE("a program behind a queue may mark the packets that it accepts") {
  for (const char* const match : {"-m mark --mark 5", "-m connmark --mark 5"}) {
    const firewall live = host_with(std::string(":OUTPUT DROP\n-A OUTPUT ") + match +
                                    " -j ACCEPT\nCOMMIT\n*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -p tcp -j NFQUEUE\n");
    const program rules = compile(live, family::ipv4);
    const accepted_sets prover(rules);
    for (const protocol of : {protocol::tcp, protocol::udp}) {
      packet sent;
      sent.protocol = of;
      CHECK(simulate(rules, sent).possible.may_accept() == (of == protocol::tcp));
      check_same(prover, rules, sent);
    }
  }
}

namespace {

void check_all(const firewall& live) {
  const program rules = compile(live, family::ipv4);
  const accepted_sets prover(rules);
  CHECK_FALSE(prover.walk.too_large());
  for (const protocol of : {protocol::tcp, protocol::udp, protocol::sctp})
    for (const unsigned mark : {0U, 1U, 2U, 3U, 7U}) {
      packet sent;
      sent.protocol = of;
      sent.mark = mark;
      check_same(prover, rules, sent);
    }
}

}  // namespace

TEST_CASE("what rules change, change again and undo is so when it is asked for") {
  const auto check_marking = [](const std::string& mangle) {
    for (const char* const asked : {"0x0", "0x1", "0x3", "0x0/0x1", "0x2/0x2"})
      check_all(host_with("-A OUTPUT -m mark --mark " + std::string(asked) +
                          " -j DROP\nCOMMIT\n*mangle\n:OUTPUT ACCEPT\n" + mangle));
  };
  // Nothing between them asks for the mark, and the second undoes what the first did.
  check_marking("-A OUTPUT -p tcp -j MARK --xor-mark 1\n-A OUTPUT -j MARK --xor-mark 1\n");
  check_marking(
      "-A OUTPUT -p tcp -j MARK --xor-mark 1\n-A OUTPUT -p tcp -j MARK --xor-mark 1\n-A OUTPUT -p udp -j ACCEPT\n"
      "-A OUTPUT -m mark --mark 0x1 -j MARK --set-mark 2\n");
  check_marking(
      ":c -\n-A c -p tcp -j MARK --or-mark 2\n-A c -p udp -j MARK --set-mark 1\n-A OUTPUT -j c\n"
      "-A OUTPUT -m mark --mark 3 -j c\n-A OUTPUT -j MARK --and-mark 1\n");
  check_marking(":c -\n-A c -p tcp -j MARK --or-mark 1\n-A OUTPUT -g c\n-A OUTPUT -j MARK --set-mark 7\n");
}

TEST_CASE("a mark that is set to what all packets have is no change") {
  // Some rule keeps bits of it, so that what all packets have is written down.
  firewall live;
  live.v6 = family_rules::none();
  live.v4 = read_rules(
      "*mangle\n:OUTPUT DROP\n:c -\n-A c -j MARK --or-mark 1\n-A OUTPUT -j MARK --set-mark 0\n-A OUTPUT -p tcp -j ACCEPT\n"
      "COMMIT\n");
  const program rules = compile(live, family::ipv4);
  packet_domain unmarked = packet_domain::all(family::ipv4);
  unmarked[field::mark] = {0, 0};
  layout levels(unmarked);
  observe(levels, rules);
  levels.finish();
  packet_space space(std::move(levels));
  decider walk(rules, space, detail_of_decision::fate);
  CHECK(walk.let_out(walk.decide()) == space.set_of(is(field::protocol, number_of(protocol::tcp))));
  CHECK(walk.changes_nothing());
}

TEST_CASE("thousands of rules that each make something else of packets are no more than as many rules") {
  std::string marks;
  std::string chains;
  std::string calls;
  for (int i = 1; i <= 5000; ++i) {
    const std::string number = std::to_string(i);
    marks += "-A OUTPUT -p tcp --dport " + number + " -j MARK --set-mark " + number + "\n";
    if (i > 1000) continue;
    chains +=
        ":c" + number + " -\n-A c" + number + " -p tcp --sport " + number + " -j MARK --set-mark " + number + "\n";
    calls += "-A OUTPUT -p tcp --dport " + number + " -j c" + number + "\n";
  }
  const std::string filter = ":OUTPUT DROP\n-A OUTPUT -m mark --mark 4999 -j ACCEPT\nCOMMIT\n*mangle\n:OUTPUT ACCEPT\n";
  for (const std::string& mangle : {marks, chains + calls}) {
    const firewall live = host_with(filter + mangle);
    const program rules = compile(live, family::ipv4);
    const accepted_sets prover(rules);
    REQUIRE_FALSE(prover.walk.too_large());
    CHECK(prover.space.store().work() < 100'000'000);
    for (const std::uint16_t port : {std::uint16_t{4998}, std::uint16_t{4999}, std::uint16_t{5000}}) {
      packet sent;
      sent.first_word = sent.second_word = port;
      check_same(prover, rules, sent);
    }
  }
}
