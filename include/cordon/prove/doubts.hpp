// What an answer hangs on where no packet decides it.
#pragma once

#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>
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

}  // namespace cordon::detail
