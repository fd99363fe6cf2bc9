// -m ipcomp: the CPI of a compressed packet, bytes 2 and 3 of its header (net/netfilter/xt_ipcomp.c, comp_mt).
// Without
// --ipcompspi it asks for CPI 0.
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace ipcomp_option {
enum : std::uint8_t { spi, reserved };

inline constexpr option_description table[] = {
    {.name = "--ipcompspi", .form = &forms::open_range<0xffffffff>, .meaning = "the CPI"},
    {.name = "--compres", .form = &forms::nothing, .invertible = false, .meaning = "kept, and without effect"},
};
}  // namespace ipcomp_option

namespace detail {
constexpr text ipcomp_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::ipcomp, "ipcomp", false);
}

constexpr void ipcomp_normalise(sequence<option>& options, const meaning_context&) {
  if (find_option(options, ipcomp_option::spi) == nullptr) options.push_back({ipcomp_option::spi, false, {{0, 0}}, {}});
}

constexpr match_meaning ipcomp_meaning(const sequence<option>& options, const meaning_context&) {
  const option* const spi = find_option(options, ipcomp_option::spi);
  return {
      carries(4) && inverted_if(spi->inverted, between(field::second_word, spi->numbers[0].low, spi->numbers[0].high)),
      is_cut_before(4)};
}

constexpr bool ipcomp_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options,
           [](const option& one) { return one.index == ipcomp_option::spi && forms::is_whole<0xffffffff>(one); });
  return true;
}
}  // namespace detail

/// `-m ipcomp`: its options, and what a use of it means.
inline constexpr match_extension ipcomp_match{.name = "ipcomp",
                                              .options = ipcomp_option::table,
                                              .check = detail::ipcomp_check,
                                              .normalise = detail::ipcomp_normalise,
                                              .meaning = detail::ipcomp_meaning,
                                              .saved = detail::ipcomp_saved,
                                              .implied_by = number_of(protocol::ipcomp)};

}  // namespace cordon
