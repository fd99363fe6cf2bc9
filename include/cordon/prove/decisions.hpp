// What a firewall decides on every packet at once: its tables, one after the other.
//
// The diagrams stay questions about the packet as sent. Packets leave a table in flocks, one for each situation that a later
// table asks about or that is told in the end, and each table is decided once for those that it cannot tell apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/goal.hpp>
#include <cordon/prove/observe.hpp>
#include <cordon/prove/outcomes.hpp>
#include <cordon/prove/situation.hpp>
#include <cordon/prove/table_decisions.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/environment.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/diagram.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

/// Walks a program with every packet of a space. The space's layout must have observed the program (`observe`).
class decider {
 public:
  /// Decides on the packets of `within` alone, and gives 0 to all others. `told`: of which fields a decision of `fate` tells
  /// what has become.
  constexpr decider(const program& rules, packet_space& space, detail_of_decision how = detail_of_decision::by_rule,
                    diagram within = every_packet, field_set told = fields_of_ways)
      : program_(&rules), space_(&space), how_(how), within_(within), told_(told), walk_(rules, space, how, within) {
    sent_ = situations().number_of({what_all_hold(), false, {}});
    told_sent_ = told_of(sent_);
  }

  /// What a leaf's number stands for.
  constexpr const outcome_of_walk& outcome(std::uint32_t number) const { return walk_.outcomes()[number]; }
  /// How many there are; numbers go from 0.
  constexpr std::size_t outcome_count() const { return walk_.outcomes().size(); }
  /// What has become of the packets with an outcome of `decide`, as far as the detail of the decision goes.
  constexpr const situation& situation_of(std::uint32_t outcome_number) const {
    return walk_.situations()[outcome(outcome_number).in];
  }
  /// The rules whose atoms decisions may hang on, in the order in which they were met.
  constexpr const sequence<atom_origin>& origins() const { return walk_.origins(); }
  /// The packets that a decision lets out.
  constexpr diagram let_out(diagram decision) const {
    const bool is_set = how_ == detail_of_decision::fate && changes_nothing_ && told_sent_ == 0;
    return is_set ? decision : space_->store().as_set(decision);
  }
  /// Whether every packet leaves as it was sent, as far as the detail of the decision goes.
  constexpr bool changes_nothing() const { return changes_nothing_; }
  /// Whether the question outgrew its bounds: then no answer of this decider means anything.
  constexpr bool too_large() const { return walk_.too_large(); }

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
    if (program_->tables.empty()) return store.both(within_, outcomes().accepted(0, {}));
    const diagram untracked = walk_.untracked_by_themselves(0);
    sequence<detail::flock> ways{{sent_, store.minus(within_, untracked)}};
    if (untracked != no_packet) {
      const auto invalid = set_to(field::state, static_cast<unsigned>(connection_state::invalid));
      ways.push_back({situations().one_after_another(sent_, walk_.made_by({invalid}, {})), untracked});
    }
    for (std::uint32_t table = 0; table < program_->tables.size(); ++table) {
      outcomes().see(ways, 0, walk_.notes(table).asked());
      ways = behind(table, ways);
    }
    sequence<diagram> ends;
    for (const detail::flock& way : ways) ends.push_back(way.packets);
    return outcomes().united(ends);
  }

 private:
  constexpr detail::outcome_list& outcomes() { return walk_.outcomes(); }
  constexpr situation_list& situations() { return walk_.situations(); }

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

  // Whether no rule that was asked so far has made anything of a packet.
  constexpr bool nothing_has_changed() const { return walk_.situations().size() == 1; }

  // What is told of a situation in the end.
  constexpr situation_number told_of(situation_number in) {
    return how_ == detail_of_decision::by_rule ? in : situations().only(told_, in);
  }

  // Takes flocks through a table that sees them; said is what has become of them since they were sent. Up to the blamed table they are
  // sets, from there on decisions.
  constexpr sequence<detail::flock> behind(std::uint32_t table, const sequence<detail::flock>& ways) {
    const std::uint32_t blamed = blamed_table();
    sequence<detail::flock> made;
    for (std::size_t at = 0; at < ways.size() && !too_large();) {
      const detail::crowd each = detail::outcome_list::crowd_at(ways, at);
      at += each.size();
      const sequence<detail::flock> passing = by_situation(
          walk_.decision_of_table(table, each.data()->seen, situations().seen_by(walk_.notes(table).asked(), sent_)),
          table == blamed);
      for (const detail::flock& way : each)
        for (const detail::flock& part : passing) {
          walk_.take_step();
          const situation_number then = situations().one_after_another(way.in, part.in);
          const diagram packets = table == blamed ? told(space_->store().both(way.packets, part.packets), part.in, then)
                                                  : space_->store().both(part.packets, way.packets);
          if (packets != no_packet) made.push_back({needed_behind(table, then), packets});
        }
    }
    outcomes().join_alike(made);
    if (program_->tables[table].name == table_name::raw) track(table, made);
    return made;
  }

  // What a table lets out, by what it has made of the packets: sets, or the part of the decision.
  constexpr sequence<detail::flock> by_situation(diagram decision, bool as_decision) {
    diagram_store& store = space_->store();
    sequence<situation_number> all;
    if (nothing_has_changed())
      all.push_back(0);
    else
      for (const std::uint32_t number : store.leaf_numbers(decision))
        if (number != 0) all.push_back(outcomes()[number].in);
    detail::sort_unique(all);
    if (all.size() == 1) return {{all[0], as_decision ? decision : store.as_set(decision)}};
    sequence<detail::flock> made;
    for (const diagram_store::part& part : store.parts_of(decision))
      made.push_back(
          {outcomes()[part.number].in, as_decision ? store.both(part.packets, leaf(part.number)) : part.packets});
    outcomes().join_alike(made);
    return made;
  }

  // A decision of the blamed table, that packets come out of in the situation `since` its beginning and `then` since they
  // were sent, in the words of the end.
  constexpr diagram told(diagram decision, situation_number since, situation_number then) {
    const situation_number in = told_of(then);
    if (in != told_sent_ && decision != no_packet) changes_nothing_ = false;
    if (in == since) return decision;
    return space_->store().renamed(decision, [&](std::uint32_t number) {
      if (number == 0) return number;
      outcome_of_walk one = outcomes()[number];
      one.in = in;
      return outcomes().number_of(one);
    });
  }

  // What later tables ask of a situation, or is told of it.
  constexpr situation_number needed_behind(std::uint32_t table, situation_number in) {
    field_set asked = 0;
    for (std::uint32_t later = table + 1; later < program_->tables.size(); ++later) asked |= walk_.notes(later).asked();
    if (table >= blamed_table()) return situations().seen_by(asked, in);
    return how_ == detail_of_decision::by_rule ? in : situations().only(told_ | asked, in);
  }

  // Behind the last raw nothing that raw has made of their state holds of packets that are UNTRACKED by themselves.
  constexpr void track(std::uint32_t table, sequence<detail::flock>& flocks) {
    const bool is_last = table + 1 < program_->tables.size() && program_->tables[table + 1].name != table_name::raw;
    const diagram untracked = is_last ? walk_.untracked_by_themselves(table) : no_packet;
    if (untracked == no_packet) return;
    diagram_store& store = space_->store();
    sequence<detail::flock> made;
    for (const detail::flock& one : flocks) {
      situation tracked = situations()[one.in];
      if (tracked.now.find(field::state) == nullptr) {
        made.push_back(one);
        continue;
      }
      tracked.now.take(field::state, environment{}, program_->family);
      if (const diagram others = store.minus(one.packets, untracked); others != no_packet)
        made.push_back({one.in, others});
      if (const diagram these = store.both(untracked, one.packets); these != no_packet)
        made.push_back({situations().number_of(std::move(tracked)), these});
    }
    outcomes().join_alike(made);
    flocks = std::move(made);
  }

  const program* program_;
  packet_space* space_;
  detail_of_decision how_;
  diagram within_;
  field_set told_;
  detail::table_decider walk_;
  situation_number sent_ = 0;       // as packets are sent: what a field holds in all of them is written down
  situation_number told_sent_ = 0;  // what is told of that
  bool changes_nothing_ = true;
};

}  // namespace cordon
