// The levels that a walk through a program needs: all that its rules may ask of packets as they were sent.
#pragma once

#include <cstddef>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/translation.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/layout.hpp>

namespace cordon {

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
