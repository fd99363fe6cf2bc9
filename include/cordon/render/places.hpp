// Where a rule or a policy stands, in words.
#pragma once

#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/rule/table.hpp>

namespace cordon {

/// "rule 2 of filter OUTPUT", "the policy of filter OUTPUT".
constexpr text place_in_words(const rule_place& at) {
  text out;
  if (at.is_policy())
    out.append("the policy of ");
  else
    out.append("rule ").append_number(at.number).append(" of ");
  return out.append(name_of(at.table)).append(' ').append(at.chain);
}

/// "rules.v4:7: -A OUTPUT -o lo -j ACCEPT", "rules.v4:4: the policy ACCEPT of filter OUTPUT". `policy` is
/// what it is if it is one.
constexpr text source_in_words(const rule_place& at, chain_policy policy = chain_policy::accept) {
  text out = at.file;
  if (at.line != 0) {
    if (!out.empty()) out.append(':');
    out.append_number(at.line);
  }
  if (!out.empty()) out.append(": ");
  if (at.is_policy())
    return out.append("the policy ")
        .append(name_of(policy))
        .append(" of ")
        .append(name_of(at.table))
        .append(' ')
        .append(at.chain);
  return out.append(at.written);
}

}  // namespace cordon
