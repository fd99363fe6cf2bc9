// A loopback address is no interface: a process may bind its socket to another one, and then 127.0.0.1 goes
// to the wire.
#pragma once

#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/rule_places.hpp>

namespace cordon::lint_detail {

/// Whether a rule names a loopback address, and no interface.
constexpr bool is_for_loopback(const rule& one) {
  const address_match& to = one.destination;
  if (one.out.given) return false;  // whoever names an interface means it
  if (!to.given || to.inverted || to.network.mask == 0) return false;
  const bool v4 = to.network.base.family == family::ipv4;
  if (!v4) return to.network.base.bits == 1 && prefix_length(family::ipv6, to.network.mask) == 128U;
  constexpr uint128 class_a = uint128{0xff} << 24;
  return (to.network.mask & class_a) == class_a && (to.network.base.bits >> 24) == 127;
}

constexpr void find_loopback_by_wire(const linted_family& in, sequence<finding>& into) {
  detail::for_each_live_rule(in, [&](const decision_place& at, const program_step& step) {
    if (step.does.what != effect::kind::accept || !is_for_loopback(*step.source)) return;
    if (in.compiled->tables[at.table].name == table_name::nat) return;  // decides where packets go, not whether
    if (!in.survey->meets(at, rule_survey::is_of_process() && !rule_survey::is_by_lo())) return;
    into.push_back({"loopback-by-wire", severity::warning, detail::place_of(*in.compiled, at),
                    "accepts a loopback address by every interface: a socket that is bound to another one "
                    "sends it to the wire",
                    "add -o lo"});
  });
}

}  // namespace cordon::lint_detail
