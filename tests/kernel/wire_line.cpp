#include "wire_line.hpp"

#include <netinet/in.h>

#include <cordon/packet/protocol.hpp>
#include <cordon/packet/tcp_flags.hpp>

namespace cordon::kernel {
namespace {

std::string hexadecimal(const std::vector<std::uint8_t>& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string made;
  for (const std::uint8_t byte : bytes) {
    made += digits[byte >> 4];
    made += digits[byte & 15];
  }
  return made;
}

class line {
 public:
  void add(const char* key, const std::string& value) {
    text += (text.empty() ? "" : " ") + std::string(key) + "=" + value;
  }
  void add(const char* key, std::uint64_t value) { add(key, std::to_string(value)); }
  void add_unless(const char* key, std::uint64_t value, std::uint64_t usual) {
    if (value != usual) add(key, value);
  }

  std::string text;
};

/// Names that every machine knows; its list of protocols may be short.
std::string protocol_text(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return "tcp";
    case IPPROTO_UDP: return "udp";
    case IPPROTO_ICMP: return "icmp";
    case IPPROTO_ICMPV6: return "icmpv6";
    default: return std::to_string(protocol);
  }
}

bool is_icmp(std::uint8_t protocol) { return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6; }

void add_transport(line& into, const wire_packet& packet) {
  if (packet.transport_override) {
    into.add("raw", hexadecimal(*packet.transport_override));
  } else if (is_icmp(packet.protocol)) {
    into.add("icmp", std::to_string(packet.icmp_type) + "/" + std::to_string(packet.icmp_code));
  } else if (has_ports(static_cast<protocol>(packet.protocol))) {
    into.add("sport", packet.source_port);
    into.add("dport", packet.destination_port);
    if (packet.protocol == IPPROTO_TCP) into.add("flags", std::string(to_text_of_tcp_flags(packet.tcp_flags).view()));
  }
  if (!packet.payload.empty() && !packet.transport_override) into.add("payload", hexadecimal(packet.payload));
  if (packet.transport_bytes) into.add("bytes", *packet.transport_bytes);
}

}  // namespace

std::string packet_line(const wire_packet& packet) {
  line made;
  const bool v6 = packet.family == ip_family::v6;
  made.add("uid", packet.uid);
  if (packet.gid != 0) made.add("gid", packet.gid);
  made.add("proto", protocol_text(packet.protocol));
  made.add("src", address_text(packet.source, packet.family));
  made.add("dst", address_text(packet.destination, packet.family));
  add_transport(made, packet);
  if (!packet.out_interface.empty()) made.add("out", packet.out_interface);
  made.add_unless("mark", packet.mark, 0);
  made.add_unless("ttl", packet.ttl, 64);
  made.add_unless("tos", packet.tos, 0);
  made.add_unless("len", packet.total_length, 0);
  made.add_unless("frag", packet.fragment_offset, 0);
  made.add_unless("more", packet.more_fragments, 0);
  made.add_unless("df", packet.dont_fragment, 0);
  if (packet.fragment_header) made.add("fraghdr", 1);
  for (const extension_header& one : packet.extensions)
    made.add("ext", std::to_string(one.type) + ":" + hexadecimal(one.bytes));
  if (v6 && packet.fragment_offset != 0) made.add("id", packet.identity);
  return made.text;
}

}  // namespace cordon::kernel
