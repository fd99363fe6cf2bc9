// Where packets end: the rule or policy that accepts them or stops them, for all packets at once.
//
// A decision tells by which rule of the blamed table packets are accepted. Whatever else is asked of rules is
// asked with that: in a program of the first tables alone, with the rules in question turned into ACCEPT,
// what is accepted by one of them is what comes to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/evaluation.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

/// Packets that one rule or policy decides.
struct packets_at {
  decision_place at;
  diagram packets = no_packet;  ///< depends on no atom
};

/// The packets of `decision`, which `walk` has made by rule of the blamed table of `rules`, by what accepts
/// them; in the order of evaluation. Of several that may accept a packet under different valuations of the
/// atoms the first has it. 0 is nobody.
constexpr sequence<packets_at> by_place(packet_space& space, const program& rules, const decider& walk,
                                        diagram decision) {
  struct acceptance {
    std::uint32_t number;  // of the outcome
    std::uint32_t rank;
    decision_place at;
  };
  diagram_store& store = space.store();
  sequence<acceptance> order;
  for (const std::uint32_t number : store.leaf_numbers(decision))
    if (number != 0) order.push_back({number, 0, walk.outcome(number).at});
  if (!rules.tables.empty()) {
    const evaluation_order ranks(rules.tables[walk.blamed_table()]);
    for (acceptance& one : order) one.rank = ranks.of(one.at);
    detail::sort(order, [](const acceptance& a, const acceptance& b) { return a.rank < b.rank; });
  }
  sequence<std::uint32_t> place_in_order(order.empty() ? 0 : walk.outcome_count(), 0);
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    const bool is_tie = i > 0 && order[i - 1].rank == order[i].rank;
    place_in_order[order[i].number] = is_tie ? place_in_order[order[i - 1].number] : i + 1;
  }
  const diagram by_order = store.collapsed(
      store.renamed(decision, [&](std::uint32_t number) { return number == 0 ? 0 : place_in_order[number]; }),
      space.first_atom_level(), [](const std::uint32_t* numbers, std::size_t count) {
        return numbers[0] != 0 || count == 1 ? numbers[0] : numbers[1];
      });
  sequence<packets_at> made;
  for (const diagram_store::part& one : store.parts_of(by_order))
    made.push_back({order[one.number - 1].at, one.packets});
  return made;
}

/// The first tables of a program, up to one in which some rules are made ends: a packet that comes to one is
/// accepted there. What a match of that table drops, and what its policy drops, is accepted there too.
class program_with_ends {
 public:
  /// `is_end(place, step)` chooses the rules of `table`. `of` must outlive this.
  template <class IsEnd>
  constexpr program_with_ends(const program& of, std::uint32_t table, const IsEnd& is_end) : of_(&of) {
    made_.family = of.family;
    for (std::uint32_t i = 0; i < table; ++i) made_.tables.push_back(of.tables[i]);
    const program_table& from = of.tables[table];
    made_.tables.push_back({from.name, from.from, {}, from.start, from.met_by});
    for (std::uint32_t chain = 0; chain < from.chains.size(); ++chain) add_chain(from, table, chain, is_end);
    const chain& base = *from.chains[from.start].source;
    policy_.push_back({base.name, chain_policy::accept, {}, base.at});
    made_.tables.back().chains[from.start].source = policy_.data();
    // The last table is to be blamed, also where that is security.
    for (program_table& one : made_.tables)
      if (one.name == table_name::security) one.name = table_name::filter;
  }
  program_with_ends(const program_with_ends&) = delete;
  program_with_ends& operator=(const program_with_ends&) = delete;

  constexpr const program& rules() const { return made_; }
  /// What a place of the last table is in the program that this was made of.
  constexpr decision_place original(const decision_place& at) const {
    return {at.table, at.chain, originals_[at.chain][at.rule]};
  }
  /// What becomes there, in that program, of a packet that ends at a place of the last table.
  constexpr effect effect_at(const decision_place& at) const {
    const decision_place there = original(at);
    const program_chain& chain = of_->tables[at.table].chains[at.chain];
    if (there.rule == chain.steps.size())
      return {.what = chain.source->policy == chain_policy::drop ? effect::kind::drop : effect::kind::accept};
    const bool is_by_match = original({at.table, at.chain, at.rule + 1}).rule == there.rule;
    return is_by_match ? effect{.what = effect::kind::drop} : chain.steps[there.rule].does;
  }

 private:
  template <class IsEnd>
  constexpr void add_chain(const program_table& from, std::uint32_t table, std::uint32_t chain, const IsEnd& is_end) {
    const program_chain& source = from.chains[chain];
    program_chain made{source.source, {}};
    sequence<std::uint32_t> originals;
    std::uint32_t rule = 0;
    for (; rule < source.steps.size(); ++rule) {
      program_step step = source.steps[rule];
      if (!step.drops.is_never()) {
        program_step drop = step;
        drop.holds = std::exchange(step.drops, never());
        drop.drops = never();
        drop.does = {.what = effect::kind::accept};
        made.steps.push_back(std::move(drop));
        originals.push_back(rule);
      }
      if (is_end(decision_place{table, chain, rule}, step)) step.does = {.what = effect::kind::accept};
      made.steps.push_back(std::move(step));
      originals.push_back(rule);
    }
    originals.push_back(rule);
    made_.tables.back().chains.push_back(std::move(made));
    originals_.push_back(std::move(originals));
  }

  const program* of_;
  program made_;
  sequence<chain> policy_;  // of the last table's start, which lets everything pass
  sequence<sequence<std::uint32_t>> originals_;
};

constexpr bool stops(const effect& does) {
  return does.what == effect::kind::drop || does.what == effect::kind::reject;
}

/// What accepts the packets of `among`, of those that something may accept.
constexpr sequence<packets_at> accepted_by(packet_space& space, const program& rules, diagram among) {
  space.ask_another();
  decider walk(rules, space, detail_of_decision::by_rule, among);
  const diagram decision = walk.decide();
  if (walk.too_large()) return {};
  return by_place(space, rules, walk, decision);
}

/// What stops the packets of `among`: of those that a rule or a policy may stop, the first that may. A rule
/// stops what its matches drop, too. What a program in user space stops, or a target that is not modelled, is
/// left out.
constexpr sequence<packets_at> stopped_by(packet_space& space, const program& rules, diagram among) {
  sequence<packets_at> made;
  for (std::uint32_t table = 0; table < rules.tables.size() && among != no_packet; ++table) {
    const program_with_ends ends(rules, table,
                                 [&](const decision_place&, const program_step& step) { return stops(step.does); });
    space.ask_another();
    decider walk(ends.rules(), space, detail_of_decision::by_rule, among);
    const diagram decision = walk.decide();
    if (walk.too_large()) return made;
    const diagram stopped = space.store().renamed(decision, [&](std::uint32_t number) {
      return number != 0 && stops(ends.effect_at(walk.outcome(number).at)) ? number : 0U;
    });
    for (const packets_at& one : by_place(space, ends.rules(), walk, stopped)) {
      made.push_back({ends.original(one.at), one.packets});
      among = space.store().minus(among, one.packets);
    }
  }
  return made;
}

}  // namespace cordon::detail
