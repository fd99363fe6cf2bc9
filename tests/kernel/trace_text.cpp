#include "trace_text.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstdio>

namespace cordon::kernel {
namespace {

using bytes_seen = std::vector<std::uint8_t>;

/// Where the headers have their fields, which differs by family.
struct layout {
  std::size_t protocol;
  std::size_t source;
  std::size_t destination;
  std::size_t address_length;
  std::size_t transport;
};
constexpr layout ipv4_layout = {9, 12, 16, 4, 20};
constexpr layout ipv6_layout = {6, 8, 24, 16, 40};

const layout& layout_of(const traced_packet& packet) {
  return packet.family == ip_family::v4 ? ipv4_layout : ipv6_layout;
}

std::string address_at(const bytes_seen& bytes, std::size_t place, const traced_packet& packet) {
  const std::size_t length = layout_of(packet).address_length;
  if (bytes.size() < place + length) return "?";
  address_bytes address{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(place), length, address.begin());
  return address_text(address, packet.family);
}

std::string transport_text(const bytes_seen& bytes, std::size_t at, std::uint8_t protocol) {
  const auto number16 = [&](std::size_t place) {
    return std::to_string(bytes[at + place] * 256 + bytes[at + place + 1]);
  };
  if (bytes.size() < at + 4) return "";
  if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
    return " icmp=" + std::to_string(bytes[at]) + "/" + std::to_string(bytes[at + 1]);
  std::string text = " sport=" + number16(0) + " dport=" + number16(2);
  if (protocol == IPPROTO_TCP && bytes.size() > at + 13) {
    char flags[16];
    std::snprintf(flags, sizeof flags, " flags=0x%02x", static_cast<unsigned>(bytes[at + 13]));
    text += flags;
  }
  return text;
}

}  // namespace

std::string packet_text(const traced_packet& packet) {
  const layout& where = layout_of(packet);
  const bytes_seen& bytes = packet.before;
  if (bytes.size() < where.transport) return "?";
  const std::uint8_t protocol = bytes[where.protocol];
  return "proto=" + std::to_string(protocol) + " src=" + address_at(bytes, where.source, packet) +
         " dst=" + address_at(bytes, where.destination, packet) + transport_text(bytes, where.transport, protocol);
}

std::string outcome_text(const traced_packet& packet) {
  std::string text = packet.state.empty() ? "" : "state=" + packet.state + " ";
  text += packet.steps_known ? way(packet) : "(steps unknown)";
  if (!packet.passed) return text;
  const layout& where = layout_of(packet);
  const std::string destination = address_at(packet.after, where.destination, packet);
  if (packet.after != packet.before && packet.after.size() >= where.transport) {
    text += " -> dst=" + destination + transport_text(packet.after, where.transport, packet.after[where.protocol]);
  }
  if (packet.mark_after != packet.mark_before) text += " mark=" + std::to_string(packet.mark_after);
  return text;
}

}  // namespace cordon::kernel
