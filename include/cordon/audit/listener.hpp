// Who waits for packets on a host: its listening sockets, as `ss` and /proc/net tell them.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/packet/protocol.hpp>

namespace cordon {

/// A process that holds a listening socket.
struct listening_process {
  text name = {};        ///< as the kernel shows it: at most 15 bytes, any but zero
  std::uint32_t id = 0;  ///< the process id

  friend constexpr bool operator==(const listening_process&, const listening_process&) = default;
};

/// Whether a socket of IPv6 that is bound to every address takes packets of IPv4 too (IPV6_V6ONLY).
enum class takes_ipv4 : std::uint8_t {
  no,
  yes,
  not_told,  ///< /proc/net does not say
};

/// A socket that takes packets from whoever sends them: TCP that listens, UDP that is bound and not
/// connected.
struct listener {
  cordon::protocol protocol = protocol::tcp;  ///< TCP or UDP
  address at = {};                   ///< an IPv4-mapped one is one of IPv4; all bits 0: every address of the host
  std::uint16_t port = 1;            ///< not 0
  interface_name interface = {};     ///< the one that the socket is bound to; empty: none
  takes_ipv4 ipv4 = takes_ipv4::no;  ///< of a socket of IPv6 alone
  sequence<listening_process> processes = {};  ///< in the order of their ids; empty if that was not told
  maybe<std::uint32_t> user = {};              ///< whose socket it is, where that was told

  /// Whether it is bound to no address, and so takes packets to every one of the host.
  constexpr bool is_everywhere() const { return at.bits == 0; }
  friend constexpr bool operator==(const listener&, const listener&) = default;
};

/// The address that a listener is bound to, as `ss` writes it: "127.0.0.53%lo", "*", "[::]".
constexpr text address_in_words(const listener& of) {
  text out;
  if (of.at.family == family::ipv4)
    out.append(to_text(of.at));
  else if (of.is_everywhere() && of.ipv4 != takes_ipv4::no)
    out.append('*');
  else
    out.append('[').append(to_text(of.at)).append(']');
  if (!of.interface.empty()) out.append('%').append(of.interface);
  return out;
}

/// "tcp 127.0.0.1:8000".
constexpr text to_text(const listener& of) {
  return join(to_text(of.protocol), " ", address_in_words(of), ":", decimal(of.port));
}

namespace detail {

/// An address as a socket has it: what is written ::ffff:a.b.c.d is a.b.c.d.
constexpr address without_mapping(const address& of) {
  if (of.family == family::ipv4 || (of.bits >> 32) != 0xffff) return of;
  return {family::ipv4, of.bits & 0xffffffff};
}

/// Below zero, zero or above: by port, protocol, family, address, interface.
constexpr int compare(const listener& a, const listener& b) {
  const auto of_numbers = [](const auto& left, const auto& right) { return left < right ? -1 : right < left ? 1 : 0; };
  if (const int by_port = of_numbers(a.port, b.port); by_port != 0) return by_port;
  if (const int by_protocol = of_numbers(number_of(a.protocol), number_of(b.protocol)); by_protocol != 0)
    return by_protocol;
  if (a.at.family != b.at.family) return a.at.family == family::ipv4 ? -1 : 1;
  if (const int by_address = of_numbers(a.at.bits, b.at.bits); by_address != 0) return by_address;
  const int by_interface = a.interface.view().compare(b.interface.view());
  return by_interface != 0 ? by_interface : of_numbers(a.ipv4, b.ipv4);
}

}  // namespace detail

}  // namespace cordon
