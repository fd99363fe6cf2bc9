// -j NOTRACK: connection tracking leaves the packet alone (net/netfilter/xt_CT.c, notrack_tg). In raw alone.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace detail {
constexpr text notrack_check(const sequence<option>&, const meaning_context& context) {
  return needs_table(context, "raw", "NOTRACK");
}

constexpr effect notrack_effect(const sequence<option>&, const meaning_context&) {
  return {.changes = {set_to(field::state, static_cast<unsigned>(connection_state::untracked))}};
}
}  // namespace detail

/// `-j NOTRACK`: its options, and what a use of it means.
inline constexpr target_extension notrack_target{.name = "NOTRACK",
                                                 .check = detail::notrack_check,
                                                 .meaning = detail::notrack_effect,
                                                 .hooks = only_at < set_of(hook::prerouting) | set_of(hook::output) > };

}  // namespace cordon
