// A firewall made ready to be walked: each rule's meaning looked up once, each jump resolved to its chain. Simulator
// and prover both walk this, so what a rule means is decided here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/bytes.hpp>
#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/base.hpp>
#include <cordon/match/list.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/simulate/other_hooks.hpp>
#include <cordon/simulate/quick_test.hpp>
#include <cordon/target/list.hpp>

namespace cordon {

/// One rule, ready.
struct program_step {
  predicate holds;                  ///< the packets that the rule is for
  predicate drops = never();        ///< the packets that one of its matches drops at once
  std::uint32_t holds_settled = 0;  ///< `settled_from` of `holds`
  std::uint32_t drops_settled = 0;  ///< `settled_from` of `drops`
  effect does = {};                 ///< what its target does
  std::uint32_t chain = 0;          ///< of a jump or goto: index in the table's chains
  const rule* source = nullptr;     ///< in the firewall
};

/// One chain, ready.
struct program_chain {
  const chain* source = nullptr;  ///< in the firewall
  sequence<program_step> steps;   ///< one for each rule
  /// For each step tests that packets fail which it has no effect on; or empty. Whoever lets a step hold for more packets
  /// empties it.
  sequence<detail::quick_tests> quick_tests = {};
};

/// One table, ready.
struct program_table {
  table_name name = table_name::filter;  ///< which one
  const ruleset* from = nullptr;         ///< in the firewall
  sequence<program_chain> chains;        ///< in the firewall's order
  std::uint32_t start = 0;               ///< the chain that the hook enters
  /// The packets that the kernel shows this table; all others pass it by. nat is asked for the first packet of a
  /// connection alone (nf_nat_inet_fn in net/netfilter/nf_nat_core.c).
  predicate met_by = {};
  std::uint32_t ruleset_index = 0;  ///< which one `from` is of its family's
};

/// Tables, a bit for each.
using table_set = std::uint8_t;
/// One table alone.
constexpr table_set set_of(table_name one) { return static_cast<table_set>(1U << static_cast<unsigned>(one)); }

/// The tables that a packet of one family goes through, in the kernel's order. Refers to the firewall, which must
/// outlive it.
struct program {
  cordon::family family = family::ipv4;  ///< which one
  sequence<program_table> tables;        ///< in the order in which packets meet them
  hook entered_at = hook::output;        ///< the chains of which hook the packets enter
};

/// The fields that a program behind a queue may have changed of a packet that it accepts: the marks, by which such programs
/// tell the rules to come what they think of it (nfqnl_recv_verdict in net/netfilter/nfnetlink_queue.c). That it writes
/// another packet in its place is not thought of.
inline constexpr field_set changed_by_queue = set_of(field::mark) | set_of(field::connection_mark);

/// The fields that a target which is not modelled may have changed when it goes on: the mark; in mangle and nat the
/// whole header; in raw what connection tracking will make of the packet.
constexpr field_set changed_by_unknown_target(table_name in) {
  const field_set marks = set_of(field::mark) | set_of(field::connection_mark);
  switch (in) {
    case table_name::raw: return marks | set_of(field::state) | set_of(field::nat_status);
    case table_name::mangle:
    case table_name::nat:
      return marks | set_of(field::source) | set_of(field::destination) | set_of(field::first_word) |
             set_of(field::second_word) | set_of(field::flags) | set_of(field::length) | set_of(field::hops) |
             set_of(field::traffic_class) | set_of(field::nat_status);
    default: return marks;
  }
}

namespace detail {
// The words of a match without its negations, so that a match and its opposite are one atom.
constexpr text atom_name(const match& of) {
  text name = join("-m ", of.name);
  if (!of.words.empty()) name.append(' ').append(of.words);
  return name;
}

constexpr program_step compile_rule(const rule& from, const meaning_context& context) {
  program_step made;
  made.source = &from;
  made.holds = base_meaning(from, context.hook);
  for (const match& one : from.matches) {
    match_meaning meaning{always()};
    if (one.extension == nullptr) {
      meaning.holds = unknown(atom_name(one), /*stateful=*/true);
    } else {
      meaning = one.extension->meaning(one.options, context);
      if (!means_the_same_at(context.hook, one, meaning.holds))
        meaning.holds = opaque(one.name, one.extension->options, one.options, context, /*stateful=*/true).holds;
    }
    // A match is asked only if all before it hold; only then can it drop.
    if (!meaning.drops.is_never()) made.drops |= made.holds && meaning.drops;
    made.holds &= meaning.holds;
  }
  switch (from.target.what) {
    case target::kind::none: break;
    case target::kind::jump: made.does.what = effect::kind::jump; break;
    case target::kind::go_to: made.does.what = effect::kind::go_to; break;
    case target::kind::unknown: made.does.what = effect::kind::unknown; break;
    case target::kind::extension: made.does = from.target.extension->meaning(from.target.options, context); break;
  }
  return made;
}

inline constexpr std::string_view answer_of_reject = "the packet is an answer of REJECT";

// An answer that the kernel makes to a packet that it tracks. It is born with that packet's entry (nf_conntrack_attach in
// net/netfilter/nf_conntrack_core.c), so that raw's targets leave its state as it is (xt_ct_target in
// net/netfilter/xt_CT.c).
constexpr predicate is_answer_of_kernel() {
  return is(field::state, static_cast<unsigned>(connection_state::related)) &&
         !is(field::socket, static_cast<unsigned>(socket_kind::user));
}

// What a condition comes to in raw, which is before connection tracking: no packet has an entry there yet, and that
// reads as INVALID, or as UNTRACKED behind a NOTRACK. Only an answer that the kernel makes, an ICMP error or REJECT's
// RST, is born with the entry of the packet that it answers (nf_conntrack_attach in
// net/netfilter/nf_conntrack_core.c) - if that still has one: UDP takes it away before it finds a port closed
// (nf_reset_ct in __udp4_lib_rcv and __udp6_lib_rcv), and no packet says whether a port was closed or REJECT says so.
constexpr predicate before_tracking(const predicate& condition, family of) {
  const predicate without_entry = condition.rewritten([](const predicate_step& test) {
    const auto fits = [&](uint128 value) {
      return test.what == predicate_step::kind::interval ? test.a <= value && value <= test.b
                                                         : (value & test.a) == test.b;
    };
    const auto known = [](bool holds) {
      predicate decided;
      if (!holds) decided.negate();
      return decided;
    };
    if (test.field == field::nat_status) return known(fits(0));
    if (test.field != field::state) return predicate::of(test);
    const bool of_invalid = fits(static_cast<unsigned>(connection_state::invalid));
    const bool of_untracked = fits(static_cast<unsigned>(connection_state::untracked));
    if (of_invalid == of_untracked) return known(of_invalid);
    predicate untracked = is(field::state, static_cast<unsigned>(connection_state::untracked));
    if (of_invalid) untracked.negate();
    return untracked;
  });
  if (without_entry == condition) return condition;
  const bool v4 = of == family::ipv4;
  const predicate closed_port = is(field::protocol, number_of(v4 ? protocol::icmp : protocol::icmpv6)) &&
                                is(field::first_word, v4 ? 0x0303 : 0x0104);
  const predicate answer = is_answer_of_kernel() && (!closed_port || unknown(answer_of_reject, /*stateful=*/false));
  return (answer && condition) || (!answer && without_entry);
}

// The RELATED packets that may be the first of an expected connection. One of ICMP is an error about a connection:
// nf_nat_ipv4_fn and nf_nat_ipv6_fn in net/netfilter/nf_nat_proto.c translate it and ask no rule. And a RST, as
// REJECT sends it, opens no connection (tcp_new in net/netfilter/nf_conntrack_proto_tcp.c).
constexpr predicate may_be_expected(family of) {
  const predicate icmp = is(field::protocol, number_of(of == family::ipv4 ? protocol::icmp : protocol::icmpv6));
  const predicate reset =
      is(field::protocol, number_of(protocol::tcp)) && masked(field::flags, tcp_flag::rst, tcp_flag::rst);
  return is(field::state, static_cast<unsigned>(connection_state::related)) && !icmp && !reset &&
         is(field::expected_first, 1);
}

// The sets that some SET target of a firewall changes. What they hold when a packet comes is not what they were seen
// to hold: a packet before it, or the same in an earlier rule, may have changed them. Adding to a list of sets adds to
// the sets in it (list_set_kadt in net/netfilter/ipset/ip_set_list_set.c).
constexpr sequence<std::string_view> sets_changed_by(const firewall& rules) {
  sequence<std::string_view> names;
  for (const family of : both_families)
    for (const ruleset& one : rules.of(of).rulesets)
      for (const table& each : one.tables)
        for (const chain& inside : each.chains)
          for (const rule& candidate : inside.rules) {
            const target& does = candidate.target;
            if (does.what != target::kind::extension || does.extension != &set_target) continue;
            for (const option& given : does.options)
              if (given.index == set_target_option::add || given.index == set_target_option::remove)
                names.push_back(given.words);
          }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (const address_set* const known = rules.host.find_set(names[i]))
      for (const text& listed : known->lists)
        if (!detail::has(names, listed.view())) names.push_back(listed);
  return names;
}

// What rules may be told of the host.
struct known_of_host {
  const host_facts* facts = nullptr;
  sequence<std::string_view> changing_sets = {};
  bool entries_expire = false;
};

// A rule of a table, but for the chain that it leads to.
constexpr program_step compile_step(const rule& from, const ruleset& rules, table_name in, family of, hook start,
                                    const known_of_host& known) {
  program_step made = compile_rule(from, {.family = of,
                                          .backend = rules.backend,
                                          .protocol = from.protocol,
                                          .table = name_of(in),
                                          .host = known.facts,
                                          .changing_sets = &known.changing_sets,
                                          .entries_expire = known.entries_expire,
                                          .hook = start});
  if (in == table_name::raw) {
    made.holds = before_tracking(made.holds, of);
    made.drops = before_tracking(made.drops, of);
  }
  made.holds_settled = settled_from(made.holds);
  made.drops_settled = settled_from(made.drops);
  return made;
}

constexpr program_table compile_table(const table& from, const ruleset& rules, family of, hook start,
                                      const known_of_host& known) {
  program_table made{from.name, &rules, {}, 0, always()};
  if (from.name == table_name::nat)
    made.met_by = is(field::state, static_cast<unsigned>(connection_state::fresh)) || may_be_expected(of);
  made.chains.reserve(from.chains.size());
  // Sorted names: a table may have ten thousand chains.
  struct named_chain {
    std::string_view name;
    std::uint32_t index;
  };
  sequence<named_chain> index;
  index.reserve(from.chains.size());
  for (std::uint32_t i = 0; i < from.chains.size(); ++i) index.push_back({from.chains[i].name.view(), i});
  detail::sort(index, [](const named_chain& a, const named_chain& b) { return a.name.compare(b.name) < 0; });
  const auto index_of = [&](std::string_view name) {
    const named_chain* const at = detail::lower_bound(
        index.begin(), index.end(), name,
        [](const named_chain& one, std::string_view wanted) { return one.name.compare(wanted) < 0; });
    require(at != index.end() && same_bytes(at->name, name), "a rule jumps to a chain that its table does not have");
    return at->index;
  };
  made.start = index_of(name_of(start));
  for (const chain& one : from.chains) {
    program_chain compiled{&one, {}};
    compiled.steps.reserve(one.rules.size());
    for (const rule& each : one.rules) {
      program_step& step = compiled.steps.push_back(compile_step(each, rules, from.name, of, start, known));
      if (step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to)
        step.chain = index_of(each.target.name);
    }
    made.chains.push_back(std::move(compiled));
  }
  return made;
}
/// Whether a packet may come to a step of the table that is wanted.
template <class IsWanted>
constexpr bool reaches(const program_table& table, const IsWanted& is_wanted) {
  sequence<char> known(table.chains.size(), 0);
  sequence<std::uint32_t> left{table.start};
  known[table.start] = 1;
  while (!left.empty()) {
    const program_chain& next = table.chains[left.back()];
    left.pop_back();
    for (const program_step& step : next.steps) {
      if (is_wanted(step)) return true;
      if ((step.does.what != effect::kind::jump && step.does.what != effect::kind::go_to) || known[step.chain] != 0)
        continue;
      known[step.chain] = 1;
      left.push_back(step.chain);
    }
  }
  return false;
}

/// Whether a rule may change a packet that goes on.
constexpr bool may_change(const program_step& step) {
  return !step.does.changes.empty() || step.does.what == effect::kind::unknown;
}
/// Whether a rule may stop a packet.
constexpr bool may_stop(const program_step& step) {
  const effect::kind what = step.does.what;
  return what == effect::kind::drop || what == effect::kind::reject || what == effect::kind::queue ||
         what == effect::kind::unknown || !step.drops.is_never();
}

/// The tables that both back ends have there, and that both do something in, where one of them may change packets; or, if
/// `or_stops`, stop them. Security is none: which is first is known there.
constexpr table_set tables_of_both(const program& of, bool or_stops) {
  const auto drops = [](const program_table& one) {
    return one.chains[one.start].source->policy == chain_policy::drop;
  };
  const auto is_bare = [&](const program_table& one) { return one.chains[one.start].steps.empty() && !drops(one); };
  const auto matters = [&](const program_table& one) {
    return (or_stops && drops(one)) ||
           reaches(one, [&](const program_step& step) { return may_change(step) || (or_stops && may_stop(step)); });
  };
  table_set made = 0;
  for (std::size_t i = 1; i < of.tables.size(); ++i) {
    const program_table& one = of.tables[i - 1];
    const program_table& other = of.tables[i];
    if (one.name == other.name && one.name != table_name::security && !is_bare(one) && !is_bare(other) &&
        (matters(one) || matters(other)))
      made |= set_of(one.name);
  }
  return made;
}

template <class Change>
constexpr void change_steps(program& of, table_name in, const Change& change) {
  for (program_table& table : of.tables)
    if (table.name == in)
      for (program_chain& chain : table.chains)
        for (program_step& step : chain.steps) change(step);
}

constexpr bool changes_field(const program_step& step, field which) {
  return detail::any_of(step.does.changes, [&](const alteration& one) { return one.field == which; });
}

constexpr void add_quick_tests(program& to) {
  for (program_table& table : to.tables)
    for (program_chain& chain : table.chains) {
      chain.quick_tests.reserve(chain.steps.size());
      for (const program_step& step : chain.steps) chain.quick_tests.push_back({step.holds, step.drops, to.family});
    }
}

// What a rule comes to because another has met the packet before, in ways that no field of the packet tells.
constexpr void heed_earlier_rules(program& of) {
  bool has_template = false;
  bool is_moved = false;
  for (const program_table& table : of.tables) {
    if (table.name == table_name::raw)
      has_template = has_template || reaches(table, [](const program_step& step) {
                       return step.source->target.name.view() == "CT" && step.does.what == effect::kind::go_on &&
                              step.does.changes.empty();
                     });
    if (table.name == table_name::mangle)
      is_moved = is_moved || reaches(table, [](const program_step& step) {
                   return step.does.what == effect::kind::unknown || changes_field(step, field::destination);
                 });
  }
  // Of all CT and NOTRACK rules the first decides (xt_ct_target in net/netfilter/xt_CT.c leaves alone what has an entry or
  // a template).
  if (has_template)
    change_steps(of, table_name::raw, [](program_step& step) {
      // Behind a template a packet is NEW in raw already.
      const bool asks_state = detail::any_of(step.source->matches, [](const match& one) {
        return one.name.view() == "conntrack" || one.name.view() == "state" || one.name.view() == "connmark";
      });
      if (asks_state) {
        step.holds = unknown("what raw sees of connections behind a CT rule", /*stateful=*/true);
        step.holds_settled = settled_from(step.holds);
      }
      // A template has a mark, too, and keeps it from one packet to the next (connmark_tg in net/netfilter/xt_connmark.c).
      const target& does = step.source->target;
      if (does.extension == &connmark_target &&
          find_option(does.options, connmark_target_option::restore_mark) != nullptr)
        step.does.changes = {make_unknown(field::mark)};
      if (!changes_field(step, field::state)) return;
      step.holds &= unknown("no other CT rule has met the packet before", /*stateful=*/false);
      step.holds_settled = settled_from(step.holds);
    });
  // Connection tracking has seen the destination as it was before mangle, and nat rewrites nothing if that is the same
  // again (nf_nat_setup_info in net/netfilter/nf_nat_core.c).
  if (is_moved)
    change_steps(of, table_name::nat, [](program_step& step) {
      for (alteration& one : step.does.changes)
        if (one.field == field::destination || one.field == field::original_destination ||
            one.field == field::nat_status)
          one = make_unknown(one.field);
    });
}
}  // namespace detail

/// The tables that both back ends have there, and in which one of them may change what the other asks for. Which of them is
/// asked first no rules tell: the one that was registered last (nf_hook_entries_grow in net/netfilter/core.c).
constexpr table_set tables_of_open_order(const program& of) { return detail::tables_of_both(of, /*or_stops=*/false); }

/// Those, and the tables of both in which one may keep a packet from the other: which rule stops it, and how, and which
/// rules it comes to, hang on the order then, whether it gets out does not.
constexpr table_set tables_of_open_way(const program& of) { return detail::tables_of_both(of, /*or_stops=*/true); }

/// The fields that some condition of a program asks for, or that decide whether a target does anything.
constexpr field_set fields_tested(const program& rules) {
  field_set tested = 0;
  for (const program_table& table : rules.tables) {
    tested |= fields_asked(table.met_by);
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps) {
        tested |= fields_asked(step.holds) | fields_asked(step.drops);
        if (step.does.needs_connection) tested |= set_of(field::state);
      }
  }
  return tested;
}

/// The program of one family of a firewall, for packets that come to the hook `start`. Precondition: every jump leads to a
/// chain of its table, and the built-in chains of `start` reach no loop (readers refuse both). Of the tables in `reversed`, of
/// two rulesets the second is asked first; of security it is always legacy's. Sets that `beside`, another firewall to be
/// compared with, changes are taken for changing here too. With `entries_expire` the entries of sets that have a timeout may be there or not.
constexpr program compile(const firewall& rules, family of, hook start = hook::output, table_set reversed = 0,
                          const firewall* beside = nullptr, bool entries_expire = false) {
  program made{of, {}, start};
  detail::known_of_host known{&rules.host, detail::sets_changed_by(rules), entries_expire};
  if (beside != nullptr)
    for (const std::string_view name : detail::sets_changed_by(*beside)) known.changing_sets.push_back(name);
  const sequence<ruleset>& rulesets = rules.of(of).rulesets;
  for (const table_name name : all_tables)
    for (std::size_t i = 0; i < rulesets.size(); ++i) {
      // The chains of nft's security table have priority 150, behind legacy's 50 (NF_IP_PRI_SECURITY): there is one order.
      const bool is_turned =
          name == table_name::security ? rulesets[0].backend == backend::nft : (reversed & set_of(name)) != 0;
      const std::size_t which = is_turned ? rulesets.size() - 1 - i : i;
      const ruleset& one = rulesets[which];
      if (const table* const found = one.find(name); found != nullptr && found->find(name_of(start)) != nullptr) {
        made.tables.push_back(detail::compile_table(*found, one, of, start, known));
        made.tables.back().ruleset_index = static_cast<std::uint32_t>(which);
      }
      // What one back end's nat has led elsewhere the other's is not asked about (nf_nat_inet_fn goes no further once
      // nf_nat_initialized).
      if (i == 1 && name == table_name::nat && made.tables.size() > 1 &&
          made.tables[made.tables.size() - 2].name == name)
        made.tables.back().met_by &= masked(field::nat_status, 2, 0);
    }
  detail::heed_earlier_rules(made);
  // A constant expression would pay more for them than it saves.
  if (!std::is_constant_evaluated()) detail::add_quick_tests(made);
  return made;
}

/// The rules of a family with both back ends, some tables of which are asked in the other order.
struct other_order {
  table_set reversed = 0;  ///< those tables
  program steps = {};      ///< the rules, ready
};

/// Calls `see(reversed)` for each order beside that of `compile` in which the kernel may ask two back ends in the tables of
/// `open` (`tables_of_open_order`, `tables_of_open_way`): fewer tables reversed before more of the same.
template <class See>
constexpr void for_each_other_order(table_set open, const See& see) {
  for (table_set some = 0; some != open;) {
    some = static_cast<table_set>((some - open) & open);
    see(some);
  }
}

/// The rules in each of these orders. Precondition: as for `compile`.
constexpr sequence<other_order> other_orders(const firewall& rules, family of, hook start, table_set open) {
  sequence<other_order> made;
  for_each_other_order(open, [&](table_set some) { made.push_back({some, compile(rules, of, start, some)}); });
  return made;
}

/// What is said where an answer hangs on the order.
inline constexpr std::string_view which_is_first = "which back end is asked first";

/// The orders in which an answer is another one: a bit for each set of tables reversed.
using orders_in_doubt = std::uint32_t;

/// With these tables reversed the answer is another one. To be called in the order of `other_orders`: of more tables than it
/// takes nothing is noted.
constexpr void add_order(orders_in_doubt& into, table_set reversed) {
  for (unsigned known = 1; known < 32; ++known)
    if ((into >> known & 1) != 0 && (known & reversed) == known) return;
  into |= orders_in_doubt{1} << reversed;
}
/// The tables to name.
constexpr table_set tables_in(orders_in_doubt of) {
  unsigned made = 0;
  for (unsigned known = 1; known < 32; ++known)
    if ((of >> known & 1) != 0) made |= known;
  return static_cast<table_set>(made);
}

}  // namespace cordon
