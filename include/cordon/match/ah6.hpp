// -m ah of IPv6: the authentication header before the transport header (net/ipv6/netfilter/ip6t_ah.c, ah_mt6).
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace ah6_option {
enum : std::uint8_t { spi, length, reserved };

inline constexpr option_description table[] = {
    {.name = "--ahspi", .form = &forms::open_range<0xffffffff>, .meaning = "the SPI"},
    {.name = "--ahlen", .form = &forms::number<0, 0xffffffff>, .meaning = "the header's length in bytes"},
    {.name = "--ahres", .form = &forms::nothing, .invertible = false, .meaning = "the reserved field is zero"},
};
}  // namespace ah6_option

namespace detail {
constexpr void ah6_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) {
    return one.index == ah6_option::spi && !one.inverted && forms::is_whole<0xffffffff>(one);
  });
}

constexpr match_meaning ah6_meaning(const sequence<option>& options, const meaning_context&) {
  predicate holds =
      masked(field::extension_headers, extension_header::authentication, extension_header::authentication);
  for (const option& one : options) {
    switch (one.index) {
      case ah6_option::spi:
        holds &= inverted_if(one.inverted, between(field::spi, one.numbers[0].low, one.numbers[0].high));
        break;
      case ah6_option::length:
        // The kernel does not look at the length if the rule asks for 0.
        if (one.numbers[0].low != 0)
          holds &= inverted_if(one.inverted, unknown(join("ah length ", decimal(one.numbers[0].low)), false));
        break;
      default: holds &= unknown("ah reserved field zero", /*stateful=*/false); break;
    }
  }
  return {holds};
}

constexpr bool ah6_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) {
    return (one.index == ah6_option::spi && forms::is_whole<0xffffffff>(one)) ||
           (one.index == ah6_option::length && one.numbers[0].low == 0 && !one.inverted);
  });
  return true;
}
}  // namespace detail

/// `-m ah`: its options, and what a use of it means.
inline constexpr match_extension ah6_match{.name = "ah",
                                           .options = ah6_option::table,
                                           .normalise = detail::ah6_normalise,
                                           .meaning = detail::ah6_meaning,
                                           .saved = detail::ah6_saved,
                                           .implied_by = number_of(protocol::ah),
                                           .ipv4 = false};

}  // namespace cordon
