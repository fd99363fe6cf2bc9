#include "packet_line.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <utility>

namespace cordon::kernel {
namespace {

constexpr std::array<std::string_view, 8> flag_names = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

bool read_flag(std::string_view text, bool& flag) {
  flag = text == "1";
  return flag || text == "0";
}

bool read_bytes(std::string_view text, std::vector<std::uint8_t>& bytes) {
  bytes.clear();
  for (; text.size() >= 2; text.remove_prefix(2)) {
    std::uint8_t byte = 0;
    if (std::from_chars(text.data(), text.data() + 2, byte, 16).ptr != text.data() + 2) return false;
    bytes.push_back(byte);
  }
  return text.empty();
}

bool read_tcp_flags(std::string_view text, std::uint8_t& flags) {
  flags = 0;
  if (text == "NONE") return true;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    bool known = false;
    for (std::size_t bit = 0; bit < flag_names.size(); ++bit) {
      if (name != flag_names[bit]) continue;
      flags = static_cast<std::uint8_t>(flags | (1U << bit));
      known = true;
    }
    if (!known) return false;
  }
  return true;
}

bool read_protocol(std::string_view text, std::uint8_t& protocol) {
  if (read_number(text, protocol)) return true;
  const protoent* entry = getprotobyname(text == "icmpv6" ? "ipv6-icmp" : std::string(text).c_str());
  if (entry != nullptr) protocol = static_cast<std::uint8_t>(entry->p_proto);
  return entry != nullptr;
}

bool read_icmp(std::string_view text, wire_packet& packet) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return read_number(text, packet.icmp_type);
  return read_number(text.substr(0, slash), packet.icmp_type) && read_number(text.substr(slash + 1), packet.icmp_code);
}

bool read_extension(std::string_view text, wire_packet& packet) {
  extension_header extension;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !read_number(text.substr(0, colon), extension.type)) return false;
  if (!read_bytes(text.substr(colon + 1), extension.bytes) || extension.bytes.size() < 2) return false;
  packet.extensions.push_back(std::move(extension));
  return true;
}

bool read_address_value(std::string_view text, address_bytes& address, wire_packet& packet) {
  const auto found = read_address(std::string(text), packet.family);
  if (found) address = *found;
  return found.has_value();
}

template <class Inner, class Read>
bool read_optional(std::optional<Inner>& target, Read read) {
  return read(target.emplace());
}

bool read_wire_value(std::string_view key, std::string_view value, wire_packet& packet) {
  if (key == "id") return read_number(value, packet.identity);
  if (key == "df") return read_flag(value, packet.dont_fragment);
  if (key == "frag") return read_number(value, packet.fragment_offset);
  if (key == "more") return read_flag(value, packet.more_fragments);
  if (key == "fraghdr") return read_flag(value, packet.fragment_header);
  if (key == "bytes")
    return read_optional(packet.transport_bytes, [&](auto& target) { return read_number(value, target); });
  if (key == "payload") return read_bytes(value, packet.payload);
  if (key == "raw")
    return read_optional(packet.transport_override, [&](auto& target) { return read_bytes(value, target); });
  if (key == "ext") return read_extension(value, packet);
  return false;
}

bool read_value(std::string_view key, std::string_view value, wire_packet& packet) {
  if (key == "family") {
    packet.family = value == "6" ? ip_family::v6 : ip_family::v4;
    return value == "4" || value == "6";
  }
  if (key == "proto") return read_protocol(value, packet.protocol);
  if (key == "src") return read_address_value(value, packet.source, packet);
  if (key == "dst") return read_address_value(value, packet.destination, packet);
  if (key == "sport") return read_number(value, packet.source_port);
  if (key == "dport") return read_number(value, packet.destination_port);
  if (key == "flags") return read_tcp_flags(value, packet.tcp_flags);
  if (key == "icmp") return read_icmp(value, packet);
  if (key == "uid") return read_number(value, packet.uid);
  if (key == "gid") return read_number(value, packet.gid);
  if (key == "mark") return read_number(value, packet.mark);
  if (key == "len") return read_number(value, packet.total_length);
  if (key == "ttl") return read_number(value, packet.ttl);
  if (key == "tos") return read_number(value, packet.tos);
  if (key == "out") {
    packet.out_interface = value;
    return value.size() < 16;
  }
  return read_wire_value(key, value, packet);
}

bool is_loopback(const wire_packet& packet) {
  if (packet.family == ip_family::v4) return packet.destination[0] == 127;
  address_bytes one{};
  one[15] = 1;
  return packet.destination == one;
}

}  // namespace

std::optional<std::string> read_packet_line(std::string_view line, wire_packet& packet) {
  bool has_source = false;
  bool has_destination = false;
  bool has_icmp = false;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || !read_value(word.substr(0, equals), word.substr(equals + 1), packet)) {
      return "cannot read '" + std::string(word) + "'";
    }
    if (word.starts_with("src=")) has_source = true;
    if (word.starts_with("dst=")) has_destination = true;
    if (word.starts_with("icmp=")) has_icmp = true;
  }
  if (!has_destination) return "no dst";
  if (!has_source) {
    ip_family family{};
    const bool v4 = packet.family == ip_family::v4;
    packet.source =
        is_loopback(packet) ? packet.destination : read_address(v4 ? "192.0.2.1" : "2001:db8::1", family).value();
  }
  if (packet.protocol == IPPROTO_ICMPV6 && !has_icmp) packet.icmp_type = 128;  // an echo request there too
  return std::nullopt;
}

}  // namespace cordon::kernel
