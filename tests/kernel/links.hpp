// Interfaces, addresses and routes, by rtnetlink.
#pragma once

#include <string>

#include "netlink.hpp"
#include "wire_packet.hpp"

namespace cordon::kernel {

/// Interfaces, addresses and routes of the calling thread's network namespace, by rtnetlink: what `ip` would
/// do, without starting it. Every function throws std::system_error if the kernel refuses.
class links {
 public:
  links();

  /// Two interfaces joined by a cable. Neither resolves neighbours (IFF_NOARP), so packets to any address
  /// leave at once, and IPv6 joins no solicited-node group, whose MLD reports would be noise in OUTPUT.
  void make_pair(const std::string& one, const std::string& other);
  void set_up(const std::string& name);
  /// IPv6 addresses are usable at once: no duplicate address detection.
  void add_address(const std::string& name, const std::string& address, unsigned prefix_length);
  void add_default_route(ip_family family, const std::string& name, std::uint32_t metric);
  /// Makes every IPv6 address local when a socket is bound to `lo`, as IPv4 does of itself, so that a packet
  /// with a foreign destination can be sent out of it.
  void add_everything_is_local_route(std::uint32_t metric);

 private:
  void add_route(ip_family family, const std::string& name, std::uint32_t metric, std::uint8_t type,
                 std::uint8_t scope);

  netlink_socket socket_;
};

}  // namespace cordon::kernel
