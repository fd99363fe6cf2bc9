// Chains and tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon {

/// The tables, in the order in which OUTPUT goes through them (NF_IP_PRI_* in include/uapi/linux/netfilter_ipv4.h).
enum class table_name : std::uint8_t { raw, mangle, nat, filter, security };

/// in the order of packets
inline constexpr table_name all_tables[] = {table_name::raw, table_name::mangle, table_name::nat, table_name::filter,
                                            table_name::security};

namespace detail {
inline constexpr std::string_view table_names[] = {"raw", "mangle", "nat", "filter", "security"};
// In the order of their hooks, as iptables-save prints them.
inline constexpr std::string_view raw_chains[] = {"PREROUTING", "OUTPUT"};
inline constexpr std::string_view mangle_chains[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
inline constexpr std::string_view nat_chains[] = {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"};
inline constexpr std::string_view filter_chains[] = {"INPUT", "FORWARD", "OUTPUT"};
}  // namespace detail

/// As in iptables' -t.
constexpr std::string_view name_of(table_name of) { return detail::table_names[static_cast<unsigned>(of)]; }

/// The table of that name, or nothing.
constexpr maybe<table_name> read_table_name(std::string_view written) {
  for (const table_name candidate : all_tables)
    if (name_of(candidate) == written) return candidate;
  return no_value;
}

/// The built-in chains of a table in the order of their hooks, as iptables-save prints them.
constexpr view<std::string_view> built_in_chains(table_name of) {
  switch (of) {
    case table_name::raw: return detail::raw_chains;
    case table_name::mangle: return detail::mangle_chains;
    case table_name::nat: return detail::nat_chains;
    case table_name::filter:
    case table_name::security: return detail::filter_chains;
  }
  return {};
}

/// What a built-in chain does with a packet that no rule decides; user chains have none and return.
enum class chain_policy : std::uint8_t { accept, drop };

/// As iptables prints it.
constexpr std::string_view name_of(chain_policy of) { return of == chain_policy::accept ? "ACCEPT" : "DROP"; }

/// A chain of a table.
struct chain {
  chain_name name = {};                   ///< up to 28 characters
  maybe<chain_policy> policy = no_value;  ///< of a built-in chain; nothing for a user chain
  sequence<rule> rules = {};              ///< in order
  place at = {};                          ///< of its `:` line

  friend constexpr bool operator==(const chain& a, const chain& b) {
    return a.name == b.name && a.policy == b.policy && a.rules == b.rules;
  }
};

/// A table: its built-in chains in the order of their hooks, then the user chains in the order of their names.
struct table {
  table_name name = table_name::filter;  ///< which one
  sequence<chain> chains = {};           ///< built-in ones and others

  ///@{
  /// The chain of that name, or null.
  constexpr const chain* find(std::string_view which) const {
    for (const chain& candidate : chains)
      if (candidate.name == which) return &candidate;
    return nullptr;
  }
  constexpr chain* find(std::string_view which) {
    for (chain& candidate : chains)
      if (candidate.name == which) return &candidate;
    return nullptr;
  }
  ///@}
  friend constexpr bool operator==(const table&, const table&) = default;
};

/// Whether the kernel has that chain in that table by itself.
constexpr bool is_built_in(table_name in, std::string_view chain) {
  for (const std::string_view name : built_in_chains(in))
    if (name == chain) return true;
  return false;
}

/// A table with its built-in chains, all with policy ACCEPT and without rules.
constexpr table empty_table(table_name name) {
  table made{name, {}};
  for (const std::string_view built_in : built_in_chains(name))
    made.chains.push_back({built_in, chain_policy::accept, {}, {}});
  return made;
}

}  // namespace cordon
