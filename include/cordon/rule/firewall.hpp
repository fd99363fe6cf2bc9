// A whole firewall: the rules of both families.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/rule/host_facts.hpp>
#include <cordon/rule/table.hpp>

namespace cordon {

/// The rules that one back end holds for one family: what one iptables-save prints.
struct ruleset {
  cordon::backend backend = backend::nft;  ///< whose program loads it
  sequence<table> tables = {};             ///< in the order of `all_tables`
  text file = {};                          ///< where they were read from, for messages

  ///@{
  /// The table of that name, or null.
  constexpr const table* find(table_name which) const {
    for (const table& candidate : tables)
      if (candidate.name == which) return &candidate;
    return nullptr;
  }
  constexpr table* find(table_name which) {
    for (table& candidate : tables)
      if (candidate.name == which) return &candidate;
    return nullptr;
  }
  ///@}
  /// The table of that name, put in its place if it is not there yet.
  constexpr table& find_or_add(table_name which) {
    if (table* const known = find(which)) return *known;
    auto at = tables.begin();
    while (at != tables.end() && at->name < which) ++at;
    return *tables.insert(at, empty_table(which));
  }
  /// Whether there is no table at all: what the save command prints on a host without rules.
  constexpr bool empty() const { return tables.empty(); }

  friend constexpr bool operator==(const ruleset& a, const ruleset& b) {
    return a.backend == b.backend && a.tables == b.tables;
  }
};

/// The rules of one family. None at all accept everything. Of two, legacy and nft, both are active, and a packet must
/// pass both. In each table the kernel asks the one first that was registered last, which no dump tells: answers heed either
/// order, `compile` takes them in this one.
struct family_rules {
  sequence<ruleset> rulesets = {};  ///< up to two
  bool absent = false;              ///< the host has no such family: no packet of it exists

  constexpr family_rules() = default;
  /// Of one back end.
  constexpr family_rules(ruleset only) { rulesets.push_back(std::move(only)); }

  /// A family that the host does not have.
  static constexpr family_rules none() {
    family_rules made;
    made.absent = true;
    return made;
  }
  /// Whether no ruleset holds a table.
  constexpr bool empty() const {
    for (const ruleset& one : rulesets)
      if (!one.empty()) return false;
    return true;
  }
  friend constexpr bool operator==(const family_rules&, const family_rules&) = default;
};

/// The firewall of a host.
struct firewall {
  family_rules v4 = {};          ///< iptables' rules
  family_rules v6 = {};          ///< ip6tables' rules
  cordon::host_facts host = {};  ///< what is known of the host beside its rules

  ///@{
  /// By family.
  constexpr const family_rules& of(family which) const { return which == family::ipv4 ? v4 : v6; }
  constexpr family_rules& of(family which) { return which == family::ipv4 ? v4 : v6; }
  ///@}

  friend constexpr bool operator==(const firewall&, const firewall&) = default;
};

}  // namespace cordon
