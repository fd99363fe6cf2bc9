// ACCEPT, DROP and RETURN: the targets that the tables themselves know (net/ipv4/netfilter/ip_tables.c,
// ipt_do_table).
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace detail {
template <effect::kind What>
constexpr effect plain_effect(const sequence<option>&, const meaning_context&) {
  return {.what = What};
}

// The nat table is asked once a connection; iptables refuses to drop there.
constexpr text drop_check(const sequence<option>&, const meaning_context& context) {
  if (context.table == "nat") return "the nat table cannot drop packets: do it in filter";
  return {};
}
}  // namespace detail

/// `-j ACCEPT`: its options, and what a use of it means.
inline constexpr target_extension accept_target{.name = "ACCEPT",
                                                .meaning = detail::plain_effect<effect::kind::accept>};
/// `-j DROP`: its options, and what a use of it means.
inline constexpr target_extension drop_target{
    .name = "DROP", .check = detail::drop_check, .meaning = detail::plain_effect<effect::kind::drop>};
/// `-j RETURN`: its options, and what a use of it means.
inline constexpr target_extension return_target{.name = "RETURN",
                                                .meaning = detail::plain_effect<effect::kind::give_back>};

}  // namespace cordon
