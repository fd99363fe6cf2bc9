// -j TRACE: the kernel reports the packet's way; the packet goes on (net/netfilter/xt_TRACE.c, trace_tg). legacy has
// it in raw alone.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace detail {
constexpr text trace_check(const sequence<option>&, const meaning_context& context) {
  if (context.backend == backend::nft) return {};
  return needs_table(context, "raw", "TRACE");
}
}  // namespace detail

/// `-j TRACE`: its options, and what a use of it means.
inline constexpr target_extension trace_target{
    .name = "TRACE", .check = detail::trace_check, .meaning = detail::no_effect};

}  // namespace cordon
