// The state that connection tracking gives a packet (include/uapi/linux/netfilter/nf_conntrack_common.h).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>

namespace cordon {

/// `fresh` is NEW. The order makes intervals of what policies ask for: all but established and related; and all that a
/// sandbox can bring about, since only a NOTRACK rule makes a packet untracked.
enum class connection_state : std::uint8_t { established, related, fresh, invalid, untracked };

/// as iptables prints them, by the number of a `connection_state`
inline constexpr std::string_view connection_state_names[] = {"ESTABLISHED", "RELATED", "NEW", "INVALID", "UNTRACKED"};

/// As iptables prints it.
constexpr std::string_view name_of(connection_state of) { return connection_state_names[static_cast<unsigned>(of)]; }

/// The state of that name; case does not matter.
constexpr maybe<connection_state> read_connection_state(std::string_view written) {
  for (unsigned i = 0; i < 5; ++i)
    if (equal_ignoring_case(connection_state_names[i], written)) return static_cast<connection_state>(i);
  return no_value;
}

}  // namespace cordon
