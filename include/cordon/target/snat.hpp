// -j SNAT: translates the source of a connection (net/netfilter/xt_nat.c, xt_snat_target_v2). In nat alone, behind
// routing; OUTPUT never sees it.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/nat_range.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace snat_option {
enum : std::uint8_t { to_source, random, random_fully, persistent };

inline constexpr value_form source_form{"[address[-address]][:port[-port]]", 1,
                                        [](const std::string_view* words, const value_context& context, option& into) {
                                          text wrong =
                                              nat_range::read_destination(words[0], /*with_base=*/true, context, into);
                                          // The base that iptables reads here it does not keep.
                                          if (wrong.empty() && into.numbers[2] != nat_range::missing)
                                            into.numbers[2] = {1, 1};
                                          return wrong;
                                        },
                                        nat_range::write_destination, nat_range::draw_destination};

inline constexpr option_description table[] = {
    {.name = "--to-source", .form = &source_form, .invertible = false, .least_count = 1, .meaning = "where from"},
    {.name = "--random", .form = &forms::nothing, .invertible = false, .meaning = "a random port of the range"},
    {.name = "--random-fully", .form = &forms::nothing, .invertible = false, .meaning = "a quite random port"},
    {.name = "--persistent", .form = &forms::nothing, .invertible = false, .meaning = "the same address for a client"},
};
}  // namespace snat_option

namespace detail {
constexpr text snat_check(const sequence<option>& options, const meaning_context& context) {
  if (nat_range::has_ports(*find_option(options, snat_option::to_source)))
    if (text wrong = nat_range::needs_ports(context); !wrong.empty()) return wrong;
  return needs_table(context, "nat", "SNAT");
}
}  // namespace detail

/// `-j SNAT`: its options, and what a use of it means.
inline constexpr target_extension snat_target{.name = "SNAT",
                                              .options = snat_option::table,
                                              .check = detail::snat_check,
                                              .meaning = detail::unknown_effect,
                                              .hooks = only_at < set_of(hook::input) | set_of(hook::postrouting) > };

}  // namespace cordon
