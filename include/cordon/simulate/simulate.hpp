// One packet through all tables: its verdict, its way, and what the verdict hangs on where no packet decides
// it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/simulate/verdict_set.hpp>
#include <cordon/simulate/walk.hpp>

namespace cordon {

/// What decides the fate of a packet: a rule, or a chain's policy.
struct decision {
  program_place at = {};         ///< where the rule stands
  way_step step = {};            ///< as TRACE names it
  const rule* source = nullptr;  ///< in the firewall; null for a policy
  /// One of the rule's matches dropped the packet before the rule could decide: it met a header that is cut
  /// off. The legacy TRACE names no rule then, and neither does the way; nf_tables names the rule.
  bool in_match = false;
};

/// A decision that no packet settles, and that the verdict hangs on.
struct open_question {
  program_place at = {};                  ///< where the match's rule stands
  table_name table = table_name::filter;  ///< which one
  chain_name chain = {};                  ///< by its name
  /// Of the rule, from 1; 0: the question is whether the packet meets the table, or which back end's is asked first.
  std::uint32_t number = 1;
  const rule* source = nullptr;  ///< in the firewall; null if the number is 0
  text because = {};             ///< the matches or the target in question, with commas between
};

/// What becomes of a packet. `source` pointers lead into the firewall, which must outlive them; all else is a
/// value.
struct outcome {
  cordon::verdict verdict = {};  ///< `unknown` if it hangs on what no packet decides
  verdict_set possible = {};     ///< one verdict, or those between which no packet decides
  /// The steps that the packet takes or, marked uncertain, may take; a step that is not there it never takes.
  /// Empty if its family has no rules. A match of the legacy back end that drops the packet has no step (see
  /// `decision`).
  sequence<way_step> way = {};
  bool way_cut = false;  ///< the way was too long, and stops short; the verdict is right all the same
  /// Nothing if the verdict is unknown, or no rule and no policy was met, or if it hangs on which of two back ends is asked
  /// first.
  maybe<decision> decided_by = {};
  sequence<open_question> hangs_on = {};  ///< in the order of the walk; empty if the verdict is not unknown
  /// The packet as it left the last table, or as the rule saw it that stopped it. What its possible courses
  /// do not agree on, or no packet decides, is in `open`, and means nothing here.
  packet became = {};
  field_set open = 0;                 ///< the fields of `became` that mean nothing
  sequence<field_choice> among = {};  ///< what is known all the same of some fields in `open`; ascending by field

  /// Whether the packet gets out; not if that is unknown.
  constexpr bool accepted() const { return verdict.accepted(); }
};

namespace detail {

/// The steps that are kept of a way.
inline constexpr std::size_t longest_way = std::size_t{1} << 16;
/// The ways to give values to stateless atoms that are tried before their verdicts are all taken for
/// possible.
inline constexpr std::size_t most_valuations = 1024;

struct atom_value {
  std::string_view name;
  truth value;
  field_set hangs_on = 0;
  packet of = {};  // as it was, of which these fields count

  constexpr bool is_of(const atom& asked, const packet& now) const {
    if (asked.name != name) return false;
    for (field_set rest = hangs_on; rest != 0; rest &= rest - 1) {
      const auto which = static_cast<field>(std::countr_zero(rest));
      if (value_of(of, which) != value_of(now, which)) return false;
    }
    return true;
  }
};

// Walks with values given to some stateless atoms.
struct valued_listener : walk_listener {
  const sequence<atom_value>* values = nullptr;

  constexpr void take(const sequence<atom_value>& known) {
    values = &known;
    of_answer = detail::any_of(
        known, [](const atom_value& one) { return one.name == answer_of_reject && one.value == truth::yes; });
  }
  constexpr truth value_of(const atom& one, const packet& now) const {
    for (const atom_value& known : *values)
      if (known.is_of(one, now)) return known.value;
    return truth::unknown;
  }
  constexpr void leaves_open(const predicate& condition, const packet_versions& versions, std::size_t number) {
    if (open_atom.what != nullptr) return;
    for (const atom& one : condition.atoms())
      if (has_one_value(one, versions.open(number)) && open_atom.what == nullptr &&
          value_of(one, versions.now(number)) == truth::unknown)
        open_atom = {&one, number};
  }
};

// Writes down the way, and all that an outcome tells beside.
struct way_recorder : valued_listener {
  struct last_end {
    verdict how;
    program_place at;
    bool in_match;
    std::size_t time;
    version_set versions;
  };
  struct doubt {
    program_place at;
    bool of_table;
    std::size_t time;
  };

  const program* rules = nullptr;
  bool keeps_way = true;
  sequence<way_step> steps;
  sequence<last_end> stops;    // of each verdict but ACCEPT the last end
  maybe<last_end> acceptance;  // in filter, or where filter was not met in the last table
  sequence<doubt> open;
  std::size_t time = 0;

  constexpr way_step step_at(const program_place& at, way_step::kind what, bool uncertain) const {
    const program_table& table = rules->tables[at.table];
    return {table.name, table.chains[at.chain].source->name, what, at.step + 1, uncertain, table.ruleset_index};
  }
  constexpr bool passes(const program_place& at, way_step::kind what, bool uncertain) {
    if (!keeps_way) return true;
    if (steps.size() == longest_way) return false;
    steps.push_back(step_at(at, what, uncertain));
    return true;
  }
  constexpr void ends(const program_place& at, const verdict& how, bool in_match, version_set versions) {
    last_end made{how, at, in_match, time++, versions};
    if (how.accepted()) {
      const auto is_filter = [&](std::uint32_t table) { return rules->tables[table].name == table_name::filter; };
      if (!acceptance || is_filter(at.table) || !is_filter(acceptance->at.table)) acceptance = made;
      return;
    }
    for (last_end& known : stops) {
      if (known.how != how) continue;
      made.versions |= known.versions;
      known = made;
      return;
    }
    stops.push_back(made);
  }
  constexpr void doubts(const program_place& at) { open.push_back({at, false, time++}); }
  constexpr void doubts_table(std::uint32_t table) {
    open.push_back({{table, rules->tables[table].start, 0}, true, time++});
  }
  constexpr std::size_t doubt_count() const { return open.size(); }
  constexpr void forget_doubts(std::size_t count) { open.resize(count, doubt{}); }
};

constexpr maybe<decision> decision_for(const way_recorder& from, const verdict& how) {
  const way_recorder::last_end* found = nullptr;
  if (how.accepted() && from.acceptance) found = &*from.acceptance;
  for (const way_recorder::last_end& one : from.stops)
    if (one.how == how) found = &one;
  if (found == nullptr) return no_value;
  const program_chain& chain = from.rules->tables[found->at.table].chains[found->at.chain];
  const bool is_rule = found->at.step < chain.steps.size();
  return decision{.at = found->at,
                  .step = from.step_at(found->at, is_rule ? way_step::kind::rule : way_step::kind::policy, false),
                  .source = is_rule ? chain.steps[found->at.step].source : nullptr,
                  .in_match = found->in_match};
}

constexpr text reason_for(const program_step& step) {
  text reason;
  const auto add = [&](std::string_view part) {
    if (!reason.empty()) reason.append(", ");
    reason.append(part);
  };
  sequence<std::string_view> named;
  for (const predicate* const condition : {&step.drops, &step.holds}) {
    for (const atom& one : condition->atoms()) {
      if (detail::has(named, one.name.view())) continue;
      named.push_back(one.name);
      add(one.name);
    }
  }
  if (step.does.what == effect::kind::unknown) add(join("-j ", step.source->target.name));
  if (reason.empty()) reason = "a field whose value is not known";
  return reason;
}

// The doubts behind which more than one verdict lies, each place once.
constexpr sequence<open_question> questions_in(const way_recorder& from, bool may_accept) {
  sequence<open_question> questions;
  for (const way_recorder::doubt& one : from.open) {
    // Whatever is accepted is accepted at the very end.
    unsigned verdicts = may_accept ? 1 : 0;
    for (const way_recorder::last_end& end : from.stops) verdicts += end.time >= one.time ? 1 : 0;
    if (verdicts < 2) continue;
    const program_table& table = from.rules->tables[one.at.table];
    const program_chain& chain = table.chains[one.at.chain];
    open_question made{.at = one.at, .table = table.name, .chain = chain.source->name};
    if (one.of_table) {
      made.number = 0;
      const bool is_second_nat = one.at.table != 0 && from.rules->tables[one.at.table - 1].name == table.name;
      made.because = is_second_nat ? "whether the other back end's nat has settled where the packet goes"
                                   : "whether the packet opens a connection";
    } else {
      made.number = one.at.step + 1;
      made.source = chain.steps[one.at.step].source;
      made.because = reason_for(chain.steps[one.at.step]);
    }
    const bool known = detail::any_of(
        questions, [&](const open_question& other) { return other.at == made.at && other.number == made.number; });
    if (!known) questions.push_back(std::move(made));
  }
  return questions;
}

// The possible verdicts where stateless atoms are in play, each of which has one value for the packet: a
// match and its opposite do not hold both. `given` are the values of some; `all` is what is possible if that
// is forgotten.
constexpr verdict_set split_by_atoms(const program& rules, const packet& of, field_set not_known,
                                     const sequence<atom_value>& given, const atom& first, const packet& first_of,
                                     const verdict_set& all) {
  verdict_set possible;
  sequence<sequence<atom_value>> todo;
  const auto split = [&](const sequence<atom_value>& values, const atom& by, const packet& by_of) {
    for (const truth value : {truth::yes, truth::no}) {
      todo.push_back(values);
      todo.back().push_back({by.name, value, by.hangs_on, by_of});
    }
  };
  split(given, first, first_of);
  for (std::size_t tried = 0; !todo.empty(); ++tried) {
    if (tried == most_valuations) return all;
    const sequence<atom_value> values = std::move(todo.back());
    todo.pop_back();
    valued_listener listener;
    listener.take(given);  // whether the packet is an answer is not for a value that is tried
    listener.values = &values;
    walk<valued_listener> walked(rules, of, not_known, listener, walk_method::each_once);
    walked.run();
    if (walked.possible().size() < 2 || listener.open_atom.what == nullptr)
      possible |= walked.possible();
    else
      split(values, *listener.open_atom.what, walked.versions().now(listener.open_atom.version));
  }
  return possible;
}

constexpr outcome simulate_given(const program& rules, const packet& of, field_set not_known,
                                 const sequence<atom_value>& given) {
  require(rules.family == of.family, "a packet of one family does not meet the rules of the other");
  outcome made;
  bool may_accept = false;
  const auto walk_by = [&](walk_method method, way_recorder& recorder) {
    recorder.rules = &rules;
    recorder.take(given);
    walk<way_recorder> walked(rules, of, not_known, recorder, method);
    const bool whole = walked.run();
    made.possible = walked.possible();
    may_accept = made.possible.may_accept();
    if (made.possible.size() > 1 && recorder.open_atom.what != nullptr && (whole || method == walk_method::each_once))
      made.possible = split_by_atoms(rules, of, not_known, given, *recorder.open_atom.what,
                                     walked.versions().now(recorder.open_atom.version), made.possible);
    made.verdict = made.possible.only();
    version_set last = made.possible.may_accept() ? walked.accepted() : 0;
    for (const way_recorder::last_end& one : recorder.stops)
      if (made.possible.contains(one.how)) last |= one.versions;
    const packet_version merged = walked.versions().merged(last == 0 ? 1 : last);
    made.became = merged.now;
    made.open = merged.open;
    made.among = merged.choices;
    return whole;
  };
  way_recorder recorder;
  const bool whole = walk_by(walk_method::every_visit, recorder);
  made.way = std::move(recorder.steps);
  if (!whole) {
    made.way_cut = true;
    recorder = {};
    recorder.keeps_way = false;
    walk_by(walk_method::each_once, recorder);
  }
  if (made.verdict.what == verdict::kind::unknown)
    made.hangs_on = questions_in(recorder, may_accept);
  else
    made.decided_by = decision_for(recorder, made.verdict);
  return made;
}

// --- two orders of the back ends ----------------------------------------------------------------------------------------

// Which steps of a way another way has too, each as often.
constexpr sequence<char> common_steps(const sequence<way_step>& of, const sequence<way_step>& other) {
  const auto sorted = [](const sequence<way_step>& way) {
    sequence<std::uint32_t> order;
    for (std::uint32_t i = 0; i < way.size(); ++i) order.push_back(i);
    detail::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      const int how = compare_places(way[a], way[b]);
      return how != 0 ? how < 0 : a < b;
    });
    return order;
  };
  const sequence<std::uint32_t> mine = sorted(of);
  const sequence<std::uint32_t> theirs = sorted(other);
  sequence<char> made(of.size(), 0);
  for (std::size_t i = 0, k = 0; i < mine.size() && k < theirs.size();) {
    const int how = compare_places(of[mine[i]], other[theirs[k]]);
    if (how == 0) made[mine[i]] = 1;
    i += how <= 0 ? 1 : 0;
    k += how >= 0 ? 1 : 0;
  }
  return made;
}

// A way that is taken in one order or in another: what they do not have in common is uncertain.
constexpr sequence<way_step> merged_ways(const sequence<way_step>& one, const sequence<way_step>& other) {
  const sequence<char> in_other = common_steps(one, other);
  const sequence<char> in_one = common_steps(other, one);
  sequence<way_step> made;
  for (const table_name name : all_tables) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (one[i].table != name) continue;
      made.push_back(one[i]);
      if (in_other[i] == 0) made.back().uncertain = true;
    }
    for (std::size_t i = 0; i < other.size(); ++i) {
      if (other[i].table != name || in_one[i] != 0) continue;
      made.push_back(other[i]);
      made.back().uncertain = true;
    }
  }
  return made;
}

// Takes what becomes of a packet in another order into what becomes of it in those before.
constexpr void take_in(outcome& other, outcome& into) {
  into.possible |= other.possible;
  into.verdict = into.possible.only();
  if (!(into.way == other.way)) into.way = merged_ways(into.way, other.way);
  into.way_cut = into.way_cut || other.way_cut;
  // Of two that accept a packet the last is said to decide, and both do.
  const bool is_decided = into.decided_by && other.decided_by && into.verdict.what != verdict::kind::unknown &&
                          (into.verdict.accepted() || (into.decided_by->step == other.decided_by->step &&
                                                       into.decided_by->in_match == other.decided_by->in_match));
  if (!is_decided) into.decided_by = no_value;
  for (open_question& one : other.hangs_on)
    if (!detail::any_of(into.hangs_on, [&](const open_question& known) {
          return known.table == one.table && known.chain == one.chain && known.number == one.number &&
                 known.source == one.source;
        }))
      into.hangs_on.push_back(std::move(one));
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto one = static_cast<field>(i);
    const bool is_known = !cordon::contains(into.open | other.open, one);
    if (is_known && value_of(into.became, one) == value_of(other.became, one)) continue;
    into.open |= set_of(one);
    set_value(into.became, one, 0);
  }
  erase_if(into.among, [&](const field_choice& one) { return !detail::has(other.among, one); });
}

// Adds that the verdict hangs on which back end is asked first in these tables.
constexpr void name_orders(table_set tables, const program& rules, outcome& into) {
  for (const table_name name : all_tables) {
    if ((tables & set_of(name)) == 0) continue;
    open_question made{.table = name, .chain = chain_name(name_of(rules.entered_at)), .number = 0};
    while (rules.tables[made.at.table].name != name) ++made.at.table;
    made.at.chain = rules.tables[made.at.table].start;
    made.because = which_is_first;
    into.hangs_on.push_back(std::move(made));
  }
}
}  // namespace detail

/// All verdicts that `of` can meet. One, unless some match or target that no packet decides makes a
/// difference. `not_known`: the fields of `of` whose values are not known, and may be any. Precondition: the
/// packet is of the program's family.
constexpr verdict_set possible_verdicts(const program& rules, const packet& of, field_set not_known = 0) {
  require(rules.family == of.family, "a packet of one family does not meet the rules of the other");
  detail::walk_listener listener;
  verdict_set possible;
  maybe<packet> asked;  // of which an atom was asked
  const auto walk_by = [&](detail::walk_method method) {
    listener = {};
    detail::walk<detail::walk_listener> walked(rules, of, not_known, listener, method);
    const bool whole = walked.run();
    possible = walked.possible();
    if (possible.size() > 1 && listener.open_atom.what != nullptr)
      asked = walked.versions().now(listener.open_atom.version);
    return whole;
  };
  if (!walk_by(detail::walk_method::every_visit)) walk_by(detail::walk_method::each_once);
  if (possible.size() < 2 || listener.open_atom.what == nullptr) return possible;
  return detail::split_by_atoms(rules, of, not_known, {}, *listener.open_atom.what, *asked, possible);
}

/// The verdict alone: no way is written down, and nothing allocated unless chains nest deeper than sixteen, a
/// target changes the packet, or decisions are unknown. Preconditions as above.
constexpr verdict verdict_of(const program& rules, const packet& of, field_set not_known = 0) {
  return possible_verdicts(rules, of, not_known).only();
}

/// Sends `of` through the tables of `rules`, as the kernel does. Preconditions as above.
constexpr outcome simulate(const program& rules, const packet& of, field_set not_known = 0) {
  return detail::simulate_given(rules, of, not_known, {});
}

/// The same where the kernel may ask two back ends in other orders too: `others` are those of `tables_of_open_way`. What does
/// not hold in each order is not told as if it did: the verdict is unknown then, and the table named; steps are uncertain, but
/// for the policy of a chain without rules.
constexpr outcome simulate(const program& rules, const sequence<other_order>& others, const packet& of) {
  outcome made = simulate(rules, of);
  if (others.empty()) return made;
  const verdict_set first = made.possible;
  orders_in_doubt doubtful = 0;
  for (const other_order& other : others) {
    outcome there = simulate(other.steps, of);
    if (there.possible != first) add_order(doubtful, other.reversed);
    detail::take_in(there, made);
  }
  detail::name_orders(tables_in(doubtful), rules, made);
  return made;
}

/// Sends `of` through the rules of its family, in each order in which the kernel may ask two back ends. For many packets,
/// compile once and use the above. A family that the host does not have counts as one without rules: no packet of it exists.
constexpr outcome simulate(const firewall& rules, const packet& of) {
  const program compiled = compile(rules, of.family);
  return simulate(compiled, other_orders(rules, of.family, hook::output, tables_of_open_way(compiled)), of);
}

}  // namespace cordon
