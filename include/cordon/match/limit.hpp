// -m limit: a token bucket (net/netfilter/xt_limit.c, limit_mt; iptables-nft makes it a limit statement of
// nf_tables). An atom that has a value of its own for each packet.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/rates.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace limit_option {
enum : std::uint8_t { rate, burst };

inline constexpr std::uint64_t scale = 10000;                  // XT_LIMIT_SCALE
inline constexpr std::uint64_t usual_rate = 3600 * scale / 3;  // 3/hour
inline constexpr std::uint64_t usual_burst = 5;

inline constexpr value_form rate_form{
    "number[/second|/minute|/hour|/day]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      auto interval = rates::read_interval<scale>(words[0]);
      if (!interval) return join("'", words[0], "' is no rate: write number/second, /minute, /hour or /day");
      if (*interval == 0) return join("the rate '", words[0], "' is too fast: 10000/second is the most");
      if (context.backend == backend::nft) {
        // nf_tables keeps a count to a unit of time, and iptables-nft makes an interval of that again.
        const std::uint64_t seconds = rates::unit_of<scale>(*interval).seconds;
        interval = scale * seconds / (seconds * scale / *interval);
      }
      into.numbers = {{*interval, *interval}};
      return text();
    },
    [](const option& from, family, text& out) {
      rates::write_interval<scale>(static_cast<std::uint64_t>(from.numbers[0].low), out);
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 interval = rates::units[choices.below(4)].seconds * scale / (1 + choices.below(50));
      into.numbers = {{interval, interval}};
    }};

inline constexpr option_description table[] = {
    {.name = "--limit", .form = &rate_form, .invertible = false, .meaning = "so many packets a time"},
    {.name = "--limit-burst", .form = &forms::number<0, 10000>, .invertible = false, .meaning = "so many at once"},
};
}  // namespace limit_option

namespace detail {
constexpr void limit_normalise(sequence<option>& options, const meaning_context& context) {
  using namespace limit_option;
  erase_if(options, [&](const option& one) {
    return one.index == burst &&
           (one.numbers[0].low == usual_burst || (one.numbers[0].low == 0 && context.backend == backend::nft));
  });
  if (find_option(options, rate) == nullptr) options.push_back({rate, false, {{usual_rate, usual_rate}}, {}});
}

// What an interval, or a burst of them, comes to in the kernel's credits, for its usual HZ of 250 (user2credits in
// xt_limit.c): 32 bits, which may overflow.
constexpr std::uint32_t limit_credits(std::uint32_t user) {
  constexpr std::uint32_t per_second = 250U * 128;  // HZ * CREDITS_PER_JIFFY
  if (user > 0xffffffffU / per_second) return user / static_cast<std::uint32_t>(limit_option::scale) * per_second;
  return user * per_second / static_cast<std::uint32_t>(limit_option::scale);
}

// limit_mt_check
constexpr text limit_check(const sequence<option>& options, const meaning_context& context) {
  using namespace limit_option;
  if (context.backend == backend::nft) return {};
  const option* const given_rate = find_option(options, rate);
  const option* const given_burst = find_option(options, burst);
  const auto interval = static_cast<std::uint32_t>(given_rate != nullptr ? given_rate->numbers[0].low : usual_rate);
  const auto most = static_cast<std::uint32_t>(given_burst != nullptr ? given_burst->numbers[0].low : usual_burst);
  if (most == 0) return "--limit-burst must be at least 1";
  if (limit_credits(interval * most) < limit_credits(interval))
    return "the kernel cannot count this rate with this burst: take a smaller --limit-burst or a faster --limit";
  return {};
}

constexpr match_meaning limit_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("limit", limit_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m limit`: its options, and what a use of it means.
inline constexpr match_extension limit_match{.name = "limit",
                                             .options = limit_option::table,
                                             .check = detail::limit_check,
                                             .normalise = detail::limit_normalise,
                                             .meaning = detail::limit_meaning};

}  // namespace cordon
