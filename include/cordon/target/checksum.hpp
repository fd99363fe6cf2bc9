// -j CHECKSUM: fills in a checksum that was left to the network card (net/netfilter/xt_CHECKSUM.c, checksum_tg). In
// mangle alone; no rule sees it.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace checksum_option {
inline constexpr option_description table[] = {
    {.name = "--checksum-fill",
     .form = &forms::nothing,
     .invertible = false,
     .least_count = 1,
     .meaning = "fills it in"},
};
}  // namespace checksum_option

namespace detail {
constexpr text checksum_check(const sequence<option>&, const meaning_context& context) {
  return needs_table(context, "mangle", "CHECKSUM");
}
}  // namespace detail

/// `-j CHECKSUM`: its options, and what a use of it means.
inline constexpr target_extension checksum_target{.name = "CHECKSUM",
                                                  .options = checksum_option::table,
                                                  .check = detail::checksum_check,
                                                  .meaning = detail::no_effect};

}  // namespace cordon
