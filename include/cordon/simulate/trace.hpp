// The way of a packet through the tables, as values: what the kernel's TRACE target tells, step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/rule/table.hpp>

namespace cordon {

/// One step on the way of a packet: a rule that matched it, the end of a user chain, or the policy of a
/// built-in one.
struct way_step {
  /// What of a chain a step is.
  enum class kind : std::uint8_t {
    rule,     ///< a rule that matched, whether it decides, jumps, returns or goes on
    return_,  ///< the packet fell off the end of a user chain
    policy,   ///< the packet fell off the end of a built-in chain, or a RETURN led it there
  };
  table_name table = table_name::filter;  ///< which one
  chain_name chain = {};                  ///< by its name
  kind what = kind::rule;                 ///< which of these
  std::uint32_t number = 1;               ///< of the rule, from 1; for the end of a chain the number of its rules + 1
  /// The packet may take this step or not: a match or target that no packet decides settles it, or which of two back ends
  /// is asked first.
  bool uncertain = false;
  std::uint32_t ruleset_index = 0;  ///< of the family's: which of two back ends has the chain; not printed

  friend constexpr bool operator==(const way_step&, const way_step&) = default;
};

namespace detail {
/// Below, at or above 0: whether a step stands before, at or behind the place of another, in some order of all places.
constexpr int compare_places(const way_step& a, const way_step& b) {
  const std::uint32_t of_a[] = {static_cast<std::uint32_t>(a.table), a.ruleset_index,
                                static_cast<std::uint32_t>(a.what), a.number};
  const std::uint32_t of_b[] = {static_cast<std::uint32_t>(b.table), b.ruleset_index,
                                static_cast<std::uint32_t>(b.what), b.number};
  for (std::size_t i = 0; i < 4; ++i)
    if (of_a[i] != of_b[i]) return of_a[i] < of_b[i] ? -1 : 1;
  return a.chain.view().compare(b.chain.view());
}
}  // namespace detail

/// As TRACE writes it.
constexpr std::string_view name_of(way_step::kind of) {
  return of == way_step::kind::rule ? "rule" : of == way_step::kind::return_ ? "return" : "policy";
}

/// "filter:OUTPUT:rule:2", and a `?` behind it if the step is uncertain.
constexpr text to_text(const way_step& of) {
  text out = join(name_of(of.table), ":", of.chain, ":", name_of(of.what), ":");
  out.append_number(of.number);
  if (of.uncertain) out.append('?');
  return out;
}

/// The steps, with blanks between.
constexpr text to_text(const sequence<way_step>& way) {
  text out;
  for (const way_step& one : way) {
    if (!out.empty()) out.append(' ');
    out.append(to_text(one));
  }
  return out;
}

}  // namespace cordon
