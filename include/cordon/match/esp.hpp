// -m esp: the SPI of an encrypted packet, its first four bytes (net/netfilter/xt_esp.c, esp_mt).
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace esp_option {
enum : std::uint8_t { spi };

inline constexpr option_description table[] = {
    {.name = "--espspi", .form = &forms::open_range<0xffffffff>, .meaning = "the SPI"},
};
}  // namespace esp_option

namespace detail {
constexpr text esp_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::esp, "esp", false);
}

constexpr void esp_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return !one.inverted && forms::is_whole<0xffffffff>(one); });
}

constexpr match_meaning esp_meaning(const sequence<option>& options, const meaning_context&) {
  match_meaning made{carries(8), is_cut_before(8)};
  for (const option& one : options)
    made.holds &= inverted_if(one.inverted, first_four_bytes_between(one.numbers[0].low, one.numbers[0].high));
  return made;
}

// A range of all SPIs is not shown, negated (and so never true) or not.
constexpr bool esp_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return forms::is_whole<0xffffffff>(one); });
  return true;
}
}  // namespace detail

/// `-m esp`: its options, and what a use of it means.
inline constexpr match_extension esp_match{.name = "esp",
                                           .options = esp_option::table,
                                           .check = detail::esp_check,
                                           .normalise = detail::esp_normalise,
                                           .meaning = detail::esp_meaning,
                                           .saved = detail::esp_saved,
                                           .implied_by = number_of(protocol::esp)};

}  // namespace cordon
