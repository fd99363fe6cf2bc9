// -m eui64: whether the lower half of the source address is made of the Ethernet address
// (net/ipv6/netfilter/ip6t_eui64.c, eui64_mt6). Only for packets that come in, and IPv6 alone.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace detail {
constexpr match_meaning eui64_meaning(const sequence<option>&, const meaning_context&) {
  return {unknown("eui64", /*stateful=*/false, set_of(field::source))};
}
}  // namespace detail

/// `-m eui64`: its options, and what a use of it means.
inline constexpr match_extension eui64_match{
    .name = "eui64", .meaning = detail::eui64_meaning, .hooks = only_at<incoming_hooks>, .ipv4 = false};

}  // namespace cordon
