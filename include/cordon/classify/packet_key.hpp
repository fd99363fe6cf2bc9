// What a compiled firewall looks at of a packet: the fields that most rules ask for as they are, and all others that its
// rules ask for as one number, which only the classifier that made the key understands.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/uint128.hpp>
#include <cordon/packet/packet.hpp>

namespace cordon {

/// A packet of one family, made ready for lookups in one classifier. `Address` is `std::uint32_t` for IPv4, `uint128` for
/// IPv6.
template <class Address>
struct packet_key {
  Address source = 0;             ///< as `address::bits`
  Address destination = 0;        ///< as `address::bits`
  std::uint16_t first_word = 0;   ///< bytes 0 and 1 of the transport header
  std::uint16_t second_word = 0;  ///< bytes 2 and 3 of the transport header
  std::uint32_t uid = 0;          ///< of the socket's owner
  std::uint16_t kind = 0;         ///< protocol, transport << 8, socket << 13
  std::uint16_t flags = 0;        ///< flags, state << 8, nat_status << 11
  std::uint32_t rest = 0;         ///< the class of all other fields

  friend constexpr bool operator==(const packet_key&, const packet_key&) = default;
};

namespace detail {

/// The parts of a key that are looked up apart.
enum class key_part : std::uint8_t { source, destination, uid, first_word, second_word, kind, flags, rest };
inline constexpr std::size_t key_part_count = 8;

/// Where a field stands in a key.
struct field_in_key {
  key_part part = key_part::rest;
  unsigned shift = 0;
};

constexpr field_in_key place_in_key(field of) {
  switch (of) {
    case field::source: return {key_part::source};
    case field::destination: return {key_part::destination};
    case field::uid: return {key_part::uid};
    case field::first_word: return {key_part::first_word};
    case field::second_word: return {key_part::second_word};
    case field::protocol: return {key_part::kind, 0};
    case field::transport: return {key_part::kind, 8};
    case field::socket: return {key_part::kind, 13};
    case field::flags: return {key_part::flags, 0};
    case field::state: return {key_part::flags, 8};
    case field::nat_status: return {key_part::flags, 11};
    default: return {key_part::rest};
  }
}

/// The bits of a part that is looked up in a table.
constexpr unsigned width_of(key_part of) {
  switch (of) {
    case key_part::kind: return 15;
    case key_part::flags: return 13;
    default: return 16;
  }
}

/// The key of a packet but for its `rest`.
template <class Address>
constexpr packet_key<Address> key_of(const packet& of) {
  packet_key<Address> made;
  made.source = static_cast<Address>(of.source);
  made.destination = static_cast<Address>(of.destination);
  made.first_word = of.first_word;
  made.second_word = of.second_word;
  made.uid = of.owner.uid;
  made.kind = static_cast<std::uint16_t>(number_of(of.protocol) | static_cast<unsigned>(of.transport) << 8 |
                                         static_cast<unsigned>(of.owner.socket) << 13);
  made.flags = static_cast<std::uint16_t>(of.flags | static_cast<unsigned>(of.state) << 8 |
                                          static_cast<unsigned>(of.nat_status) << 11);
  return made;
}

/// Whether every field of a packet has a value of its width: a key holds no more.
constexpr bool fits_key(const packet& of) {
  const unsigned width = address_width(of.family);
  const bool addresses_fit = width == 128 || (of.source >> width | of.destination >> width) == 0;
  return addresses_fit && static_cast<unsigned>(of.transport) < 32 && static_cast<unsigned>(of.owner.socket) < 4 &&
         static_cast<unsigned>(of.state) < 8 && of.nat_status < 4;
}

}  // namespace detail
}  // namespace cordon
