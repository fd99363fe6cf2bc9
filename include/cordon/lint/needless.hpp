// Rules that could be left out.
#pragma once

#include <cstddef>

#include <cordon/lint/linted_family.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/prove/rule_places.hpp>

namespace cordon::lint_detail {

// Each rule is a question of its own about all others.
inline constexpr std::size_t most_rules_asked = 1000;

constexpr void find_needless(const linted_family& in, sequence<finding>& into) {
  std::size_t count = 0;
  detail::for_each_live_rule(in, [&](const decision_place&, const program_step&) { ++count; });
  if (count > most_rules_asked) {
    into.push_back({"not-looked-for", severity::note, detail::family_place(in),
                    join("there are ", decimal(count), " rules, and which could be left out was not looked for"),
                    "split the rules, or ask about fewer"});
    return;
  }
  if (in.survey->too_large()) return;  // said of rules that never decide
  const needless_rules found = in.survey->needless();
  for (const decision_place& at : found.rules)
    into.push_back(
        {"needless", severity::note, detail::place_of(*in.compiled, at),
         "no packet would meet another fate without this rule, nor without all that are called needless here",
         "take it out, unless it is there for its counter or for its reader"});
  if (!found.all)
    into.push_back({"not-looked-for", severity::note, detail::family_place(in),
                    "which other rules could be left out was not looked for: that outgrew the bounds of the prover",
                    "split the rules, or ask about fewer"});
}

}  // namespace cordon::lint_detail
