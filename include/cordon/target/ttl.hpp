// -j TTL: changes the TTL of an IPv4 packet (net/netfilter/xt_HL.c, ttl_tg).
#pragma once

#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/hops.hpp>

namespace cordon {

namespace ttl_target_option {
inline constexpr option_description table[] = {
    {.name = "--ttl-set", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the new value"},
    {.name = "--ttl-dec", .form = &forms::number<1, 255>, .invertible = false, .meaning = "so much less"},
    {.name = "--ttl-inc", .form = &forms::number<1, 255>, .invertible = false, .meaning = "so much more"},
};
}  // namespace ttl_target_option

/// `-j TTL`: its options, and what a use of it means.
inline constexpr target_extension ttl_target{.name = "TTL",
                                             .options = ttl_target_option::table,
                                             .check = detail::hops_target_check,
                                             .meaning = detail::hops_effect,
                                             .ipv6 = false};

}  // namespace cordon
