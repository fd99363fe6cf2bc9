#include <cordon/simulate/program.hpp>

#include <string>

#include <cordon/match/list.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/target/list.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/reader.hpp>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
rule with(const target_extension& of) { return with_target(target::kind::extension, chain_name(of.name), &of); }

packet to_ipv6(protocol of) {
  packet made;
  made.family = family::ipv6;
  made.protocol = of;
  made.source = 1;
  made.destination = uint128{0xfd09} << 112 | 2;
  return made;
}

/// A host with rules of both back ends, the files in one order or the other.
firewall of_both(std::string_view legacy, std::string_view nft, bool nft_first = false) {
  const auto read = [](std::string_view rules, backend of) {
    return *read_ruleset(rules, {.family = family::ipv4, .backend = of});
  };
  firewall made;
  made.v6 = family_rules::none();
  made.v4.rulesets.push_back(read(legacy, backend::legacy));
  made.v4.rulesets.insert(made.v4.rulesets.begin() + (nft_first ? 0 : 1), read(nft, backend::nft));
  return made;
}

/// The verdict, the way, and what the verdict hangs on.
std::string told(const outcome& of) {
  std::string all(join(to_text(of.verdict), " ", to_text(of.way)).view());
  for (const open_question& one : of.hangs_on)
    all += std::string(join("; ", name_of(one.table), " ", one.because).view());
  return all;
}

bool has_step(const sequence<way_step>& way, const way_step& wanted) {
  return detail::any_of(way, [&](const way_step& one) { return detail::compare_places(one, wanted) == 0; });
}
}  // namespace

TEST_CASE(
    "of two CT rules the first decides: NOTRACK behind one may be left alone, and is not where none comes before") {
  const auto states = [](sequence<rule> in_raw) {
    const firewall rules = firewall_of({make_table(table_name::raw, {output(std::move(in_raw))}),
                                        filter({when_state(connection_state::untracked, drop())})});
    return simulate(rules, to_loopback()).possible;
  };
  CHECK_FALSE(states({with(notrack_target)}).may_accept());
  CHECK(states({with(ct_target), with(notrack_target)}).may_accept());
  CHECK(states({with(ct_target), with(notrack_target)}).may_stop());
  CHECK_FALSE(states({with(ct_target)}).may_stop());
}

TEST_CASE("a CT rule that OUTPUT does not reach does not concern NOTRACK") {
  const firewall rules =
      firewall_of({make_table(table_name::raw, {output({with(notrack_target)}), user_chain("A", {with(ct_target)})}),
                   filter({when_state(connection_state::untracked, drop())})});
  CHECK_FALSE(simulate(rules, to_loopback()).possible.may_accept());
}

TEST_CASE("behind DNPT nobody knows whether nat gives the destination back that connection tracking has seen") {
  const table moved = make_table(table_name::mangle, {output({with(dnpt_target)})});
  const table redirected = make_table(table_name::nat, {output({with(redirect_target)})});
  const packet sent = to_ipv6(protocol::udp);
  const outcome plain = simulate(firewall_of({redirected}), sent);
  CHECK(plain.became.destination == 1);
  CHECK(plain.open == 0);
  const outcome made = simulate(firewall_of({moved, redirected}), sent);
  CHECK(contains(made.open, field::destination));
  CHECK(contains(made.open, field::nat_status));
}

TEST_CASE("nat may change ICMP's checksum, also where the destination stays, and without ports no other header word") {
  const firewall rules = firewall_of({make_table(table_name::nat, {output({with(redirect_target)})})});
  CHECK(contains(simulate(rules, to_ipv6(protocol::icmpv6)).open, field::second_word));
  CHECK_FALSE(contains(simulate(rules, to_ipv6(protocol::udp)).open, field::second_word));
  packet there = to_ipv6(protocol::icmpv6);
  there.destination = 1;
  CHECK(contains(simulate(rules, there).open, field::second_word));
  CHECK(contains(simulate(rules, there).open, field::nat_status));
}

TEST_CASE("what is no translation leaves ICMP's header, and what nat has done, as they are") {
  const firewall rules = firewall_of({filter({set_mark(1), accept()})});
  CHECK(simulate(rules, to_ipv6(protocol::icmpv6)).open == 0);
}

TEST_CASE("behind a CT rule raw may see another state than INVALID") {
  const auto possible = [](sequence<rule> in_raw) {
    return simulate(firewall_of({make_table(table_name::raw, {output(std::move(in_raw))}), filter({accept()})}),
                    to_loopback())
        .possible;
  };
  rule of_state = drop();
  of_state.matches.push_back({&state_match, text("state"), {{0, false, {{1, 1}}, {}}}, {}});
  CHECK(possible({with(ct_target), of_state}).size() == 2);
}

TEST_CASE("behind a CT rule each question about connections has an answer of its own in raw") {
  const ruleset read = *read_ruleset(
      "*raw\n-A OUTPUT -j CT --zone 1\n-A OUTPUT -m connmark --mark 6 -j DROP\n-A OUTPUT -m conntrack --ctstate NEW -j "
      "ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n",
      {.family = family::ipv4});
  firewall rules;
  rules.v4 = read;
  const verdict_set possible = simulate(rules, to_loopback()).possible;
  CHECK(possible.may_accept());
  CHECK(possible.may_stop());
}

TEST_CASE("behind a CT rule CONNMARK finds a mark in raw too, which nobody knows") {
  const auto left_open = [](std::string_view in_raw) {
    firewall rules;
    rules.v4 = *read_ruleset(join("*raw\n", in_raw, "COMMIT\n"), {.family = family::ipv4});
    return contains(simulate(rules, to_loopback()).open, field::mark);
  };
  CHECK(left_open("-A OUTPUT -j CT --zone 1\n-A OUTPUT -j CONNMARK --restore-mark\n"));
  CHECK_FALSE(left_open("-A OUTPUT -j CT --zone 1\n-A OUTPUT -j CONNMARK --save-mark\n"));
  CHECK_FALSE(left_open("-A OUTPUT -j CT --notrack\n-A OUTPUT -j CONNMARK --restore-mark\n"));
}

TEST_CASE("NOTRACK leaves no packet tracked that cannot be an answer, whatever else a rule of raw asks") {
  const ruleset read = *read_ruleset(
      "*raw\n-A OUTPUT -m state ! --state NEW -m string --string GET --algo bm -j LOG\n-A OUTPUT -j NOTRACK\n"
      "-A OUTPUT -m string --string PUT --algo bm -j DROP\nCOMMIT\n"
      "*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -m state --state NEW -j ACCEPT\n-A OUTPUT -j REJECT\nCOMMIT\n",
      {.family = family::ipv4});
  firewall rules;
  rules.v4 = read;
  const verdict_set possible = simulate(rules, to_loopback()).possible;
  CHECK_FALSE(possible.may_accept());
  CHECK(possible.size() == 2);
}

TEST_CASE("what nat of one back end has led elsewhere the nat of the other is not asked about") {
  const firewall rules = of_both("*nat\n-A OUTPUT -p udp --dport 80 -j REDIRECT --to-ports 81\nCOMMIT\n",
                                 "*nat\n-A OUTPUT -p udp --dport 81 -j REDIRECT --to-ports 82\n"
                                 "-A OUTPUT -p udp --dport 80 -j REDIRECT --to-ports 83\nCOMMIT\n");
  const auto led_to = [&](const char* sent, table_set reversed) {
    return simulate(compile(rules, family::ipv4, hook::output, reversed), *read_packet_line(sent)).became.second_word;
  };
  CHECK(led_to("proto=udp dst=127.0.0.1 dport=80", 0) == 81);
  CHECK(led_to("proto=udp dst=127.0.0.1 dport=80", set_of(table_name::nat)) == 83);
  CHECK(led_to("proto=udp dst=127.0.0.1 dport=81", 0) == 82);
}

TEST_CASE("where nat of one back end leads a packet to where it goes already, the other's may be asked or not") {
  const std::string same = "*nat\n-A OUTPUT -p udp --dport 53 -j DNAT --to-destination 127.0.0.1\nCOMMIT\n";
  const std::string other = "*nat\n-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 54\nCOMMIT\n";
  const std::string stops = "*filter\n-A OUTPUT -p udp --dport 54 -j DROP\nCOMMIT\n";
  const packet sent = *read_packet_line("proto=udp dst=127.0.0.1 dport=53");
  const firewall both = of_both(same, other + stops);
  const outcome made = simulate(compile(both, family::ipv4), sent);
  CHECK(told(made) ==
        "UNKNOWN nat:OUTPUT:rule:1 nat:OUTPUT:rule:1? filter:OUTPUT:rule:1? filter:OUTPUT:policy:2?; "
        "nat whether the other back end's nat has settled where the packet goes");
  // With one nat there is no such question.
  const firewall one = of_both(stops, same);
  CHECK(told(simulate(one, sent)) == "ACCEPT nat:OUTPUT:rule:1 filter:OUTPUT:policy:2");
}

TEST_CASE("what becomes of a packet in one order of two back ends alone is unknown, and the table is named") {
  const std::string sandbox = "-A OUTPUT -m owner --uid-owner 1001 ";
  const packet sent = *read_packet_line("uid=1001 dst=127.0.0.1 dport=53 proto=udp");
  const auto same_in_files_of_either_order = [&](const std::string& legacy, const std::string& nft,
                                                 const std::string& expected) {
    for (const bool nft_first : {false, true}) {
      const firewall rules = of_both(legacy, nft, nft_first);
      CHECK(told(simulate(rules, sent)) == expected);
    }
  };
  const std::string first = "; filter which back end is asked first";
  same_in_files_of_either_order("*filter\n" + sandbox + "-j DROP\nCOMMIT\n",
                                "*filter\n" + sandbox + "-j REJECT\nCOMMIT\n",
                                "UNKNOWN filter:OUTPUT:rule:1? filter:OUTPUT:rule:1?" + first);
  // One verdict, but by which rule?
  const firewall both = of_both("*filter\n" + sandbox + "-j DROP\nCOMMIT\n",
                                "*filter\n-A OUTPUT -p tcp\n" + sandbox + "-j DROP\nCOMMIT\n");
  CHECK(told(simulate(both, sent)) == "DROP filter:OUTPUT:rule:1? filter:OUTPUT:rule:2?");
  CHECK_FALSE(simulate(both, sent).decided_by.has_value());
  // A later table is behind both, and so is what it does.
  same_in_files_of_either_order(
      "*mangle\n" + sandbox + "-j MARK --set-mark 1\nCOMMIT\n*filter\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n",
      "*mangle\n" + sandbox + "-j MARK --set-mark 1\nCOMMIT\n",
      "DROP mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2 mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2 "
      "filter:OUTPUT:rule:1");
  // Of two nats one leads it elsewhere.
  const firewall nats = of_both("*nat\n" + sandbox + "-p udp -j REDIRECT --to-ports 81\nCOMMIT\n",
                                "*nat\n" + sandbox + "-p udp -j REDIRECT --to-ports 82\nCOMMIT\n");
  const outcome led = simulate(nats, sent);
  CHECK(told(led) == "ACCEPT nat:OUTPUT:rule:1? nat:OUTPUT:rule:1?");
  CHECK(contains(led.open, field::second_word));
  // No more tables are named than it takes.
  const firewall two =
      of_both("*mangle\n" + sandbox + "-j MARK --set-mark 1\nCOMMIT\n*filter\n" + sandbox + "-j DROP\nCOMMIT\n",
              "*mangle\n" + sandbox + "-j MARK --set-mark 2\nCOMMIT\n*filter\n" + sandbox + "-j REJECT\nCOMMIT\n");
  const sequence<open_question> why = simulate(two, sent).hangs_on;
  REQUIRE(why.size() == 1);
  CHECK(why[0].table == table_name::filter);
}

TEST_CASE("of two security tables legacy's is asked first, whichever was made last") {
  const std::string marks = "*security\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n";
  const std::string drops = "*security\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n";
  for (const bool nft_first : {false, true}) {
    CHECK_FALSE(simulate(of_both(marks, drops, nft_first), to_loopback()).accepted());
    CHECK(simulate(of_both(drops, marks, nft_first), to_loopback()).accepted());
    CHECK(tables_of_open_way(compile(of_both(marks, drops, nft_first), family::ipv4)) == 0);
  }
}

TEST_CASE("a program that sends what one back end drops and the other rejects may see either") {
  const packet sent = *read_packet_line("uid=1001 dst=127.0.0.1 dport=80");
  const firewall rules = of_both("*filter\n-A OUTPUT -p tcp --dport 80 -j DROP\nCOMMIT\n",
                                 "*filter\n-A OUTPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset\nCOMMIT\n");
  const program first = compile(rules, family::ipv4);
  const auto others = other_orders(rules, family::ipv4, hook::output, tables_of_open_way(first));
  REQUIRE(others.size() == 1);
  CHECK(sees(first, others, sent, simulate(first, others, sent)).connect.what == call_result::kind::unknown);
  CHECK(sees(first, {}, sent, simulate(first, sent)).connect.what == call_result::kind::times_out);
}

TEST_CASE("a back end that has but empty chains is asked first or last, and nothing hangs on it") {
  const std::string empty = "*mangle\n:OUTPUT ACCEPT\nCOMMIT\n*filter\n:OUTPUT ACCEPT\nCOMMIT\n";
  const std::string rules =
      "*mangle\n-A OUTPUT -j MARK --set-mark 1\nCOMMIT\n*filter\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n";
  const firewall host = of_both(empty, rules);
  const program ready = compile(host, family::ipv4);
  CHECK(tables_of_open_way(ready) == 0);
  CHECK(tables_of_open_order(ready) == 0);
  CHECK(
      to_text(simulate(host, to_loopback()).way) ==
      "mangle:OUTPUT:policy:1 mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2 filter:OUTPUT:policy:1 filter:OUTPUT:rule:1");
  // DROP as its policy is something.
  const firewall closed = of_both("*filter\n:OUTPUT DROP\nCOMMIT\n", rules);
  CHECK(tables_of_open_way(compile(closed, family::ipv4)) == set_of(table_name::filter));
  CHECK(tables_of_open_order(compile(closed, family::ipv4)) == 0);
}

TEST_CASE("what is said of a packet where both back ends have rules holds in each order of their tables") {
  rc::prop("its verdicts, its way, what it became; and whether it gets out hangs on no other tables", [] {
    const firewall live = *testing::firewalls({.with_opaque = true, .with_both_backends = true, .most_rules = 4});
    for (const family in : both_families) {
      if (live.of(in).rulesets.size() < 2) continue;
      sequence<program> orders;
      for (unsigned reversed = 0; reversed < 32; ++reversed)
        orders.push_back(compile(live, in, hook::output, static_cast<table_set>(reversed)));
      const table_set open = tables_of_open_order(orders[0]);
      const auto others = other_orders(live, in, hook::output, tables_of_open_way(orders[0]));
      for (packet sent : *rc::gen::container<sequence<packet>>(10, testing::packets_near(live).only(in).gen())) {
        sent.nat_status = 0;  // what opens a connection was not translated before
        const outcome made = simulate(orders[0], others, sent);
        RC_LOG() << testing::shown(sent) << " " << told(made) << "\n";
        verdict_set possible;
        for (unsigned reversed = 0; reversed < 32; ++reversed) {
          const outcome there = simulate(orders[reversed], sent);
          possible |= there.possible;
          const verdict_set same = possible_verdicts(orders[reversed & open], sent);
          RC_ASSERT(there.possible.may_accept() == same.may_accept());
          RC_ASSERT(there.possible.may_stop() == same.may_stop());
          if (made.decided_by && !made.verdict.accepted()) RC_ASSERT(there.decided_by->step == made.decided_by->step);
          for (std::size_t i = 0; i < field_count; ++i) {
            const auto one = static_cast<field>(i);
            if (contains(made.open, one)) continue;
            RC_ASSERT_FALSE(contains(there.open, one));
            RC_ASSERT(value_of(there.became, one) == value_of(made.became, one));
          }
          if (made.way_cut || there.way_cut) continue;
          // What has but a policy is told as if it were asked always.
          const auto is_bare = [](const way_step& one) {
            return one.what == way_step::kind::policy && one.number == 1;
          };
          for (const way_step& one : made.way) RC_ASSERT((one.uncertain || is_bare(one) || has_step(there.way, one)));
        }
        RC_ASSERT(possible == made.possible);
      }
    }
  });
}
