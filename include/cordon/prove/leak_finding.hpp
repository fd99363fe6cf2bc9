// What leaks, rule by rule: the region that each lets out against the policy, and all that a reader wants to know of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/ends.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rewriting.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/prove/witness.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon::detail {

// How much of a leak is told.
enum class leak_telling : std::uint8_t {
  whole,
  first,  ///< of the first leak all but the region: a witness, its way, what nat makes of it; of the others nothing, nor of answers
  outline,  ///< by what rule, and what it needs
};

// What has to come before any packet of a region gets out, by rules that test these fields.
constexpr leak_need need_of(packet_space& space, const program& rules, field_set tested, diagram region) {
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  diagram_store& store = space.store();
  diagram has_entry =
      space.interval(field::state, number(connection_state::established), number(connection_state::related));
  if (contains(tested, field::connection_mark))
    has_entry = store.either(has_entry, store.negation(space.interval(field::connection_mark, 0, 0)));
  if (store.includes(has_entry, region)) return leak_need::established;
  const bool needs_mark = store.both(region, space.interval(field::mark, 0, 0)) == no_packet;
  return rules.entered_at == hook::output && needs_mark ? leak_need::mark : leak_need::nothing;
}

// One packet of those that leak, and what lets it out: what is left to tell where `leak_finder` outgrew its bounds.
constexpr leak leak_by_witness(packet_space& space, const program& rules, diagram surely) {
  leak made;
  made.witness = witness_of(space, surely);
  outcome met = simulate(rules, made.witness);
  made.way = std::move(met.way);
  decision_place at;
  if (met.decided_by) {
    at = {met.decided_by->at.table, met.decided_by->at.chain, met.decided_by->at.step};
  } else if (!rules.tables.empty()) {
    const program_table& last = rules.tables.back();
    at = {static_cast<std::uint32_t>(rules.tables.size() - 1), last.start,
          static_cast<std::uint32_t>(last.chains[last.start].steps.size())};
  }
  made.blame = place_of(rules, at);
  made.region_is_whole = false;
  made.needs = need_of(space, rules, fields_tested(rules), surely);
  return made;
}

class leak_finder {
 public:
  /// `walk` has decided by rule, and `forbidden` is what of that is against the policy; `exist` are the packets that can
  /// exist.
  constexpr leak_finder(const program& rules, packet_space& space, const decider& walk, diagram forbidden,
                        diagram exist)
      : program_(&rules),
        space_(&space),
        walk_(&walk),
        forbidden_(forbidden),
        beside_(space.store().negation(exist)),
        tested_(fields_tested(rules)) {
    find_rewritten();
  }

  /// The leaks of the packets of `surely`, each of which is forbidden under every valuation of the atoms; in the order of
  /// evaluation. Fewer than there are if the store grows too large, or so many of so many rules that the ways of their
  /// witnesses take too long: `told_all` tells.
  constexpr sequence<leak> find(diagram surely, leak_telling how = leak_telling::whole) {
    diagram_store& store = space_->store();
    sequence<leak> made;
    const sequence<packets_at> parts = by_place(*space_, *program_, *walk_, store.both(surely, forbidden_));
    std::uint64_t work_left = most_work;
    std::uint64_t steps = 0;  // that a witness may meet
    for (const program_table& table : program_->tables)
      for (const program_chain& chain : table.chains) steps += chain.steps.size();
    const std::uint64_t can_be_told = how == leak_telling::outline ? parts.size() : most_steps_met / (steps + 1) + 1;
    told_all_ = parts.size() <= can_be_told;
    const std::size_t wanted = how == leak_telling::first ? 1 : parts.size();
    const auto told = static_cast<std::size_t>(smaller_of<std::uint64_t>(wanted, can_be_told));
    for (std::size_t i = 0; i < told && i < parts.size() && !store.too_large(); ++i) {
      const diagram_store::bookmark before = store.here();
      const std::uint64_t share = work_left / (2 * (parts.size() - i));
      const std::uint64_t work_before = store.work();
      leak& found = made.push_back(outline_of(parts[i].packets, parts[i].at));
      if (how != leak_telling::outline) tell_way(parts[i].packets, found);
      if (store.too_large()) {  // then what was found of it means nothing
        made.pop_back();
        told_all_ = false;
        break;
      }
      if (how == leak_telling::whole) tell_region(parts[i].packets, share, found);
      told_all_ = told_all_ && !store.too_large();  // before going back forgets it
      work_left -= detail::smaller_of(work_left, store.work() - work_before);
      store.go_back(before);
    }
    return made;
  }
  /// Whether the last `find` told every leak.
  constexpr bool told_all() const { return told_all_ && !space_->store().too_large(); }

 private:
  struct rewritten_part {
    diagram packets;
    std::uint32_t example;  // an outcome
  };

  // The packets that nat makes something else of, by what it makes of them.
  constexpr void find_rewritten() {
    for (const diagram_store::part& part : parts_by_situation(space_->store(), *walk_, forbidden_))
      if (walk_->situation_of(part.number).is_rewritten)
        rewritten_.push_back({space_->possibly(part.packets), part.number});
  }

  constexpr leak outline_of(diagram region, const decision_place& at) {
    leak made;
    made.blame = place_of(*program_, at);
    made.needs = need_of(*space_, *program_, tested_, region);
    return made;
  }

  constexpr void tell_way(diagram region, leak& made) {
    made.witness = witness_of(*space_, region);
    made.way = simulate(*program_, made.witness).way;
    made.rewritings = rewritings_of(region, made.witness);
  }

  constexpr void tell_region(diagram region, std::uint64_t most_work_here, leak& made) {
    const cover_limits limits{.work = most_work_here};
    const diagram seen = seen_part(region);
    const box_cover cover = boxes_of(*space_, seen, beside_, limits);
    made.region = cover.boxes;
    made.region_is_whole = cover.whole;
    made.in_short = summary_of(*space_, seen, beside_, limits);
  }

  constexpr sequence<rewriting> rewritings_of(diagram region, const packet& witness) {
    diagram_store& store = space_->store();
    sequence<rewriting> made;
    for (const rewritten_part& one : rewritten_) {
      const diagram part = store.both(region, one.packets);
      if (part == no_packet) continue;
      const situation& now = walk_->situation_of(one.example);
      made.push_back(rewriting_of(*space_, seen_part(part), now.now, place_of(*program_, now.rewritten_by)));
      if (space_->value_at(part, witness) != 0) std::swap(made.front(), made.back());
    }
    return made;
  }

  // A region without the one thing that no one can see of a packet: whether a RELATED one is the first of its connection.
  constexpr diagram seen_part(diagram region) {
    return space_->store().with_some(region, space_->levels().first_level_of(field::expected_first));
  }

  // On all regions together: one or two seconds.
  static constexpr std::uint64_t most_work = std::uint64_t{1} << 27;
  // By all witnesses together: some seconds. Ten thousand leaks of ten thousand rules are told.
  static constexpr std::uint64_t most_steps_met = std::uint64_t{1} << 28;

  const program* program_;
  packet_space* space_;
  const decider* walk_;
  diagram forbidden_;
  diagram beside_;
  field_set tested_;
  sequence<rewritten_part> rewritten_;
  bool told_all_ = true;
};

}  // namespace cordon::detail
