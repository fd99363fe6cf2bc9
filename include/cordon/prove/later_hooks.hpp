// What becomes of packets that OUTPUT let out is not judged. But rules of later hooks may drop or rewrite them, and
// an endpoint that is open behind OUTPUT may then not be reached: these rules are named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon {

/// A rule, or the policy of a built-in chain, behind OUTPUT.
struct later_rule {
  cordon::hook hook = hook::postrouting;  ///< or for packets by `lo` prerouting or input
  rule_place at;                          ///< where it stands
  bool rewrites = false;                  ///< may change the packet; else drops it
};

namespace detail {

constexpr bool is_only_for_other_interfaces(const interface_match& in) {
  if (!in.given) return false;
  const bool is_loopback = in.prefix ? std::string_view("lo").starts_with(in.name.view()) : in.name == "lo";
  return is_loopback == in.inverted;
}

constexpr bool changes_header(const program_step& step, table_name in) {
  for (const alteration& one : step.does.changes)
    if (one.field != field::mark && one.field != field::connection_mark) return true;
  // What nat's targets make of a source is behind OUTPUT, and so their meaning may leave it out.
  return in == table_name::nat && step.does.what == effect::kind::accept && step.source->target.name != "ACCEPT";
}

constexpr void find_later_rules(const program& rules, std::uint32_t which, sequence<later_rule>& into) {
  const hook at = rules.entered_at;
  const program_table& table = rules.tables[which];
  sequence<char> seen(table.chains.size(), 0);
  sequence<std::uint32_t> todo{table.start};
  seen[table.start] = 1;
  while (!todo.empty()) {
    const std::uint32_t chain = todo.back();
    todo.pop_back();
    const auto& steps = table.chains[chain].steps;
    for (std::uint32_t i = 0; i < steps.size(); ++i) {
      const program_step& step = steps[i];
      if (at != hook::postrouting && is_only_for_other_interfaces(step.source->in)) continue;
      if (step.holds.is_never()) continue;
      switch (step.does.what) {
        case effect::kind::jump:
        case effect::kind::go_to:
          if (seen[step.chain] == 0) {
            seen[step.chain] = 1;
            todo.push_back(step.chain);
          }
          break;
        case effect::kind::drop:
        case effect::kind::reject:
        case effect::kind::queue: into.push_back({at, place_of(rules, {which, chain, i}), false}); break;
        case effect::kind::unknown: into.push_back({at, place_of(rules, {which, chain, i}), true}); break;
        case effect::kind::go_on:
        case effect::kind::accept:
          if (changes_header(step, table.name)) into.push_back({at, place_of(rules, {which, chain, i}), true});
          break;
        case effect::kind::give_back: break;
      }
    }
  }
  const program_chain& base = table.chains[table.start];
  if (base.source->policy == chain_policy::drop)
    into.push_back({at, place_of(rules, {which, table.start, static_cast<std::uint32_t>(base.steps.size())}), false});
}

}  // namespace detail

/// The rules behind OUTPUT, or FORWARD or INPUT, that may drop or rewrite what it let out, by hook. Precondition: as for
/// `prove`.
constexpr sequence<later_rule> later_rules(const firewall& host, hook behind = hook::output) {
  sequence<later_rule> found;
  if (behind == hook::input) return found;
  for (const family of : both_families)
    for (const hook at : {hook::postrouting, hook::prerouting, hook::input}) {
      if (behind == hook::forward && at != hook::postrouting) continue;
      const program rules = compile(host, of, at);
      for (std::uint32_t i = 0; i < rules.tables.size(); ++i) {
        // The connection of a packet by `lo` is set up when it comes in again: nat asks no rule for it a second time.
        if (rules.tables[i].name == table_name::nat && at != hook::postrouting) continue;
        detail::find_later_rules(rules, i, found);
      }
    }
  return found;
}

}  // namespace cordon
