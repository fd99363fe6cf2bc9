// -j IDLETIMER: reports when no packet comes for a while; the packet goes on (net/netfilter/xt_IDLETIMER.c,
// idletimer_tg).
#pragma once

#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace idletimer_option {
// Printed without quotes.
inline constexpr value_form label_form{
    "label", 1, forms::quoted<1, 27>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "wlan" : "idle"; }};

// The kernel counts in milliseconds, and takes what fits into 31 bits (idletimer_tg_helper).
inline constexpr option_description table[] = {
    {.name = "--timeout",
     .form = &forms::number<1, 2147482>,
     .invertible = false,
     .least_count = 1,
     .meaning = "seconds"},
    {.name = "--label", .form = &label_form, .invertible = false, .least_count = 1, .meaning = "the timer's name"},
    {.name = "--alarm", .form = &forms::nothing, .invertible = false, .meaning = "wakes the machine"},
};
}  // namespace idletimer_option

/// `-j IDLETIMER`: its options, and what a use of it means.
inline constexpr target_extension idletimer_target{
    .name = "IDLETIMER", .options = idletimer_option::table, .meaning = detail::no_effect};

}  // namespace cordon
