// Matches that no field of a packet decides: read and printed in full, and an atom in meaning. A match and its
// negation are one atom, so its name leaves the `!` out.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon::detail {

/// The match in words: its name, and its options as iptables-save prints them, without negations.
constexpr text words_of(std::string_view match, view<option_description> table, const sequence<option>& options,
                        family in) {
  text name(match);
  for (const option& one : options) {
    name.append(' ').append(table[one.index].name);
    if (table[one.index].form->word_count > 0) name.append(' ');
    table[one.index].form->write(one, in, name);
  }
  return name;
}

/// A match that is an atom as a whole; `!` before any of its options inverts all of it. `hangs_on`: as `atom::hangs_on`.
constexpr match_meaning opaque(std::string_view match, view<option_description> table, const sequence<option>& options,
                               const meaning_context& context, bool stateful, field_set hangs_on = 0) {
  bool inverted = false;
  for (const option& one : options) inverted = inverted || one.inverted;
  return {inverted_if(inverted, unknown(words_of(match, table, options, context.family), stateful, hangs_on))};
}

/// How many of the options have one of the indices.
constexpr unsigned count_of(const sequence<option>& options, std::initializer_list<std::uint8_t> indices) {
  unsigned count = 0;
  for (const option& one : options)
    for (const std::uint8_t index : indices) count += one.index == index;
  return count;
}

}  // namespace cordon::detail
