// -j DNPT: exchanges the prefix of the destination (net/ipv6/netfilter/ip6t_NPT.c). Before routing and for what this
// machine sends; IPv6 alone.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/prefix_translation.hpp>

namespace cordon {

namespace detail {
// The bits behind the prefix change with it, so that checksums stay as they are.
constexpr effect dnpt_effect(const sequence<option>&, const meaning_context&) {
  return {.changes = {make_unknown(field::destination)}};
}
}  // namespace detail

/// `-j DNPT`: its options, and what a use of it means.
inline constexpr target_extension dnpt_target{.name = "DNPT",
                                              .options = prefix_translation::table,
                                              .check = prefix_translation::check,
                                              .meaning = detail::dnpt_effect,
                                              .hooks = only_at < set_of(hook::prerouting) | set_of(hook::output) >,
                                              .ipv4 = false};

}  // namespace cordon
