// The fields of a packet: what a rule can ask of it. This list is the schema that meanings, simulator, packet sets
// and generators share; a field of a match yet to come is added here and in packet.hpp, and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/uint128.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/owner.hpp>

namespace cordon {

/// In the order in which packet sets test them: what a policy fixes first, then what rules ask most often.
enum class field : std::uint8_t {
  socket,                ///< a socket_kind
  uid,                   ///< of the socket's owner
  gid,                   ///< of the socket's owner
  out,                   ///< the number of the interface's name
  in,                    ///< the number of the name of the interface that it came in by; 0: none, as in OUTPUT
  protocol,              ///< 0 to 255
  transport,             ///< how much of the transport header can be read, see `transport_part`
  second_word,           ///< bytes 2 and 3 of the transport header: the destination port
  destination,           ///< address
  source,                ///< address
  first_word,            ///< bytes 0 and 1 of the transport header: the source port, or ICMP's type * 256 + code
  flags,                 ///< of TCP
  state,                 ///< a connection_state
  nat_status,            ///< bit 0: the source, bit 1: the destination of the connection was translated
  mark,                  ///< of the packet
  connection_mark,       ///< of its connection
  length,                ///< of the whole packet, in bytes, up to `longer_length`
  hops,                  ///< TTL, or hop limit
  traffic_class,         ///< TOS, or traffic class
  low_kinds,             ///< bit n: the packet carries a TCP or DCCP option, or an SCTP chunk, of kind n, 0 to 127
  high_kinds,            ///< bit n: ... of kind 128 + n
  segment_size,          ///< what TCP's MSS option says, or `no_segment_size`
  dccp_type,             ///< 0 to 15
  spi,                   ///< of an authentication header
  extension_headers,     ///< an `extension_header_set`; IPv6 alone
  connection_direction,  ///< 0: as the connection's first packet, 1: the other way
  connection_status,     ///< a `connection_status_set`
  connection_expires,    ///< seconds until the connection is forgotten
  // The addresses and ports of the connection's first packet and of the answers to it, as connection tracking has them.
  // They are asked only where the packet's own header does not say them: match/conntrack.hpp.
  connection_protocol,
  original_source,
  original_destination,
  reply_source,
  reply_destination,
  original_source_port,
  original_destination_port,
  reply_source_port,
  reply_destination_port,
  mac,             ///< the Ethernet address that it came from, or `no_mac`
  expected_first,  ///< 1: a RELATED packet that is the first of an expected connection, as FTP's data; nat sees it
};

inline constexpr std::size_t field_count = 39;  ///< how many of them there are

/// Whether the value of a field is the number of an interface's name.
constexpr bool is_interface(field of) { return of == field::out || of == field::in; }

/// The value of `field::segment_size` where there is no MSS option, or none of the right length.
inline constexpr std::uint32_t no_segment_size = 65536;

/// The value of `field::length` for packets of more than 65535 bytes, which OUTPUT sees whole: TCP's before they are cut up
/// for the interface (skb_ip_totlen, skb_ipv6_totlen), over lo as a matter of course, and datagrams of IPv6.
inline constexpr std::uint32_t longer_length = 65536;

/// The value of `field::mac` where there is no Ethernet header, as in OUTPUT.
inline constexpr std::uint64_t no_mac = std::uint64_t{1} << 48;

/// The extension headers of an IPv6 packet, as bits.
using extension_header_set = std::uint8_t;

namespace extension_header {
inline constexpr extension_header_set hop_by_hop = 1, destination = 2, routing = 4, fragment = 8, authentication = 16;
}  // namespace extension_header

/// What has happened to a connection, as bits (IPS_* in include/uapi/linux/netfilter/nf_conntrack_common.h).
using connection_status_set = std::uint8_t;

namespace connection_status {
inline constexpr connection_status_set expected = 1, seen_reply = 2, assured = 4, confirmed = 8;
}  // namespace connection_status

/// How much of the transport header a packet carries. Numbers below `whole` count the bytes of a header that is cut
/// off; those above are fragments that carry none.
enum class transport_part : std::uint8_t {
  whole = 20,           ///< every byte of it, however long the protocol's header is
  fragment_at_8 = 21,   ///< a later fragment at offset 8 (1 in the header's units), which TCP matches drop
  later_fragment = 22,  ///< any other later fragment
};

/// The number of bits of a field.
constexpr unsigned width_of(field of, family in) {
  switch (of) {
    case field::socket: return 2;
    case field::uid: return 32;
    case field::gid: return 32;
    case field::out: return 128;
    case field::in: return 128;
    case field::protocol: return 8;
    case field::transport: return 5;
    case field::second_word: return 16;
    case field::destination: return address_width(in);
    case field::source: return address_width(in);
    case field::first_word: return 16;
    case field::flags: return 8;
    case field::state: return 3;
    case field::nat_status: return 2;
    case field::mark: return 32;
    case field::connection_mark: return 32;
    case field::length: return 17;
    case field::hops: return 8;
    case field::traffic_class: return 8;
    case field::low_kinds: return 128;
    case field::high_kinds: return 128;
    case field::segment_size: return 17;
    case field::dccp_type: return 4;
    case field::spi: return 32;
    case field::extension_headers: return 5;
    case field::connection_direction: return 1;
    case field::connection_status: return 4;
    case field::connection_expires: return 32;
    case field::connection_protocol: return 8;
    case field::original_source: return address_width(in);
    case field::original_destination: return address_width(in);
    case field::reply_source: return address_width(in);
    case field::reply_destination: return address_width(in);
    case field::original_source_port: return 16;
    case field::original_destination_port: return 16;
    case field::reply_source_port: return 16;
    case field::reply_destination_port: return 16;
    case field::mac: return 49;
    case field::expected_first: return 1;
  }
  return 0;
}

/// The values that a packet of OUTPUT can have in a field.
constexpr range domain_of(field of, family in) {
  switch (of) {
    case field::socket: return {0, static_cast<unsigned>(socket_kind::user)};
    case field::uid: return {0, greatest_id};
    case field::gid: return {0, greatest_id};
    case field::out: return {uint128{1} << 120, low_bits(128)};  // no interface has an empty name
    case field::in: return {0, 0};
    case field::mac: return {no_mac, no_mac};
    case field::transport: return {0, static_cast<unsigned>(transport_part::later_fragment)};
    case field::state: return {0, static_cast<unsigned>(connection_state::untracked)};
    case field::length: return {0, longer_length};
    case field::segment_size: return {0, no_segment_size};
    case field::extension_headers: return {0, in == family::ipv4 ? 0 : low_bits(5)};
    default: return {0, low_bits(width_of(of, in))};
  }
}

}  // namespace cordon
