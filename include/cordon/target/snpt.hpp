// -j SNPT: exchanges the prefix of the source (net/ipv6/netfilter/ip6t_NPT.c). Behind routing and for what comes to
// this machine; IPv6 alone.
#pragma once

#include <cordon/rule/extension.hpp>
#include <cordon/target/prefix_translation.hpp>

namespace cordon {

/// `-j SNPT`: its options, and what a use of it means.
inline constexpr target_extension snpt_target{.name = "SNPT",
                                              .options = prefix_translation::table,
                                              .check = prefix_translation::check,
                                              .meaning = detail::unknown_effect,
                                              .hooks = only_at < set_of(hook::input) | set_of(hook::postrouting) >,
                                              .ipv4 = false};

}  // namespace cordon
