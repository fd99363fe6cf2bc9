// The rules on a packet's way.
#pragma once

#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/trace.hpp>

namespace cordon {

/// The rule that a step on a way names, in the rules of its family; null for the end of a chain. Null too
/// where two back ends have such a rule, for a step does not say of which it is.
constexpr const rule* rule_of(const way_step& step, const family_rules& in) {
  if (step.what != way_step::kind::rule || in.rulesets.size() != 1) return nullptr;
  const table* const inside = in.rulesets[0].find(step.table);
  const chain* const of = inside == nullptr ? nullptr : inside->find(step.chain.view());
  return of != nullptr && step.number <= of->rules.size() ? &of->rules[step.number - 1] : nullptr;
}

}  // namespace cordon
