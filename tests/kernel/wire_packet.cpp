#include "wire_packet.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "checksum.hpp"

namespace cordon::kernel {
namespace {

constexpr std::uint8_t ipv6_fragment_header = 44;

void put16(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

/// Where the checksum lies in the transport header; 0 where the protocol has none.
std::size_t checksum_place(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return 16;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_DCCP: return 6;
    case IPPROTO_SCTP: return 8;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return 2;
    default: return 0;
  }
}

std::size_t transport_header_length(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return 20;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return 8;
    case IPPROTO_DCCP: return 20;  // the generic header with long sequence numbers, and a request's service code
    case IPPROTO_SCTP: return 12;
    default: return 0;
  }
}

void write_transport_header(const wire_packet& packet, std::vector<std::uint8_t>& bytes, std::size_t start) {
  switch (packet.protocol) {
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      bytes[start] = packet.icmp_type;
      bytes[start + 1] = packet.icmp_code;
      put16(bytes, start + 4, packet.echo_identifier);
      put16(bytes, start + 6, 1);  // the sequence number of a first ping
      return;
    case IPPROTO_TCP:
      put16(bytes, start + 6, 1);  // sequence number 1
      bytes[start + 12] = 5 << 4;
      bytes[start + 13] = packet.tcp_flags;
      put16(bytes, start + 14, 0xffff);  // window
      break;
    case IPPROTO_UDP: put16(bytes, start + 4, static_cast<std::uint32_t>(bytes.size() - start)); break;
    case IPPROTO_UDPLITE: break;  // coverage 0: the checksum covers the whole packet
    case IPPROTO_DCCP:
      bytes[start + 4] = 5;  // data offset in words
      bytes[start + 8] = 1;  // type REQUEST, long sequence numbers
      bytes[start + 15] = 1;
      break;
    case IPPROTO_SCTP: break;
    default: return;
  }
  put16(bytes, start, packet.source_port);
  put16(bytes, start + 2, packet.destination_port);
}

void write_checksum(const wire_packet& packet, std::vector<std::uint8_t>& bytes, std::size_t start) {
  const std::size_t place = checksum_place(packet.protocol);
  if (place == 0) return;
  const std::span<const std::uint8_t> transport = std::span<const std::uint8_t>(bytes).subspan(start);
  if (packet.protocol == IPPROTO_SCTP) {
    const std::uint32_t sum = crc32c(transport);
    for (std::size_t byte = 0; byte < 4; ++byte)
      bytes[start + place + byte] = static_cast<std::uint8_t>(sum >> (8 * byte));
    return;
  }
  std::uint64_t sum = ones_complement_sum(transport);
  if (packet.protocol != IPPROTO_ICMP) {  // the pseudo-header of RFC 9293 and RFC 8200
    const std::size_t length = packet.family == ip_family::v4 ? 4 : 16;
    sum = ones_complement_sum(std::span(packet.source).first(length), sum);
    sum = ones_complement_sum(std::span(packet.destination).first(length), sum);
    sum += packet.protocol + transport.size();
  }
  std::uint16_t value = folded(sum);
  const bool zero_means_none = packet.protocol == IPPROTO_UDP || packet.protocol == IPPROTO_UDPLITE;
  if (value == 0 && zero_means_none) value = 0xffff;
  put16(bytes, start + place, value);
}

void write_ipv4_header(const wire_packet& packet, std::vector<std::uint8_t>& bytes) {
  bytes[0] = 0x45;
  bytes[1] = packet.tos;
  put16(bytes, 2, static_cast<std::uint32_t>(bytes.size()));
  put16(bytes, 4, packet.identity);
  put16(bytes, 6,
        (packet.fragment_offset & 0x1fffU) | (packet.more_fragments ? 0x2000U : 0U) |
            (packet.dont_fragment ? 0x4000U : 0U));
  bytes[8] = packet.ttl;
  bytes[9] = packet.protocol;
  std::copy_n(packet.source.begin(), 4, bytes.begin() + 12);
  std::copy_n(packet.destination.begin(), 4, bytes.begin() + 16);
  put16(bytes, 10, folded(ones_complement_sum(std::span<const std::uint8_t>(bytes).first(20))));
}

bool has_fragment_header(const wire_packet& packet) {
  return packet.fragment_header || packet.fragment_offset != 0 || packet.more_fragments;
}

/// Writes the fixed header and all extension headers, each naming the next.
void write_ipv6_headers(const wire_packet& packet, std::vector<std::uint8_t>& bytes) {
  bytes[0] = static_cast<std::uint8_t>(0x60U | (packet.tos >> 4));
  bytes[1] = static_cast<std::uint8_t>(((packet.tos & 0xfU) << 4) | ((packet.identity >> 16) & 0xfU));
  put16(bytes, 2, packet.identity);
  put16(bytes, 4, static_cast<std::uint32_t>(bytes.size() - 40));
  bytes[7] = packet.ttl;
  std::copy_n(packet.source.begin(), 16, bytes.begin() + 8);
  std::copy_n(packet.destination.begin(), 16, bytes.begin() + 24);
  std::size_t names_next = 6;
  std::size_t at = 40;
  for (const extension_header& extension : packet.extensions) {
    std::ranges::copy(extension.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    bytes[names_next] = extension.type;
    names_next = at;
    at += extension.bytes.size();
  }
  if (has_fragment_header(packet)) {
    bytes[names_next] = ipv6_fragment_header;
    names_next = at;
    put16(bytes, at + 2, (static_cast<std::uint32_t>(packet.fragment_offset) << 3) | (packet.more_fragments ? 1U : 0U));
    put16(bytes, at + 4, packet.identity >> 16);
    put16(bytes, at + 6, packet.identity);
  }
  bytes[names_next] = packet.protocol;
}

std::size_t network_header_length(const wire_packet& packet) {
  if (packet.family == ip_family::v4) return 20;
  std::size_t length = has_fragment_header(packet) ? 48 : 40;
  for (const extension_header& extension : packet.extensions) length += extension.bytes.size();
  return length;
}

}  // namespace

void write_wire_bytes(const wire_packet& packet, std::vector<std::uint8_t>& bytes) {
  const std::size_t start = network_header_length(packet);
  bytes.clear();
  if (packet.transport_override) {
    bytes.resize(start + packet.transport_override->size());
    std::ranges::copy(*packet.transport_override, bytes.begin() + static_cast<std::ptrdiff_t>(start));
  } else {
    const std::size_t payload_at = start + transport_header_length(packet.protocol);
    bytes.resize(std::max<std::size_t>(payload_at + packet.payload.size(), packet.total_length));
    std::ranges::copy(packet.payload, bytes.begin() + static_cast<std::ptrdiff_t>(payload_at));
    write_transport_header(packet, bytes, start);
    write_checksum(packet, bytes, start);
  }
  if (packet.transport_bytes && bytes.size() > start + *packet.transport_bytes)
    bytes.resize(start + *packet.transport_bytes);
  if (packet.family == ip_family::v4) {
    write_ipv4_header(packet, bytes);
  } else {
    write_ipv6_headers(packet, bytes);
  }
}

std::vector<std::uint8_t> wire_bytes(const wire_packet& packet) {
  std::vector<std::uint8_t> bytes;
  write_wire_bytes(packet, bytes);
  return bytes;
}

std::optional<address_bytes> read_address(const std::string& text, ip_family& family) {
  address_bytes address{};
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) {
    family = ip_family::v4;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) {
    family = ip_family::v6;
    return address;
  }
  return std::nullopt;
}

std::string address_text(const address_bytes& address, ip_family family) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family == ip_family::v4 ? AF_INET : AF_INET6, address.data(), text, sizeof text);
  return text;
}

}  // namespace cordon::kernel
