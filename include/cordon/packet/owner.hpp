// Who sent a packet, as net/netfilter/xt_owner.c sees it.
#pragma once

#include <cstdint>

namespace cordon {

/// The largest user or group id; 4294967295 is (uid_t)-1 and belongs to nobody.
inline constexpr std::uint32_t greatest_id = 4294967294U;

/// Which kind of socket a packet comes from.
enum class socket_kind : std::uint8_t {
  none,    ///< no socket: orphaned and TIME_WAIT sockets, an IPv6 RST for a closed port
  kernel,  ///< a socket of the kernel's own, without a file: an IPv4 RST, ICMP errors, echo replies
  user,    ///< the socket of a process: it has a user and a group
};

/// The owner of a packet's socket: the user and group (fsuid and fsgid) that created it. They mean nothing
/// for the other two kinds.
struct owner {
  socket_kind socket = socket_kind::user;  ///< whether it has an owner at all
  std::uint32_t uid = 0;                   ///< of a `user` socket's maker
  std::uint32_t gid = 0;                   ///< of a `user` socket's maker

  friend constexpr bool operator==(const owner&, const owner&) = default;
};

}  // namespace cordon
