// What becomes of packets, case by case. The table is checked when it compiles (tests/static) and when it
// runs.
#pragma once

#include <cordon/simulate/simulate.hpp>

#include "rules.hpp"

namespace cordon::test {

struct example {
  const char* says;
  firewall rules;
  packet sent;
  const char* line;  // as `cordon trace` prints it
  field_set not_known = 0;
};

constexpr text line_of(const outcome& of) {
  text line = to_text(of.verdict);
  if (!of.way.empty()) line.append(' ').append(to_text(of.way));
  return line;
}

constexpr sequence<example> chain_examples() {
  using enum reject_type;
  using rules = sequence<rule>;
  const packet sent = to_loopback();
  const auto chains = [](sequence<chain> all) { return firewall_of({filter(std::move(all))}); };
  return {
      {"a family without rules accepts, and has no way", firewall{}, sent, "ACCEPT"},
      {"a table without rules accepts by its policy", firewall_of({filter(rules{})}), sent,
       "ACCEPT filter:OUTPUT:policy:1"},
      {"a policy may drop", firewall_of({filter(rules{}, chain_policy::drop)}), sent, "DROP filter:OUTPUT:policy:1"},
      {"the first rule that decides counts", firewall_of({filter({when_out("eth0", drop()), accept(), drop()})}), sent,
       "ACCEPT filter:OUTPUT:rule:2"},
      {"REJECT names its answer", firewall_of({filter({reject(icmp_net_unreachable)})}), sent,
       "REJECT:icmp-net-unreachable filter:OUTPUT:rule:1"},
      {"a rule without target is on the way and goes on", firewall_of({filter({nothing(), drop()})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:OUTPUT:rule:2"},
      {"RETURN in a built-in chain leads to its policy", firewall_of({filter({give_back(), drop()})}), sent,
       "ACCEPT filter:OUTPUT:rule:1 filter:OUTPUT:policy:3"},
      {"a user chain without a decision returns to the next rule",
       chains({output({jump("A"), drop()}), user_chain("A", {nothing()})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1 filter:A:return:2 filter:OUTPUT:rule:2"},
      {"an empty user chain returns", chains({output({jump("A"), drop()}), user_chain("A", {})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:return:1 filter:OUTPUT:rule:2"},
      {"RETURN in a user chain leads to the rule behind the jump",
       chains({output({jump("A"), drop()}), user_chain("A", {give_back(), accept()})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1 filter:OUTPUT:rule:2"},
      {"a goto from a built-in chain comes back to its policy, not to the next rule",
       chains({output({go_to("A"), drop()}), user_chain("A", {nothing()})}), sent,
       "ACCEPT filter:OUTPUT:rule:1 filter:A:rule:1 filter:A:return:2 filter:OUTPUT:policy:3"},
      {"RETURN behind a goto from a built-in chain leads to the policy too",
       chains({output({go_to("A"), accept()}, chain_policy::drop), user_chain("A", {give_back()})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1 filter:OUTPUT:policy:3"},
      {"a goto in a user chain skips the rest of that chain",
       chains({output({jump("A"), drop()}), user_chain("A", {go_to("B"), accept()}), user_chain("B", {})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1 filter:B:return:1 filter:OUTPUT:rule:2"},
      {"a jump behind a goto returns to where the goto led",
       chains({output({jump("A"), drop()}), user_chain("A", {go_to("B"), accept()}),
               user_chain("B", {jump("C"), reject(tcp_reset)}), user_chain("C", {give_back()})}),
       sent,
       "REJECT:tcp-reset filter:OUTPUT:rule:1 filter:A:rule:1 filter:B:rule:1 filter:C:rule:1 "
       "filter:B:rule:2"},
      {"a jump that does not match is not on the way",
       chains({output({when_out("eth0", jump("A")), when_out("eth0", go_to("A"))}), user_chain("A", {drop()})}), sent,
       "ACCEPT filter:OUTPUT:policy:3"},
      {"a chain that is jumped to twice is walked twice",
       chains({output({jump("A"), jump("A")}), user_chain("A", {nothing()})}), sent,
       "ACCEPT filter:OUTPUT:rule:1 filter:A:rule:1 filter:A:return:2 filter:OUTPUT:rule:2 filter:A:rule:1 "
       "filter:A:return:2 filter:OUTPUT:policy:3"},
  };
}

constexpr sequence<example> table_examples() {
  using enum table_name;
  using enum connection_state;
  using rules = sequence<rule>;
  const packet sent = to_loopback();
  const auto one = [](table_name name, rules all, chain_policy policy = chain_policy::accept) {
    return make_table(name, {output(std::move(all), policy)});
  };
  const sequence<table> all_five = {one(raw, {}), one(mangle, {}), one(nat, {}), one(table_name::filter, {}),
                                    one(security, {})};
  packet icmp = in_state(related);
  icmp.protocol = protocol::icmp;
  icmp.first_word = 0x0303;
  packet reset = in_state(related);
  reset.flags = tcp_flag::rst;
  packet answer = icmp;
  answer.first_word = 0x0301;
  answer.owner = {.socket = socket_kind::kernel};
  return {
      {"tables are walked in the kernel's order", firewall_of(all_five), sent,
       "ACCEPT raw:OUTPUT:policy:1 mangle:OUTPUT:policy:1 nat:OUTPUT:policy:1 filter:OUTPUT:policy:1 "
       "security:OUTPUT:policy:1"},
      {"ACCEPT ends its table alone", firewall_of({one(raw, {accept()}), one(table_name::filter, {drop()})}), sent,
       "DROP raw:OUTPUT:rule:1 filter:OUTPUT:rule:1"},
      {"DROP ends everything", firewall_of({one(mangle, {drop()}), one(table_name::filter, {accept()})}), sent,
       "DROP mangle:OUTPUT:rule:1"},
      {"a policy of mangle drops for all",
       firewall_of({one(mangle, {}, chain_policy::drop), one(table_name::filter, {})}), sent,
       "DROP mangle:OUTPUT:policy:1"},
      {"an ESTABLISHED packet passes nat by", firewall_of(all_five), in_state(established),
       "ACCEPT raw:OUTPUT:policy:1 mangle:OUTPUT:policy:1 filter:OUTPUT:policy:1 security:OUTPUT:policy:1"},
      {"an UNTRACKED packet passes nat by", firewall_of({one(nat, {})}), in_state(untracked), "ACCEPT"},
      {"an INVALID packet passes nat by", firewall_of({one(nat, {})}), in_state(invalid), "ACCEPT"},
      {"a RELATED packet may meet nat", firewall_of({one(nat, {}), one(table_name::filter, {})}), in_state(related),
       "ACCEPT nat:OUTPUT:policy:1? filter:OUTPUT:policy:1", set_of(field::expected_first)},
      {"a RELATED packet of a connection that nat knows passes it by",
       firewall_of({one(nat, {}), one(table_name::filter, {})}), in_state(related), "ACCEPT filter:OUTPUT:policy:1"},
      {"a RELATED ICMP error passes nat by", firewall_of({one(nat, {}), one(table_name::filter, {})}), icmp,
       "ACCEPT filter:OUTPUT:policy:1"},
      {"a RELATED RST passes nat by", firewall_of({one(nat, {}), one(table_name::filter, {})}), reset,
       "ACCEPT filter:OUTPUT:policy:1"},
      {"raw sees every packet of a program as INVALID",
       firewall_of({one(raw, {when_state(fresh, drop()), when_state(invalid, nothing())}),
                    one(table_name::filter, {when_state(invalid, drop()), when_state(fresh, nothing())})}),
       sent, "ACCEPT raw:OUTPUT:rule:2 raw:OUTPUT:policy:3 filter:OUTPUT:rule:2 filter:OUTPUT:policy:3"},
      {"raw sees what NOTRACK does, and what is UNTRACKED only behind it",
       firewall_of({one(raw, {when_state(invalid, nothing()), when_state(untracked, drop()), untrack(),
                              when_state(invalid, drop()), when_state(untracked, nothing())}),
                    one(nat, {drop()}), one(table_name::filter, {when_state(untracked, nothing())})}),
       in_state(untracked),
       "ACCEPT raw:OUTPUT:rule:1 raw:OUTPUT:rule:3 raw:OUTPUT:rule:5 raw:OUTPUT:policy:6 "
       "filter:OUTPUT:rule:1 "
       "filter:OUTPUT:policy:2"},
      {"what NOTRACK meets is UNTRACKED from there on",
       firewall_of({one(raw, {untrack()}), one(nat, {drop()}), one(table_name::filter, {when_state(fresh, drop())})}),
       sent, "ACCEPT raw:OUTPUT:rule:1 raw:OUTPUT:policy:2 filter:OUTPUT:policy:2"},
      {"raw sees the kernel's own ICMP error as RELATED",
       firewall_of({one(raw, {when_state(invalid, drop()), when_state(related, nothing())})}), answer,
       "ACCEPT raw:OUTPUT:rule:2 raw:OUTPUT:policy:3"},
  };
}

constexpr sequence<example> drop_in_match_examples() {
  using rules = sequence<rule>;
  packet cut = to_loopback();
  cut.transport = static_cast<transport_part>(3);
  const rules asks = {nothing(), when_long_enough(8, accept()), accept()};
  return {
      {"a match may drop before its rule decides: legacy traces nothing", firewall_of({filter(asks)}, backend::legacy),
       cut, "DROP filter:OUTPUT:rule:1"},
      {"a match may drop before its rule decides: nf_tables traces the rule", firewall_of({filter(asks)}, backend::nft),
       cut, "DROP filter:OUTPUT:rule:1 filter:OUTPUT:rule:2"},
      {"a match behind an unknown one may drop",
       firewall_of({filter({when_long_enough(8, perhaps(accept())), accept()})}, backend::legacy), cut,
       "UNKNOWN filter:OUTPUT:rule:2?"},
      {"a match is not asked behind one that fails",
       firewall_of({filter(rules{when_out("eth0", when_long_enough(8, accept())), nothing()})}), cut,
       "ACCEPT filter:OUTPUT:rule:2 filter:OUTPUT:policy:3"},
  };
}

constexpr sequence<example> unknown_examples() {
  using enum reject_type;
  using rules = sequence<rule>;
  const packet sent = to_loopback();
  const auto chains = [](sequence<chain> all) { return firewall_of({filter(std::move(all))}); };
  const auto one = [](table_name name, rules all) { return make_table(name, {output(std::move(all))}); };
  return {
      {"an unknown match before a rule that goes on leaves the verdict known",
       firewall_of({filter({perhaps(nothing()), drop()})}), sent, "DROP filter:OUTPUT:rule:1? filter:OUTPUT:rule:2"},
      {"an unknown match before DROP leaves it open", firewall_of({filter({perhaps(drop()), accept()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1? filter:OUTPUT:rule:2?"},
      {"an unknown match before the verdict that comes anyhow leaves it known",
       firewall_of({filter({perhaps(drop()), drop()})}), sent, "DROP filter:OUTPUT:rule:1? filter:OUTPUT:rule:2?"},
      {"an unknown match that another match of its rule outvotes leaves nothing open",
       firewall_of({filter({when_out("eth0", perhaps(drop()))})}), sent, "ACCEPT filter:OUTPUT:policy:2"},
      {"an unknown jump to a chain that goes on leaves the verdict known",
       chains({output({perhaps(jump("A")), drop()}), user_chain("A", {nothing()})}), sent,
       "DROP filter:OUTPUT:rule:1? filter:A:rule:1? filter:A:return:2? filter:OUTPUT:rule:2"},
      {"an unknown jump to a chain that decides leaves it open",
       chains({output({perhaps(jump("A")), drop()}), user_chain("A", {accept()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1? filter:A:rule:1? filter:OUTPUT:rule:2?"},
      {"an unknown RETURN goes both ways, which meet behind the chain",
       chains({output({jump("A"), drop()}), user_chain("A", {perhaps(give_back()), nothing()})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1? filter:A:rule:2? filter:A:return:3? filter:OUTPUT:rule:2"},
      {"an unknown goto goes both ways", chains({output({perhaps(go_to("A")), drop()}), user_chain("A", {nothing()})}),
       sent,
       "UNKNOWN filter:OUTPUT:rule:1? filter:A:rule:1? filter:A:return:2? filter:OUTPUT:rule:2?"
       " filter:OUTPUT:policy:3?"},
      {"an unknown goto whose ways meet behind the chain leaves the verdict known",
       chains({output({jump("A"), drop()}), user_chain("A", {perhaps(go_to("B")), nothing()}), user_chain("B", {})}),
       sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1? filter:B:return:1? filter:A:rule:2? filter:A:return:3? "
       "filter:OUTPUT:rule:2"},
      {"an unknown ACCEPT of an early table matters to no one",
       firewall_of({one(table_name::mangle, {perhaps(accept())}), filter({drop()})}), sent,
       "DROP mangle:OUTPUT:rule:1? mangle:OUTPUT:policy:2? filter:OUTPUT:rule:1"},
      {"two ways to be stopped are not one verdict", firewall_of({filter({perhaps(reject(tcp_reset)), drop()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1? filter:OUTPUT:rule:2?"},
      {"an unknown target may drop", firewall_of({filter({unknown_target()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1 filter:OUTPUT:policy:2?"},
      {"an unknown target before DROP may accept", firewall_of({filter({unknown_target(), drop()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1 filter:OUTPUT:rule:2?"},
      {"an unknown target of an early table accepts for that table alone",
       firewall_of({one(table_name::mangle, {unknown_target(), drop()}), filter({drop()})}), sent,
       "DROP mangle:OUTPUT:rule:1 mangle:OUTPUT:rule:2? filter:OUTPUT:rule:1?"},
      {"behind an unknown target the mark is unknown, the interface is not",
       firewall_of({filter({unknown_target(), when_mark(7, nothing()), when_out("eth0", accept()), drop()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1 filter:OUTPUT:rule:2? filter:OUTPUT:rule:4?"},
      {"in filter an unknown target leaves the header as it is",
       firewall_of({filter({unknown_target(), when_state(connection_state::fresh, accept()), drop()})}), sent,
       "UNKNOWN filter:OUTPUT:rule:1 filter:OUTPUT:rule:2?"},
      {"behind an unknown target of raw the state is unknown, so that nat may be passed by",
       firewall_of({one(table_name::raw, {unknown_target()}), one(table_name::nat, {}), filter(rules{})}), sent,
       "UNKNOWN raw:OUTPUT:rule:1 raw:OUTPUT:policy:2? nat:OUTPUT:policy:1? filter:OUTPUT:policy:1?"},
      {"those that an unknown goto did not take know the mark still",
       chains({output({perhaps(go_to("A")), when_mark(7, drop()), accept()}), user_chain("A", {unknown_target()})}),
       sent,
       "UNKNOWN filter:OUTPUT:rule:1? filter:A:rule:1? filter:A:return:2? filter:OUTPUT:rule:3? "
       "filter:OUTPUT:policy:4?"},
      {"those that an unknown RETURN took know the mark still",
       chains({output({jump("A"), when_mark(7, drop())}),
               user_chain("A", {perhaps(give_back()), unknown_target(), drop()})}),
       sent,
       "UNKNOWN filter:OUTPUT:rule:1 filter:A:rule:1? filter:A:rule:2? filter:A:rule:3? "
       "filter:OUTPUT:policy:3?"},
      {"those that passed nat by keep what raw left unknown",
       firewall_of({one(table_name::raw, {unknown_target()}), one(table_name::nat, {drop()}),
                    filter({when_mark(7, nothing()), accept()})}),
       sent,
       "UNKNOWN raw:OUTPUT:rule:1 raw:OUTPUT:policy:2? nat:OUTPUT:rule:1? filter:OUTPUT:rule:1? "
       "filter:OUTPUT:rule:2?"},
      {"a match and its opposite do not both fail",
       firewall_of({filter({if_fine(drop()), if_fine(drop(), /*inverted=*/true), accept()})}), sent,
       "DROP filter:OUTPUT:rule:1? filter:OUTPUT:rule:2? filter:OUTPUT:rule:3?"},
      {"a match that asks anew may fail twice", firewall_of({filter({perhaps(drop()), perhaps(drop()), accept()})}),
       sent, "UNKNOWN filter:OUTPUT:rule:1? filter:OUTPUT:rule:2? filter:OUTPUT:rule:3?"},
  };
}

constexpr sequence<example> change_examples() {
  using rules = sequence<rule>;
  const packet sent = to_loopback();
  const auto chains = [](sequence<chain> all) { return firewall_of({filter(std::move(all))}); };
  const auto one = [](table_name name, rules all) { return make_table(name, {output(std::move(all))}); };
  packet marked = sent;
  marked.mark = 0xf0;
  return {
      {"a later rule sees the mark", firewall_of({filter({set_mark(7), when_mark(7, drop())})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:OUTPUT:rule:2"},
      {"a later table sees the mark",
       firewall_of({one(table_name::mangle, {set_mark(7)}), filter({when_mark(7, drop())})}), sent,
       "DROP mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2 filter:OUTPUT:rule:1"},
      {"the bits outside the mask stay", firewall_of({filter({set_mark(0x05, 0x0f), when_mark(0xf5, drop())})}), marked,
       "DROP filter:OUTPUT:rule:1 filter:OUTPUT:rule:2"},
      {"bits outside the mask are flipped", firewall_of({filter({set_mark(0x10, 0), when_mark(0xe0, drop())})}), marked,
       "DROP filter:OUTPUT:rule:1 filter:OUTPUT:rule:2"},
      {"all changes of a target are made at once",
       firewall_of({filter({save_mark(), when_mark(0, nothing()), when_connection_mark(0xf0, drop())})}), marked,
       "DROP filter:OUTPUT:rule:1 filter:OUTPUT:rule:2 filter:OUTPUT:rule:3"},
      {"a chain that is visited twice decides by the mark of the time",
       chains({output({jump("A"), set_mark(7), jump("A")}), user_chain("A", {when_mark(7, drop())})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:return:2 filter:OUTPUT:rule:2 filter:OUTPUT:rule:3 "
       "filter:A:rule:1"},
      {"a change in a chain is there behind it",
       chains({output({jump("A"), when_mark(7, drop())}), user_chain("A", {set_mark(7), give_back()})}), sent,
       "DROP filter:OUTPUT:rule:1 filter:A:rule:1 filter:A:rule:2 filter:OUTPUT:rule:2"},
      {"a change that may be made leaves two values, and no third",
       firewall_of(
           {filter({perhaps(set_mark(7)), when_mark(8, drop()), when_mark(7, nothing()), when_mark(0, nothing())})}),
       sent, "ACCEPT filter:OUTPUT:rule:1? filter:OUTPUT:rule:3? filter:OUTPUT:rule:4? filter:OUTPUT:policy:5"},
      {"a change that may be made settles what hangs on it",
       chains(
           {output({perhaps(set_mark(7)), when_mark(7, jump("A")), when_mark(0, drop())}), user_chain("A", {drop()})}),
       sent, "DROP filter:OUTPUT:rule:1? filter:OUTPUT:rule:2? filter:A:rule:1? filter:OUTPUT:rule:3?"},
      {"a change behind an unknown target makes the mark known again",
       firewall_of({one(table_name::mangle, {unknown_target()}), filter({set_mark(7), when_mark(7, drop())})}), sent,
       "DROP mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2? filter:OUTPUT:rule:1? filter:OUTPUT:rule:2?"},
      {"a field that is made of one that is not known is not known",
       firewall_of(
           {filter({unknown_target(), save_mark(), when_connection_mark(5, nothing()), when_mark(0, nothing())})}),
       sent,
       "UNKNOWN filter:OUTPUT:rule:1 filter:OUTPUT:rule:2? filter:OUTPUT:rule:3? filter:OUTPUT:rule:4? "
       "filter:OUTPUT:policy:5?"},
      {"nat's target ends its table, and filter sees what it made of the packet",
       firewall_of({one(table_name::nat, {send_to(53, 53), drop()}), filter({when_port_up_to(53, drop())})}), sent,
       "DROP nat:OUTPUT:rule:1 filter:OUTPUT:rule:1"},
      {"of a port that the kernel chooses it is known what all choices have in common",
       firewall_of(
           {one(table_name::nat, {send_to(50, 60)}),
            filter({when_port_up_to(49, drop()), when_port_up_to(60, nothing()), when_port_up_to(55, nothing())})}),
       sent, "ACCEPT nat:OUTPUT:rule:1 filter:OUTPUT:rule:2 filter:OUTPUT:rule:3? filter:OUTPUT:policy:4"},
  };
}

}  // namespace cordon::test
