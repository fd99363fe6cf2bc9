// What a firewall decides on every packet at once: the walk of simulate/simulate.hpp with sets in place of one packet.
//
// A decision is a diagram whose leaves are numbers of outcomes: accepted by which rule, dropped, returned to the caller;
// 0 is "not decided yet". One operation composes them: `instead`, which puts a second decision where the first has a given
// outcome. So a chain is the composition of its rules, in any bracketing: they are paired up like a tournament, which
// keeps the diagrams small where a chain has ten thousand rules. A called chain is one decision of its own, made once,
// whose "returned" becomes "not decided" at the jump.
//
// Targets change packets: a mark, an address. The diagrams stay questions about the packet as sent; what it holds by now
// is a situation that the walk carries along. Behind a rule that changes something the rest of the walk runs again, for
// the packets that the rule was for, in their new situation. A target that is not modelled may accept, drop or go on,
// and makes a situation in which tests of the fields that it may have changed are atoms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/known_rests.hpp>
#include <cordon/prove/translation.hpp>
#include <cordon/rule/environment.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

/// Where a decision is made: indices into a program. `rule` is the number of rules for a chain's policy or end.
struct decision_place {
  std::uint32_t table = 0;  ///< of the program's tables
  std::uint32_t chain = 0;  ///< of the table's chains
  std::uint32_t rule = 0;   ///< of the chain's rules

  friend constexpr bool operator==(const decision_place&, const decision_place&) = default;
};

/// What targets have made of a packet by some point of its way.
struct situation {
  environment now = {};              ///< each field's value by now
  bool is_rewritten = false;         ///< nat has given it another destination
  decision_place rewritten_by = {};  ///< the rule of nat that did

  friend constexpr bool operator==(const situation&, const situation&) = default;
};

/// A situation, by its number in a decider; 0 is: as sent (what a field holds in every packet may be written down).
using situation_number = std::uint32_t;

/// What a leaf of a decision stands for.
struct outcome_of_walk {
  /// How a walk, or what was walked of it, ends.
  enum class kind : std::uint8_t { undecided, accepted, dropped, returned };
  kind what = kind::undecided;  ///< how this one does
  situation_number in = 0;      ///< what has become of the packet by then
  decision_place at = {};       ///< for accepted

  friend constexpr bool operator==(const outcome_of_walk&, const outcome_of_walk&) = default;
};

/// A rule whose atom a decision may hang on.
struct atom_origin {
  std::uint32_t level = 0;  ///< of the atom, in the space
  decision_place at = {};   ///< where the rule stands
};

/// How finely a decider tells outcomes apart: coarse diagrams are much smaller where thousands of rules accept.
enum class detail_of_decision : std::uint8_t {
  fate,     ///< accepted or not
  by_rule,  ///< accepted by which rule or policy
};

/// Walks a program with every packet of a space. The space's layout must have observed the program (`observe`).
class decider {
 public:
  /// Decides on the packets of `within` alone, and gives 0 to all others.
  constexpr decider(const program& rules, packet_space& space, detail_of_decision how = detail_of_decision::by_rule,
                    diagram within = every_packet)
      : program_(&rules), space_(&space), how_(how), within_(within) {
    outcomes_.push_back({});
    // The commonest outcome has the number of a set's packets, so that a decision is a set where nothing tells more.
    outcomes_.push_back({outcome_of_walk::kind::accepted, 0, {}});
    outcomes_.push_back({outcome_of_walk::kind::dropped, 0, {}});
    asked_often_ = {1, dropped_number};
    situations_.push_back({what_all_hold(), false, {}});
    for (std::uint32_t i = 0; i < rules.tables.size(); ++i) {
      tables_.push_back(survey(i));
      if (rules.tables[i].name == table_name::nat) ++nat_count_;
    }
    asks_for_translation_ = nat_count_ != 0 && contains(fields_tested(rules), field::nat_status);
  }

  /// What a leaf's number stands for.
  constexpr const outcome_of_walk& outcome(std::uint32_t number) const { return outcomes_[number]; }
  /// How many there are; numbers go from 0.
  constexpr std::size_t outcome_count() const { return outcomes_.size(); }
  /// What has become of the packets with an outcome.
  constexpr const situation& situation_of(std::uint32_t outcome_number) const {
    return situations_[outcomes_[outcome_number].in];
  }
  /// The rules whose atoms decisions may hang on, in the order in which they were met.
  constexpr const sequence<atom_origin>& origins() const { return origins_; }
  /// The packets that a decision lets out.
  constexpr diagram let_out(diagram decision) const {
    const bool is_set = how_ == detail_of_decision::fate && situations_.size() == 1;
    return is_set ? decision : space_->store().as_set(decision);
  }
  /// Whether every packet leaves as it was sent.
  constexpr bool changes_nothing() const { return situations_.size() == 1; }
  /// Whether the question outgrew its bounds: then no answer of this decider means anything.
  constexpr bool too_large() const {
    return steps_left_ == 0 || space_->store().too_large() || space_->atom_count() > most_atoms ||
           situations_.size() > most_situations;
  }

  /// The table whose rules answer for what is let out: filter, or the last on the way where filter has no chain.
  constexpr std::uint32_t blamed_table() const {
    std::uint32_t blamed = 0;
    for (std::uint32_t i = 0; i < program_->tables.size(); ++i) {
      blamed = i;
      if (program_->tables[i].name == table_name::filter) {
        // With two back ends the last filter table answers.
        if (i + 1 == program_->tables.size() || program_->tables[i + 1].name != table_name::filter) break;
      }
    }
    return blamed;
  }

  /// For every packet: the outcome `accepted` of the blamed table if all tables let it out, 0 if one stops it. Without
  /// any table everything is accepted, by no place in particular.
  constexpr diagram decide() {
    diagram_store& store = space_->store();
    if (program_->tables.empty()) return store.both(within_, accepted(0, {}));
    diagram decision = decide_from(0, 0);
    if (const diagram untracked = untracked_by_themselves(0); untracked != no_packet) {
      const situation_number in_raw =
          after(0, {set_to(field::state, static_cast<unsigned>(connection_state::invalid))}, {});
      decision = store.either(store.both(untracked, decide_from(0, in_raw)), store.minus(decision, untracked));
    }
    return store.both(within_, decision);
  }

 private:
  struct table_notes {
    bool returns_early = false;         // whether a rule of the built-in chain leads to its policy: RETURN or a goto
    sequence<char> stateful;            // by chain: whether two visits may decide differently
    sequence<std::uint32_t> same_from;  // by chain: the rule from which on they do not
    sequence<field_set> tested;         // by chain: the fields that it and what it calls test
    /// What is known of a called chain: its decision in one situation.
    struct known_summary {
      situation_number in;  ///< for packets in this situation
      diagram decision;     ///< what it decides of them
    };
    sequence<sequence<known_summary>> summaries;  // by chain: of those that decide the same at every visit
    detail::known_rests rests;                    // those that decide the same at every visit
    sequence<std::uint32_t> callees_first;
  };

  // Of the fields that targets copy or change in part, those that hold the same in every packet of the question: a number
  // and no copy, so that two sources can meet in one field. An unprivileged sandbox's mark is 0.
  constexpr environment what_all_hold() const {
    environment known;
    for (const program_table& table : program_->tables)
      for (const program_chain& chain : table.chains)
        for (const program_step& step : chain.steps)
          for (const alteration& change : step.does.changes) {
            if (change.what != alteration::kind::bits) continue;
            if (change.keep != 0) know(known, change.field);
            if (change.from_mask != 0) know(known, change.from);
          }
    return known;
  }
  constexpr void know(environment& known, field which) const {
    const range& values = space_->levels().domain()[which];
    if (values.low == values.high) known.apply(set_to(which, values.low), program_->family);
  }

  // Which chains the start reaches, callees before callers, without recursion: chains may nest ten thousand deep.
  constexpr table_notes survey(std::uint32_t which) const {
    const program_table& table = program_->tables[which];
    table_notes notes;
    notes.stateful.resize(table.chains.size(), 0);
    notes.same_from.resize(table.chains.size(), 0);
    notes.tested.resize(table.chains.size(), 0);
    notes.summaries.resize(table.chains.size());
    sequence<char> seen(table.chains.size(), 0);
    struct visit {
      std::uint32_t chain;
      std::size_t next;
    };
    sequence<visit> path{{table.start, 0}};
    seen[table.start] = 1;
    while (!path.empty()) {
      const std::uint32_t chain = path.back().chain;
      const auto& steps = table.chains[chain].steps;
      if (path.back().next == steps.size()) {
        for (std::uint32_t rule = 0; rule < steps.size(); ++rule) note_step(steps[rule], notes, chain, rule);
        notes.callees_first.push_back(chain);
        path.pop_back();
        continue;
      }
      const program_step& step = steps[path.back().next++];
      if (calls(step) && seen[step.chain] == 0) {
        seen[step.chain] = 1;
        path.push_back({step.chain, 0});
      }
    }
    for (const program_step& step : table.chains[table.start].steps)
      if (step.does.what == effect::kind::give_back || step.does.what == effect::kind::go_to)
        notes.returns_early = true;
    return notes;
  }

  static constexpr bool calls(const program_step& step) {
    return step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
  }

  static constexpr void note_step(const program_step& step, table_notes& notes, std::uint32_t chain,
                                  std::uint32_t rule) {
    bool is_stateful = step.does.what == effect::kind::unknown || (calls(step) && notes.stateful[step.chain] != 0);
    for (const predicate* const part : {&step.holds, &step.drops}) {
      for (const atom& one : part->atoms()) {
        is_stateful = is_stateful || one.stateful;
        notes.tested[chain] |= one.hangs_on;
      }
      for (const predicate_step& test : part->steps())
        if (test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked)
          notes.tested[chain] |= cordon::set_of(test.field);
    }
    if (calls(step)) notes.tested[chain] |= notes.tested[step.chain];
    if (!is_stateful) return;
    notes.stateful[chain] = 1;
    notes.same_from[chain] = rule + 1;
  }

  constexpr std::uint32_t number_of_outcome(const outcome_of_walk& what) {
    // The latest are the likeliest to come again.
    for (std::size_t i = outcomes_.size(); i-- > 1 && outcomes_.size() - i < 8;)
      if (outcomes_[i] == what) return static_cast<std::uint32_t>(i);
    // Where rules are told apart there are as many outcomes as rules that accept, and each of those is asked for once.
    const bool often = how_ == detail_of_decision::fate || what.what != outcome_of_walk::kind::accepted;
    if (often)
      for (const std::uint32_t number : asked_often_)
        if (outcomes_[number] == what) return number;
    const auto made = static_cast<std::uint32_t>(outcomes_.size());
    outcomes_.push_back(what);
    if (often) asked_often_.push_back(made);
    return made;
  }

  // --- one chain ----------------------------------------------------------------------------------------------------

  constexpr diagram summary(std::uint32_t table, std::uint32_t chain, situation_number in, unsigned depth) {
    table_notes& notes = tables_[table];
    const bool same_at_every_visit =
        notes.stateful[chain] == 0 && (notes.tested[chain] & situations_[in].now.open_fields()) == 0;
    if (same_at_every_visit)
      for (const auto& known : notes.summaries[chain])
        if (known.in == in) return known.decision;
    const diagram made = chain_from(table, chain, 0, in, depth);
    if (same_at_every_visit) tables_[table].summaries[chain].push_back({in, made});
    return made;
  }

  // The decision of a chain behind one of its rules, that is, from its rule `first` on.
  constexpr diagram rest_from(std::uint32_t table, std::uint32_t chain, std::uint32_t first, situation_number in,
                              unsigned depth) {
    const table_notes& notes = tables_[table];
    const bool same_at_every_visit =
        first >= notes.same_from[chain] && (notes.tested[chain] & situations_[in].now.open_fields()) == 0;
    if (!same_at_every_visit) return chain_from(table, chain, first, in, depth);
    if (const diagram* const known = notes.rests.find({chain, first, in})) return *known;
    const diagram made = chain_from(table, chain, first, in, depth);
    tables_[table].rests.keep({chain, first, in}, made);
    return made;
  }

  // The decision of a chain from its rule `first` on, for packets whose `in` may have been changed.
  constexpr diagram chain_from(std::uint32_t table, std::uint32_t chain, std::uint32_t first, situation_number in,
                               unsigned depth) {
    if (depth > deepest) steps_left_ = 0;
    const auto& steps = program_->tables[table].chains[chain].steps;
    sequence<diagram> run;
    run.reserve(steps.size() - first + 1);
    bool is_open = true;  // whether some packets get past the rules so far
    for (std::uint32_t i = first; i < steps.size() && is_open && !too_large(); ++i) {
      --steps_left_;
      const diagram decision = rule_decision(table, chain, i, in, depth);
      if (decision != no_packet) run.push_back(decision);
      is_open = !is_leaf(decision) || decision == no_packet;
    }
    const bool is_built_in = chain == program_->tables[table].start;
    const bool accepts = is_built_in && policy_accepts(table);
    if (is_built_in && first == 0)
      return settled(run.begin(), run.end(), is_open && accepts ? accepted(in, policy_of(table)) : no_packet);
    if (is_open)
      run.push_back(!is_built_in ? leaf(number_of_outcome({outcome_of_walk::kind::returned, in, {}}))
                    : accepts    ? accepted(in, policy_of(table))
                                 : dropped());
    return one_after_another(run.begin(), run.end());
  }

  // The first of some decisions that decides.
  constexpr diagram one_after_another(diagram* first, diagram* last) {
    if (first == last) return no_packet;
    for (std::size_t size = static_cast<std::size_t>(last - first); size > 1; size = (size + 1) / 2) {
      for (std::size_t i = 0; i + 1 < size; i += 2) first[i / 2] = space_->store().instead(first[i], 0, first[i + 1]);
      if (size % 2 != 0) first[size / 2] = first[size - 1];
    }
    return *first;
  }

  // The same with `at_end` behind them. Nothing is open then any more, and what is dropped gets 0: diagrams of two values
  // instead of three, in all but the left half of each half.
  constexpr diagram settled(diagram* first, diagram* last, diagram at_end) {
    if (first == last) return at_end;
    diagram* const middle = last - first == 1 ? last : first + (last - first) / 2;
    const diagram rest = settled(middle, last, at_end);
    return space_->store().settled(one_after_another(first, middle), dropped_number, rest);
  }

  constexpr diagram rule_decision(std::uint32_t table, std::uint32_t chain, std::uint32_t rule, situation_number in,
                                  unsigned depth) {
    diagram_store& store = space_->store();
    const program_step& step = program_->tables[table].chains[chain].steps[rule];
    const decision_place here{table, chain, rule};
    diagram decision = no_packet;
    if (step.does.what == effect::kind::drop || step.does.what == effect::kind::reject) {
      decision = packets_where(step.holds, in, here, dropped_number);
    } else if (step.does.what == effect::kind::accept && step.does.changes.empty()) {
      decision = packets_where(step.holds, in, here, cordon::number_of(accepted(in, here)));
    } else if (const diagram holds = packets_where(step.holds, in, here); holds != no_packet) {
      decision = store.both(holds, target_decision(here, in, depth));
    }
    if (!step.drops.is_never())
      decision = store.instead(store.both(packets_where(step.drops, in, here), dropped()), 0, decision);
    return decision;
  }

  // What the target of a rule decides on the packets that the rule is for.
  constexpr diagram target_decision(const decision_place& here, situation_number in, unsigned depth) {
    const program_table& table = program_->tables[here.table];
    const program_step& step = table.chains[here.chain].steps[here.rule];
    switch (step.does.what) {
      case effect::kind::go_on:
        return where_it_fits(here, in, step.does, going_on(here, in, step.does.changes, depth), depth);
      case effect::kind::accept:
        if (asks_for_translation_ && detail::translates(step.does)) return translated(here, in, step.does);
        return accepted(after(in, step.does.changes, here), here);
      case effect::kind::drop:
      case effect::kind::reject: return dropped();
      case effect::kind::give_back: return leaf(number_of_outcome({outcome_of_walk::kind::returned, in, {}}));
      case effect::kind::jump: return after_jump(here.table, here.chain, here.rule, in, depth);
      case effect::kind::go_to: return summary(here.table, step.chain, in, depth + 1);
      case effect::kind::queue: return queued(here, in, step);
      case effect::kind::unknown: {
        const situation_number then = after_unknown(in, changed_by_unknown_target(table.name), here);
        const diagram passes =
            then == in ? no_packet : rest_from(here.table, here.chain, here.rule + 1, then, depth + 1);
        return of_unknown_target(here, in, step, then, passes);
      }
    }
    return no_packet;
  }

  // What few rules need stands apart from what calls itself, whose frames are to be small.

  // `decided` by the rules behind a target that only changes packets, where it does.
  constexpr diagram where_it_fits(const decision_place& here, situation_number in, const effect& does, diagram decided,
                                  unsigned depth) {
    diagram_store& store = space_->store();
    if (does.needs_connection) return store.both(packets_where(connection_states::is_tracked(), in, here), decided);
    const diagram keeping = keeping_their_state(here.table, does.changes);
    if (keeping == no_packet) return decided;
    sequence<alteration> others = does.changes;
    erase_if(others, [](const alteration& change) { return change.field == field::state; });
    return store.either(store.both(keeping, going_on(here, in, others, depth)), store.minus(decided, keeping));
  }

  // Packets that nat accepts, told apart by whether it has translated them.
  constexpr diagram translated(const decision_place& here, situation_number in, const effect& does) {
    diagram_store& store = space_->store();
    const diagram changed = accepted(after(in, does.changes, here), here);
    const detail::untranslated by = detail::untranslated_by(does, program_->family);
    const diagram possibly = packets_where(by.possibly, in, here);
    if (possibly == no_packet) return changed;
    sequence<alteration> others = does.changes;
    erase_if(others, [](const alteration& change) { return change.field == field::nat_status; });
    // Of two nats the second is not asked once the first has settled a packet's translation, were it none: of that no status
    // tells, and either is taken for possible.
    diagram decision = no_packet;
    if (nat_count_ == 1)
      decision = store.both(packets_where(by.surely, in, here), accepted(after(in, others, here), here));
    others.push_back(make_unknown(field::nat_status));
    decision = store.either(decision, store.both(possibly, accepted(after(in, others, here), here)));
    return store.either(decision, store.minus(changed, possibly));
  }

  constexpr diagram queued(const decision_place& here, situation_number in, const program_step& step) {
    const diagram accepts = packets_where(unknown(target_words(step), true), in, here);
    const situation_number then = after_unknown(in, changed_by_queue, here);
    return space_->store().instead(space_->store().both(accepts, accepted(then, here)), 0, dropped());
  }

  // The situation behind what may have given `changed` any values.
  constexpr situation_number after_unknown(situation_number in, field_set changed, const decision_place& here) {
    sequence<alteration> changes;
    for (std::size_t i = 0; i < field_count; ++i)
      if (contains(changed, static_cast<field>(i))) changes.push_back(make_unknown(static_cast<field>(i)));
    return after(in, changes, here);
  }

  // `passes`: what is decided of the packets that it lets go on.
  constexpr diagram of_unknown_target(const decision_place& here, situation_number in, const program_step& step,
                                      situation_number then, diagram passes) {
    diagram_store& store = space_->store();
    const text name = target_words(step);
    const diagram accepts = packets_where(unknown(name, true), in, here);
    const diagram drops = packets_where(unknown(name, true), in, here);
    return store.instead(store.both(accepts, accepted(then, here)), 0,
                         store.either(store.both(store.minus(drops, accepts), dropped()),
                                      store.minus(store.minus(passes, drops), accepts)));
  }

  // What the rules behind a rule decide, for packets that its target has changed; nothing if it changes nothing.
  constexpr diagram going_on(const decision_place& here, situation_number in, const sequence<alteration>& changes,
                             unsigned depth) {
    const situation_number then = after(in, changes, here);
    return then == in ? no_packet : rest_from(here.table, here.chain, here.rule + 1, then, depth + 1);
  }

  // The packets whose state a target in raw leaves as it is.
  constexpr diagram keeping_their_state(std::uint32_t table, const sequence<alteration>& changes) {
    const bool changes_state =
        detail::any_of(changes, [](const alteration& change) { return change.field == field::state; });
    if (program_->tables[table].name != table_name::raw || !changes_state) return no_packet;
    return space_->store().both(within_, space_->set_of(detail::is_answer_of_kernel()));
  }

  static constexpr text target_words(const program_step& step) {
    text words = join("-j ", step.source->target.name);
    if (!step.source->target.words.empty()) words.append(' ').append(step.source->target.words);
    return words;
  }

  // The situation behind changes made all at once.
  constexpr situation_number after(situation_number in, const sequence<alteration>& changes,
                                   const decision_place& here) {
    if (changes.empty()) return in;
    const situation before = situations_[in];
    situation made = before;
    const family of = program_->family;
    for (const alteration& change : changes) {
      environment alone = before.now;
      alone.apply(change, of);
      made.now.take(change.field, alone, of);
    }
    if (program_->tables[here.table].name == table_name::nat) {
      made.is_rewritten = true;
      made.rewritten_by = here;
    }
    return number_of(std::move(made));
  }

  constexpr situation_number number_of(situation made) {
    for (std::size_t i = situations_.size(); i-- > 0;)
      if (situations_[i] == made) return static_cast<situation_number>(i);
    situations_.push_back(std::move(made));
    return static_cast<situation_number>(situations_.size() - 1);
  }

  // The packets that connection tracking leaves UNTRACKED by itself, such as neighbour discovery
  // (nf_conntrack_icmpv6_error in net/netfilter/nf_conntrack_proto_icmpv6.c). In raw, which is before it, they
  // have no entry yet, and read as INVALID; and whatever raw does, they are UNTRACKED behind it. None if `table` is
  // not raw.
  constexpr diagram untracked_by_themselves(std::uint32_t table) {
    if (program_->tables[table].name != table_name::raw) return no_packet;
    return space_->store().both(within_,
                                space_->set_of(is(field::state, static_cast<unsigned>(connection_state::untracked))));
  }

  // What a called chain decides, with what it returns going on behind the jump.
  constexpr diagram after_jump(std::uint32_t table, std::uint32_t chain, std::uint32_t rule, situation_number in,
                               unsigned depth) {
    diagram_store& store = space_->store();
    const std::uint32_t callee = program_->tables[table].chains[chain].steps[rule].chain;
    const diagram called = summary(table, callee, in, depth + 1);
    sequence<std::uint32_t> returned;
    for (const std::uint32_t number : store.leaf_numbers(called))
      if (outcomes_[number].what == outcome_of_walk::kind::returned) returned.push_back(number);
    if (returned.size() == 1)
      return store.instead(called, returned[0], behind_jump(table, chain, rule, in, returned[0], depth));
    // Each is taken from what was called: what goes on may return in a situation in which others come back.
    diagram decision = called;
    for (const std::uint32_t number : returned) decision = store.instead(decision, number, no_packet);
    for (const std::uint32_t number : returned) {
      const diagram here = store.renamed(called, [&](std::uint32_t one) { return one == number ? 1U : 0U; });
      decision = store.either(decision, store.both(here, behind_jump(table, chain, rule, in, number, depth)));
    }
    return decision;
  }

  // What the rules behind a jump decide of packets that come back from there with an outcome.
  constexpr diagram behind_jump(std::uint32_t table, std::uint32_t chain, std::uint32_t rule, situation_number in,
                                std::uint32_t returned, unsigned depth) {
    const situation_number then = outcomes_[returned].in;
    return then == in ? no_packet : rest_from(table, chain, rule + 1, then, depth + 1);
  }

  constexpr diagram accepted(situation_number in, const decision_place& at) {
    return leaf(number_of_outcome(
        {outcome_of_walk::kind::accepted, in, how_ == detail_of_decision::fate ? decision_place{} : at}));
  }
  static constexpr std::uint32_t dropped_number = 2;
  static constexpr diagram dropped() { return leaf(dropped_number); }

  // The packets for which a condition holds; with a number, where it holds that number.
  constexpr diagram packets_where(const predicate& condition, situation_number in, const decision_place& here,
                                  std::uint32_t number = 1) {
    const std::size_t known = space_->atom_count();
    const environment& now = situations_[in].now;
    if (!condition.atoms().empty() || !now.is_as_sent()) space_->ask_in(now);
    const diagram made = now.is_as_sent() ? space_->set_of(condition, number)
                                          : space_->set_of(as_sent(condition, now, program_->family), number);
    for (std::size_t i = known; i < space_->atom_count(); ++i)
      origins_.push_back({space_->first_atom_level() + static_cast<std::uint32_t>(i), here});
    for (const atom& one : condition.atoms()) {
      if (one.stateful) continue;
      const std::uint32_t level = space_->store().level_of(space_->set_of(one));
      if (level < space_->first_atom_level() + known) origins_.push_back({level, here});
    }
    return space_->store().both(within_, made);
  }

  // --- the tables in their order ----------------------------------------------------------------------------------------

  constexpr diagram decide_from(std::uint32_t table, situation_number in) {
    diagram_store& store = space_->store();
    const program_table& here = program_->tables[table];
    // Callees first, so that summaries are there when a caller asks, and nothing nests deep.
    if (in == 0)
      for (const std::uint32_t chain : tables_[table].callees_first)
        if (chain != here.start && tables_[table].stateful[chain] == 0) summary(table, chain, 0, 0);
    diagram decision = chain_from(table, here.start, 0, in, 0);
    // What returns from the built-in chain before its end meets its policy too.
    const decision_place policy = policy_of(table);
    if (tables_[table].returns_early)
      for (const std::uint32_t number : store.leaf_numbers(decision)) {
        const outcome_of_walk one = outcomes_[number];
        if (one.what != outcome_of_walk::kind::returned) continue;
        decision = store.instead(decision, number, policy_accepts(table) ? accepted(one.in, policy) : no_packet);
      }
    // A packet that the table is not asked about passes it as if accepted by its policy.
    const diagram met = packets_where(here.met_by, in, policy);
    if (met != every_packet)
      decision = store.either(store.both(met, decision), store.both(store.negation(met), accepted(in, policy)));
    return then_later_tables(table, decision);
  }

  constexpr decision_place policy_of(std::uint32_t table) const {
    const program_table& here = program_->tables[table];
    return {table, here.start, static_cast<std::uint32_t>(here.chains[here.start].steps.size())};
  }
  constexpr bool policy_accepts(std::uint32_t table) const {
    const program_table& here = program_->tables[table];
    return here.chains[here.start].source->policy != chain_policy::drop;
  }

  constexpr diagram then_later_tables(std::uint32_t table, diagram decision) {
    diagram_store& store = space_->store();
    const std::uint32_t blamed = blamed_table();
    const bool is_last = table + 1 == program_->tables.size();
    if (is_last) return decision;
    sequence<situation_number> ways;  // the situations in which packets leave this table
    for (const std::uint32_t number : store.leaf_numbers(decision)) {
      const outcome_of_walk& one = outcomes_[number];
      if (one.what == outcome_of_walk::kind::accepted && !detail::has(ways, one.in)) ways.push_back(one.in);
    }
    diagram all = no_packet;
    for (const situation_number way : ways) {
      const diagram here = store.renamed(decision, [&](std::uint32_t number) {
        const outcome_of_walk& one = outcomes_[number];
        return one.what == outcome_of_walk::kind::accepted && one.in == way ? number : 0;
      });
      diagram later = decide_from(table + 1, way);
      if (situations_[way].now.find(field::state) != nullptr && program_->tables[table + 1].name != table_name::raw) {
        if (const diagram untracked = untracked_by_themselves(table); untracked != no_packet) {
          situation tracked = situations_[way];
          tracked.now.take(field::state, environment{}, program_->family);
          later = store.either(store.both(untracked, decide_from(table + 1, number_of(std::move(tracked)))),
                               store.minus(later, untracked));
        }
      }
      const auto to_set = [](std::uint32_t number) { return number != 0 ? 1U : 0U; };
      all = store.either(all, table < blamed ? store.both(store.renamed(here, to_set), later)
                                             : store.both(store.renamed(later, to_set), here));
    }
    return all;
  }

  // Of walks within walks, behind rules that change packets or into chains that no summary tells of, for which a thread's
  // stack has to do: tests/hostile/small_stack_test.cpp.
  static constexpr unsigned deepest = 1000;
  // Each is a level of its own.
  static constexpr std::size_t most_atoms = std::size_t{1} << 12;
  // Each makes the walk run again behind the rule that made it, and is looked for among the others.
  static constexpr std::size_t most_situations = std::size_t{1} << 12;

  const program* program_;
  packet_space* space_;
  detail_of_decision how_;
  diagram within_;
  sequence<outcome_of_walk> outcomes_;
  sequence<std::uint32_t> asked_often_;  // numbers of outcomes that many rules have in common
  sequence<situation> situations_;
  sequence<table_notes> tables_;
  sequence<atom_origin> origins_;
  std::uint64_t steps_left_ = std::uint64_t{1} << 24;
  unsigned nat_count_ = 0;  // tables of nat
  bool asks_for_translation_ = false;
};

namespace detail {

// `to` may hold what `from` was sent with, bit for bit: then a test of the one is a test of the other.
struct field_copy {
  field to;
  field from;
  friend constexpr bool operator==(const field_copy&, const field_copy&) = default;
};

constexpr bool is_copy(const alteration& change, family in) {
  return change.what == alteration::kind::bits && change.keep == 0 && change.flip == 0 &&
         change.from_mask == low_bits(width_of(change.field, in));
}

constexpr sequence<field_copy> copies_in(const program& rules) {
  sequence<field_copy> copies;
  const auto add = [&](field_copy one) {
    if (one.to != one.from && !detail::has(copies, one)) copies.push_back(one);
  };
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        for (const alteration& change : step.does.changes)
          if (is_copy(change, rules.family)) add({change.field, change.from});
  for (std::size_t i = 0; i < copies.size(); ++i)  // a copy of a copy
    for (std::size_t k = 0; k < copies.size(); ++k)
      if (copies[i].from == copies[k].to) add({copies[i].to, copies[k].from});
  return copies;
}
}  // namespace detail

/// Lets a layout take note of all that a program tests.
constexpr void observe(layout& levels, const program& rules) {
  const sequence<detail::field_copy> copies = detail::copies_in(rules);
  const auto note = [&](const predicate& condition) {
    levels.observe(condition);
    if (copies.empty()) return;
    for (const predicate_step& test : condition.steps()) {
      if (test.what != predicate_step::kind::interval && test.what != predicate_step::kind::masked) continue;
      for (const detail::field_copy& one : copies) {
        if (one.to != test.field) continue;
        predicate_step of_source = test;
        of_source.field = one.from;
        levels.observe(predicate::of(of_source));
      }
    }
  };
  field_set in_bits = 0;
  const auto observe_bits = [&](field which) {
    if (contains(in_bits, which)) return;
    in_bits |= set_of(which);
    levels.observe_bits(which);
  };
  for (const program_table& table : rules.tables) {
    note(table.met_by);
    if (table.name == table_name::raw) {
      note(is(field::state, static_cast<unsigned>(connection_state::untracked)));
      note(detail::is_answer_of_kernel());
    }
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps) {
        note(step.holds);
        note(step.drops);
        if (step.does.needs_connection) note(connection_states::is_tracked());
        if (detail::translates(step.does)) {
          const detail::untranslated by = detail::untranslated_by(step.does, rules.family);
          note(by.surely);
          note(by.possibly);
        }
        // Where some bits of a field outlive a change, later tests ask for just those.
        for (const alteration& change : step.does.changes) {
          if (change.what != alteration::kind::bits || (change.keep == 0 && change.from_mask == 0)) continue;
          if (detail::is_copy(change, rules.family)) continue;
          observe_bits(change.field);
          if (change.from_mask != 0) observe_bits(change.from);
        }
      }
  }
  // What holds a copy may change in part, and later tests then ask for some bits of the original.
  for (const detail::field_copy& one : copies)
    if (contains(in_bits, one.to)) observe_bits(one.from);
}

}  // namespace cordon
