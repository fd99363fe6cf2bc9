// What an answer hangs on where no packet decides it.
#pragma once

#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

constexpr void add_doubt(doubt one, sequence<doubt>& into) {
  for (const doubt& known : into)
    if (known.at == one.at && known.match == one.match) return;
  into.push_back(std::move(one));
}

/// Adds that an answer for `rules` hangs on which back end is asked first in these tables.
constexpr void add_doubts_of_order(table_set tables, const program& rules, sequence<doubt>& into) {
  for (const table_name name : all_tables) {
    if ((tables & set_of(name)) == 0) continue;
    doubt one;
    one.at.family = rules.family;
    one.at.table = name;
    one.at.chain = name_of(rules.entered_at);
    one.match = which_is_first;
    add_doubt(std::move(one), into);
  }
}

/// Adds the atoms of `walk`, with their rules, that `open_question` depends on, each place once.
constexpr void find_doubts(const packet_space& space, const program& rules, const decider& walk, diagram open_question,
                           sequence<doubt>& into) {
  sequence<doubt> consequences;
  for (const std::uint32_t level : space.store().levels_tested(open_question)) {
    if (level < space.first_atom_level()) continue;
    for (const atom_origin& origin : walk.origins()) {
      if (origin.level != level) continue;
      const text& name = space.atom_at(level).name;
      const bool is_consequence = name == changed_field;
      add_doubt({place_of(rules, origin.at), name}, is_consequence ? consequences : into);
    }
  }
  // A test of what an unknown target may have changed hangs on that target, which is named itself.
  if (into.empty()) into = std::move(consequences);
}

/// Adds the rules on which it hangs where packets go: those that change what the packets of `open_question`, a part of what
/// `let_out`, a decision of `walk`, lets out, are led or routed by.
constexpr void find_doubts_of_goals(packet_space& space, const program& rules, const decider& walk, diagram let_out,
                                    diagram open_question, sequence<doubt>& into) {
  field_set changed = 0;
  const diagram these = space.store().both(space.possibly(open_question), let_out);
  for (const std::uint32_t number : space.store().leaf_numbers(these))
    if (number != 0)
      for (const current_value& value : walk.situation_of(number).now.changed())
        if (const auto only = values_of(value); value.field != field::mark || !only || *only != range{0, 0})
          changed |= set_of(value.field);
  changed &= fields_of_endpoints | fields_routed_by(rules);
  for (std::uint32_t table = 0; table < rules.tables.size(); ++table)
    for (std::uint32_t chain = 0; chain < rules.tables[table].chains.size(); ++chain) {
      const sequence<program_step>& steps = rules.tables[table].chains[chain].steps;
      for (std::uint32_t i = 0; i < steps.size(); ++i)
        if (any_of(steps[i].does.changes, [&](const alteration& one) { return contains(changed, one.field); }))
          add_doubt({place_of(rules, {table, chain, i}), join("where -j ", steps[i].source->target.name, " leads")},
                    into);
    }
}

}  // namespace cordon::detail
