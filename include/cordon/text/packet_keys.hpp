// What lines of packets are made of: the keys that the reader and the writer have in common, and what a packet has where they
// are left out.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/packet/address.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>

namespace cordon::detail {

struct named_bits {
  std::string_view name;
  std::uint8_t bits;
};
inline constexpr named_bits nat_names[] = {{"SNAT", 1}, {"DNAT", 2}};
inline constexpr named_bits header_names[] = {{"hop", extension_header::hop_by_hop},
                                              {"dst", extension_header::destination},
                                              {"route", extension_header::routing},
                                              {"frag", extension_header::fragment},
                                              {"auth", extension_header::authentication}};
inline constexpr named_bits status_names[] = {{"EXPECTED", connection_status::expected},
                                              {"SEEN_REPLY", connection_status::seen_reply},
                                              {"ASSURED", connection_status::assured},
                                              {"CONFIRMED", connection_status::confirmed}};

// The keys whose value is a number that goes into one field as it is.
struct number_key {
  std::string_view key;
  field into;
  std::uint32_t most;
  std::uint32_t otherwise;  // what the field is when the key is left out
  bool hexadecimal = false;
};
inline constexpr number_key number_keys[] = {
    {"gid", field::gid, greatest_id, 0},
    {"mark", field::mark, 0xffffffff, 0, true},
    {"connmark", field::connection_mark, 0xffffffff, 0, true},
    {"ttl", field::hops, 255, 64},
    {"tos", field::traffic_class, 255, 0, true},
    {"mss", field::segment_size, 65535, no_segment_size},
    {"dccp", field::dccp_type, 15, 0},
    {"spi", field::spi, 0xffffffff, 0},
    {"ctexpire", field::connection_expires, 0xffffffff, 0},
    {"ctproto", field::connection_protocol, 255, 0},
    {"ctorigsrcport", field::original_source_port, 65535, 0},
    {"ctorigdstport", field::original_destination_port, 65535, 0},
    {"ctreplsrcport", field::reply_source_port, 65535, 0},
    {"ctrepldstport", field::reply_destination_port, 65535, 0},
    {"expected", field::expected_first, 1, 0},
};

// The keys whose value is an address of the connection.
struct address_key {
  std::string_view key;
  field into;
};
inline constexpr address_key connection_address_keys[] = {
    {"ctorigsrc", field::original_source},
    {"ctorigdst", field::original_destination},
    {"ctreplsrc", field::reply_source},
    {"ctrepldst", field::reply_destination},
};

/// The length of a packet that carries its headers, or what `transport` leaves of them, and nothing else.
constexpr std::uint16_t bare_length(const packet& of) {
  unsigned header = 0;
  if (of.protocol == protocol::tcp)
    header = 20;
  else if (of.protocol == protocol::udp || of.protocol == protocol::udplite || is_icmp(of.protocol, of.family))
    header = 8;
  else if (of.protocol == protocol::sctp || of.protocol == protocol::dccp)
    header = 12;
  const auto part = static_cast<unsigned>(of.transport);
  if (of.transport > transport_part::whole)
    header = 8;
  else if (part < header)
    header = part;
  return static_cast<std::uint16_t>((of.family == family::ipv4 ? 20U : 40U) + header);
}

constexpr bool is_mapped(const address& of) { return of.family == family::ipv6 && (of.bits >> 32) == 0xffff; }

}  // namespace cordon::detail
