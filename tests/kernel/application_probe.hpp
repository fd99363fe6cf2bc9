// What a program sees when it connects and sends, in words that can be compared.
#pragma once

#include <cstdint>
#include <string>

#include <cordon/packet/address.hpp>
#include <cordon/simulate/application.hpp>

#include "socket_address.hpp"

namespace cordon::kernel {

/// A program that talks to one address and port.
struct prober {
  owner_ids owner = {};
  address to = {};
  std::uint16_t port = 0;
  std::string by = {};  ///< the interface that its TCP sockets are bound to; empty: none

  // Each makes its socket, and says how the call ended: `no error`, `ECONNREFUSED at once`, `ECONNREFUSED after a
  // second`, `ETIMEDOUT in the end`, `no answer` (for two and a half seconds). What the kernel cannot do at all is
  // `not possible`.

  /// A blocking connect(). It gives up after the second SYN instead of after two minutes (TCP_SYNCNT).
  std::string connect_blocking() const;
  /// poll() and SO_ERROR after a connect() that does not block.
  std::string connect_nonblocking() const;
  /// recv() on a connection, to which a byte was sent that the other end sends back.
  std::string talk() const;
  /// sendto() of a datagram. `protocol` is udp or udplite.
  std::string send_datagram(protocol of) const;
  /// recv() on a connected socket after send().
  std::string receive_after_send(protocol of) const;
  /// send() on a connected socket after send().
  std::string send_after_send(protocol of) const;
  /// sendto() of an echo request on a ping socket.
  std::string ping() const;
  /// sendto() on a raw socket, of a whole packet of that protocol (TCP: a SYN; ICMP: an echo request).
  std::string send_raw(protocol of) const;
};

/// How the model says that a call ends, in the same words. Precondition: the call is made.
std::string words_of(const call_result& predicted, bool is_blocking_connect = false);

}  // namespace cordon::kernel
