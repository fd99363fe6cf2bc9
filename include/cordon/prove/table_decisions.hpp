// What one table decides on every packet at once, in a situation that packets come to it in: the walk of
// simulate/simulate.hpp with sets in place of one packet.
//
// A chain is the composition of its rules, in any bracketing: they are paired up like a tournament, which keeps the diagrams
// small where a chain has ten thousand rules. A called chain is one decision of its own, made once, whose "returned" becomes
// "not decided" at the jump. Rules are decided together as long as none of them asks what another has changed
// (`rule_stretch`); where one does, the packets go on in flocks, one for each situation that those rules tell apart. A target
// that is not modelled may accept, drop or go on, and makes a situation in which tests of the fields that it may have
// changed are atoms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/interned.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/chain_notes.hpp>
#include <cordon/prove/outcomes.hpp>
#include <cordon/prove/situation.hpp>
#include <cordon/prove/translation.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/environment.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/diagram.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

/// A rule whose atom a decision may hang on.
struct atom_origin {
  std::uint32_t level = 0;  ///< of the atom, in the space
  decision_place at = {};   ///< where the rule stands
};

/// How finely a decider tells outcomes apart: coarse diagrams are much smaller where thousands of rules accept.
enum class detail_of_decision : std::uint8_t {
  fate,     ///< accepted or not, and what has become of some fields
  by_rule,  ///< accepted by which rule or policy, and what has become of the packet
};

namespace detail {

/// Decides for one table after another, each by itself. The space's layout must have observed the program (`observe`).
class table_decider {
 public:
  /// Of the packets of `within` alone.
  constexpr table_decider(const program& rules, packet_space& space, detail_of_decision how, diagram within)
      : program_(&rules), space_(&space), how_(how), within_(within), outcomes_(space.store(), rules.family) {
    for (const program_table& table : rules.tables) {
      tables_.push_back({notes_of_table(table, rules.family), {}, {}});
      if (table.name == table_name::nat) ++nat_count_;
    }
    asks_for_translation_ = nat_count_ != 0 && contains(fields_tested(rules), field::nat_status);
  }

  ///@{
  /// What its decisions are said in.
  constexpr outcome_list& outcomes() { return outcomes_; }
  constexpr const outcome_list& outcomes() const { return outcomes_; }
  constexpr situation_list& situations() { return outcomes_.situations(); }
  constexpr const situation_list& situations() const { return outcomes_.situations(); }
  ///@}
  /// What is known of a table's chains.
  constexpr const notes_of_table& notes(std::uint32_t table) const { return tables_[table].notes; }
  /// The rules whose atoms decisions may hang on, in the order in which they were met.
  constexpr const sequence<atom_origin>& origins() const { return origins_; }
  /// Whether the question outgrew its bounds: then no answer means anything.
  constexpr bool too_large() const {
    return steps_left_ == 0 || space_->store().too_large() || space_->atom_count() > most_atoms ||
           situations().size() > most_situations;
  }
  /// Counts a rule asked, or a flock led on.
  constexpr void take_step() {
    if (steps_left_ != 0) --steps_left_;
  }

  /// What a table decides on packets in the situation `in`, as far as it asks for that: 0 for those that it drops.
  /// `first`: what it sees of packets that no rule has changed.
  constexpr diagram decision_of_table(std::uint32_t table, situation_number in, situation_number first) {
    diagram_store& store = space_->store();
    const program_table& here = program_->tables[table];
    const notes_of_table& notes = tables_[table].notes;
    // Callees first, so that summaries are there when a caller asks, and nothing nests deep.
    if (in == first)
      for (const std::uint32_t chain : notes.callees_first())
        if (chain != here.start && !notes[chain].is_stateful) decision_of_called(table, chain, in, 0);
    diagram decision = decision_of(table, here.start, in, 0);
    // What returns from the built-in chain before its end meets its policy too.
    const decision_place policy = policy_of(table);
    if (notes.returns_early())
      for (const std::uint32_t number : store.leaf_numbers(decision)) {
        const outcome_of_walk one = outcomes_[number];
        if (one.what != outcome_of_walk::kind::returned) continue;
        decision = store.instead(decision, number, policy_accepts(table) ? accepted(one.in, policy) : no_packet);
      }
    // A packet that the table is not asked about passes it as if accepted by its policy.
    const diagram met = packets_where(here.met_by, in, policy);
    if (met != every_packet)
      decision = store.either(store.both(met, decision), store.both(store.negation(met), accepted(0, policy)));
    return decision;
  }

  /// The packets that connection tracking leaves UNTRACKED by itself, such as neighbour discovery
  /// (nf_conntrack_icmpv6_error in net/netfilter/nf_conntrack_proto_icmpv6.c). In raw, which is before it, they
  /// have no entry yet, and read as INVALID; and whatever raw does, they are UNTRACKED behind it. None if `table` is
  /// not raw.
  constexpr diagram untracked_by_themselves(std::uint32_t table) {
    if (program_->tables[table].name != table_name::raw) return no_packet;
    return space_->store().both(within_,
                                space_->set_of(is(field::state, static_cast<unsigned>(connection_state::untracked))));
  }

  /// What changes made all at once make of a packet.
  constexpr situation_number made_by(const sequence<alteration>& changes, const decision_place& here) {
    if (changes.empty()) return 0;
    situation made;
    for (const alteration& change : changes) {
      environment alone;
      alone.apply(change, program_->family);
      made.now.take(change.field, alone, program_->family);
    }
    if (program_->tables[here.table].name == table_name::nat) {
      made.is_rewritten = true;
      made.rewritten_by = here;
    }
    return situations().number_of(std::move(made));
  }

 private:
  struct table_walk {
    notes_of_table notes;
    // What called chains decide at every visit, each as far as the chain asks for the packets' situation.
    interned numbers;             // by chain and what it sees
    sequence<diagram> summaries;  // by that number
  };

  // --- one chain ----------------------------------------------------------------------------------------------------

  // What a chain that is called decides on packets in the situation `in`; what it makes of them is said from there.
  constexpr diagram decision_of_called(std::uint32_t table, std::uint32_t chain, situation_number in, unsigned depth) {
    const chain_notes& notes = tables_[table].notes[chain];
    const situation_number seen = situations().seen_by(notes.asked, in);
    if (notes.is_stateful || (notes.asked & situations()[seen].now.open_fields()) != 0)
      return decision_of(table, chain, seen, depth);
    table_walk& here = tables_[table];
    // Mixed one to one: what has the same hash is the same.
    const std::uint64_t hash = mixed(0, (std::uint64_t{chain} << 32) | seen);
    const std::uint32_t number = here.numbers.find_or_add(hash, [](std::uint32_t) { return true; });
    if (number < here.summaries.size()) return here.summaries[number];
    here.summaries.push_back(no_packet);
    const diagram made = decision_of(table, chain, seen, depth);
    tables_[table].summaries[number] = made;
    return made;
  }

  constexpr diagram decision_of(std::uint32_t table, std::uint32_t chain, situation_number in, unsigned depth) {
    if (depth > deepest) steps_left_ = 0;
    const sequence<rule_stretch>& stretches = tables_[table].notes[chain].stretches;
    const bool is_built_in = chain == program_->tables[table].start;
    if (stretches.size() == 1) {
      sequence<diagram> run;
      const bool is_open = decide_rules(table, chain, 0, in, depth, run);
      const bool changes = stretches[0].changes;
      if (is_built_in && !changes)
        return outcomes_.settled(run.begin(), run.end(),
                                 is_open && policy_accepts(table) ? at_end(table, chain) : no_packet);
      if (is_open) run.push_back(at_end(table, chain));
      const diagram made = outcomes_.one_after_another(run.begin(), run.end(), changes);
      return is_built_in ? without_dropped(made) : made;
    }
    const diagram made = by_stretches(table, chain, in, depth);
    return is_built_in ? without_dropped(made) : made;
  }

  constexpr diagram by_stretches(std::uint32_t table, std::uint32_t chain, situation_number in, unsigned depth) {
    const std::size_t count = tables_[table].notes[chain].stretches.size();
    sequence<diagram> ends;
    sequence<flock> flocks{{0, every_packet}};
    for (std::uint32_t i = 0; i < count && !too_large(); ++i) {
      const rule_stretch here = tables_[table].notes[chain].stretches[i];
      sequence<flock> next;
      outcomes_.see(flocks, in, here.asked);
      for (std::size_t at = 0; at < flocks.size();) {
        const crowd each = outcomes_.crowd_at(flocks, at);
        at += each.size();
        sequence<diagram> run;
        const bool is_open = decide_rules(table, chain, i, each.data()->seen, depth, run);
        if (is_open && i + 1 == count) run.push_back(at_end(table, chain));
        lead_on(each, outcomes_.one_after_another(run.begin(), run.end(), here.changes), ends, next);
      }
      outcomes_.join_alike(next);
      flocks = std::move(next);
    }
    return outcomes_.united(ends);
  }

  // Takes flocks through a decision: `ends` gets the part that is decided, `next` what goes on.
  constexpr void lead_on(crowd flocks, diagram decision, sequence<diagram>& ends, sequence<flock>& next) {
    diagram_store& store = space_->store();
    const diagram met = store.as_set(decision);
    for (const flock& one : flocks) {
      take_step();
      if (const diagram stays = store.minus(one.packets, met); stays != no_packet) next.push_back({one.in, stays});
      const diagram meets = store.both(one.packets, decision);
      if (meets == no_packet) continue;
      const diagram decided = outcomes_.part_of(meets, true);
      if (decided != no_packet) ends.push_back(outcomes_.decision_after(one.in, decided));
      for (const diagram_store::part& part : outcomes_.changed_by(meets))
        next.push_back({situations().one_after_another(one.in, outcomes_[part.number].in), part.packets});
    }
  }

  // What a stretch's rules decide, each by itself. Whether some packets may get past them.
  constexpr bool decide_rules(std::uint32_t table, std::uint32_t chain, std::uint32_t stretch, situation_number in,
                              unsigned depth, sequence<diagram>& run) {
    const sequence<rule_stretch>& stretches = tables_[table].notes[chain].stretches;
    const std::size_t rules = program_->tables[table].chains[chain].steps.size();
    const std::size_t end = stretch + 1 < stretches.size() ? stretches[stretch + 1].first : rules;
    std::uint32_t rule = stretches[stretch].first;
    run.reserve(end - rule + 1);
    for (; rule < end && !too_large(); ++rule) {
      take_step();
      const diagram decision = rule_decision(table, chain, rule, in, depth);
      if (decision != no_packet) run.push_back(decision);
      if (is_leaf(decision) && !outcomes_.is_undecided(cordon::number_of(decision))) return false;
    }
    return true;
  }

  // What becomes of packets that no rule of a chain has decided on.
  constexpr diagram at_end(std::uint32_t table, std::uint32_t chain) {
    if (chain != program_->tables[table].start) return outcomes_.returned();
    return policy_accepts(table) ? accepted(0, policy_of(table)) : outcomes_.dropped();
  }

  constexpr diagram without_dropped(diagram decision) {
    return space_->store().instead(decision, outcome_list::dropped_number, no_packet);
  }

  constexpr decision_place policy_of(std::uint32_t table) const {
    const program_table& here = program_->tables[table];
    return {table, here.start, static_cast<std::uint32_t>(here.chains[here.start].steps.size())};
  }
  constexpr bool policy_accepts(std::uint32_t table) const {
    const program_table& here = program_->tables[table];
    return here.chains[here.start].source->policy != chain_policy::drop;
  }

  // --- one rule -----------------------------------------------------------------------------------------------------

  constexpr diagram rule_decision(std::uint32_t table, std::uint32_t chain, std::uint32_t rule, situation_number in,
                                  unsigned depth) {
    diagram_store& store = space_->store();
    const program_step& step = program_->tables[table].chains[chain].steps[rule];
    const decision_place here{table, chain, rule};
    diagram decision = no_packet;
    if (step.does.what == effect::kind::drop || step.does.what == effect::kind::reject) {
      decision = packets_where(step.holds, in, here, outcome_list::dropped_number);
    } else if (step.does.what == effect::kind::accept && step.does.changes.empty()) {
      decision = packets_where(step.holds, in, here, cordon::number_of(accepted(0, here)));
    } else if (const diagram holds = packets_where(step.holds, in, here); holds != no_packet) {
      decision = store.both(holds, target_decision(here, in, depth));
    }
    if (!step.drops.is_never())
      decision = store.instead(store.both(packets_where(step.drops, in, here), outcomes_.dropped()), 0, decision);
    return decision;
  }

  // What the target of a rule decides on the packets that the rule is for.
  constexpr diagram target_decision(const decision_place& here, situation_number in, unsigned depth) {
    const program_table& table = program_->tables[here.table];
    const program_step& step = table.chains[here.chain].steps[here.rule];
    switch (step.does.what) {
      case effect::kind::go_on: return where_it_fits(here, in, step.does);
      case effect::kind::accept:
        if (asks_for_translation_ && translates(step.does)) return translated(here, in, step.does);
        return accepted(made_by(step.does.changes, here), here);
      case effect::kind::drop:
      case effect::kind::reject: return outcomes_.dropped();
      case effect::kind::give_back: return outcomes_.returned();
      case effect::kind::jump: return outcomes_.back_from(decision_of_called(here.table, step.chain, in, depth + 1));
      case effect::kind::go_to: return decision_of_called(here.table, step.chain, in, depth + 1);
      case effect::kind::queue: return queued(here, in, step);
      case effect::kind::unknown: return of_unknown_target(here, in, step);
    }
    return no_packet;
  }

  // What few rules need stands apart from what calls itself, whose frames are to be small.

  // A target that only changes packets, where it does.
  constexpr diagram where_it_fits(const decision_place& here, situation_number in, const effect& does) {
    diagram_store& store = space_->store();
    const diagram changed = outcomes_.going_on(made_by(does.changes, here));
    if (does.needs_connection) return store.both(packets_where(connection_states::is_tracked(), in, here), changed);
    const diagram keeping = keeping_their_state(here.table, does.changes);
    if (keeping == no_packet) return changed;
    sequence<alteration> others = does.changes;
    erase_if(others, [](const alteration& change) { return change.field == field::state; });
    return store.either(store.both(keeping, outcomes_.going_on(made_by(others, here))), store.minus(changed, keeping));
  }

  // Packets that nat accepts, told apart by whether it has translated them.
  constexpr diagram translated(const decision_place& here, situation_number in, const effect& does) {
    diagram_store& store = space_->store();
    const diagram changed = accepted(made_by(does.changes, here), here);
    const untranslated by = untranslated_by(does, program_->family);
    const diagram possibly = packets_where(by.possibly, in, here);
    if (possibly == no_packet) return changed;
    sequence<alteration> others = does.changes;
    erase_if(others, [](const alteration& change) { return change.field == field::nat_status; });
    // Of two nats the second is not asked once the first has settled a packet's translation, were it none: of that no status
    // tells, and either is taken for possible.
    diagram decision = no_packet;
    if (nat_count_ == 1)
      decision = store.both(packets_where(by.surely, in, here), accepted(made_by(others, here), here));
    others.push_back(make_unknown(field::nat_status));
    decision = store.either(decision, store.both(possibly, accepted(made_by(others, here), here)));
    return store.either(decision, store.minus(changed, possibly));
  }

  constexpr diagram queued(const decision_place& here, situation_number in, const program_step& step) {
    const diagram accepts = packets_where(unknown(target_words(step), true), in, here);
    const diagram accepted_then = accepted(made_unknown(changed_by_queue, here), here);
    return space_->store().instead(space_->store().both(accepts, accepted_then), 0, outcomes_.dropped());
  }

  constexpr diagram of_unknown_target(const decision_place& here, situation_number in, const program_step& step) {
    diagram_store& store = space_->store();
    const situation_number then = made_unknown(changed_by_unknown_target(program_->tables[here.table].name), here);
    const text name = target_words(step);
    const diagram accepts = packets_where(unknown(name, true), in, here);
    const diagram drops = packets_where(unknown(name, true), in, here);
    return store.instead(store.both(accepts, accepted(then, here)), 0,
                         store.either(store.both(store.minus(drops, accepts), outcomes_.dropped()),
                                      store.minus(store.minus(outcomes_.going_on(then), drops), accepts)));
  }

  // What may give `changed` any values.
  constexpr situation_number made_unknown(field_set changed, const decision_place& here) {
    sequence<alteration> changes;
    for (std::size_t i = 0; i < field_count; ++i)
      if (contains(changed, static_cast<field>(i))) changes.push_back(make_unknown(static_cast<field>(i)));
    return made_by(changes, here);
  }

  // The packets whose state a target in raw leaves as it is.
  constexpr diagram keeping_their_state(std::uint32_t table, const sequence<alteration>& changes) {
    const bool changes_state = any_of(changes, [](const alteration& change) { return change.field == field::state; });
    if (program_->tables[table].name != table_name::raw || !changes_state) return no_packet;
    return space_->store().both(within_, space_->set_of(is_answer_of_kernel()));
  }

  static constexpr text target_words(const program_step& step) {
    text words = join("-j ", step.source->target.name);
    if (!step.source->target.words.empty()) words.append(' ').append(step.source->target.words);
    return words;
  }

  constexpr diagram accepted(situation_number in, const decision_place& at) {
    return outcomes_.accepted(in, how_ == detail_of_decision::fate ? decision_place{} : at);
  }

  // The packets for which a condition holds; with a number, where it holds that number.
  constexpr diagram packets_where(const predicate& condition, situation_number in, const decision_place& here,
                                  std::uint32_t number = 1) {
    const std::size_t known = space_->atom_count();
    const environment& now = situations()[in].now;
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

  // Of walks within walks, into chains that no summary tells of, for which a thread's stack has to do:
  // tests/hostile/small_stack_test.cpp.
  static constexpr unsigned deepest = 1000;
  // Each is a level of its own.
  static constexpr std::size_t most_atoms = std::size_t{1} << 12;
  // Each that rules tell apart is a walk of its own through them.
  static constexpr std::size_t most_situations = std::size_t{1} << 16;

  const program* program_;
  packet_space* space_;
  detail_of_decision how_;
  diagram within_;
  outcome_list outcomes_;
  sequence<table_walk> tables_;
  sequence<atom_origin> origins_;
  std::uint64_t steps_left_ = std::uint64_t{1} << 24;
  unsigned nat_count_ = 0;  // tables of nat
  bool asks_for_translation_ = false;
};

}  // namespace detail
}  // namespace cordon
