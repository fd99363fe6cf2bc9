// One packet on its way through OUTPUT: what it carries, who sent it, and what the kernel knows of it.
#pragma once

#include <cstdint>

#include <cordon/packet/address.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/packet/owner.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/packet/tcp_flags.hpp>

namespace cordon {

/// A packet as OUTPUT meets it. A plain value; every combination is allowed here, also those that no program can send.
struct packet {
  cordon::family family = family::ipv4;              ///< of all addresses below
  cordon::owner owner = {};                          ///< of its socket
  interface_name out = "lo";                         ///< by which it is to leave, as OUTPUT sees it
  interface_name in = {};                            ///< empty in OUTPUT
  cordon::protocol protocol = protocol::tcp;         ///< the transport protocol, behind all extension headers of IPv6
  transport_part transport = transport_part::whole;  ///< how much of its header is there
  std::uint16_t first_word = 40000;                  ///< source port, or ICMP's type * 256 + code
  std::uint16_t second_word = 0;                     ///< destination port
  uint128 source = 0;                                ///< as `address::bits`
  uint128 destination = 0;                           ///< as `address::bits`
  tcp_flags flags = tcp_flag::syn;                   ///< of TCP
  connection_state state = connection_state::fresh;  ///< as connection tracking has it
  std::uint8_t nat_status = 0;        ///< bit 0: the connection's source was translated, bit 1: its destination
  std::uint32_t mark = 0;             ///< 0 where nobody set one
  std::uint32_t connection_mark = 0;  ///< of its connection
  std::uint32_t length = 40;          ///< of the whole packet, in bytes; `longer_length`: more than 65535
  std::uint8_t hops = 64;             ///< TTL, or hop limit
  std::uint8_t traffic_class = 0;     ///< TOS, or traffic class
  uint128 low_kinds = 0;              ///< bit n: an option or chunk of kind n is there
  uint128 high_kinds = 0;             ///< bit n: ... of kind 128 + n
  std::uint32_t segment_size = no_segment_size;  ///< what TCP's MSS option says, or `no_segment_size`
  std::uint8_t dccp_type = 0;                    ///< 0 to 15
  std::uint32_t spi = 0;                         ///< of an authentication header
  extension_header_set extension_headers = 0;    ///< of IPv6
  std::uint8_t connection_direction = 0;         ///< 0: as the connection's first packet, 1: the other way
  connection_status_set connection_status = 0;   ///< bits of `connection_status`
  std::uint32_t connection_expires = 0;          ///< seconds until the connection is forgotten
  ///@{
  /// The connection's first packet and the answers to it, as connection tracking has them; `match/conntrack.hpp` says where
  /// they are asked.
  std::uint8_t connection_protocol = 0;
  uint128 original_source = 0;
  uint128 original_destination = 0;
  uint128 reply_source = 0;
  uint128 reply_destination = 0;
  std::uint16_t original_source_port = 0;
  std::uint16_t original_destination_port = 0;
  std::uint16_t reply_source_port = 0;
  std::uint16_t reply_destination_port = 0;
  ///@}
  std::uint64_t mac = no_mac;       ///< the Ethernet address that it came from, or `no_mac`
  std::uint8_t expected_first = 0;  ///< 1: the first packet of an expected connection

  ///@{
  /// What the first bytes of the transport header are for protocols with ports, and for ICMP.
  constexpr std::uint16_t source_port() const { return first_word; }
  constexpr std::uint16_t destination_port() const { return second_word; }
  constexpr std::uint8_t icmp_type() const { return static_cast<std::uint8_t>(first_word >> 8); }
  constexpr std::uint8_t icmp_code() const { return static_cast<std::uint8_t>(first_word & 255); }
  ///@}
  ///@{
  /// With the packet's family.
  constexpr address source_address() const { return {family, source}; }
  constexpr address destination_address() const { return {family, destination}; }
  ///@}

  friend constexpr bool operator==(const packet&, const packet&) = default;
};

/// The value of one field of a packet.
constexpr uint128 value_of(const packet& of, field which) {
  switch (which) {
    case field::socket: return static_cast<unsigned>(of.owner.socket);
    case field::uid: return of.owner.uid;
    case field::gid: return of.owner.gid;
    case field::out: return number_of(of.out);
    case field::in: return number_of(of.in);
    case field::protocol: return number_of(of.protocol);
    case field::transport: return static_cast<unsigned>(of.transport);
    case field::second_word: return of.second_word;
    case field::destination: return of.destination;
    case field::source: return of.source;
    case field::first_word: return of.first_word;
    case field::flags: return of.flags;
    case field::state: return static_cast<unsigned>(of.state);
    case field::nat_status: return of.nat_status;
    case field::mark: return of.mark;
    case field::connection_mark: return of.connection_mark;
    case field::length: return of.length;
    case field::hops: return of.hops;
    case field::traffic_class: return of.traffic_class;
    case field::low_kinds: return of.low_kinds;
    case field::high_kinds: return of.high_kinds;
    case field::segment_size: return of.segment_size;
    case field::dccp_type: return of.dccp_type;
    case field::spi: return of.spi;
    case field::extension_headers: return of.extension_headers;
    case field::connection_direction: return of.connection_direction;
    case field::connection_status: return of.connection_status;
    case field::connection_expires: return of.connection_expires;
    case field::connection_protocol: return of.connection_protocol;
    case field::original_source: return of.original_source;
    case field::original_destination: return of.original_destination;
    case field::reply_source: return of.reply_source;
    case field::reply_destination: return of.reply_destination;
    case field::original_source_port: return of.original_source_port;
    case field::original_destination_port: return of.original_destination_port;
    case field::reply_source_port: return of.reply_source_port;
    case field::reply_destination_port: return of.reply_destination_port;
    case field::mac: return of.mac;
    case field::expected_first: return of.expected_first;
  }
  return 0;
}

/// Gives a field another value; bits above its width are cut off.
constexpr void set_value(packet& of, field which, uint128 value) {
  switch (which) {
    case field::socket: of.owner.socket = static_cast<socket_kind>(value); break;
    case field::uid: of.owner.uid = static_cast<std::uint32_t>(value); break;
    case field::gid: of.owner.gid = static_cast<std::uint32_t>(value); break;
    case field::out: of.out = interface_of(value); break;
    case field::in: of.in = interface_of(value); break;
    case field::protocol: of.protocol = static_cast<protocol>(static_cast<std::uint8_t>(value)); break;
    case field::transport: of.transport = static_cast<transport_part>(value); break;
    case field::second_word: of.second_word = static_cast<std::uint16_t>(value); break;
    case field::destination: of.destination = value & low_bits(address_width(of.family)); break;
    case field::source: of.source = value & low_bits(address_width(of.family)); break;
    case field::first_word: of.first_word = static_cast<std::uint16_t>(value); break;
    case field::flags: of.flags = static_cast<tcp_flags>(value); break;
    case field::state: of.state = static_cast<connection_state>(value); break;
    case field::nat_status: of.nat_status = static_cast<std::uint8_t>(value & 3); break;
    case field::mark: of.mark = static_cast<std::uint32_t>(value); break;
    case field::connection_mark: of.connection_mark = static_cast<std::uint32_t>(value); break;
    case field::length: of.length = static_cast<std::uint32_t>(value & low_bits(17)); break;
    case field::hops: of.hops = static_cast<std::uint8_t>(value); break;
    case field::traffic_class: of.traffic_class = static_cast<std::uint8_t>(value); break;
    case field::low_kinds: of.low_kinds = value; break;
    case field::high_kinds: of.high_kinds = value; break;
    case field::segment_size: of.segment_size = static_cast<std::uint32_t>(value & low_bits(17)); break;
    case field::dccp_type: of.dccp_type = static_cast<std::uint8_t>(value & 15); break;
    case field::spi: of.spi = static_cast<std::uint32_t>(value); break;
    case field::extension_headers: of.extension_headers = static_cast<extension_header_set>(value & 31); break;
    case field::connection_direction: of.connection_direction = static_cast<std::uint8_t>(value & 1); break;
    case field::connection_status: of.connection_status = static_cast<connection_status_set>(value & 15); break;
    case field::connection_expires: of.connection_expires = static_cast<std::uint32_t>(value); break;
    case field::connection_protocol: of.connection_protocol = static_cast<std::uint8_t>(value); break;
    case field::original_source: of.original_source = value & low_bits(address_width(of.family)); break;
    case field::original_destination: of.original_destination = value & low_bits(address_width(of.family)); break;
    case field::reply_source: of.reply_source = value & low_bits(address_width(of.family)); break;
    case field::reply_destination: of.reply_destination = value & low_bits(address_width(of.family)); break;
    case field::original_source_port: of.original_source_port = static_cast<std::uint16_t>(value); break;
    case field::original_destination_port: of.original_destination_port = static_cast<std::uint16_t>(value); break;
    case field::reply_source_port: of.reply_source_port = static_cast<std::uint16_t>(value); break;
    case field::reply_destination_port: of.reply_destination_port = static_cast<std::uint16_t>(value); break;
    case field::mac: of.mac = static_cast<std::uint64_t>(value & low_bits(49)); break;
    case field::expected_first: of.expected_first = static_cast<std::uint8_t>(value & 1); break;
  }
}

}  // namespace cordon
