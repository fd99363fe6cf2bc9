// -j RATEEST: counts the packet in a rate estimator; the packet goes on (net/netfilter/xt_RATEEST.c, xt_rateest_tg).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace rateest_target_option {
enum : std::uint8_t { name, interval, average };

/// "250ms", "1.5s", "250000us", "250": in microseconds; a bare number is milliseconds.
constexpr maybe<std::uint64_t> read_time(std::string_view written) {
  uint128 number = 0;
  uint128 divisor = 1;
  bool point = false;
  bool some = false;
  while (!written.empty() && (is_digit(written[0]) || (written[0] == '.' && !point))) {
    if (written[0] == '.') {
      point = true;
    } else {
      some = true;
      number = number * 10 + static_cast<unsigned>(written[0] - '0');
      if (point) divisor *= 10;
      if (number > low_bits(60) || divisor > low_bits(60)) return no_value;
    }
    written.remove_prefix(1);
  }
  if (!some) return no_value;
  uint128 unit = 0;
  if (written.empty() || equal_ignoring_case(written, "ms") || equal_ignoring_case(written, "msec") ||
      equal_ignoring_case(written, "msecs"))
    unit = 1000;
  if (equal_ignoring_case(written, "s") || equal_ignoring_case(written, "sec") || equal_ignoring_case(written, "secs"))
    unit = 1000000;
  if (equal_ignoring_case(written, "us") || equal_ignoring_case(written, "usec") ||
      equal_ignoring_case(written, "usecs"))
    unit = 1;
  if (unit == 0) return no_value;
  return static_cast<std::uint64_t>(number * unit / divisor);
}

/// As iptables prints a time: with one digit behind the point, in the largest unit that fits.
constexpr void write_time(std::uint64_t microseconds, text& out) {
  const std::uint64_t unit = microseconds >= 1000000 ? 1000000 : microseconds >= 1000 ? 1000 : 1;
  if (unit == 1) {
    out.append_number(microseconds).append("us");
    return;
  }
  // Rounded to tenths.
  const std::uint64_t tenths = (microseconds * 10 + unit / 2) / unit;
  out.append_number(tenths / 10).append('.').append_number(tenths % 10).append(unit == 1000 ? "ms" : "s");
}

inline constexpr value_form time_form{
    "time", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto time = read_time(words[0]);
      if (!time) return join("'", words[0], "' is no time: write a number with s, ms or us behind it");
      into.numbers = {{*time, *time}};
      return text();
    },
    [](const option& from, family, text& out) { write_time(static_cast<std::uint64_t>(from.numbers[0].low), out); },
    [](const choice_source& choices, family, option& into) {
      const uint128 time = uint128{250000} << static_cast<unsigned>(choices.below(6));
      into.numbers = {{time, time}};
    }};

// Printed without quotes.
inline constexpr value_form name_form{
    "name", 1, forms::quoted<1, 15>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "RE1" : "RE2"; }};

inline constexpr option_description table[] = {
    {.name = "--rateest-name",
     .form = &name_form,
     .invertible = false,
     .least_count = 1,
     .meaning = "the estimator's name"},
    {.name = "--rateest-interval", .form = &time_form, .invertible = false, .least_count = 1, .meaning = "how often"},
    {.name = "--rateest-ewmalog",
     .form = &time_form,
     .invertible = false,
     .least_count = 1,
     .meaning = "over how long"},
};
}  // namespace rateest_target_option

namespace detail {
// The kernel keeps both as powers of two: the interval as 2^n quarters of a second, the average as 2^m intervals.
struct rateest_powers {
  int interval = 0;
  unsigned average = 0;
  bool fits = false;
};

constexpr rateest_powers rateest_powers_of(const sequence<option>& options) {
  using namespace rateest_target_option;
  const auto every = static_cast<std::uint64_t>(find_option(options, interval)->numbers[0].low);
  const auto over = static_cast<std::uint64_t>(find_option(options, average)->numbers[0].low);
  rateest_powers made;
  while (made.interval <= 5 && every > std::uint64_t{250000} << made.interval) ++made.interval;
  if (made.interval > 5) return made;
  // An average over m intervals weighs the last one with 1/2^m; how long that is, -1 / ln(1 - 1/2^m), in millionths.
  constexpr std::uint64_t first_times[] = {0, 1442695, 3476059, 7488945};
  made.average = 1;
  for (; made.average < 32; ++made.average) {
    const std::uint64_t power = std::uint64_t{1} << made.average;
    const std::uint64_t times = made.average < 4 ? first_times[made.average] : power * 1000000 - 500000 - 83333 / power;
    if (uint128{every} * times > uint128{over} * 1000000) break;
  }
  --made.average;
  made.fits = made.average != 0 && made.average < 31;
  return made;
}

constexpr text rateest_target_check(const sequence<option>& options, const meaning_context&) {
  if (rateest_powers_of(options).fits) return {};
  return "--rateest-interval must be at most 8s, and --rateest-ewmalog at least twice as long";
}

constexpr void rateest_target_normalise(sequence<option>& options, const meaning_context&) {
  const rateest_powers powers = rateest_powers_of(options);
  const std::uint64_t every = std::uint64_t{250000} << powers.interval;
  for (option& one : options) {
    if (one.index == rateest_target_option::interval) one.numbers[0] = {every, every};
    if (one.index == rateest_target_option::average)
      one.numbers[0] = {every << powers.average, every << powers.average};
  }
}
}  // namespace detail

/// `-j RATEEST`: its options, and what a use of it means.
inline constexpr target_extension rateest_target{.name = "RATEEST",
                                                 .options = rateest_target_option::table,
                                                 .check = detail::rateest_target_check,
                                                 .normalise = detail::rateest_target_normalise,
                                                 .meaning = detail::no_effect};

}  // namespace cordon
