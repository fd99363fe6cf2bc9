#include <cordon/simulate/program.hpp>

#include <string>

#include <cordon/match/list.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/target/list.hpp>
#include <cordon/text/packet_line.hpp>
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
  const auto read = [](std::string_view rules, backend of) {
    return *read_ruleset(rules, {.family = family::ipv4, .backend = of});
  };
  firewall rules;
  rules.v4.rulesets.push_back(
      read("*nat\n-A OUTPUT -p udp --dport 80 -j REDIRECT --to-ports 81\nCOMMIT\n", backend::legacy));
  rules.v4.rulesets.push_back(
      read("*nat\n-A OUTPUT -p udp --dport 81 -j REDIRECT --to-ports 82\n"
           "-A OUTPUT -p udp --dport 80 -j REDIRECT --to-ports 83\nCOMMIT\n",
           backend::nft));
  const auto led_to = [&](const char* sent, table_set reversed) {
    return simulate(compile(rules, family::ipv4, hook::output, reversed), *read_packet_line(sent)).became.second_word;
  };
  CHECK(led_to("proto=udp dst=127.0.0.1 dport=80", 0) == 81);
  CHECK(led_to("proto=udp dst=127.0.0.1 dport=80", set_of(table_name::nat)) == 83);
  CHECK(led_to("proto=udp dst=127.0.0.1 dport=81", 0) == 82);
}
