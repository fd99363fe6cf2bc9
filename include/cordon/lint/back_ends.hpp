// Text that legacy and nft read differently, and hosts that have both.
#pragma once

#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/asked_packets.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/render/region.hpp>

namespace cordon::lint_detail {

constexpr void find_backend_differences(const linted_family& in, sequence<finding>& into) {
  const sequence<ruleset>& rulesets = in.rules->of(in.family).rulesets;
  if (rulesets.size() == 2 && !rulesets[0].empty() && !rulesets[1].empty()) {
    rule_place at = detail::family_place(in);
    at.file = rulesets[0].file;
    into.push_back({"both-back-ends", severity::note, std::move(at),
                    "the host has rules of legacy and of nft, and a packet must pass both",
                    "move the rules of one to the other"});
  }
  if (in.on_other_backend == nullptr) return;
  const sequence<ruleset>& others = in.on_other_backend->of(in.family).rulesets;
  if (others.empty()) return;
  const std::string_view other = name_of(others.front().backend);
  // Fragments and cut-off headers are read differently by whatever asks for ports, and seldom come so far:
  // defragmentation is part of connection tracking.
  detail::compared_side ours(*in.rules, in.family);
  detail::compared_side theirs(*in.on_other_backend, in.family);
  const detail::asked_packets packets(no_value, in.family, fields_tested(ours.decides) | fields_tested(theirs.decides));
  const family_difference found =
      detail::family_comparer(std::move(ours), std::move(theirs), packets.only_whole()).compare();
  for (const difference& one : found.differences) {
    text says = "the back ends read this differently: with ";
    if (one.kind == difference_kind::goes_elsewhere)
      says.append(other).append(" packets go elsewhere");
    else if (says.append(other).append(one.kind == difference_kind::stopped ? " it stops " : " it lets out ");
             one.region.empty())
      says.append("packets in too many parts to show");
    else
      says.append(cordon::to_text(one.region.front())).append(one.region.size() > 1 ? " and more" : "");
    if (!one.surely) says.append(", perhaps");
    // The rule is rather the one that decides on some side than a policy.
    const maybe<rule_place>& here = one.before.by;
    const maybe<rule_place>& there = one.after.by;
    const bool is_there = there && !there->is_policy() && (!here || here->is_policy());
    rule_place at = detail::family_place(in);
    if (is_there)
      at = *there;
    else if (here)
      at = *here;
    const bool known =
        detail::any_of(into, [&](const finding& each) { return each.id == "back-ends-differ" && each.at == at; });
    if (known) continue;
    into.push_back(
        {"back-ends-differ", severity::warning, at, std::move(says), "write it in a way that both read alike"});
  }
}

}  // namespace cordon::lint_detail
