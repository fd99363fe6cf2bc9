// What must be known of the chains of a table before packets go through them: what they ask, what they change, and which
// of their rules can be looked at together.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/translation.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon::detail {

/// Rules of a chain, one behind the other, none of which asks for what one of them may have changed.
struct rule_stretch {
  std::uint32_t first = 0;  ///< of the chain's rules; it ends where the next begins
  field_set asked = 0;      ///< the fields that they and what they call ask for
  bool changes = false;     ///< whether packets may come out of it changed
};

/// What is known of one chain.
struct chain_notes {
  field_set asked = 0;       ///< the fields that it and what it calls ask for
  field_set changed = 0;     ///< those that may have changed in packets that come out of it, accepted ones apart
  bool is_stateful = false;  ///< whether two visits may decide differently
  sequence<rule_stretch> stretches;  ///< in their order, at least one
};

/// The chains of one table.
class notes_of_table {
 public:
  constexpr notes_of_table() = default;
  constexpr notes_of_table(const program_table& table, family of)
      : table_(&table), family_(of), chains_(table.chains.size()) {
    // Callees before callers, without recursion: chains may nest ten thousand deep.
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
        note(chain);
        callees_first_.push_back(chain);
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
      if (step.does.what == effect::kind::give_back || step.does.what == effect::kind::go_to) returns_early_ = true;
    asked_ = chains_[table.start].asked | fields_asked(table.met_by);
  }

  /// One chain that the start reaches.
  constexpr const chain_notes& operator[](std::uint32_t chain) const { return chains_[chain]; }
  /// The chains that the start reaches, each behind those that it calls.
  constexpr const sequence<std::uint32_t>& callees_first() const { return callees_first_; }
  /// The fields that the table asks for.
  constexpr field_set asked() const { return asked_; }
  /// Whether a rule of the built-in chain leads to its policy: RETURN or a goto.
  constexpr bool returns_early() const { return returns_early_; }

 private:
  static constexpr bool calls(const program_step& step) {
    return step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
  }

  constexpr field_set asked_by(const program_step& step) const {
    field_set asked = fields_asked(step.holds) | fields_asked(step.drops);
    if (calls(step)) asked |= chains_[step.chain].asked;
    if (step.does.needs_connection) asked |= set_of(field::state);
    if (translates(step.does)) {
      const untranslated by = untranslated_by(step.does, family_);
      asked |= fields_asked(by.surely) | fields_asked(by.possibly);
    }
    return asked;
  }

  // In packets that come to the next rule.
  constexpr field_set changed_by(const program_step& step) const {
    field_set changed = 0;
    switch (step.does.what) {
      case effect::kind::go_on:
        for (const alteration& one : step.does.changes) changed |= set_of(one.field);
        break;
      case effect::kind::unknown: return changed_by_unknown_target(table_->name);
      case effect::kind::jump: return chains_[step.chain].changed;
      default: break;
    }
    return changed;
  }

  constexpr void note(std::uint32_t chain) {
    chain_notes& made = chains_[chain];
    made.stretches.push_back({});
    field_set changed_here = 0;  // in this stretch
    const auto& steps = table_->chains[chain].steps;
    for (std::uint32_t rule = 0; rule < steps.size(); ++rule) {
      const program_step& step = steps[rule];
      const field_set asked = asked_by(step);
      const field_set changed = changed_by(step);
      if ((asked & changed_here) != 0) {
        made.stretches.push_back({rule, 0, false});
        changed_here = 0;
      }
      changed_here |= changed;
      made.stretches.back().asked |= asked;
      made.stretches.back().changes = changed_here != 0;
      made.asked |= asked;
      made.changed |= changed;
      if (step.does.what == effect::kind::go_to) made.changed |= chains_[step.chain].changed;
      made.is_stateful = made.is_stateful || step.does.what == effect::kind::unknown ||
                         (calls(step) && chains_[step.chain].is_stateful) || has_stateful_atom(step);
    }
  }

  static constexpr bool has_stateful_atom(const program_step& step) {
    for (const predicate* const part : {&step.holds, &step.drops})
      for (const atom& one : part->atoms())
        if (one.stateful) return true;
    return false;
  }

  const program_table* table_ = nullptr;
  family family_ = family::ipv4;
  sequence<chain_notes> chains_;  // of those that the start does not reach: nothing
  sequence<std::uint32_t> callees_first_;
  field_set asked_ = 0;
  bool returns_early_ = false;
};

}  // namespace cordon::detail
