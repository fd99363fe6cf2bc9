// Whether legacy and nft mean the same by the same text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <cordon/prove/prove.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon {

/// The first rule or policy, of the tables that OUTPUT goes through, that means something else in `b` than in `a`: the
/// same text, read for either back end. Nothing if they agree. The place is one in `a`.
constexpr std::optional<rule_place> first_difference(const ruleset& a, const ruleset& b, family of) {
  firewall one;
  firewall other;
  one.of(of) = family_rules(a);
  other.of(of) = family_rules(b);
  const program left = compile(one, of);
  const program right = compile(other, of);
  for (std::uint32_t i = 0; i < left.tables.size(); ++i) {
    const program_table& table = left.tables[i];
    if (i == right.tables.size() || right.tables[i].chains.size() != table.chains.size())
      return detail::place_of(left, {i, table.start, 0});
    for (std::uint32_t chain = 0; chain < table.chains.size(); ++chain) {
      const auto& steps = table.chains[chain].steps;
      const program_chain& same = right.tables[i].chains[chain];
      const auto count = static_cast<std::uint32_t>(steps.size());
      for (std::uint32_t rule = 0; rule < count && rule < same.steps.size(); ++rule) {
        const program_step& step = steps[rule];
        const program_step& its = same.steps[rule];
        if (step.holds != its.holds || step.drops != its.drops || step.does != its.does || step.chain != its.chain)
          return detail::place_of(left, {i, chain, rule});
      }
      if (count != same.steps.size() || table.chains[chain].source->policy != same.source->policy)
        return detail::place_of(left, {i, chain, count});
    }
  }
  return std::nullopt;
}

}  // namespace cordon
