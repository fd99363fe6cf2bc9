// A packet as it goes on the wire, with everything a test can choose, and its bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cordon::kernel {

enum class ip_family : std::uint8_t { v4 = 4, v6 = 6 };

/// An IPv4 address lies in the first four bytes; the others are zero.
using address_bytes = std::array<std::uint8_t, 16>;

/// Reads `127.0.0.1` or `::1`; sets `family`. Empty when the text is no address.
std::optional<address_bytes> read_address(const std::string& text, ip_family& family);
std::string address_text(const address_bytes& address, ip_family family);

/// An IPv6 extension header as it lies in the packet, at least two bytes, length field included.
/// The builder writes only its first byte, the type of the header that follows.
struct extension_header {
  std::uint8_t type = 0;
  std::vector<std::uint8_t> bytes;
};

/// Everything about a packet that a test can choose, whether or not its protocol has a place for it.
struct wire_packet {
  ip_family family = ip_family::v4;
  address_bytes source{};  ///< all zero in IPv4: the kernel fills in the address of the interface
  address_bytes destination{};
  std::uint8_t protocol = 6;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint8_t tcp_flags = 0x02;  ///< FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128
  std::uint8_t icmp_type = 8;     ///< of ICMP and ICMPv6 alike: an IPv6 echo request needs 128
  std::uint8_t icmp_code = 0;
  std::uint16_t echo_identifier = 0;
  std::uint8_t ttl = 64;  ///< hop limit
  std::uint8_t tos = 0;   ///< traffic class

  std::uint32_t uid = 0;  ///< not 4294967295, which names no user
  std::uint32_t gid = 0;
  std::uint32_t mark = 0;
  std::string out_interface;  ///< empty: the routing table chooses

  /// What tells packets apart in a trace: IPv4 ID (16 bits, and not 0, which the kernel replaces) or IPv6
  /// flow label (20 bits).
  std::uint32_t identity = 1;

  std::uint16_t fragment_offset = 0;  ///< in units of 8 bytes
  bool more_fragments = false;
  bool dont_fragment = false;
  bool fragment_header = false;  ///< IPv6: has a fragment header although offset and flag are zero

  /// Bytes after the transport header, as they are.
  std::vector<std::uint8_t> payload;
  /// Length of the whole IP packet; zero bytes fill it up. Smaller than what the headers need: no effect.
  std::uint16_t total_length = 0;
  /// Cuts the packet after so many bytes of transport header and payload. Checksums are those of the whole
  /// packet.
  std::optional<std::uint16_t> transport_bytes;
  /// Stands in the place of transport header and payload, word for word.
  std::optional<std::vector<std::uint8_t>> transport_override;
  /// IPv6: headers between the fixed header (and before the fragment header, if any) and the transport
  /// header.
  std::vector<extension_header> extensions;
};

/// Replaces the content of `bytes` by the packet as it goes on the wire, from the IP header on. Transport
/// checksums are right for tcp, udp, udplite, sctp, dccp, icmp and icmpv6; other protocols have no transport
/// header but `payload`.
void write_wire_bytes(const wire_packet& packet, std::vector<std::uint8_t>& bytes);
std::vector<std::uint8_t> wire_bytes(const wire_packet& packet);

}  // namespace cordon::kernel
