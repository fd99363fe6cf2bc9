// Which rule would have stopped a packet that is let out: the one that does once those are gone that accept
// it before.
#pragma once

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>

namespace cordon {

/// What would stop a packet.
struct stopping_rule {
  sequence<rule_place> but_for = {};  ///< the rules that accept it, one behind the other; a policy is none
  maybe<rule_place> by = {};          ///< the rule, or policy, that stops it then; nothing if none does
  cordon::verdict verdict = {};       ///< what it meets then
};

/// What would stop `sent` if the rules that accept it were not there. If `rules` stop it as they are,
/// `but_for` is empty; nothing is told where no packet decides. Precondition: the packet is of the program's
/// family.
constexpr stopping_rule rule_that_stops(program rules, const packet& sent) {
  stopping_rule made;
  while (true) {
    const outcome met = simulate(rules, sent);
    made.verdict = met.verdict;
    if (!met.decided_by) return made;
    const program_place& at = met.decided_by->at;
    const rule_place place = detail::place_of(rules, {at.table, at.chain, at.step});
    if (!met.accepted()) {
      made.by = place;
      return made;
    }
    if (place.is_policy()) return made;
    made.but_for.push_back(place);
    program_step& step = rules.tables[at.table].chains[at.chain].steps[at.step];
    step.holds = never();
    step.holds_settled = settled_from(step.holds);
  }
}

}  // namespace cordon
