// -j MASQUERADE: translates the source of a connection to an address of the outgoing interface
// (net/netfilter/xt_MASQUERADE.c, masquerade_tg). In nat alone, behind routing; OUTPUT never sees it.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/redirect.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace masquerade_option {
enum : std::uint8_t { to_ports, random, random_fully };

inline constexpr option_description table[] = {
    {.name = "--to-ports", .form = &redirect_option::ports_form, .invertible = false, .meaning = "the ports to use"},
    {.name = "--random", .form = &forms::nothing, .invertible = false, .meaning = "a random port of the range"},
    {.name = "--random-fully", .form = &forms::nothing, .invertible = false, .meaning = "a quite random port"},
};
}  // namespace masquerade_option

namespace detail {
constexpr text masquerade_check(const sequence<option>& options, const meaning_context& context) {
  if (find_option(options, masquerade_option::to_ports) != nullptr)
    if (text wrong = nat_range::needs_ports(context); !wrong.empty()) return wrong;
  return needs_table(context, "nat", "MASQUERADE");
}
}  // namespace detail

/// `-j MASQUERADE`: its options, and what a use of it means.
inline constexpr target_extension masquerade_target{.name = "MASQUERADE",
                                                    .options = masquerade_option::table,
                                                    .check = detail::masquerade_check,
                                                    .meaning = detail::unknown_effect,
                                                    .hooks = only_at<set_of(hook::postrouting)>};

}  // namespace cordon
