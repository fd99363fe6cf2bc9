// The levels that a question about a sandbox takes.
#pragma once

#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/boxes.hpp>
#include <cordon/space/layout.hpp>

namespace cordon::detail {

// The places to which nat leads packets: there the rest of their connection is judged.
constexpr void observe_where_led(layout& levels, const program& rules) {
  for (const program_table& table : rules.tables) {
    if (table.name != table_name::nat) continue;
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps)
        for (const alteration& change : step.does.changes) {
          if (change.field != field::destination && change.field != field::second_word) continue;
          environment alone;
          alone.apply(change, rules.family);
          for (const current_value& value : alone.changed())
            if (const auto to = values_of(value)) levels.observe(between(value.field, to->low, to->high));
        }
  }
}

// What may be asked of where an endpoint is.
constexpr void observe_endpoint(layout& levels, const endpoint& one, family of) {
  levels.observe(goes_to(one, of));
  if (one.rewritten_to) levels.observe(goes_to(where_led(one), of));
  if (!one.out.empty()) levels.observe(network_test(field::destination, loopback_network(of)));
}

// The layout of a question about a sandbox.
constexpr layout layout_for(const packet_domain& domain, const program& rules, const egress_policy& policy) {
  layout levels(domain);
  observe(levels, rules);
  observe_protocols(levels);
  bool is_led = false;
  for (const endpoint& one : policy) {
    observe_endpoint(levels, one, rules.family);
    is_led = is_led || one.rewritten_to.has_value();
  }
  if (is_led) observe_where_led(levels, rules);
  for (const program_table& table : rules.tables)  // for the endpoints that would permit what nat rewrites
    if (table.name == table_name::nat) levels.observe(sent_with_ports(protocol_set::all(), /*with_ports=*/true));
  levels.observe(can_exist(policy, rules.family, fields_tested(rules)));
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  levels.observe(between(field::state, number(connection_state::fresh), number(connection_state::invalid)));
  levels.observe(is(field::mark, 0));
  return levels;
}

}  // namespace cordon::detail
