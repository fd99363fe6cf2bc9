// -m statistic: a random or every n-th packet (net/netfilter/xt_statistic.c, statistic_mt). An atom.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/words.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace statistic_option {
enum : std::uint8_t { mode, probability, every, first };

inline constexpr std::array<std::string_view, 2> modes = {"random", "nth"};
inline constexpr std::uint64_t certain = 0x80000000;  // the kernel keeps a probability in 1/2^31

/// A decimal fraction of 0 to 1, with an exponent if need be, in 1/2^31, rounded; nothing for anything else.
constexpr maybe<std::uint64_t> read_probability(std::string_view written) {
  const auto e = written.find_first_of("eE");
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    auto digits = written.substr(e + 1);
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto value = read_number(digits, 60);
    if (!value) return no_value;
    exponent = negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
    written = written.substr(0, e);
  }
  uint128 digits = 0;
  bool some = false;
  bool point = false;
  for (const char c : written) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) return no_value;
    some = true;
    // What lies further right than 25 digits no rounding to 2^31 sees.
    if (digits > low_bits(80)) {
      exponent += point ? 0 : 1;
      continue;
    }
    digits = digits * 10 + static_cast<unsigned>(c - '0');
    if (point) --exponent;
  }
  if (!some) return no_value;
  for (; exponent > 0 && digits != 0; --exponent) {
    digits *= 10;
    if (digits > low_bits(80)) return no_value;
  }
  uint128 scale = 1;
  for (; exponent < 0; ++exponent) {
    if (scale > low_bits(90))
      digits /= 10;
    else
      scale *= 10;
  }
  if (digits > scale) return no_value;
  return static_cast<std::uint64_t>((digits * certain * 2 + scale) / (scale * 2));
}

inline constexpr value_form probability_form{"0 to 1", 1,
                                             [](const std::string_view* words, const value_context&, option& into) {
                                               const auto value = read_probability(words[0]);
                                               if (!value)
                                                 return join("'", words[0],
                                                             "' is no probability: write a number of 0 to 1");
                                               into.numbers = {{*value, *value}};
                                               return text();
                                             },
                                             [](const option& from, family, text& out) {
                                               // Eleven places, rounded half to even as printf does.
                                               constexpr uint128 places = 100000000000;
                                               const uint128 scaled = from.numbers[0].low * places;
                                               uint128 rounded = scaled / certain;
                                               const uint128 rest = scaled % certain;
                                               if (rest * 2 > certain || (rest * 2 == certain && rounded % 2 == 1))
                                                 ++rounded;
                                               out.append_number(rounded / places).append('.');
                                               const text fraction = decimal(rounded % places);
                                               for (std::size_t i = fraction.size(); i < 11; ++i) out.append('0');
                                               out.append(fraction);
                                             },
                                             [](const choice_source& choices, family, option& into) {
                                               const uint128 value = forms::detail::draw_number(choices, certain);
                                               into.numbers = {{value, value}};
                                             }};

inline constexpr option_description table[] = {
    {.name = "--mode",
     .form = &forms::one_of<modes>,
     .invertible = false,
     .least_count = 1,
     .meaning = "random, or every n-th"},
    {.name = "--probability", .form = &probability_form, .meaning = "how likely a packet fits"},
    {.name = "--every", .form = &forms::number<1, 0xffffffff>, .meaning = "one packet of so many fits"},
    {.name = "--packet",
     .form = &forms::number<0, 0xffffffff>,
     .invertible = false,
     .meaning = "counted from this one"},
};
}  // namespace statistic_option

namespace detail {
constexpr text statistic_check(const sequence<option>& options, const meaning_context&) {
  using namespace statistic_option;
  const bool random = find_option(options, mode)->numbers[0].low == 0;
  const option* const nth = find_option(options, every);
  const option* const start = find_option(options, first);
  if (random && find_option(options, probability) == nullptr) return "--mode random needs --probability";
  if (find_option(options, probability) != nullptr && (nth != nullptr || start != nullptr))
    return "--probability goes with --mode random, --every and --packet with --mode nth";
  if (random) return {};
  if (nth == nullptr || start == nullptr) return "--mode nth needs --every and --packet";
  if (start->numbers[0].low >= nth->numbers[0].low) return "--packet must be less than --every";
  return {};
}

constexpr match_meaning statistic_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("statistic", statistic_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m statistic`: its options, and what a use of it means.
inline constexpr match_extension statistic_match{.name = "statistic",
                                                 .options = statistic_option::table,
                                                 .check = detail::statistic_check,
                                                 .meaning = detail::statistic_meaning};

}  // namespace cordon
