// -m ttl: the TTL of an IPv4 packet (net/netfilter/xt_hl.c, ttl_mt).
#pragma once

#include <cordon/match/forms.hpp>
#include <cordon/match/hops.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace ttl_option {
inline constexpr option_description table[] = {
    {.name = "--ttl-eq", .alias = "--ttl", .form = &forms::number<0, 255>, .meaning = "the TTL is this"},
    {.name = "--ttl-lt", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the TTL is less"},
    {.name = "--ttl-gt", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the TTL is greater"},
};
}  // namespace ttl_option

/// `-m ttl`: its options, and what a use of it means.
inline constexpr match_extension ttl_match{.name = "ttl",
                                           .options = ttl_option::table,
                                           .check = detail::hops_check,
                                           .meaning = detail::hops_meaning,
                                           .ipv6 = false};

}  // namespace cordon
