// What lets a sandbox out further than any endpoint of its policy: the leaks, by the rule that is to blame.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/lint/linted_family.hpp>
#include <cordon/lint/open_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/render/region.hpp>

namespace cordon::lint_detail {

/// Whether a rule asks for users or groups, and the id of the policy's sandbox is among them.
constexpr bool names_sandbox(const rule& one, const egress_policy& policy) {
  for (const match& each : one.matches) {
    if (each.extension != &owner_match) continue;
    for (const option& given : each.options) {
      if (given.inverted || given.numbers.empty()) continue;
      if (given.index == owner_option::uid && policy.user && given.numbers[0].contains(policy.user->low)) return true;
      if (given.index == owner_option::gid && policy.group && given.numbers[0].contains(policy.group->low)) return true;
    }
  }
  return false;
}

// Whether a rule stands above one that names the sandbox, in the same chain, and does not name it itself.
constexpr bool is_above_sandbox(const linted_family& in, const rule_place& at) {
  for (const program_table& table : in.compiled->tables)
    for (const program_chain& chain : table.chains) {
      if (table.name != at.table || chain.source->name != at.chain.view() || at.number > chain.steps.size()) continue;
      if (at.number == 0 || names_sandbox(*chain.steps[at.number - 1].source, *in.policy)) continue;
      for (std::size_t later = at.number; later < chain.steps.size(); ++later)
        if (names_sandbox(*chain.steps[later].source, *in.policy)) return true;
    }
  return false;
}

constexpr void find_wide_accepts(const linted_family& in, sequence<finding>& into) {
  if (in.proof == nullptr || is_open_family(in)) return;
  for (const leak& one : in.proof->leaks) {
    text where = "packets in too many parts to show";
    if (one.in_short)
      where = cordon::to_text(one.in_short->all);
    else if (!one.region.empty())
      where = cordon::to_text(one.region.front());
    if (one.in_short && !one.in_short->but.empty()) where.append(", with exceptions");
    if (!one.in_short && one.region.size() > 1) where.append(" and more");
    text says = join("lets the sandbox out further than its policy allows: ", where);
    if (one.needs == leak_need::established)
      into.push_back({"established-accept", severity::error, one.blame,
                      join(says, "; but only in connections made from outside, or before these rules were loaded"),
                      "keep the sandbox's packets from this rule, or say --flows new if no such connection can be"});
    else if (one.blame.is_policy())
      into.push_back({"open-policy", severity::error, one.blame, std::move(says),
                      "stop the rest of the sandbox's packets with a rule of their own"});
    else if (is_above_sandbox(in, one.blame))
      into.push_back({"accept-above-sandbox", severity::error, one.blame,
                      join(says, "; it stands above the sandbox's own rules"), "put the sandbox's rules before it"});
    else
      into.push_back({"wide-accept", severity::error, one.blame, std::move(says),
                      "narrow it down to the endpoints of the policy"});
  }
}

}  // namespace cordon::lint_detail
