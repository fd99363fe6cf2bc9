// -m connmark: the mark of the packet's connection (net/netfilter/xt_connmark.c, connmark_mt). A packet without a
// connection fits neither a mark nor its negation.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace connmark_option {
enum : std::uint8_t { mark };

inline constexpr option_description table[] = {
    {.name = "--mark", .form = &forms::masked_number, .least_count = 1, .meaning = "the mark, under the mask"},
};
}  // namespace connmark_option

namespace detail {
constexpr match_meaning connmark_meaning(const sequence<option>& options, const meaning_context&) {
  const range& mark = options[0].numbers[0];
  return {connection_states::is_tracked() &&
          inverted_if(options[0].inverted, masked(field::connection_mark, mark.high, mark.low))};
}
}  // namespace detail

/// `-m connmark`: its options, and what a use of it means.
inline constexpr match_extension connmark_match{
    .name = "connmark", .options = connmark_option::table, .meaning = detail::connmark_meaning};

}  // namespace cordon
