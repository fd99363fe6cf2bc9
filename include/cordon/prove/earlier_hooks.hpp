// What rules before a chain may have made of its packets. OUTPUT has none before it; PREROUTING comes before FORWARD and
// INPUT, and for what this machine sends itself by lo OUTPUT and POSTROUTING too: a packet keeps its mark and its
// connection's entry on lo. These are not judged: what they may have set is free.
//
// And a packet that comes out of a tunnel keeps the mark of the packet that carried it, which has been to INPUT, and may have been
// of the other family. Whether there is a tunnel no rule says: what hangs on such a mark is unknown.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rule_places.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/quick_test.hpp>

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

/// What hangs on a rule that `marks_of_carriers` names.
inline constexpr std::string_view mark_of_carrier = "whether packets come out of a tunnel with the mark that is given";

namespace detail {

constexpr bool may_mark(const program_step& step) {
  return step.does.what == effect::kind::unknown || step.does.what == effect::kind::queue ||
         changes_field(step, field::mark);
}

// False for a condition of ICMP alone: all else may carry packets, TCP those of IPsec (net/xfrm/espintcp.c).
constexpr bool may_carry(const predicate& condition) {
  field_bounds bounds;
  add_bounds(condition.steps(), condition.steps().size() - 1, 0, bounds);
  const predicate_step* const protocols = bounds.find(field::protocol);
  if (protocols == nullptr || protocols->a != protocols->b) return true;
  return protocols->a != number_of(protocol::icmp) && protocols->a != number_of(protocol::icmpv6);
}

// Adds the rules of a table that mark packets which may carry others.
constexpr void add_marks_of_carriers(const program& rules, std::uint32_t in, sequence<doubt>& into) {
  const program_table& table = rules.tables[in];
  sequence<char> reached(table.chains.size(), 0);
  reached[table.start] = 1;
  reaches(table, [&](const program_step& step) {
    if (step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to) reached[step.chain] = 1;
    return false;
  });
  for (std::uint32_t chain = 0; chain < table.chains.size(); ++chain)
    for (std::uint32_t i = 0; reached[chain] != 0 && i < table.chains[chain].steps.size(); ++i)
      if (const program_step& step = table.chains[chain].steps[i]; may_mark(step) && may_carry(step.holds))
        into.push_back({place_of(rules, {in, chain, i}), mark_of_carrier});
}

}  // namespace detail

/// The rules from which a packet that comes out of a tunnel (VXLAN, IPsec and their like) to the hook `at` may have a mark: it keeps
/// that of the packet that carried it, where both are of one network namespace (skb_scrub_packet in net/core/skbuff.c). Those
/// of INPUT, and of the other family's hooks up to it; none for OUTPUT. Precondition: as for `compile`.
constexpr sequence<doubt> marks_of_carriers(const firewall& rules, family of, hook at) {
  sequence<doubt> made;
  if (at == hook::output) return made;
  for (const family carrier : both_families) {
    if (rules.of(carrier).absent) continue;
    for (const hook before : {hook::output, hook::postrouting, hook::prerouting, hook::input}) {
      if (carrier == of && before != hook::input) continue;  // `set_by_earlier_hooks`
      const program marking = compile(rules, carrier, before);
      for (std::uint32_t table = 0; table < marking.tables.size(); ++table)
        detail::add_marks_of_carriers(marking, table, made);
    }
  }
  return made;
}

}  // namespace cordon
