// -j REDIRECT: translates the destination of a connection to this machine (net/netfilter/nf_nat_redirect.c,
// nf_nat_redirect_ipv4 and nf_nat_redirect_ipv6): in OUTPUT to 127.0.0.1 or ::1. In nat alone.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/nat_range.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace redirect_option {
enum : std::uint8_t { to_ports, random };

inline constexpr value_form ports_form{"port[-port]", 1,
                                       [](const std::string_view* words, const value_context& context, option& into) {
                                         into.numbers = {nat_range::missing, nat_range::missing, nat_range::missing};
                                         return nat_range::read_ports(words[0], /*with_base=*/false, context, into);
                                       },
                                       [](const option& from, family, text& out) { nat_range::write_ports(from, out); },
                                       [](const choice_source& choices, family, option& into) {
                                         into.numbers = {nat_range::missing, forms::detail::draw_range(choices, 65535),
                                                         nat_range::missing};
                                       }};

inline constexpr option_description table[] = {
    {.name = "--to-ports", .form = &ports_form, .invertible = false, .meaning = "the port there"},
    {.name = "--random", .form = &forms::nothing, .invertible = false, .meaning = "a random port of the range"},
};
}  // namespace redirect_option

namespace detail {
constexpr text redirect_check(const sequence<option>& options, const meaning_context& context) {
  if (find_option(options, redirect_option::to_ports) != nullptr)
    if (text wrong = nat_range::needs_ports(context); !wrong.empty()) return wrong;
  return needs_table(context, "nat", "REDIRECT");
}

constexpr effect redirect_effect(const sequence<option>& options, const meaning_context& context) {
  const uint128 loopback = context.family == family::ipv4 ? ipv4_address(127, 0, 0, 1).bits : uint128{1};
  const option* const ports = find_option(options, redirect_option::to_ports);
  return nat_range::translated(range{loopback, loopback}, ports != nullptr ? maybe(ports->numbers[1]) : no_value,
                               context);
}
}  // namespace detail

/// `-j REDIRECT`: its options, and what a use of it means.
inline constexpr target_extension redirect_target{
    .name = "REDIRECT",
    .options = redirect_option::table,
    .check = detail::redirect_check,
    .meaning = detail::redirect_effect,
    .hooks = only_at < set_of(hook::prerouting) | set_of(hook::output) > };

}  // namespace cordon
