// -m tos: TOS, or traffic class, under a mask (net/netfilter/xt_dscp.c, tos_mt).
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/traffic_class.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace tos_option {
enum : std::uint8_t { tos };

inline constexpr option_description table[] = {
    {.name = "--tos", .form = &traffic_class::masked_byte, .least_count = 1, .meaning = "the value, under the mask"},
};
}  // namespace tos_option

namespace detail {
constexpr match_meaning tos_meaning(const sequence<option>& options, const meaning_context&) {
  const range& tos = options[0].numbers[0];
  return {inverted_if(options[0].inverted, masked(field::traffic_class, tos.high, tos.low))};
}
}  // namespace detail

/// `-m tos`: its options, and what a use of it means.
inline constexpr match_extension tos_match{.name = "tos", .options = tos_option::table, .meaning = detail::tos_meaning};

}  // namespace cordon
