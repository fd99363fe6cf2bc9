// -m set: whether a set holds the packet's addresses or ports (net/netfilter/xt_set.c, set_match_v4). Exact for a set
// that is known and that no rule changes, an atom for any other; what counters say is an atom with a value of its own
// each time.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/set_directions.hpp>
#include <cordon/match/set_members.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace set_option {
enum : std::uint8_t {
  match_set,
  return_nomatch,
  update_counters,
  update_subcounters,
  packets_equal,
  packets_less,
  packets_greater,
  bytes_equal,
  bytes_less,
  bytes_greater,
};

inline constexpr std::uint64_t most = ~std::uint64_t{0};

inline constexpr option_description table[] = {
    {.name = "--match-set",
     .alias = "--set",
     .form = &forms::set_and_directions,
     .least_count = 1,
     .meaning = "the set holds the packet"},
    {.name = "--return-nomatch",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "its entry is marked nomatch"},
    {.name = "--update-counters", .form = &forms::nothing, .meaning = "a hit is counted in the set"},
    {.name = "--update-subcounters",
     .form = &forms::nothing,
     .meaning = "a hit is counted in a member of a list of sets"},
    {.name = "--packets-eq", .form = &forms::number<0, most>, .meaning = "the entry has counted as many packets"},
    {.name = "--packets-lt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... fewer packets"},
    {.name = "--packets-gt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... more packets"},
    {.name = "--bytes-eq", .form = &forms::number<0, most>, .meaning = "the entry has counted as many bytes"},
    {.name = "--bytes-lt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... fewer bytes"},
    {.name = "--bytes-gt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... more bytes"},
};
}  // namespace set_option

namespace detail {
constexpr text set_check(const sequence<option>& options, const meaning_context&) {
  using namespace set_option;
  if (count_of(options, {packets_equal, packets_less, packets_greater}) > 1)
    return "only one of --packets-eq, --packets-lt and --packets-gt can stand here";
  if (count_of(options, {bytes_equal, bytes_less, bytes_greater}) > 1)
    return "only one of --bytes-eq, --bytes-lt and --bytes-gt can stand here";
  return {};
}

// Both of these are only ever shown, and mean something, with a `!`.
constexpr void set_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) {
    return (one.index == set_option::update_counters || one.index == set_option::update_subcounters) && !one.inverted;
  });
}

// The set of that name, if what it holds is known; else null.
constexpr const address_set* known_set(std::string_view name, const meaning_context& context) {
  if (context.host == nullptr) return nullptr;
  if (context.changing_sets != nullptr)
    for (const std::string_view changing : *context.changing_sets)
      if (changing == name) return nullptr;
  const address_set* const found = context.host->find_set(name);
  if (found == nullptr || found->kind == set_kind::other) return nullptr;
  return found;
}

// Whether what the set of that name holds may change between two looks of one packet: a SET target changes it or, if it is not
// known, one that is in it; behind another rule of the packet's way, or for another packet at the same time.
constexpr bool may_be_changed(std::string_view name, const meaning_context& context) {
  const bool is_given = context.host != nullptr && context.host->find_set(name) != nullptr;
  if (context.entries_expire && is_given) return true;
  if (context.changing_sets == nullptr || context.changing_sets->empty()) return false;
  return !is_given || detail::has(*context.changing_sets, name);
}

// Whether a set that is no list holds the packet: as it is, or also as it will be once entries that expire are gone.
constexpr predicate known_members(const address_set& of, const set_question& asked, const meaning_context& context) {
  if (!context.entries_expire) return members_of(of, asked);
  return members_of(of, asked, unknown(join("an entry of the set ", of.name, " that expires"), /*stateful=*/true));
}

// Whether the set of that name holds the packet; `opaque` makes the atom for a set of a name that is not known.
template <class Opaque>
constexpr predicate set_holds(std::string_view name, const set_question& asked, const meaning_context& context,
                              const Opaque& opaque) {
  const address_set* const known = known_set(name, context);
  if (known == nullptr || (context.entries_expire && known->lists_expire)) return opaque(name);
  if (known->kind != set_kind::list_set) return known_members(*known, asked, context);
  // list_set_ktest in ip_set_list_set.c: the sets in it are asked one by one. None of them is a list.
  predicate holds = never();
  for (const text& listed : known->lists) {
    const address_set* const one = known_set(listed, context);
    if (one == nullptr)
      holds |= opaque(listed);
    else if (one->kind != set_kind::list_set)
      holds |= known_members(*one, asked, context);
  }
  return holds;
}

// Whether --packets-eq and its like ask counters: a set without any does not look at them (ip_set_match_extensions in
// ip_set_core.c). A set that is not known may have some.
constexpr bool may_count(std::string_view name, const meaning_context& context) {
  const address_set* const known = context.host == nullptr ? nullptr : context.host->find_set(name);
  return known == nullptr || known->counts;
}

constexpr match_meaning set_meaning(const sequence<option>& options, const meaning_context& context) {
  predicate holds = always();
  const option* const nomatch = find_option(options, set_option::return_nomatch);
  const option* const asked = find_option(options, set_option::match_set);
  if (asked == nullptr) return {always()};
  const set_question question{asked->words, asked->numbers, context.family, context.backend, nomatch != nullptr};
  holds = set_holds(asked->words, question, context, [&](std::string_view name) {
    sequence<option> words = {*asked};
    words[0].words = name;
    if (nomatch != nullptr) words.push_back(*nomatch);
    return unknown(words_of("set", set_option::table, words, context.family), may_be_changed(name, context),
                   question.fields_asked());
  });
  if (may_count(asked->words, context))
    for (const option& one : options)
      if (one.index >= set_option::packets_equal)
        holds &= unknown(words_of("set", set_option::table, {one}, context.family), /*stateful=*/true);
  return {inverted_if(asked->inverted, std::move(holds))};
}
}  // namespace detail

/// `-m set`: its options, and what a use of it means.
inline constexpr match_extension set_match{.name = "set",
                                           .options = set_option::table,
                                           .check = detail::set_check,
                                           .normalise = detail::set_normalise,
                                           .meaning = detail::set_meaning};

}  // namespace cordon
