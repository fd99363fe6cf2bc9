// -j CONNSECMARK: copies SELinux labels between packet and connection; no rule asks for them
// (net/netfilter/xt_CONNSECMARK.c, connsecmark_tg). In mangle and security alone.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/secmark.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace connsecmark_option {
inline constexpr option_description table[] = {
    {.name = "--save", .form = &forms::nothing, .invertible = false, .meaning = "from the packet to the connection"},
    {.name = "--restore", .form = &forms::nothing, .invertible = false, .meaning = "from the connection to the packet"},
};
}  // namespace connsecmark_option

namespace detail {
constexpr text connsecmark_check(const sequence<option>& options, const meaning_context& context) {
  if (options.size() != 1) return "CONNSECMARK needs exactly one of --save and --restore";
  return secmark_check(options, context);
}
}  // namespace detail

/// `-j CONNSECMARK`: its options, and what a use of it means.
inline constexpr target_extension connsecmark_target{.name = "CONNSECMARK",
                                                     .options = connsecmark_option::table,
                                                     .check = detail::connsecmark_check,
                                                     .meaning = detail::no_effect};

}  // namespace cordon
