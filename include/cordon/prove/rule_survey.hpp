// Which rules of OUTPUT and of what it leads to never decide, and why; and which of the others could be left
// out. Over every packet that a host can send, and every valuation of the atoms.
//
// A rule lives if some packet comes to it and fits. All rules that are not known to live are made ends,
// whatever they do: a packet that ends at one lives there. Those then get their meaning back, and the next
// round finds what stands behind them, until a round finds nothing: then no packet comes to a rule that is
// left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/asked_packets.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/ends.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

/// Why a rule never decides.
enum class dead_reason : std::uint8_t {
  fits_nothing,          ///< no packet can match it
  chain_unreached,       ///< nothing leads to its chain, or only rules that are dead themselves
  behind_unconditional,  ///< an earlier rule of its chain takes every packet
  covered,               ///< earlier rules, together, take all packets that it is for
  kept_away,             ///< no packet that it is for comes to its chain
};

/// A rule that never decides anything.
struct dead_rule {
  decision_place at;                       ///< where it stands
  dead_reason why = dead_reason::covered;  ///< what takes its packets away
  sequence<decision_place> by =
      {};  ///< the rules that take its packets: for `behind_unconditional` one, for `covered` all
};

/// Rules that could be left out.
struct needless_rules {
  sequence<decision_place> rules = {};  ///< that can all be left out together
  bool all = true;                      ///< false if the question outgrew its bounds before every rule was asked about
};

/// Looks at the rules of one program, whose firewall must outlive this.
class rule_survey {
  // Before its uses: clang needs that in constant expressions.
  template <class See>
  constexpr void for_each_rule(const See& see) const {
    for (std::uint32_t table = 0; table < rules_->tables.size(); ++table)
      for (std::uint32_t chain = 0; chain < live_[table].size(); ++chain)
        for (std::uint32_t rule = 0; rule < live_[table][chain].size(); ++rule)
          see(decision_place{table, chain, rule}, step_at({table, chain, rule}));
  }

 public:
  /// Of no rules at all.
  constexpr rule_survey() = default;
  /// Finds the rules that live; the program must outlive this.
  constexpr explicit rule_survey(const program& rules) : rule_survey(rules, sequence<other_order>()) {}
  /// The same where the kernel may ask two back ends in other orders too: `others` are those of `tables_of_open_way`, and must
  /// outlive this. What is said then holds in each order: a rule lives that does in one.
  constexpr rule_survey(const program& rules, const sequence<other_order>& others)
      : rule_survey(rules, most_work / (others.size() + 1)) {
    for (const other_order& one : others)
      if (!too_large_) {
        others_.push_back(rule_survey(one.steps, most_work_));
        too_large_ = others_.back().too_large_;
      }
    if (!too_large_) heed_other_orders();
  }

  /// Whether the question outgrew its bounds: then no rule is called dead, or needless.
  constexpr bool too_large() const { return too_large_ || reasons_cut_off_; }
  /// Whether the rule is no dead one.
  constexpr bool lives(const decision_place& at) const { return live_[at.table][at.chain][at.rule] != 0; }
  /// Whether a rule stands in OUTPUT or in a user chain that no other built-in chain leads to. The others are
  /// there for other packets too, and nothing is said of them.
  constexpr bool is_of_output(const decision_place& at) const { return of_output_[at.table][at.chain] != 0; }

  /// What may be asked of the packets that meet a rule: whether they come from a process's socket, and leave
  /// by lo.
  static constexpr predicate is_of_process() { return is(field::socket, static_cast<unsigned>(socket_kind::user)); }
  /// As above.
  static constexpr predicate is_by_lo() { return is(field::out, number_of(interface_name("lo"))); }
  /// Whether some packet that `condition`, of the above, holds for comes to a rule and fits. True if that is
  /// not known.
  constexpr bool meets(const decision_place& at, const predicate& condition) {
    const diagram packets = packets_meeting(*rules_, at);
    const bool here = too_large_ || space_.store().both(packets, space_.set_of(condition)) != no_packet;
    if (!here) return false;
    for (rule_survey& one : others_)
      if (!one.meets(in(one, at), condition)) return false;
    return true;
  }

  /// Whether something stops packets: a rule that lives, or a policy. True if which rules live is not known, and some rule
  /// may.
  constexpr bool stops_something() const {
    bool found = false;
    for (const program_table& table : rules_->tables)
      found = found || table.chains[table.start].source->policy == chain_policy::drop;
    for_each_rule([&](const decision_place& at, const program_step& step) {
      found = found || (detail::may_stop(step) && (too_large_ || lives(at)));
    });
    return found;
  }

  /// Takes what does not live out of `from`, which has the rules of this program: it fits nothing there.
  constexpr void leave_out_dead(program& from) const {
    for_each_rule([&](const decision_place& at, const program_step&) {
      if (!lives(at)) leave_out(from, at);
    });
  }

  /// The rules of OUTPUT's own chains (`is_of_output`) that never decide. By table, chain and rule; not all of them if
  /// finding reasons outgrew its bounds, which `too_large` then tells.
  constexpr sequence<dead_rule> dead() {
    sequence<dead_rule> made;
    if (too_large_) return made;
    const sequence<sequence<char>> called = chains_with_live_callers();
    std::uint64_t work = 0;
    for_each_rule([&](const decision_place& at, const program_step&) {
      if (lives(at) || !is_of_output(at) || too_large_) return;
      const diagram_store::bookmark here = space_.store().here();
      dead_rule found = reason_of(at, called[at.table][at.chain] != 0, work);
      work += work_of_diagram_step * (space_.store().work() - here.work);
      space_.store().go_back(here);
      if (too_large_) return;  // whatever the reason seems to be then
      made.push_back(std::move(found));
      too_large_ = work > most_work_for_reasons;
    });
    // Which rules live is known all the same.
    reasons_cut_off_ = std::exchange(too_large_, false);
    return made;
  }

  /// The rules of OUTPUT's own chains that live but could be left out, all of them together and with those
  /// that are dead: no packet would meet another fate or go on as another packet, and what is seen of its way
  /// (LOG and the like) would be the same. By table, chain and rule.
  constexpr needless_rules needless() {
    needless_rules made{{}, !too_large_};
    if (too_large_) return made;
    take_up();
    for (rule_survey& one : others_) one.take_up();
    bool is_cut_off = false;
    for_each_rule([&](const decision_place& at, const program_step& step) {
      if (is_cut_off || !lives(at) || !only_decides(step) || !is_of_output(at) || !leaves_out(at)) return;
      std::size_t agreed = 0;
      while (agreed < others_.size() && others_[agreed].leaves_out(in(others_[agreed], at))) ++agreed;
      if (agreed == others_.size()) {
        made.rules.push_back(at);
        return;
      }
      is_cut_off = others_[agreed].too_large_;
      put_back(at, step);
      for (std::size_t i = 0; i < agreed; ++i) others_[i].put_back(in(others_[i], at), step);
    });
    is_cut_off = is_cut_off || too_large_;
    // Whatever else is asked is asked about the rules as they are.
    lay_down();
    for (rule_survey& one : others_) one.lay_down();
    made.all = !is_cut_off;
    return made;
  }

 private:
  constexpr const program_step& step_at(const decision_place& at) const {
    return rules_->tables[at.table].chains[at.chain].steps[at.rule];
  }

  /// Finds the rules that live in one order. `work`: what it may take.
  constexpr rule_survey(const program& rules, std::uint64_t work)
      : rules_(&rules),
        packets_(no_value, rules.family, fields_tested(rules)),
        space_(packets_.levels({&rules}, {is_of_process(), is_by_lo()})),
        exist_(space_.set_of(packets_.exist)),
        most_work_(work) {
    for (const program_table& table : rules.tables) {
      live_.push_back({});
      for (const program_chain& chain : table.chains) {
        live_.back().push_back(sequence<char>(chain.steps.size(), 0));
        work_of_walk_ += work_of_step * (chain.steps.size() + 1);
      }
      of_output_.push_back(chains_of_output(table));
    }
    for (std::uint32_t table = 0; table < rules.tables.size() && !too_large_; ++table) find_live(table);
  }

  // --- other orders of the back ends
  // ------------------------------------------------------------------------------------------

  // A place of this program in that of another order.
  constexpr decision_place in(const rule_survey& other, decision_place at) const {
    const program_table& here = rules_->tables[at.table];
    const sequence<program_table>& there = other.rules_->tables;
    at.table = 0;
    while (there[at.table].name != here.name || there[at.table].ruleset_index != here.ruleset_index) ++at.table;
    return at;
  }

  // Rules live that do in one order.
  constexpr void heed_other_orders() {
    for (const bool is_here : {true, false})
      for (rule_survey& one : others_)
        for_each_rule([&](const decision_place& at, const program_step&) {
          const decision_place there = in(one, at);
          char& mine = live_[at.table][at.chain][at.rule];
          char& theirs = one.live_[there.table][there.chain][there.rule];
          (is_here ? mine : theirs) = mine != 0 || theirs != 0 ? char{1} : char{0};
        });
  }

  static constexpr bool calls(const program_step& step) {
    return step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
  }

  // --- who lives
  // ------------------------------------------------------------------------------------------------------

  constexpr void find_live(std::uint32_t table) {
    sequence<sequence<char>>& live = live_[table];
    for (bool found = true; found && !too_large_;) {
      found = false;
      const diagram_store::bookmark here = space_.store().here();
      const program_with_ends ends(
          *rules_, table, [&](const decision_place& at, const program_step&) { return live[at.chain][at.rule] == 0; });
      for (const decision_place& at : places_of_ends(ends, exist_)) {
        if (at.rule == live[at.chain].size()) continue;
        if (std::exchange(live[at.chain][at.rule], char{1}) == 0) found = true;
      }
      work_ += work_of_walk_;
      give_back(here);
    }
  }

  // Forgets the diagrams of one question, and sums up what all of them took.
  constexpr void give_back(const diagram_store::bookmark& here) {
    work_ += space_.store().work() - here.work;
    too_large_ = too_large_ || work_ > most_work_;
    space_.store().go_back(here);
  }

  using program_with_ends = detail::program_with_ends;

  // Where packets of `among` end in a table, under some valuation of the atoms.
  constexpr sequence<decision_place> places_of_ends(const program_with_ends& ends, diagram among) {
    space_.ask_another();
    decider walk(ends.rules(), space_, detail_of_decision::by_rule, among);
    const diagram decision = walk.decide();
    too_large_ = too_large_ || walk.too_large();
    sequence<decision_place> places;
    if (too_large_) return places;
    sequence<sequence<char>> seen;  // by chain and rule
    for (const program_chain& chain : ends.rules().tables.back().chains)
      seen.push_back(sequence<char>(chain.steps.size() + 1, 0));
    for (const std::uint32_t number : space_.store().leaf_numbers(decision)) {
      if (number == 0) continue;
      const decision_place at = ends.original(walk.outcome(number).at);
      if (std::exchange(seen[at.chain][at.rule], char{1}) == 0) places.push_back(at);
    }
    return places;
  }

  // --- why others do not
  // ----------------------------------------------------------------------------------------------

  // The chains that no other built-in chain leads to: what is in the others is there for other packets, too.
  constexpr sequence<char> chains_of_output(const program_table& table) const {
    sequence<std::uint32_t> others;
    for (std::uint32_t chain = 0; chain < table.chains.size(); ++chain)
      if (chain != table.start && table.chains[chain].source->policy.has_value()) others.push_back(chain);
    sequence<char> ours = reached(table, std::move(others));
    for (char& one : ours) one = one == 0 ? 1 : 0;
    return ours;
  }

  static constexpr sequence<char> reached(const program_table& table, sequence<std::uint32_t> from) {
    sequence<char> seen(table.chains.size(), 0);
    for (const std::uint32_t chain : from) seen[chain] = 1;
    while (!from.empty()) {
      const std::uint32_t chain = from.back();
      from.pop_back();
      for (const program_step& step : table.chains[chain].steps) {
        if (!calls(step) || seen[step.chain] != 0) continue;
        seen[step.chain] = 1;
        from.push_back(step.chain);
      }
    }
    return seen;
  }

  // By table and chain: whether a rule that lives leads to it.
  constexpr sequence<sequence<char>> chains_with_live_callers() const {
    sequence<sequence<char>> made;
    for (const program_table& table : rules_->tables) made.push_back(sequence<char>(table.chains.size(), 0));
    for_each_rule([&](const decision_place& at, const program_step& step) {
      if (calls(step) && lives(at)) made[at.table][step.chain] = 1;
    });
    return made;
  }

  // `work` becomes more by the rules that were looked at.
  constexpr dead_rule reason_of(const decision_place& at, bool has_live_caller, std::uint64_t& work) {
    const program_table& table = rules_->tables[at.table];
    dead_rule made{at};
    const diagram fits = packets_for(step_at(at));
    if (fits == no_packet) {
      made.why = dead_reason::fits_nothing;
    } else if (at.chain != table.start && !has_live_caller) {
      made.why = dead_reason::chain_unreached;
    } else if (const std::uint32_t before = unconditional_before(at); before != at.rule) {
      made.why = dead_reason::behind_unconditional;
      made.by.push_back({at.table, at.chain, before});
    } else {
      made.by = covering(at, fits, work);
      made.why = made.by.empty() ? dead_reason::kept_away : dead_reason::covered;
    }
    return made;
  }

  // The packets that fit a rule, if they come to it as they were sent.
  constexpr diagram packets_for(const program_step& step) {
    space_.ask_another();
    const diagram dropped = space_.set_of(step.drops);
    const diagram fits = space_.store().either(dropped, space_.set_of(step.holds));
    return space_.possibly(fits);
  }

  // The first rule of its chain before a rule that takes all packets away from it; the rule itself if there
  // is none.
  constexpr std::uint32_t unconditional_before(const decision_place& at) const {
    const auto& steps = rules_->tables[at.table].chains[at.chain].steps;
    for (std::uint32_t rule = 0; rule < at.rule; ++rule) {
      const effect::kind what = steps[rule].does.what;
      const bool goes_on = what == effect::kind::go_on || what == effect::kind::unknown || what == effect::kind::jump;
      if (steps[rule].holds.is_always() && !goes_on) return rule;
    }
    return at.rule;
  }

  // The rules that, in its chain or in those that this calls, take all packets of `fits` away from a rule;
  // none if they do not.
  constexpr sequence<decision_place> covering(const decision_place& at, diagram fits, std::uint64_t& work) {
    const program_table& table = rules_->tables[at.table];
    space_.ask_another();
    const diagram met = space_.possibly(space_.set_of(table.met_by));
    const diagram among = space_.store().both(exist_, space_.store().both(met, fits));
    sequence<decision_place> places;
    if (one_by_one(at, among, places, work)) return places;
    work += work_of_walk_;
    program alone{rules_->family, {table}};
    alone.tables[0].start = at.chain;
    const program_with_ends ends(alone, 0, [&](const decision_place& place, const program_step& step) {
      return detail::stops(step.does) || (place.chain == at.chain && (place.rule == at.rule || leaves(step)));
    });
    places = places_of_ends(ends, among);
    for (decision_place& one : places) {
      one.table = at.table;
      if (one.chain == at.chain && one.rule >= at.rule) return {};
    }
    return places;
  }

  static constexpr bool leaves(const program_step& step) {
    return step.does.what == effect::kind::give_back || step.does.what == effect::kind::go_to;
  }

  // As `covering`, where the rules until nothing of `among` is left decide by the packet alone; false where they do not. Most
  // are covered by few of thousands of rules.
  constexpr bool one_by_one(const decision_place& at, diagram among, sequence<decision_place>& places,
                            std::uint64_t& work) {
    const auto& steps = rules_->tables[at.table].chains[at.chain].steps;
    for (std::uint32_t rule = 0; rule < at.rule && among != no_packet; ++rule) {
      const program_step& step = steps[rule];
      work += work_of_step;
      const bool takes = step.does.what == effect::kind::accept || detail::stops(step.does) || leaves(step);
      const bool goes_by = step.does.what == effect::kind::go_on && step.does.changes.empty();
      if (!(takes || goes_by) || !step.drops.is_never() || !step.holds.atoms().empty() || space_.store().too_large()) {
        places.clear();
        return false;
      }
      if (goes_by) continue;
      const diagram taken = space_.set_of(step.holds);
      const diagram left = space_.store().minus(among, taken);
      if (left == among) continue;
      places.push_back({at.table, at.chain, rule});
      among = left;
    }
    if (among != no_packet) places.clear();
    return true;
  }

  // --- who could be left out
  // ------------------------------------------------------------------------------------------

  static constexpr bool only_decides(const program_step& step) {
    switch (step.does.what) {
      case effect::kind::accept:
      case effect::kind::drop:
      case effect::kind::reject:
      case effect::kind::give_back:
      case effect::kind::jump:
      case effect::kind::go_to: return true;
      case effect::kind::go_on:
      case effect::kind::queue:
      case effect::kind::unknown: return false;
    }
    return false;
  }

  static constexpr void leave_out(program& from, const decision_place& at) {
    program_step& step = from.tables[at.table].chains[at.chain].steps[at.rule];
    step.holds = never();
    step.drops = never();
    step.does = {};
  }

  /// What becomes of packets in one table.
  struct fate {
    effect::kind what = effect::kind::accept;
    reject_type answer = {};
    situation in = {};  ///< of accepted ones

    friend constexpr bool operator==(const fate&, const fate&) = default;
  };

  // What is left of the rules, to begin with, and when all is asked.
  constexpr void take_up() {
    left_ = *rules_;
    leave_out_dead(left_);
  }
  constexpr void lay_down() {
    left_ = {};
    too_large_ = false;
    work_ = 0;
  }

  constexpr void put_back(const decision_place& at, const program_step& step) {
    left_.tables[at.table].chains[at.chain].steps[at.rule] = step;
  }

  // Leaves a rule of what is left out if that makes no difference.
  constexpr bool leaves_out(const decision_place& at) {
    if (too_large_) return false;
    const diagram_store::bookmark here = space_.store().here();
    const bool made = is_needless(left_, at);
    if (!made) put_back(at, step_at(at));
    give_back(here);
    return made;
  }

  // Leaves a rule of `from` out, and tells whether that makes no difference.
  constexpr bool is_needless(program& from, const decision_place& at) {
    const diagram meeting = packets_meeting(from, at);
    sequence<fate> fates;
    const diagram before = fates_in(from, at.table, meeting, fates);
    const bool is_seen = may_be_seen(from.tables[at.table], meeting);
    leave_out(from, at);
    return !is_seen && before == fates_in(from, at.table, meeting, fates) && !too_large_;
  }

  constexpr diagram packets_meeting(const program& rules, const decision_place& at) {
    const program_with_ends until(rules, at.table,
                                  [&](const decision_place& place, const program_step&) { return place == at; });
    space_.ask_another();
    decider walk(until.rules(), space_, detail_of_decision::by_rule, exist_);
    const diagram decision = walk.decide();
    too_large_ = too_large_ || walk.too_large();
    if (too_large_) return no_packet;
    return space_.possibly(space_.store().renamed(decision, [&](std::uint32_t number) {
      return number != 0 && until.original(walk.outcome(number).at) == at ? 1U : 0U;
    }));
  }

  // Whether some of these packets may meet a rule that does something with them beside deciding.
  constexpr bool may_be_seen(const program_table& table, diagram packets) {
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        if (!only_decides(step) && step.source->target.what != target::kind::none &&
            space_.store().both(packets, packets_for(step)) != no_packet)
          return true;
    return false;
  }

  // The fates of packets of `among` in a table, as numbers in `fates`, from 1.
  constexpr diagram fates_in(const program& rules, std::uint32_t table, diagram among, sequence<fate>& fates) {
    const program_with_ends ends(
        rules, table, [&](const decision_place&, const program_step& step) { return detail::stops(step.does); });
    space_.ask_another();
    decider walk(ends.rules(), space_, detail_of_decision::by_rule, among);
    const diagram decision = walk.decide();
    too_large_ = too_large_ || walk.too_large();
    if (too_large_) return no_packet;
    return space_.store().renamed(decision, [&](std::uint32_t number) {
      if (number == 0) return number;
      const fate met = fate_at(ends, walk, number);
      for (std::uint32_t i = 0; i < fates.size(); ++i)
        if (fates[i] == met) return i + 1;
      fates.push_back(met);
      return static_cast<std::uint32_t>(fates.size());
    });
  }

  static constexpr fate fate_at(const program_with_ends& ends, const decider& walk, std::uint32_t number) {
    const effect does = ends.effect_at(walk.outcome(number).at);
    if (does.what == effect::kind::reject) return {does.what, does.answer, {}};
    if (does.what == effect::kind::drop) return {does.what, {}, {}};
    situation in = walk.situation_of(number);
    in.rewritten_by = {};
    return {effect::kind::accept, {}, std::move(in)};
  }

  const program* rules_ = nullptr;
  detail::asked_packets packets_;
  packet_space space_ = packet_space(layout(packet_domain{}));
  diagram exist_ = no_packet;
  sequence<sequence<sequence<char>>> live_;                           // by table, chain, rule
  sequence<sequence<char>> of_output_;                                // by table, chain
  program left_;                                                      // while it is asked which rules are needless
  sequence<rule_survey> others_;                                      // in other orders of the back ends
  static constexpr std::uint64_t most_work = std::uint64_t{1} << 28;  // about three seconds
  std::uint64_t most_work_ = most_work;                               // in this order of the back ends
  static constexpr std::uint64_t most_work_for_reasons = std::uint64_t{1} << 31;
  static constexpr std::uint64_t work_of_diagram_step = 8;
  static constexpr std::uint64_t work_of_step = 16;  // a walk asks it and copies it, however small its diagram
  std::uint64_t work_of_walk_ = 0;                   // through all rules
  std::uint64_t work_ = 0;
  bool too_large_ = false;
  bool reasons_cut_off_ = false;
};

}  // namespace cordon
