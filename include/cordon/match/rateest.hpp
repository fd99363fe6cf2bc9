// -m rateest: compares what -j RATEEST has counted (net/netfilter/xt_rateest.c, xt_rateest_mt). An atom.
//
// One rate is compared with a number (--rateest RE1 --rateest-lt --rateest-bps 8bit) or with another estimator
// (--rateest1 RE1 --rateest-lt --rateest-bps --rateest2 RE2); with --rateest-delta it is what a rate falls short of
// one number that is compared with another. What was written decides which of its names an option is printed under.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace rateest_option {
enum : std::uint8_t {
  delta,
  only_name,
  first_name,
  first_bits,
  first_packets,
  less,
  greater,
  equal,
  bits,
  packets,
  bits_alone,
  packets_alone,
  second_bits,
  second_packets,
  second_name,
};

struct rate_unit {
  std::string_view name;
  std::uint64_t bits;
};

// As tc writes rates.
inline constexpr rate_unit rate_units[] = {
    {"bit", 1},
    {"kibit", 1024},
    {"kbit", 1000},
    {"mibit", 1024 * 1024},
    {"mbit", 1000000},
    {"gibit", 1073741824},
    {"gbit", 1000000000},
    {"tibit", 1099511627776},
    {"tbit", 1000000000000},
    {"bps", 8},
    {"kibps", 8192},
    {"kbps", 8000},
    {"mibps", 8388608},
    {"mbps", 8000000},
    {"gibps", 8589934592},
    {"gbps", 8000000000},
    {"tibps", 8796093022208},
    {"tbps", 8000000000000},
};

/// A rate in bytes a second; a bare number is bits.
constexpr maybe<std::uint64_t> read_rate(std::string_view written) {
  std::size_t size = 0;
  while (size < written.size() && is_digit(written[size])) ++size;
  const auto number = read_number(written.substr(0, size), 0xffffffff);
  if (!number) return no_value;
  const auto unit = written.substr(size);
  std::uint64_t bits_a_second = unit.empty() ? 1 : 0;
  for (const rate_unit& known : rate_units)
    if (equal_ignoring_case(known.name, unit)) bits_a_second = known.bits;
  if (bits_a_second == 0) return no_value;
  const uint128 bytes = uint128{*number} * bits_a_second / 8;
  if (bytes > 0xffffffff) return no_value;
  return static_cast<std::uint64_t>(bytes);
}

constexpr void write_rate(std::uint64_t bytes, text& out) {
  const std::uint64_t rate = bytes * 8;
  if (rate >= 1000000000)
    out.append_number((rate + 500000) / 1000000).append("Mbit");
  else if (rate >= 1000000)
    out.append_number((rate + 500) / 1000).append("Kbit");
  else
    out.append_number(rate).append("bit");
}

// Without a number the second estimator gives it: no entry in numbers.
inline constexpr value_form rate_form{
    "[rate]",
    1,
    [](const std::string_view* words, const value_context&, option& into) {
      into.numbers.clear();
      if (words[0].empty()) return text();
      const auto rate = read_rate(words[0]);
      if (!rate) return join("'", words[0], "' is no rate: write a number with bit, kbit, mbit or bps behind it");
      into.numbers = {{*rate, *rate}};
      return text();
    },
    [](const option& from, family, text& out) {
      if (!from.numbers.empty()) write_rate(static_cast<std::uint64_t>(from.numbers[0].low), out);
    },
    [](const choice_source& choices, family, option& into) {
      // Those that are printed as they are: kilobits from a megabit on.
      const uint128 rate = choices.one_in(2) ? choices.below(125000) : 125 * (1000 + choices.below(100000));
      into.numbers = {{rate, rate}};
    },
    /*optional=*/true};

inline constexpr value_form packets_form{"[packets]",
                                         1,
                                         [](const std::string_view* words, const value_context&, option& into) {
                                           into.numbers.clear();
                                           if (words[0].empty()) return text();
                                           const auto rate = read_c_number(words[0], 0xffffffff);
                                           if (!rate)
                                             return join("'", words[0], "' is no rate: write a number of packets");
                                           into.numbers = {{*rate, *rate}};
                                           return text();
                                         },
                                         [](const option& from, family, text& out) {
                                           if (!from.numbers.empty()) out.append_number(from.numbers[0].low);
                                         },
                                         [](const choice_source& choices, family, option& into) {
                                           const uint128 rate = choices.below(1000);
                                           into.numbers = {{rate, rate}};
                                         },
                                         /*optional=*/true};

// Printed without quotes.
inline constexpr value_form name_form{
    "name", 1, forms::quoted<1, 15>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "RE1" : "RE2"; }};

inline constexpr option_description table[] = {
    {.name = "--rateest-delta", .form = &forms::nothing, .invertible = false, .meaning = "what a rate falls short"},
    {.name = "--rateest", .form = &name_form, .invertible = false, .meaning = "the estimator"},
    {.name = "--rateest1", .form = &name_form, .invertible = false, .meaning = "the first estimator"},
    {.name = "--rateest-bps1", .form = &rate_form, .invertible = false, .meaning = "of this rate"},
    {.name = "--rateest-pps1", .form = &packets_form, .invertible = false, .meaning = "of this rate"},
    {.name = "--rateest-lt", .form = &forms::nothing, .meaning = "is less"},
    {.name = "--rateest-gt", .form = &forms::nothing, .meaning = "is greater"},
    {.name = "--rateest-eq", .form = &forms::nothing, .meaning = "is equal"},
    {.name = "--rateest-bps", .form = &rate_form, .invertible = false, .meaning = "to this rate"},
    {.name = "--rateest-pps", .form = &packets_form, .invertible = false, .meaning = "to this rate"},
    {.name = "--rateest-bps", .form = &forms::nothing, .invertible = false, .only_written = true, .meaning = "in bits"},
    {.name = "--rateest-pps",
     .form = &forms::nothing,
     .invertible = false,
     .only_written = true,
     .meaning = "in packets"},
    {.name = "--rateest-bps2", .form = &rate_form, .invertible = false, .meaning = "to this rate"},
    {.name = "--rateest-pps2", .form = &packets_form, .invertible = false, .meaning = "to this rate"},
    {.name = "--rateest2", .form = &name_form, .invertible = false, .meaning = "the second estimator"},
};
}  // namespace rateest_option

namespace detail {
constexpr text rateest_check(const sequence<option>& options, const meaning_context&) {
  using namespace rateest_option;
  if (count_of(options, {only_name, first_name}) != 1)
    return "-m rateest needs exactly one of --rateest and --rateest1";
  if (count_of(options, {less, greater, equal}) == 0)
    return "-m rateest needs --rateest-lt, --rateest-gt or --rateest-eq";
  if (count_of(options, {first_bits, first_packets, bits, packets, second_bits, second_packets}) == 0)
    return "-m rateest needs a rate to compare: --rateest-bps or --rateest-pps";
  // As they are written, which no word is read as: they are another option, or the same for a second time.
  if (count_of(options, {bits_alone, packets_alone}) != 0 &&
      (find_option(options, delta) != nullptr || count_of(options, {bits, bits_alone}) > 1 ||
       count_of(options, {packets, packets_alone}) > 1))
    return "--rateest-bps and --rateest-pps without a number stand alone";
  return {};
}

constexpr void rateest_normalise(sequence<option>& options, const meaning_context&) {
  using namespace rateest_option;
  const bool falls_short = find_option(options, delta) != nullptr;
  const bool two = find_option(options, second_name) != nullptr;
  std::uint8_t comparison = less;
  for (const option& one : options)
    if (one.index >= less && one.index <= equal) comparison = one.index;
  erase_if(options,
           [&](const option& one) { return one.index >= less && one.index <= equal && one.index != comparison; });
  for (option& one : options) {
    switch (one.index) {
      case only_name:
      case first_name: one.index = two ? first_name : only_name; break;
      case bits:
      case second_bits: one.index = falls_short ? second_bits : one.numbers.empty() ? bits_alone : bits; break;
      case packets:
      case second_packets:
        one.index = falls_short ? second_packets : one.numbers.empty() ? packets_alone : packets;
        break;
      default: break;
    }
  }
}

constexpr match_meaning rateest_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("rateest", rateest_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m rateest`: its options, and what a use of it means.
inline constexpr match_extension rateest_match{.name = "rateest",
                                               .options = rateest_option::table,
                                               .check = detail::rateest_check,
                                               .normalise = detail::rateest_normalise,
                                               .meaning = detail::rateest_meaning};

}  // namespace cordon
