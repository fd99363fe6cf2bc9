#include "header_reading.hpp"

#include <algorithm>

namespace cordon::kernel {
namespace {

using bytes_view = std::span<const std::uint8_t>;

constexpr std::size_t ipv6_header = 40;

constexpr field_set words_fields = set_of(field::first_word) | set_of(field::second_word) | set_of(field::flags);
constexpr field_set kinds_fields = set_of(field::low_kinds) | set_of(field::high_kinds) | set_of(field::segment_size);
constexpr field_set all_fields = ~field_set{0};

std::uint64_t number_at(bytes_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = (number << 8) | (at + i < bytes.size() ? bytes[at + i] : 0U);
  return number;
}

uint128 address_at(bytes_view bytes, std::size_t at, std::size_t size) {
  if (size == 4) return number_at(bytes, at, 4);
  return (uint128{number_at(bytes, at, 8)} << 64) | number_at(bytes, at + 8, 8);
}

void note_kind(packet& into, unsigned kind) {
  (kind < 128 ? into.low_kinds : into.high_kinds) |= uint128{1} << (kind & 127);
}

/// The walk of tcp_find_option (xt_tcpudp.c) and tcpmss_mt (xt_tcpmss.c). False if the header's length makes no sense.
bool read_tcp_options(bytes_view transport, packet& into) {
  if (transport.size() < 20) return true;
  const std::size_t end = std::size_t{transport[12]} / 16 * 4;
  if (end < 20 || end > transport.size()) return false;
  for (std::size_t at = 20; at < end;) {
    const unsigned kind = transport[at];
    const std::size_t length = at + 1 < end ? transport[at + 1] : 0;
    if (kind == 2 && length == 4 && at + 4 <= end)
      into.segment_size = static_cast<std::uint32_t>(number_at(transport, at + 2, 2));
    else
      note_kind(into, kind);
    at += kind < 2 || length == 0 ? 1 : length;
  }
  return true;
}

/// The walk of match_packet (xt_sctp.c). False if it finds a chunk that is cut off.
bool read_chunks(bytes_view transport, packet& into) {
  for (std::size_t at = 12; at < transport.size();) {
    const std::uint64_t length = number_at(transport, at + 2, 2);
    if (at + 4 > transport.size() || length == 0) return false;
    note_kind(into, transport[at]);
    at += (length + 3) / 4 * 4;
  }
  return true;
}

/// The walk of dccp_find_option (xt_dccp.c). False if the header's length makes no sense.
bool read_dccp_options(bytes_view transport, packet& into) {
  if (transport.size() < 12) return true;
  into.dccp_type = static_cast<std::uint8_t>((transport[8] >> 1) & 15);
  const bool extended = (transport[8] & 1) != 0;
  // dccp_packet_hdr_len: REQUEST, RESPONSE, DATA, ACK, DATAACK, CLOSEREQ, CLOSE, RESET, SYNC, SYNCACK
  constexpr std::size_t behind_generic[] = {4, 12, 0, 8, 8, 8, 8, 12, 8, 8};
  const std::size_t options = (extended ? 16U : 12U) + (into.dccp_type > 9 ? 12 : behind_generic[into.dccp_type]);
  const std::size_t header = std::size_t{transport[4]} * 4;
  if (header < options || header > transport.size()) return false;
  for (std::size_t at = options; at < header;) {
    const unsigned kind = transport[at];
    note_kind(into, kind);
    const std::size_t length = at + 1 < header ? transport[at + 1] : 0;
    at += kind < 2 || length == 0 ? 1 : length;
  }
  return true;
}

/// The words that both families have at the beginning of what follows the IP headers.
void read_words(bytes_view transport, packet& into) {
  into.first_word = static_cast<std::uint16_t>(number_at(transport, 0, 2));
  into.second_word = static_cast<std::uint16_t>(number_at(transport, 2, 2));
  into.flags = static_cast<tcp_flags>(number_at(transport, 13, 1));
}

void hinder(header_reading& into, std::string_view obstacle, field_set beyond) {
  into.obstacle = obstacle;
  into.beyond = beyond;
}

/// The bytes of the transport header, whether they are there or not.
std::size_t header_length(const packet& of, bytes_view transport) {
  const auto words_at = [&](std::size_t at) { return (at < transport.size() ? std::size_t{transport[at]} : 0) * 4; };
  switch (of.protocol) {
    case protocol::tcp: return std::max<std::size_t>(20, words_at(12) / 16 / 4 * 4);
    case protocol::dccp: return std::max<std::size_t>(12, words_at(4));
    case protocol::sctp:
    case protocol::ah: return 12;
    case protocol::udp:
    case protocol::udplite:
    case protocol::esp: return 8;
    default: return is_icmp(of.protocol, of.family) ? 8 : 20;
  }
}

void read_transport(bytes_view transport, header_reading& into) {
  packet& made = into.made;
  read_words(transport, made);
  const bool whole = transport.size() >= header_length(made, transport);
  made.transport =
      whole ? transport_part::whole : static_cast<transport_part>(std::min<std::size_t>(transport.size(), 19));
  // TCP matches ask for the first twenty bytes alone.
  if (made.protocol == protocol::tcp && transport.size() >= 20) made.transport = transport_part::whole;
  // iptables-nft compares flags in headers that have none, too.
  if (whole && transport.size() < 14) into.doubtful |= set_of(field::flags);
  switch (made.protocol) {
    case protocol::tcp:
      if (!read_tcp_options(transport, made)) hinder(into, "TCP options that are cut off", kinds_fields);
      break;
    case protocol::sctp:
      if (transport.size() >= 12 && !read_chunks(transport, made))
        hinder(into, "an SCTP chunk that is cut off", kinds_fields);
      break;
    case protocol::dccp:
      if (!read_dccp_options(transport, made)) hinder(into, "DCCP options that are cut off", kinds_fields);
      break;
    case protocol::ah:
      if (made.family == family::ipv4) made.spi = static_cast<std::uint32_t>(number_at(transport, 4, 4));
      break;
    default: break;
  }
}

void read_later_fragment(bytes_view payload, std::uint64_t offset, header_reading& into) {
  packet& made = into.made;
  made.transport = offset == 1 ? transport_part::fragment_at_8 : transport_part::later_fragment;
  if (made.family == family::ipv4) {
    read_words(payload, made);
    into.short_fragment = payload.size() < 20;
    if (into.short_fragment) into.doubtful |= words_fields;
  }
}

void read_ipv4(bytes_view bytes, header_reading& into) {
  packet& made = into.made;
  made.family = family::ipv4;
  made.traffic_class = bytes[1];
  made.length = static_cast<std::uint32_t>(number_at(bytes, 2, 2));
  made.hops = bytes[8];
  made.protocol = static_cast<protocol>(bytes[9]);
  made.source = address_at(bytes, 12, 4);
  made.destination = address_at(bytes, 16, 4);
  const std::uint64_t fragment = number_at(bytes, 6, 2);
  const std::uint64_t offset = fragment & 0x1fff;
  into.fragment = offset != 0 || (fragment & 0x2000) != 0;
  const bytes_view rest = bytes.subspan(std::min<std::size_t>(bytes.size(), std::size_t{bytes[0] & 15U} * 4));
  if (offset != 0)
    read_later_fragment(rest, offset, into);
  else
    read_transport(rest, into);
}

/// What ipv6_find_hdr (net/ipv6/exthdrs_core.c) comes to when asked for the last header.
void read_ipv6(bytes_view bytes, backend of, header_reading& into) {
  constexpr unsigned hop_by_hop = 0, routing = 43, fragment = 44, authentication = 51, none = 59, destination = 60;
  packet& made = into.made;
  made.family = family::ipv6;
  made.traffic_class = static_cast<std::uint8_t>(number_at(bytes, 0, 2) >> 4);
  made.length = std::min(static_cast<std::uint32_t>(number_at(bytes, 4, 2) + ipv6_header), longer_length);
  made.hops = bytes[7];
  made.source = address_at(bytes, 8, 16);
  made.destination = address_at(bytes, 24, 16);
  const auto goes_on = [](unsigned type) {
    return type == hop_by_hop || type == routing || type == fragment || type == authentication || type == destination;
  };
  unsigned type = bytes[6];
  std::size_t at = ipv6_header;
  std::uint64_t offset = 0;
  // Matches that look for one header walk on where nf_tables has stopped.
  bool stopped = false;
  unsigned stopped_type = 0;
  std::size_t stopped_at = 0;
  while (goes_on(type)) {
    if (at + 4 > bytes.size()) {
      if (stopped) break;
      hinder(into, "IPv6 extension headers that end early", all_fields);
      return;
    }
    std::size_t length = (std::size_t{bytes[at + 1]} + 1) * 8;
    if (type == hop_by_hop) made.extension_headers |= cordon::extension_header::hop_by_hop;
    if (type == routing) made.extension_headers |= cordon::extension_header::routing;
    if (type == destination) made.extension_headers |= cordon::extension_header::destination;
    if (type == fragment) {
      made.extension_headers |= cordon::extension_header::fragment;
      const std::uint64_t word = number_at(bytes, at + 2, 2);
      if (word >> 3 != 0 || (word & 1) != 0) into.fragment = true;
      if (word >> 3 != 0 && stopped) break;
      offset = word >> 3;
      length = 8;
    }
    if (type == authentication) {
      made.extension_headers |= cordon::extension_header::authentication;
      made.spi = static_cast<std::uint32_t>(number_at(bytes, at + 4, 4));
      if (of == backend::nft && !stopped) {
        stopped = true;
        stopped_type = type;
        stopped_at = at;
      }
      length = (std::size_t{bytes[at + 1]} + 2) * 4;
    }
    type = bytes[at];
    at += length;
    if (offset != 0) break;
  }
  if (stopped) {
    type = stopped_type;
    at = stopped_at;
  }
  if (offset != 0 && !stopped && (goes_on(type) || type == none)) {
    hinder(into, "a later IPv6 fragment of an extension header", all_fields);
    return;
  }
  made.protocol = static_cast<protocol>(static_cast<std::uint8_t>(type));
  if (at > bytes.size()) {
    hinder(into, "IPv6 extension headers that reach beyond the packet", all_fields);
    return;
  }
  if (offset == 0) return read_transport(bytes.subspan(at), into);
  read_later_fragment(bytes.subspan(at), offset, into);
  read_words(bytes, made);  // ipv6_find_hdr gives no place of a transport header, which leaves 0
}

}  // namespace

header_reading read_headers(std::span<const std::uint8_t> bytes, backend of) {
  header_reading made;
  if (bytes.size() >= 20 && bytes[0] >> 4 == 4)
    read_ipv4(bytes, made);
  else if (bytes.size() >= ipv6_header && bytes[0] >> 4 == 6)
    read_ipv6(bytes, of, made);
  else
    hinder(made, "no IP header", all_fields);
  return made;
}

}  // namespace cordon::kernel
