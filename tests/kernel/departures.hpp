// What leaves a host, behind all tables: which packet by which interface.
#pragma once

#include <compare>
#include <cstdint>
#include <map>

#include <cordon/packet/address.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/packet/protocol.hpp>

#include "descriptor.hpp"

namespace cordon::kernel {

/// By what a packet is known again that nat may have sent elsewhere: its source port, or an echo request's
/// identifier.
struct departure_key {
  cordon::family family = cordon::family::ipv4;
  cordon::protocol protocol = cordon::protocol::tcp;
  std::uint16_t number = 0;
  auto operator<=>(const departure_key&) const = default;
};

struct departure {
  address to = {};
  std::uint16_t port = 0;  ///< 0 for ICMP
  interface_name out = {};
};

/// Hears what every interface of the calling thread's namespace sends, lo's too (AF_PACKET).
class departures {
 public:
  /// Throws std::system_error.
  departures();

  /// What was sent since the last call, of each key the first packet. TCP, UDP and echo requests; IPv6
  /// without extension headers.
  std::map<departure_key, departure> take();

 private:
  descriptor socket_;
};

}  // namespace cordon::kernel
