// -m realm: the routing realm of the packet's route (net/netfilter/xt_realm.c, realm_mt). An atom. IPv4 alone.
#pragma once

#include <array>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/named_numbers.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace realm_option {
enum : std::uint8_t { realm };

// /etc/iproute2/rt_realms
inline constexpr std::array<forms::named_number, 1> names = {{{"cosmos", 0}}};

inline constexpr option_description table[] = {
    {.name = "--realm", .form = &forms::named_masked_number<names>, .least_count = 1, .meaning = "the realm"},
};
}  // namespace realm_option

namespace detail {
constexpr match_meaning realm_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("realm", realm_option::table, options, context, /*stateful=*/true);
}

constexpr hook_set realm_hooks(const sequence<option>&, const meaning_context&) {
  return static_cast<hook_set>(outgoing_hooks | set_of(hook::input) | set_of(hook::forward));
}
}  // namespace detail

/// `-m realm`: its options, and what a use of it means.
inline constexpr match_extension realm_match{.name = "realm",
                                             .options = realm_option::table,
                                             .meaning = detail::realm_meaning,
                                             .hooks = detail::realm_hooks,
                                             .ipv6 = false};

}  // namespace cordon
