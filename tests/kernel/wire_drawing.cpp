#include "wire_drawing.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <cordon/testing/random.hpp>

namespace cordon::kernel {
namespace {

using byte_list = std::vector<std::uint8_t>;

constexpr std::uint8_t no_next_header = 59;

address_bytes bytes_of(uint128 address, family of) {
  address_bytes bytes{};
  const unsigned width = address_width(of);
  for (unsigned at = 0; at < width / 8; ++at) bytes[at] = static_cast<std::uint8_t>(address >> (width - 8 * (at + 1)));
  return bytes;
}

void append16(byte_list& bytes, unsigned value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}
void append32(byte_list& bytes, std::uint32_t value) {
  append16(bytes, value >> 16);
  append16(bytes, value & 0xffff);
}

/// A few of the kinds in the two sets, in their order.
std::vector<unsigned> some_kinds(const packet& drawn, std::size_t most, const choice_source& choices) {
  std::vector<unsigned> kinds;
  for (unsigned kind = 0; kind < 256; ++kind)
    if (((kind < 128 ? drawn.low_kinds : drawn.high_kinds) >> (kind & 127) & 1) != 0) kinds.push_back(kind);
  while (kinds.size() > most) kinds.erase(kinds.begin() + static_cast<std::ptrdiff_t>(choices.below(kinds.size())));
  return kinds;
}

/// Options of TCP or DCCP: kinds 0 and 1 are single bytes, the others have a length, which the last one stretches to
/// fill the last word.
byte_list options_of(const packet& drawn, const choice_source& choices) {
  byte_list bytes;
  if (drawn.protocol == protocol::tcp && drawn.segment_size != no_segment_size) {
    bytes = {2, 4};
    append16(bytes, drawn.segment_size);
  }
  std::size_t last_length = 0;  // where the length of the last option stands, if it has one that may change
  for (const unsigned kind : some_kinds(drawn, 12, choices)) {
    bytes.push_back(static_cast<std::uint8_t>(kind));
    if (kind < 2) continue;
    last_length = bytes.size();
    bytes.push_back(2);
  }
  if (bytes.size() % 4 == 0) return bytes;
  const auto missing = 4 - bytes.size() % 4;
  if (last_length == 0) {
    bytes.insert(bytes.end(), missing, bytes.back());
    return bytes;
  }
  // A longer option of kind 2 would be a size of segments.
  bytes[last_length] = static_cast<std::uint8_t>(bytes[last_length] + missing + (bytes[last_length - 1] == 2 ? 4 : 0));
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(last_length) + 1,
               missing + (bytes[last_length - 1] == 2 ? 4 : 0), 0);
  return bytes;
}

byte_list tcp_header(const packet& drawn, const choice_source& choices) {
  const byte_list options = options_of(drawn, choices);
  byte_list bytes;
  append16(bytes, drawn.first_word);
  append16(bytes, drawn.second_word);
  append32(bytes, 1);
  append32(bytes, 0);
  bytes.push_back(static_cast<std::uint8_t>((5 + options.size() / 4) << 4));
  bytes.push_back(drawn.flags);
  append16(bytes, 0xffff);
  append32(bytes, 0);
  bytes.insert(bytes.end(), options.begin(), options.end());
  return bytes;
}

byte_list dccp_header(const packet& drawn, const choice_source& choices) {
  constexpr std::size_t behind_generic[] = {4, 12, 0, 8, 8, 8, 8, 12, 8, 8};  // dccp_packet_hdr_len
  const std::size_t type = drawn.dccp_type;
  const byte_list options = options_of(drawn, choices);
  const std::size_t fixed = 16 + (type < std::size(behind_generic) ? behind_generic[type] : 12);
  byte_list bytes;
  append16(bytes, drawn.first_word);
  append16(bytes, drawn.second_word);
  bytes.push_back(static_cast<std::uint8_t>((fixed + options.size()) / 4));
  bytes.resize(8);
  bytes.push_back(static_cast<std::uint8_t>((type << 1) | 1));
  bytes.resize(fixed);
  bytes.insert(bytes.end(), options.begin(), options.end());
  return bytes;
}

byte_list chunks_of(const packet& drawn, const choice_source& choices) {
  byte_list bytes;
  for (const unsigned kind : some_kinds(drawn, 6, choices)) {
    bytes.push_back(static_cast<std::uint8_t>(kind));
    bytes.push_back(static_cast<std::uint8_t>(choices.one_in(2) ? 0 : choices.below(16)));
    append16(bytes, 4);
  }
  return bytes;
}

/// The first twenty bytes of a header of no protocol in particular, in which the fields stand where all have them.
byte_list plain_header(const packet& drawn) {
  byte_list bytes;
  append16(bytes, drawn.first_word);
  append16(bytes, drawn.second_word);
  append32(bytes, drawn.spi);
  bytes.resize(20);
  bytes[13] = drawn.flags;
  return bytes;
}

void set_transport(const packet& drawn, field_set tested, const choice_source& choices, wire_packet& into) {
  into.source_port = drawn.first_word;
  into.destination_port = drawn.second_word;
  into.tcp_flags = drawn.flags;
  into.icmp_type = drawn.icmp_type();
  into.icmp_code = drawn.icmp_code();
  constexpr field_set kinds = set_of(field::low_kinds) | set_of(field::high_kinds) | set_of(field::segment_size);
  const bool with_kinds = (tested & kinds) != 0;
  switch (drawn.protocol) {
    case protocol::tcp:
      if (with_kinds) into.transport_override = tcp_header(drawn, choices);
      return;
    case protocol::dccp:
      if (with_kinds || contains(tested, field::dccp_type)) into.transport_override = dccp_header(drawn, choices);
      return;
    case protocol::sctp:
      if (with_kinds) into.payload = chunks_of(drawn, choices);
      return;
    case protocol::udp:
    case protocol::udplite:
    case protocol::icmp:
    case protocol::icmpv6:
      if (contains(tested, field::flags)) into.payload = {0, 0, 0, 0, 0, drawn.flags, 0, 0, 0, 0, 0, 0};
      // ICMP's second word is its checksum, unless all of it is made by hand.
      if (!has_ports(drawn.protocol) && choices.one_in(4)) into.transport_override = plain_header(drawn);
      return;
    default: into.transport_override = plain_header(drawn);
  }
}

void set_part(const packet& drawn, const choice_source& choices, wire_packet& into) {
  if (drawn.transport < transport_part::whole) {
    into.transport_bytes = static_cast<std::uint16_t>(drawn.transport);
    if (!into.transport_override && into.payload.size() < 20) into.payload.resize(20);
    return;
  }
  if (drawn.transport == transport_part::whole) {
    into.more_fragments = choices.one_in(32);
    into.dont_fragment = into.family == ip_family::v4 && choices.one_in(4);
    if (into.family == ip_family::v6) into.fragment_header = into.fragment_header || choices.one_in(32);
    return;
  }
  constexpr std::uint16_t offsets[] = {2, 3, 185, 8191};
  into.fragment_offset =
      drawn.transport == transport_part::fragment_at_8 ? std::uint16_t{1} : testing::draw_one(choices, offsets);
  into.more_fragments = choices.one_in(2);
  into.transport_override = plain_header(drawn);
  if (choices.one_in(4)) into.transport_override->resize(static_cast<std::size_t>(choices.below(15)));
  if (into.family == ip_family::v6) into.identity = (std::uint32_t{drawn.first_word & 7U} << 16) | drawn.second_word;
}

void add_extension(wire_packet& into, std::uint8_t type, byte_list bytes) {
  into.extensions.push_back({type, std::move(bytes)});
}

void set_extensions(const packet& drawn, wire_packet& into) {
  namespace header = cordon::extension_header;
  const extension_header_set present = drawn.extension_headers;
  if ((present & header::hop_by_hop) != 0) add_extension(into, 0, {0, 0, 1, 4, 0, 0, 0, 0});
  if ((present & header::destination) != 0) add_extension(into, 60, {0, 0, 1, 4, 0, 0, 0, 0});
  if ((present & header::routing) != 0) add_extension(into, 43, {0, 0, 0, 0, 0, 0, 0, 0});
  if ((present & header::fragment) != 0) into.fragment_header = true;
  if ((present & header::authentication) != 0 || into.protocol == number_of(protocol::ah)) {
    byte_list bytes{0, 1, 0, 0};
    append32(bytes, drawn.spi);
    append32(bytes, 1);
    add_extension(into, number_of(protocol::ah), std::move(bytes));
  }
  // What names an extension header is no protocol in IPv6.
  for (const unsigned type : {0U, 43U, 44U, 51U, 60U})
    if (into.protocol == type) into.protocol = no_next_header;
}

}  // namespace

wire_packet wire_near(const packet& drawn, field_set tested, const choice_source& choices) {
  wire_packet made;
  made.family = drawn.family == family::ipv4 ? ip_family::v4 : ip_family::v6;
  made.source = bytes_of(drawn.source, drawn.family);
  made.destination = bytes_of(drawn.destination, drawn.family);
  // The kernel puts an address of its own in the place of an IPv4 source of zeros.
  if (drawn.family == family::ipv4 && drawn.source == 0) made.source = {10, 9, 0, 1};
  made.protocol = number_of(drawn.protocol);
  made.ttl = drawn.hops;
  made.tos = drawn.traffic_class;
  if (drawn.owner.socket == socket_kind::user) {
    made.uid = drawn.owner.uid;
    made.gid = drawn.owner.gid;
  }
  made.mark = drawn.mark;
  const auto* const known = std::find(std::begin(world_interfaces), std::end(world_interfaces), drawn.out.view());
  made.out_interface = known == std::end(world_interfaces) ? testing::draw_one(choices, world_interfaces) : *known;
  if (made.family == ip_family::v6) set_extensions(drawn, made);
  set_transport(drawn, tested, choices, made);
  set_part(drawn, choices, made);
  if (contains(tested, field::length) || choices.one_in(16))
    made.total_length = static_cast<std::uint16_t>(std::min(drawn.length, std::uint32_t{65535}));
  return made;
}

}  // namespace cordon::kernel
