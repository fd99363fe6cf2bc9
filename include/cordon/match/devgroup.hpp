// -m devgroup: the group of the packet's interface (net/netfilter/xt_devgroup.c, devgroup_mt). An atom, the same for
// one interface at each rule.
#pragma once

#include <array>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/named_numbers.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace devgroup_option {
enum : std::uint8_t { source, destination };

// /etc/iproute2/group
inline constexpr std::array<forms::named_number, 1> names = {{{"default", 0}}};

inline constexpr option_description table[] = {
    {.name = "--src-group", .form = &forms::named_masked_number<names>, .meaning = "of the incoming interface"},
    {.name = "--dst-group", .form = &forms::named_masked_number<names>, .meaning = "of the outgoing interface"},
};
}  // namespace devgroup_option

namespace detail {
constexpr text devgroup_check(const sequence<option>& options, const meaning_context&) {
  if (options.empty()) return "-m devgroup needs --src-group or --dst-group";
  return {};
}

constexpr match_meaning devgroup_meaning(const sequence<option>& options, const meaning_context& context) {
  predicate holds = always();
  for (const option& one : options) {
    const sequence<option> single = {one};
    holds &= opaque("devgroup", devgroup_option::table, single, context, /*stateful=*/false).holds;
  }
  return {holds};
}

constexpr hook_set devgroup_hooks(const sequence<option>& options, const meaning_context&) {
  hook_set valid = all_hooks;
  if (find_option(options, devgroup_option::source) != nullptr) valid &= incoming_hooks;
  if (find_option(options, devgroup_option::destination) != nullptr)
    valid &= static_cast<hook_set>(outgoing_hooks | set_of(hook::forward));
  return valid;
}
}  // namespace detail

/// `-m devgroup`: its options, and what a use of it means.
inline constexpr match_extension devgroup_match{.name = "devgroup",
                                                .options = devgroup_option::table,
                                                .check = detail::devgroup_check,
                                                .meaning = detail::devgroup_meaning,
                                                .hooks = detail::devgroup_hooks,
                                                .hooks_by_options = true};

}  // namespace cordon
