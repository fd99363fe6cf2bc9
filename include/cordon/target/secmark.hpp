// -j SECMARK: labels the packet for SELinux; no rule asks for the label (net/netfilter/xt_SECMARK.c, secmark_tg_v1).
// In mangle and security alone.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace secmark_option {
// Printed without quotes.
inline constexpr value_form context_form{
    "context", 1, forms::quoted<1, 255>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source&, family, option& into) { into.words = "system_u:object_r:client_packet_t:s0"; }};

inline constexpr option_description table[] = {
    {.name = "--selctx",
     .form = &context_form,
     .invertible = false,
     .least_count = 1,
     .meaning = "the security context"},
};
}  // namespace secmark_option

namespace detail {
constexpr text secmark_check(const sequence<option>&, const meaning_context& context) {
  if (context.table == "mangle" || context.table == "security") return {};
  return "security marks are set in the tables mangle and security alone";
}
}  // namespace detail

/// `-j SECMARK`: its options, and what a use of it means.
inline constexpr target_extension secmark_target{
    .name = "SECMARK", .options = secmark_option::table, .check = detail::secmark_check, .meaning = detail::no_effect};

}  // namespace cordon
