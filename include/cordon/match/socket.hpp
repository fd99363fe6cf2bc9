// -m socket: whether a socket of this machine waits for the packet (net/netfilter/xt_socket.c, socket_mt4_v3). Only
// before routing and on the way in.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace socket_option {
enum : std::uint8_t { transparent, no_wildcard, restore_mark };

inline constexpr option_description table[] = {
    {.name = "--transparent", .form = &forms::nothing, .invertible = false, .meaning = "transparent sockets alone"},
    {.name = "--nowildcard",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "sockets bound to no address too"},
    {.name = "--restore-skmark", .form = &forms::nothing, .invertible = false, .meaning = "takes the socket's mark"},
};
}  // namespace socket_option

namespace detail {
constexpr match_meaning socket_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("socket", socket_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m socket`: its options, and what a use of it means.
inline constexpr match_extension socket_match{.name = "socket",
                                              .options = socket_option::table,
                                              .meaning = detail::socket_meaning,
                                              .hooks = only_at < set_of(hook::prerouting) | set_of(hook::input) > };

}  // namespace cordon
