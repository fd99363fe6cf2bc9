// Packets as lines of keys and values, as `packet_line_reader.hpp` describes them.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/packet/ethernet_address.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/text/packet_keys.hpp>

namespace cordon {

namespace detail {

constexpr void append_key(text& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out.append(' ');
  out.append(key).append('=').append(value);
}
constexpr void append_key(text& out, std::string_view key, uint128 value, bool hexadecimal = false) {
  append_key(out, key, hexadecimal ? "0x" : "");
  if (hexadecimal)
    out.append_hexadecimal(value);
  else
    out.append_number(value);
}

template <std::size_t Count>
constexpr void append_bits(text& out, std::string_view key, const named_bits (&names)[Count], unsigned bits) {
  text all;
  for (const named_bits& one : names) {
    if ((bits & one.bits) == 0) continue;
    if (!all.empty()) all.append(',');
    all.append(one.name);
  }
  if (!all.empty()) append_key(out, key, all);
}

constexpr void append_kinds(text& out, const packet& of) {
  text all;
  for (unsigned kind = 0; kind < 256; ++kind) {
    if ((((kind < 128 ? of.low_kinds : of.high_kinds) >> (kind & 127)) & 1) == 0) continue;
    if (!all.empty()) all.append(',');
    all.append_number(kind);
  }
  if (!all.empty()) append_key(out, "options", all);
}

}  // namespace detail

/// The packet as a line that `read_packet_line` reads as the same packet: owner, protocol, addresses, ports, flags,
/// interface and state always, the rest where it is not what it is when left out. Two things no line says: the user
/// and group of a packet without an owner, and how far behind the second a later fragment lies.
constexpr text write_packet_line(const packet& of) {
  text out;
  const bool of_icmp = is_icmp(of.protocol, of.family);
  const address source = of.source_address();
  const address destination = of.destination_address();
  if (detail::is_mapped(source) || detail::is_mapped(destination)) detail::append_key(out, "family", "6");
  if (of.owner.socket == socket_kind::user)
    detail::append_key(out, "uid", of.owner.uid);
  else
    detail::append_key(out, "socket", of.owner.socket == socket_kind::none ? "none" : "kernel");
  detail::append_key(out, "proto", to_text(of.protocol));
  detail::append_key(out, "src", to_text(source));
  detail::append_key(out, "dst", to_text(destination));
  if (of_icmp)
    detail::append_key(out, "icmp", join(decimal(of.icmp_type()), "/", decimal(of.icmp_code())));
  else if (has_ports(of.protocol) || of.first_word != packet().first_word)
    detail::append_key(out, "sport", of.first_word);
  if (has_ports(of.protocol) || of.second_word != 0) detail::append_key(out, "dport", of.second_word);
  if (of.protocol == protocol::tcp || of.flags != packet().flags)
    detail::append_key(out, "flags", to_text_of_tcp_flags(of.flags));
  detail::append_key(out, "out", of.out);
  if (!of.in.empty()) detail::append_key(out, "in", of.in);
  if (of.mac != no_mac) {
    text address;
    append_ethernet_address(address, of.mac);
    detail::append_key(out, "mac", address);
  }
  detail::append_key(out, "state", name_of(of.state));
  for (const detail::number_key& one : detail::number_keys) {
    if (one.into == field::gid && of.owner.socket != socket_kind::user) continue;
    if (const uint128 value = value_of(of, one.into); value != one.otherwise)
      detail::append_key(out, one.key, value, one.hexadecimal);
  }
  if (of.length != detail::bare_length(of)) detail::append_key(out, "len", of.length);
  if (of.transport < transport_part::whole) detail::append_key(out, "bytes", static_cast<unsigned>(of.transport));
  if (of.transport > transport_part::whole)
    detail::append_key(out, "frag", of.transport == transport_part::fragment_at_8 ? 1U : 2U);
  detail::append_bits(out, "nat", detail::nat_names, of.nat_status);
  detail::append_kinds(out, of);
  detail::append_bits(out, "headers", detail::header_names, of.extension_headers);
  if (of.connection_direction != 0) detail::append_key(out, "ctdir", "REPLY");
  detail::append_bits(out, "ctstatus", detail::status_names, of.connection_status);
  for (const detail::address_key& one : detail::connection_address_keys)
    if (const uint128 value = value_of(of, one.into); value != 0)
      detail::append_key(out, one.key, to_text(address{of.family, value}));
  return out;
}

}  // namespace cordon
