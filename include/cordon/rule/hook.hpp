// Where in the kernel a chain is entered.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>

namespace cordon {

/// The hooks that built-in chains belong to (include/uapi/linux/netfilter.h).
enum class hook : std::uint8_t { prerouting, input, forward, output, postrouting };

/// A set of hooks, as bits.
using hook_set = std::uint8_t;
/// Of one hook alone.
constexpr hook_set set_of(hook one) { return static_cast<hook_set>(1U << static_cast<unsigned>(one)); }
/// Whether the hook is in the set.
constexpr bool contains(hook_set hooks, hook one) { return (hooks & set_of(one)) != 0; }

inline constexpr hook_set all_hooks = 31;  ///< the five of them
/// The hooks of packets on their way in, and of those on their way out.
inline constexpr hook_set incoming_hooks = set_of(hook::prerouting) | set_of(hook::input) | set_of(hook::forward);
inline constexpr hook_set outgoing_hooks =
    set_of(hook::output) | set_of(hook::postrouting);  ///< of packets that go out

/// as the kernel's built-in chains are called, by the number of a `hook`
inline constexpr std::string_view names_of_hooks[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};

/// The hook of a built-in chain, by its name.
constexpr maybe<hook> hook_of(std::string_view chain) {
  for (unsigned i = 0; i < 5; ++i)
    if (names_of_hooks[i] == chain) return static_cast<hook>(i);
  return no_value;
}

/// The built-in chain of a hook.
constexpr std::string_view name_of(hook of) { return names_of_hooks[static_cast<unsigned>(of)]; }

}  // namespace cordon
