// -m hl: the hop limit of an IPv6 packet (net/netfilter/xt_hl.c, hl_mt6).
#pragma once

#include <cordon/match/forms.hpp>
#include <cordon/match/hops.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace hl_option {
inline constexpr option_description table[] = {
    {.name = "--hl-eq", .alias = "--hl", .form = &forms::number<0, 255>, .meaning = "the hop limit is this"},
    {.name = "--hl-lt", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the hop limit is less"},
    {.name = "--hl-gt", .form = &forms::number<0, 255>, .invertible = false, .meaning = "the hop limit is greater"},
};
}  // namespace hl_option

/// `-m hl`: its options, and what a use of it means.
inline constexpr match_extension hl_match{.name = "hl",
                                          .options = hl_option::table,
                                          .check = detail::hops_check,
                                          .meaning = detail::hops_meaning,
                                          .ipv4 = false};

}  // namespace cordon
