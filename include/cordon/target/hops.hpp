// What TTL and HL share: a new number of hops, or one more or less (net/netfilter/xt_HL.c, ttl_tg and hl_tg6). In
// mangle alone.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon::detail {

enum : std::uint8_t { hops_set, hops_decrease, hops_increase };

constexpr text hops_target_check(const sequence<option>& options, const meaning_context& context) {
  if (options.size() != 1) return "write exactly one action: set, decrease or increase";
  return needs_table(context, "mangle", context.family == family::ipv4 ? "TTL" : "HL");
}

constexpr effect hops_effect(const sequence<option>& options, const meaning_context&) {
  const uint128 value = options[0].numbers[0].low;
  switch (options[0].index) {
    case hops_set: return {.changes = {set_to(field::hops, value)}};
    // At most 255, at least 0.
    case hops_decrease: return {.changes = {set_to_one_of(field::hops, 0, 255 - value)}};
    default: return {.changes = {set_to_one_of(field::hops, value, 255)}};
  }
}

}  // namespace cordon::detail
