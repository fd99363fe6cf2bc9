// -m iprange: addresses from one to another (net/netfilter/xt_iprange.c, iprange_mt4 and iprange_mt6). A range that
// runs backwards holds no address.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace iprange_option {
enum : std::uint8_t { source, destination };

inline constexpr value_form addresses_form{
    "address[-address]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto dash = words[0].find('-');
      const auto low = read_plain_address(words[0].substr(0, dash), context.family);
      const auto high =
          dash == std::string_view::npos ? low : read_plain_address(words[0].substr(dash + 1), context.family);
      if (!low || !high)
        return join("'", words[0], "' is no range of ", title_of(context.family), " addresses: write low-high");
      into.numbers = {{*low, *high}};
      return text();
    },
    [](const option& from, family in, text& out) {
      out.append(to_text(address{in, from.numbers[0].low})).append('-');
      out.append(to_text(address{in, from.numbers[0].high}));
    },
    [](const choice_source& choices, family in, option& into) {
      const uint128 base = in == family::ipv4 ? uint128{127} << 24 : 0;
      const uint128 low = base | choices.below(4);
      into.numbers = {{low, choices.one_in(8) ? base : low + choices.below(600)}};
    }};

inline constexpr option_description table[] = {
    {.name = "--src-range", .form = &addresses_form, .meaning = "the source is one of these"},
    {.name = "--dst-range", .form = &addresses_form, .meaning = "the destination is one of these"},
};
}  // namespace iprange_option

namespace detail {
constexpr text iprange_check(const sequence<option>& options, const meaning_context&) {
  if (options.empty()) return "-m iprange needs --src-range or --dst-range";
  return {};
}

constexpr match_meaning iprange_meaning(const sequence<option>& options, const meaning_context&) {
  predicate holds = always();
  for (const option& one : options)
    holds &= inverted_if(one.inverted, between(one.index == iprange_option::source ? field::source : field::destination,
                                               one.numbers[0].low, one.numbers[0].high));
  return {holds};
}
}  // namespace detail

/// `-m iprange`: its options, and what a use of it means.
inline constexpr match_extension iprange_match{.name = "iprange",
                                               .options = iprange_option::table,
                                               .check = detail::iprange_check,
                                               .meaning = detail::iprange_meaning};

}  // namespace cordon
