// Whether two firewalls that both let a packet out send it to the same place.
#pragma once

#include <cordon/packet/field.hpp>
#include <cordon/rule/environment.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/layout.hpp>

namespace cordon {

/// The fields that say where a packet goes, of those that a target may change.
inline constexpr field goal_fields[] = {field::destination, field::second_word};
/// The same as a set.
inline constexpr field_set fields_of_goals = set_of(goal_fields[0]) | set_of(goal_fields[1]);
/// Those and the ones of which a change may have a packet routed anew.
inline constexpr field_set fields_of_ways =
    fields_of_goals | set_of(field::source) | set_of(field::mark) | set_of(field::traffic_class) | set_of(field::hops);

namespace detail {

// Whether two values of one field are the same, of which one at least is not as sent.
constexpr predicate same_value(const current_value& a, const current_value& b, uint128 all) {
  if (a == b) return always();
  if (a.what == alteration::kind::bits && b.what == alteration::kind::bits) {
    uint128 mask = 0;  // of the bits of the field as sent in which they differ
    for (const current_value* const one : {&a, &b})
      for (const current_value::part& part : one->parts) {
        if (part.field != a.field) return unknown(changed_field, /*stateful=*/true);
        mask ^= part.mask;
      }
    const uint128 flip = a.flip ^ b.flip;
    if ((flip & ~mask) != 0) return never();
    return mask == all ? is(a.field, flip) : masked(a.field, mask, flip);
  }
  if (a.what == alteration::kind::unknown || b.what == alteration::kind::unknown)
    return unknown(changed_field, /*stateful=*/true);
  if (b.what == alteration::kind::bits) return same_value(b, a, all);
  // One of some values at most.
  const range& some = b.values;
  predicate possible = always();
  if (a.what == alteration::kind::one_of) {
    if (a.values.high < some.low || some.high < a.values.low) return never();
  } else if (a.parts.empty()) {
    if (!some.contains(a.flip)) return never();
  } else if (a.parts.size() == 1 && a.parts[0] == current_value::part{a.field, all} && a.flip == 0) {
    possible = between(a.field, some.low, some.high);
  }
  return possible && unknown(changed_field, /*stateful=*/true);
}

constexpr current_value value_in(const environment& now, field which, uint128 all) {
  if (const current_value* const changed = now.find(which)) return *changed;
  current_value as_sent;
  as_sent.field = which;
  as_sent.parts.push_back({which, all});
  return as_sent;
}

}  // namespace detail

/// Where `a` and `b` lead to the same destination and port. What a target chooses from the same range, or
/// does that is not modelled, is the same on both sides.
constexpr predicate goes_to_same(const environment& a, const environment& b, family of) {
  predicate same;
  for (const field which : goal_fields) {
    const uint128 all = low_bits(width_of(which, of));
    same &= detail::same_value(detail::value_in(a, which, all), detail::value_in(b, which, all), all);
  }
  return same;
}

/// Lets a layout take note of what `goes_to_same` may ask of what the targets of a program make.
constexpr void observe_goals(layout& levels, const program& rules) {
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        for (const alteration& change : step.does.changes)
          for (const field which : goal_fields) {
            if (change.field != which) continue;
            if (change.what == alteration::kind::one_of)
              levels.observe(between(which, change.values.low, change.values.high));
            if (change.what == alteration::kind::bits && change.keep == 0 && change.from_mask == 0)
              levels.observe(is(which, change.flip));
          }
}

}  // namespace cordon
