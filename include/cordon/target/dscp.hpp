// -j DSCP: changes the code point, the upper six bits of TOS or traffic class (net/netfilter/xt_DSCP.c, dscp_tg). In
// mangle alone.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/traffic_class.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace dscp_target_option {
enum : std::uint8_t { set_dscp, set_class };

inline constexpr option_description table[] = {
    {.name = "--set-dscp", .form = &traffic_class::dscp, .invertible = false, .meaning = "the code point"},
    {.name = "--set-dscp-class",
     .form = &traffic_class::dscp_class,
     .invertible = false,
     .only_read = true,
     .meaning = "the class"},
};
}  // namespace dscp_target_option

namespace detail {
constexpr text dscp_target_check(const sequence<option>& options, const meaning_context& context) {
  if (options.size() != 1) return "DSCP needs exactly one of --set-dscp and --set-dscp-class";
  return needs_table(context, "mangle", "DSCP");
}

constexpr void dscp_target_normalise(sequence<option>& options, const meaning_context&) {
  for (option& one : options) one.index = dscp_target_option::set_dscp;
}

constexpr effect dscp_effect(const sequence<option>& options, const meaning_context&) {
  return {.changes = {set_bits(field::traffic_class, options[0].numbers[0].low << 2, 0xfc)}};
}
}  // namespace detail

/// `-j DSCP`: its options, and what a use of it means.
inline constexpr target_extension dscp_target{.name = "DSCP",
                                              .options = dscp_target_option::table,
                                              .check = detail::dscp_target_check,
                                              .normalise = detail::dscp_target_normalise,
                                              .meaning = detail::dscp_effect};

}  // namespace cordon
