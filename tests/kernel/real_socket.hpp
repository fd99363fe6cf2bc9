// Sockets on loopback that belong to somebody.
#pragma once

#include <cstdint>

#include "descriptor.hpp"
#include "wire_packet.hpp"

namespace cordon::kernel {

struct owner_ids {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

/// The ports by which packets of a conversation on loopback (127.0.0.1 or ::1) are known in a trace.
struct port_pair {
  std::uint16_t client = 0;
  std::uint16_t server = 0;
};

/// A non-blocking socket of `owner`, bound to a free port of loopback. `type` is SOCK_STREAM or SOCK_DGRAM.
/// Like all here throws std::system_error when the kernel refuses.
descriptor bound_socket(ip_family family, int type, owner_ids owner);
std::uint16_t port_of(const descriptor& socket);
/// A port of loopback that nothing listens on.
std::uint16_t closed_port(ip_family family, int type);

/// The errno of connect(); EINPROGRESS counts as 0.
int connect_to(const descriptor& socket, ip_family family, std::uint16_t port);
/// Waits until the socket is readable, at most so long.
bool readable(const descriptor& socket, int milliseconds);
/// Waits until a connection attempt is over, at most so long: its errno, ETIMEDOUT if it is not over.
int result_of(const descriptor& socket, int milliseconds);

}  // namespace cordon::kernel
