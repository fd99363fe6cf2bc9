// What one packet says of a proof: the simulator's word on it, and which boxes it lies in.
#pragma once

#include <cordon/prove/prove.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/draw.hpp>

namespace cordon::test {

/// Whether a packet is one that the proof about a policy speaks of.
inline bool is_judged(const program& rules, const egress_policy& policy, const packet& sent) {
  const packet_domain domain = packets_of(policy, rules.family);
  for (std::size_t i = 0; i < field_count; ++i)
    if (!domain.of[i].contains(value_of(sent, static_cast<field>(i)))) return false;
  return evaluate(can_exist(policy, rules.family, fields_tested(rules)), sent) == truth::yes;
}

/// Whether a packet meets a target, at OUTPUT, that may change what the kernel looks routes up by.
inline bool may_be_routed_anew(const program& rules, const packet& sent, const outcome& made) {
  if (rules.entered_at != hook::output) return false;
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (std::size_t i = 0; i < chain.steps.size(); ++i) {
        const auto changes_route = [&](const alteration& change) {
          return contains(detail::fields_of_route(table.name, sent.family), change.field);
        };
        const auto is_met = [&](const way_step& one) {
          return one.what == way_step::kind::rule && one.table == table.name && one.chain == chain.source->name &&
                 one.number == i + 1;
        };
        if (detail::any_of(chain.steps[i].does.changes, changes_route) && detail::any_of(made.way, is_met)) return true;
      }
  return false;
}

/// Whether what leaves goes by the interface of an endpoint. What is routed anew surely does if it goes by lo, to a
/// loopback address.
inline truth leaves_by(const endpoint& to, const program& rules, const packet& sent, const outcome& made) {
  if (to.out.empty()) return truth::yes;
  if (!may_be_routed_anew(rules, sent, made)) return truth_of(sent.out == to.out);
  if (to.out != interface_name("lo") || sent.out != to.out) return truth::unknown;
  const endpoint loopback{.destination = detail::loopback_network(sent.family)};
  return either(evaluate(with_choices(goes_to(loopback, sent.family), made.among), made.became, made.open),
                truth::unknown);
}

/// Whether a packet that is let out goes to an endpoint; unknown if it hangs on what is not known of where it goes.
inline truth goes_there(const endpoint& to, const program& rules, const packet& sent, const outcome& made) {
  const auto goes = [&](const endpoint& where) {
    return evaluate(with_choices(goes_to(where, sent.family), made.among), made.became, made.open);
  };
  const truth by = leaves_by(to, rules, sent, made);
  if (!to.rewritten_to || evaluate(goes_to(to, sent.family), sent) != truth::yes) return both(by, goes(to));
  endpoint then = to;
  then.destination = *to.rewritten_to;
  then.ports = to.rewritten_ports;
  return both(by, either(goes(to), goes(then)));
}

/// Whether it goes to some endpoint of a policy.
inline truth is_permitted(const egress_policy& policy, const program& rules, const packet& sent, const outcome& made) {
  truth any = truth::no;
  for (const endpoint& to : policy) any = either(any, goes_there(to, rules, sent, made));
  return any;
}

/// What becomes of a packet that must not leave. `is_clear` is false if it hangs on what no packet tells where it goes.
struct escape {
  bool surely = false;
  bool perhaps = false;
  bool is_clear = true;
};

inline escape escape_of(const program& rules, const egress_policy& policy, const packet& sent) {
  const outcome made = simulate(rules, sent);
  escape found;
  if (!made.possible.may_accept()) return found;
  const truth permitted = is_permitted(policy, rules, sent, made);
  found.is_clear = permitted != truth::unknown;
  if (permitted == truth::yes) return found;
  found.surely = permitted == truth::no && !made.possible.may_stop();
  found.perhaps = true;
  return found;
}

/// The rules of a family in each order in which the kernel may ask two back ends.
inline sequence<program> in_each_order(const firewall& live, family in, hook at = hook::output) {
  sequence<program> made;
  const unsigned orders = live.of(in).rulesets.size() == 2 ? 32 : 1;
  for (unsigned reversed = 0; reversed < orders; ++reversed)
    made.push_back(compile(live, in, at, static_cast<table_set>(reversed)));
  return made;
}

/// What becomes of it whichever back end is asked first: `surely` in each order, `perhaps` in one.
inline escape escape_of(const sequence<program>& orders, const egress_policy& policy, const packet& sent) {
  escape made = escape_of(orders[0], policy, sent);
  for (std::size_t i = 1; i < orders.size(); ++i) {
    const escape there = escape_of(orders[i], policy, sent);
    made.surely = made.surely && there.surely;
    made.perhaps = made.perhaps || there.perhaps;
    made.is_clear = made.is_clear && there.is_clear;
  }
  return made;
}

/// Whether a packet lies in a box. Later fragments have no ports, types and flags: a `portless` box holds them whatever it
/// says of those.
inline bool holds(const box& of, const packet& sent) {
  const bool is_portless = of.portless && sent.transport > transport_part::whole;
  for (const box_side& side : of.sides) {
    const bool is_byte =
        side.field == field::first_word || side.field == field::second_word || side.field == field::flags;
    if (is_portless && is_byte) continue;
    const uint128 value = (value_of(sent, side.field) >> side.shift) & low_bits(side.width);
    bool fits = false;
    for (const range& values : side.values) fits = fits || values.contains(value);
    if (!fits) return false;
  }
  return true;
}

inline bool holds(const sequence<box>& region, const packet& sent) {
  for (const box& one : region)
    if (holds(one, sent)) return true;
  return false;
}

/// A packet of a box: each side at one of its bounds, or anywhere in it. False if the box has room for names alone that no
/// interface has.
inline bool draw_from(const choice_source& choices, const box& of, packet& into) {
  for (const box_side& side : of.sides) {
    const range& values = testing::draw_one(choices, side.values);
    const std::uint64_t how = choices.below(3);
    const uint128 part = how == 0 ? values.low : how == 1 ? values.high : testing::draw_number(choices, values);
    const uint128 mask = low_bits(side.width) << side.shift;
    set_value(into, side.field, (value_of(into, side.field) & ~mask) | (part << side.shift));
  }
  return holds(of, into);
}

}  // namespace cordon::test
