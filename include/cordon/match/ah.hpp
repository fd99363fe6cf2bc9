// -m ah of IPv4: the SPI of an authentication header (net/ipv4/netfilter/ipt_ah.c, ah_mt). In IPv6 this header stands
// before the transport header, and its match is another one: match/ah6.hpp.
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace ah_option {
enum : std::uint8_t { spi };

inline constexpr option_description table[] = {
    {.name = "--ahspi", .form = &forms::open_range<0xffffffff>, .meaning = "the SPI"},
};
}  // namespace ah_option

namespace detail {
constexpr text ah_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::ah, "ah", false);
}

constexpr void ah_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return !one.inverted && forms::is_whole<0xffffffff>(one); });
}

constexpr match_meaning ah_meaning(const sequence<option>& options, const meaning_context&) {
  match_meaning made{carries(12), is_cut_before(12)};
  for (const option& one : options)
    made.holds &= inverted_if(one.inverted, between(field::spi, one.numbers[0].low, one.numbers[0].high));
  return made;
}

// A range of all SPIs is not shown, negated (and so never true) or not.
constexpr bool ah_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return forms::is_whole<0xffffffff>(one); });
  return true;
}
}  // namespace detail

/// `-m ah`: its options, and what a use of it means.
inline constexpr match_extension ah_match{.name = "ah",
                                          .options = ah_option::table,
                                          .check = detail::ah_check,
                                          .normalise = detail::ah_normalise,
                                          .meaning = detail::ah_meaning,
                                          .saved = detail::ah_saved,
                                          .implied_by = number_of(protocol::ah),
                                          .ipv6 = false};

}  // namespace cordon
