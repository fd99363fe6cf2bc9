// Real traffic: packets that raw sockets cannot send, and connections that conntrack knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "descriptor.hpp"
#include "real_socket.hpp"
#include "wire_packet.hpp"

namespace cordon::kernel {

// What raw sockets cannot send: packets without a socket, packets of the kernel's own sockets, and packets of
// connections that conntrack knows. All is done with real sockets on loopback, in a world that hears replies;
// every packet passes OUTPUT, so a tracer sees both directions. Waits end after a tenth of a second where the
// rules drop something.

/// SYN to a closed port. The answer is a RST: of the kernel's socket in IPv4 (tcp_v4_send_reset), of no
/// socket in IPv6.
port_pair refused_tcp(ip_family family, owner_ids client = {});

/// A datagram to a closed port. The answer is an ICMP error, of the kernel's socket (icmp_send, icmp6_send).
port_pair refused_udp(ip_family family, owner_ids client = {});

/// An echo request with this identifier. The answer is the kernel's (icmp_reply, icmpv6_echo_reply).
void ping(ip_family family, std::uint16_t identifier, owner_ids client = {});

/// A TCP connection in all its stages. Made: SYN (client), SYN-ACK (listener), ACK (client).
class tcp_pair {
 public:
  tcp_pair(ip_family family, owner_ids client, owner_ids listener);

  port_pair ports() const { return ports_; }
  /// The handshake was completed. If not, nothing below does anything.
  bool connected() const { return connected_; }

  /// The server's packets are of no socket (`sk_socket` is null) until this is called, and then `owner`'s.
  void accept(owner_ids owner);
  void send_from_client(std::size_t bytes);
  /// Needs accept().
  void send_from_server(std::size_t bytes);

  /// Client closes while data waits because the server does not read; the server then reads, and the rest of
  /// the data and the FIN go out without an owner. Needs accept(). Returns how many bytes the server got
  /// after the close.
  std::size_t close_client_with_pending_data();
  void close_client() { client_.reset(); }
  void close_server() { server_.reset(); }

 private:
  descriptor listener_;
  descriptor client_;
  descriptor server_;
  port_pair ports_;
  bool connected_ = false;
};

/// Two UDP sockets: NEW until the server has answered, then ESTABLISHED.
class udp_pair {
 public:
  udp_pair(ip_family family, owner_ids client, owner_ids server);

  port_pair ports() const { return ports_; }
  /// The errno of send().
  int send_from_client(std::size_t bytes);
  int send_from_server(std::size_t bytes);

 private:
  descriptor client_;
  descriptor server_;
  port_pair ports_;
};

/// One of the above by name: `rst`, `unreachable`, `ping`, `udp` (two there, one back, one there, one back),
/// `tcp` (opened, used before and after accept(), closed by the client first), `orphan`. False if there is no
/// such name.
bool make_real_traffic(std::string_view what, ip_family family, owner_ids client, owner_ids server);

}  // namespace cordon::kernel
