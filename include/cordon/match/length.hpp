// -m length: the length of the whole packet in bytes, its IP header with it (net/netfilter/xt_length.c, length_mt and
// length_mt6).
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace length_option {
enum : std::uint8_t { length };

inline constexpr option_description table[] = {
    {.name = "--length", .form = &forms::open_range<65535>, .least_count = 1, .meaning = "the length in bytes"},
};
}  // namespace length_option

namespace detail {
constexpr match_meaning length_meaning(const sequence<option>& options, const meaning_context&) {
  const range& length = options[0].numbers[0];
  return {inverted_if(options[0].inverted, between(field::length, length.low, length.high))};
}
}  // namespace detail

/// `-m length`: its options, and what a use of it means.
inline constexpr match_extension length_match{
    .name = "length", .options = length_option::table, .meaning = detail::length_meaning};

}  // namespace cordon
