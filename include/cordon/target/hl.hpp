// -j HL: changes the hop limit of an IPv6 packet (net/netfilter/xt_HL.c, hl_tg6).
#pragma once

#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/hops.hpp>

namespace cordon {

namespace hl_target_option {
inline constexpr option_description table[] = {
    {.name = "--hl-set", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the new value"},
    {.name = "--hl-dec", .form = &forms::number<1, 255>, .invertible = false, .meaning = "so much less"},
    {.name = "--hl-inc", .form = &forms::number<1, 255>, .invertible = false, .meaning = "so much more"},
};
}  // namespace hl_target_option

/// `-j HL`: its options, and what a use of it means.
inline constexpr target_extension hl_target{.name = "HL",
                                            .options = hl_target_option::table,
                                            .check = detail::hops_target_check,
                                            .meaning = detail::hops_effect,
                                            .ipv4 = false};

}  // namespace cordon
