// What each kind of finding is looked for in.
#pragma once

#include <cstdint>

#include <cordon/packet/family.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/rule_survey.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon {

/// One family of what is looked at.
struct linted_family {
  cordon::family family = family::ipv4;   ///< which one
  const firewall* rules = nullptr;        ///< both families of the host
  const program* compiled = nullptr;      ///< its rules, made ready
  rule_survey* survey = nullptr;          ///< which of them live
  const family_proof* proof = nullptr;    ///< null without a policy
  const egress_policy* policy = nullptr;  ///< null if there is none
  bool other_family_stops = false;        ///< rules of the other family stop something
  /// The same rules, read for the other back end; null if there are none.
  const firewall* on_other_backend = nullptr;
};

namespace detail {

/// Calls `see(place, step)` for each rule of OUTPUT's own chains that lives.
template <class See>
constexpr void for_each_live_rule(const linted_family& in, const See& see) {
  for (std::uint32_t table = 0; table < in.compiled->tables.size(); ++table)
    for (std::uint32_t chain = 0; chain < in.compiled->tables[table].chains.size(); ++chain) {
      const auto& steps = in.compiled->tables[table].chains[chain].steps;
      for (std::uint32_t rule = 0; rule < steps.size(); ++rule)
        if (const decision_place at{table, chain, rule}; in.survey->lives(at) && in.survey->is_of_output(at))
          see(at, steps[rule]);
    }
}

/// Where the rules of a family, which has none, would stand.
constexpr rule_place family_place(const linted_family& in) {
  rule_place made;
  made.family = in.family;
  for (const ruleset& one : in.rules->of(in.family).rulesets) made.file = one.file;
  made.chain = "OUTPUT";
  return made;
}

}  // namespace detail

}  // namespace cordon
