// What rules before a chain may have made of its packets. OUTPUT has none before it; PREROUTING comes before FORWARD and
// INPUT, and for what this machine sends itself by lo OUTPUT and POSTROUTING too: a packet keeps its mark and its
// connection's entry on lo. These are not judged: what they may have set is free.
#pragma once

#include <cordon/base/algorithm.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon {

/// The fields that rules of the hooks before may have set when a packet of `family` comes to the hook
/// `at`: marks, and the state where NOTRACK stands. None for OUTPUT. Precondition: as for `compile`.
constexpr field_set set_by_earlier_hooks(const firewall& rules, family of, hook at) {
  if (at == hook::output) return 0;
  field_set all = 0;
  for (const hook before : {hook::output, hook::postrouting, hook::prerouting}) {
    const program earlier = compile(rules, of, before);
    for (const program_table& table : earlier.tables)
      detail::reaches(table, [&](const program_step& step) {
        if (step.does.what == effect::kind::unknown || step.does.what == effect::kind::queue)
          all |= changed_by_unknown_target(table.name);
        for (const alteration& one : step.does.changes) all |= set_of(one.field);
        return false;
      });
  }
  return all;
}

}  // namespace cordon
