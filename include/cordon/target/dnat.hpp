// -j DNAT: translates the destination of a connection (net/netfilter/xt_nat.c, xt_dnat_target_v2). In nat alone,
// before routing and for what this machine sends; filter sees the new destination.
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

namespace dnat_option {
enum : std::uint8_t { to_destination, random, persistent };

inline constexpr value_form destination_form{
    "[address[-address]][:port[-port[/base]]]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      return nat_range::read_destination(words[0], /*with_base=*/true, context, into);
    },
    nat_range::write_destination, nat_range::draw_destination};

inline constexpr option_description table[] = {
    {.name = "--to-destination",
     .form = &destination_form,
     .invertible = false,
     .least_count = 1,
     .meaning = "where to"},
    {.name = "--random", .form = &forms::nothing, .invertible = false, .meaning = "a random port of the range"},
    {.name = "--persistent", .form = &forms::nothing, .invertible = false, .meaning = "the same address for a client"},
};
}  // namespace dnat_option

namespace detail {
constexpr text dnat_check(const sequence<option>& options, const meaning_context& context) {
  const option& to = *find_option(options, dnat_option::to_destination);
  if (nat_range::has_ports(to))
    if (text wrong = nat_range::needs_ports(context); !wrong.empty()) return wrong;
  return needs_table(context, "nat", "DNAT");
}

constexpr effect dnat_effect(const sequence<option>& options, const meaning_context& context) {
  const option& to = *find_option(options, dnat_option::to_destination);
  return nat_range::translated(nat_range::has_addresses(to) ? maybe(to.numbers[0]) : no_value,
                               nat_range::has_ports(to) ? maybe(to.numbers[1]) : no_value, context);
}
}  // namespace detail

/// `-j DNAT`: its options, and what a use of it means.
inline constexpr target_extension dnat_target{.name = "DNAT",
                                              .options = dnat_option::table,
                                              .check = detail::dnat_check,
                                              .meaning = detail::dnat_effect,
                                              .hooks = only_at < set_of(hook::prerouting) | set_of(hook::output) > };

}  // namespace cordon
