#include "random_case.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <cordon/testing/draw.hpp>

#include "model.hpp"
#include "wire_drawing.hpp"

namespace cordon::kernel {
namespace {

/// What connection tracking tells connections apart by, whichever way a packet goes. For protocols without ports the
/// addresses alone: that is strict, and right for all of them.
std::string connection_of(const wire_packet& packet) {
  const auto end = [](const address_bytes& address, std::uint16_t port) {
    std::string made(address.begin(), address.end());
    made += static_cast<char>(port >> 8);
    made += static_cast<char>(port);
    return made;
  };
  std::uint16_t ports[2] = {packet.source_port, packet.destination_port};
  if (packet.transport_override)
    for (std::size_t at = 0; at < 2; ++at)
      ports[at] = packet.transport_override->size() < 4 ? std::uint16_t{0}
                                                        : static_cast<std::uint16_t>((*packet.transport_override)[2 * at] * 256 +
                                                                                     (*packet.transport_override)[2 * at + 1]);
  const auto of = static_cast<protocol>(packet.protocol);
  if (!has_ports(of) || of == protocol::dccp) ports[0] = ports[1] = 0;  // Linux 6.16 lost its tracker for DCCP
  std::string one = end(packet.source, ports[0]);
  std::string other = end(packet.destination, ports[1]);
  if (other < one) std::swap(one, other);
  return one + other + static_cast<char>(packet.protocol);
}

void put_together(wire_packet& packet) {
  if (packet.fragment_offset != 0) packet.transport_override.reset();
  packet.fragment_offset = 0;
  packet.more_fragments = packet.fragment_header = false;
}

}  // namespace

bool fresh_connections::make_fresh(wire_packet& packet, const choice_source& choices) {
  put_together(packet);
  if (known_.insert(connection_of(packet)).second) return true;
  const auto port = static_cast<std::uint16_t>(choices.below(65536));
  packet.source_port = port;
  if (packet.transport_override && packet.transport_override->size() > 1) {
    (*packet.transport_override)[0] = static_cast<std::uint8_t>(port >> 8);
    (*packet.transport_override)[1] = static_cast<std::uint8_t>(port);
  }
  return known_.insert(connection_of(packet)).second;
}

ruleset draw_rules(testing::random_choices& choices, const combination& of) {
  const choice_source source = choices.source();
  testing::firewall_setting setting;
  setting.with_opaque = source.one_in(8);
  setting.most_rules = source.one_in(8) ? 30 : 8;
  setting.most_chains = source.one_in(8) ? 12 : 4;
  if (source.one_in(2)) setting.tables = testing::only_filter;
  return testing::draw_ruleset(source, family_of(of.family), backend_of(of.which), setting);
}

std::vector<wire_packet> draw_packets(testing::random_choices& choices, const judge& of, ip_family family,
                                      std::size_t count) {
  const choice_source source = choices.source();
  const testing::edges edges = testing::edges::of_firewall(of.rules(), family_of(family));
  std::vector<wire_packet> packets;
  packets.reserve(count);
  fresh_connections connections;
  for (std::size_t tries = 0; packets.size() < count && tries < 4 * count; ++tries) {
    wire_packet made = wire_near(testing::draw_packet(source, edges), of.tested(), source);
    if (of.asks_connection() && !connections.make_fresh(made, source)) continue;
    packets.push_back(std::move(made));
  }
  return packets;
}

}  // namespace cordon::kernel
