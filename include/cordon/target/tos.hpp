// -j TOS: changes TOS, or the traffic class (net/netfilter/xt_DSCP.c, tos_tg). In mangle alone, where the packet is
// then routed again.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/traffic_class.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace tos_target_option {
enum : std::uint8_t { set_tos, and_tos, or_tos, xor_tos };

inline constexpr option_description table[] = {
    {.name = "--set-tos", .form = &traffic_class::masked_byte, .invertible = false, .meaning = "(tos & ~mask) ^ value"},
    {.name = "--and-tos",
     .form = &forms::number<0, 255>,
     .invertible = false,
     .only_read = true,
     .meaning = "tos & bits"},
    {.name = "--or-tos",
     .form = &forms::number<0, 255>,
     .invertible = false,
     .only_read = true,
     .meaning = "tos | bits"},
    {.name = "--xor-tos",
     .form = &forms::number<0, 255>,
     .invertible = false,
     .only_read = true,
     .meaning = "tos ^ bits"},
};
}  // namespace tos_target_option

namespace detail {
constexpr text tos_target_check(const sequence<option>& options, const meaning_context& context) {
  if (options.size() != 1) return "TOS needs exactly one of --set-tos, --and-tos, --or-tos and --xor-tos";
  return needs_table(context, "mangle", "TOS");
}

constexpr void tos_target_normalise(sequence<option>& options, const meaning_context&) {
  for (option& one : options) {
    const uint128 bits = one.numbers[0].low;
    switch (one.index) {
      case tos_target_option::and_tos: one.numbers[0] = {0, 255 - bits}; break;
      case tos_target_option::or_tos: one.numbers[0] = {bits, bits}; break;
      case tos_target_option::xor_tos: one.numbers[0] = {bits, 0}; break;
      default: break;
    }
    one.index = tos_target_option::set_tos;
  }
}

constexpr effect tos_effect(const sequence<option>& options, const meaning_context&) {
  return {.changes = {set_bits(field::traffic_class, options[0].numbers[0].low, options[0].numbers[0].high)}};
}
}  // namespace detail

/// `-j TOS`: its options, and what a use of it means.
inline constexpr target_extension tos_target{.name = "TOS",
                                             .options = tos_target_option::table,
                                             .check = detail::tos_target_check,
                                             .normalise = detail::tos_target_normalise,
                                             .meaning = detail::tos_effect};

}  // namespace cordon
