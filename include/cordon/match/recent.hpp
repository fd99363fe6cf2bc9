// -m recent: lists of addresses that were seen, and when (net/netfilter/xt_recent.c, recent_mt). An atom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace recent_option {
enum : std::uint8_t { set, rcheck, update, remove, seconds, reap, hitcount, rttl, name, mask, rsource, rdest };

inline constexpr std::size_t longest_name = 199;  // XT_RECENT_NAME_LEN with its zero is 200

// Printed without quotes, and a number as the kernel's signed one.
inline constexpr value_form name_form{
    "name", 1, forms::quoted<1, longest_name>.read,
    [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "ssh" : "DEFAULT"; }};

inline constexpr value_form seconds_form{"seconds", 1, forms::number<1, 0xffffffff>.read,
                                         [](const option& from, family, text& out) {
                                           const uint128 value = from.numbers[0].low;
                                           if (value <= 0x7fffffff)
                                             out.append_number(value);
                                           else
                                             out.append('-').append_number((uint128{1} << 32) - value);
                                         },
                                         [](const choice_source& choices, family, option& into) {
                                           const uint128 value = 1 + choices.below(600);
                                           into.numbers = {{value, value}};
                                         }};

inline constexpr value_form mask_form{
    "mask", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto read = read_host_address(words[0], context.family);
      if (!read)
        return join("'", words[0], "' is no mask of an ", title_of(context.family), " address: write it in full");
      into.numbers = {{*read, *read}};
      return text();
    },
    [](const option& from, family in, text& out) { out.append(to_text(address{in, from.numbers[0].low})); },
    [](const choice_source& choices, family in, option& into) {
      const uint128 mask = prefix_mask(in, static_cast<unsigned>(choices.below(address_width(in) + 1)));
      into.numbers = {{mask, mask}};
    }};

inline constexpr option_description table[] = {
    {.name = "--set", .form = &forms::nothing, .meaning = "adds the address to the list"},
    {.name = "--rcheck", .form = &forms::nothing, .meaning = "the address is in the list"},
    {.name = "--update", .form = &forms::nothing, .meaning = "the address is in the list, and is seen again"},
    {.name = "--remove", .form = &forms::nothing, .meaning = "takes the address off the list"},
    {.name = "--seconds", .form = &seconds_form, .invertible = false, .meaning = "seen within so many seconds"},
    {.name = "--reap", .form = &forms::nothing, .invertible = false, .meaning = "older ones are taken off"},
    {.name = "--hitcount", .form = &forms::number<0, 65535>, .invertible = false, .meaning = "seen so often"},
    {.name = "--rttl", .form = &forms::nothing, .invertible = false, .meaning = "with the same TTL"},
    {.name = "--name", .form = &name_form, .invertible = false, .meaning = "the list's name"},
    {.name = "--mask", .form = &mask_form, .invertible = false, .meaning = "addresses are one under this mask"},
    {.name = "--rsource", .form = &forms::nothing, .invertible = false, .meaning = "the source is looked up"},
    {.name = "--rdest", .form = &forms::nothing, .invertible = false, .meaning = "the destination is looked up"},
};
}  // namespace recent_option

namespace detail {
constexpr text recent_check(const sequence<option>& options, const meaning_context&) {
  using namespace recent_option;
  if (count_of(options, {set, rcheck, update, remove}) != 1)
    return "-m recent needs exactly one of --set, --rcheck, --update and --remove";
  const bool looks = count_of(options, {rcheck, update}) > 0;
  const option* const hits = find_option(options, hitcount);
  if (find_option(options, reap) != nullptr && find_option(options, seconds) == nullptr)
    return "--reap needs --seconds";
  const bool compares = find_option(options, seconds) != nullptr || find_option(options, rttl) != nullptr ||
                        (hits != nullptr && hits->numbers[0].low != 0);
  if (!looks && compares) return "--seconds, --hitcount and --rttl go with --rcheck or --update alone";
  return {};
}

constexpr void recent_normalise(sequence<option>& options, const meaning_context& context) {
  using namespace recent_option;
  erase_if(options, [](const option& one) { return one.index == hitcount && one.numbers[0].low == 0; });
  if (find_option(options, name) == nullptr) options.push_back({name, false, {}, "DEFAULT"});
  const uint128 whole = low_bits(address_width(context.family));
  if (find_option(options, mask) == nullptr) options.push_back({mask, false, {{whole, whole}}, {}});
  // Of both, the last counts.
  std::uint8_t side = rsource;
  for (const option& one : options)
    if (one.index == rsource || one.index == rdest) side = one.index;
  erase_if(options, [](const option& one) { return one.index == rsource || one.index == rdest; });
  options.push_back({side, false, {}, {}});
}

constexpr match_meaning recent_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("recent", recent_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m recent`: its options, and what a use of it means.
inline constexpr match_extension recent_match{.name = "recent",
                                              .options = recent_option::table,
                                              .check = detail::recent_check,
                                              .normalise = detail::recent_normalise,
                                              .meaning = detail::recent_meaning};

}  // namespace cordon
