// -m mark: the packet's mark (net/netfilter/xt_mark.c, mark_mt). A value with a bit outside its mask fits no packet.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace mark_option {
enum : std::uint8_t { mark };

inline constexpr option_description table[] = {
    {.name = "--mark", .form = &forms::masked_number, .least_count = 1, .meaning = "the mark, under the mask"},
};
}  // namespace mark_option

namespace detail {
constexpr match_meaning mark_meaning(const sequence<option>& options, const meaning_context&) {
  const range& mark = options[0].numbers[0];
  return {inverted_if(options[0].inverted, masked(field::mark, mark.high, mark.low))};
}
}  // namespace detail

/// `-m mark`: its options, and what a use of it means.
inline constexpr match_extension mark_match{
    .name = "mark", .options = mark_option::table, .meaning = detail::mark_meaning};

}  // namespace cordon
