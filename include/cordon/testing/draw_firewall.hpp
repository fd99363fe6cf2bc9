// Chains without loops, tables and whole firewalls at random.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/testing/draw_rule.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::testing {

inline constexpr table_name only_filter[] = {table_name::filter};  ///< the tables of a firewall that only filters

/// What a drawn firewall may hold.
struct firewall_setting {
  bool ipv4 = true;                           ///< false: the family has no rules
  bool ipv6 = true;                           ///< whether rules for IPv6 are drawn; else the host has none of it
  maybe<cordon::backend> backend = no_value;  ///< nothing: either, the same for both families
  view<table_name> tables = all_tables;       ///< those beside filter are there now and then, with few rules
  bool with_opaque = false;                   ///< what no packet decides too, extensions that are not known
  bool with_both_backends = false;            ///< now and then legacy and nft rules at once
  bool crowded = false;            ///< every table as filter, and most rules go on, change something or lead on
  std::uint32_t most_rules = 6;    ///< in a chain
  std::uint32_t most_chains = 4;   ///< user chains in a table: at most 12
  std::uint32_t most_matches = 3;  ///< in a rule
  host_facts host = {};            ///< what its rules may ask of the host; it is the firewall's too
};

namespace detail {
inline constexpr std::array<std::string_view, 12> chain_names = {"A", "B", "C", "D",       "E", "F",
                                                                 "G", "H", "I", "SANDBOX", "U", "V"};
}  // namespace detail

/// The rules of a chain: none up to `most`.
constexpr sequence<rule> draw_rules(const choice_source& choices, const rule_setting& where, std::uint32_t most) {
  sequence<rule> made;
  for (std::uint64_t left = choices.below(most + 1); left > 0; --left) made.push_back(draw_rule(choices, where));
  return made;
}

/// A table with rules in its OUTPUT chain and in user chains, each of which leads only to chains behind it.
constexpr table draw_table(const choice_source& choices, table_name name, family of, backend how,
                           const firewall_setting& setting) {
  table made = empty_table(name);
  const bool is_small = name != table_name::filter && !setting.crowded;
  const std::uint32_t most_chains =
      cordon::detail::smaller_of<std::uint32_t>(is_small ? 1 : setting.most_chains, detail::chain_names.size());
  const std::uint32_t most_rules =
      is_small ? cordon::detail::smaller_of<std::uint32_t>(setting.most_rules, 2) : setting.most_rules;
  sequence<chain_name> names;
  for (std::size_t i = static_cast<std::size_t>(choices.below(most_chains + 1)); i > 0; --i)
    names.push_back(chain_name(detail::chain_names[names.size()]));
  rule_setting where{.family = of,
                     .backend = how,
                     .table = name,
                     .chains = names,
                     .with_opaque = setting.with_opaque,
                     .most_matches = setting.most_matches,
                     .accepts_one_in = setting.crowded ? 12U : 2U,
                     .host = &setting.host};
  chain& output = *made.find("OUTPUT");
  output.rules = draw_rules(choices, where, most_rules);
  if (name != table_name::nat && choices.one_in(is_small ? 12 : 3)) output.policy = chain_policy::drop;
  where.in_user_chain = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    where.chains = view<chain_name>(names).subspan(i + 1);
    made.chains.push_back({names[i], no_value, draw_rules(choices, where, most_rules), {}});
  }
  return made;
}

/// The rules that one back end holds for one family.
constexpr ruleset draw_ruleset(const choice_source& choices, family of, backend how,
                               const firewall_setting& setting = {}) {
  ruleset made{how, {}, {}};
  for (const table_name name : all_tables) {
    if (!cordon::detail::has(setting.tables, name)) continue;
    const bool is_there = name == table_name::filter ? !choices.one_in(16) : choices.one_in(setting.crowded ? 2 : 4);
    if (is_there) made.tables.push_back(draw_table(choices, name, of, how, setting));
  }
  return made;
}

/// A whole firewall.
constexpr firewall draw_firewall(const choice_source& choices, const firewall_setting& setting = {}) {
  firewall made;
  made.host = setting.host;
  const backend how = setting.backend ? *setting.backend : choices.one_in(2) ? backend::legacy : backend::nft;
  for (const family of : both_families) {
    if (of == family::ipv4 ? !setting.ipv4 : !setting.ipv6) continue;
    made.of(of) = draw_ruleset(choices, of, how, setting);
    if (!setting.with_both_backends || !choices.one_in(4)) continue;
    const backend other = how == backend::nft ? backend::legacy : backend::nft;
    made.of(of).rulesets.push_back(draw_ruleset(choices, of, other, setting));
  }
  return made;
}

}  // namespace cordon::testing
