// What the matches that read a transport header share: which packets carry enough of it, and what the kernel does
// with those that do not.
#pragma once

#include <cordon/packet/address.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon {

/// Packets that are no later fragment and carry at least `bytes` bytes of their transport header. `bytes` is at most
/// 20, and not more than the protocol's header has.
constexpr predicate carries(unsigned bytes) {
  return between(field::transport, bytes, static_cast<unsigned>(transport_part::whole));
}

/// Packets that are no later fragment but whose header is cut off before `bytes` bytes: matches of xtables drop them
/// (`par->hotdrop`).
constexpr predicate is_cut_before(unsigned bytes) {
  // Not with `?:`: g++ 12 frees what such a temporary holds twice in a constant expression. So too below.
  if (bytes == 0) return never();
  return between(field::transport, 0, bytes - 1);
}

/// Later fragments at offset 8, which a TCP match of xtables drops (tcp_mt in net/netfilter/xt_tcpudp.c: such a
/// fragment could overwrite the flags). It compares the offset with 1, and IPv6 counts offsets in bytes: there it
/// never is.
constexpr predicate is_fragment_at_8(family in) {
  if (in == family::ipv6) return never();
  return is(field::transport, static_cast<unsigned>(transport_part::fragment_at_8));
}

/// low <= the number that the first four bytes of the transport header make <= high.
constexpr predicate first_four_bytes_between(uint128 low, uint128 high) {
  if (low > high) return never();
  const uint128 first = low >> 16;
  const uint128 last = high >> 16;
  if (first == last) return is(field::first_word, first) && between(field::second_word, low & 0xffff, high & 0xffff);
  predicate holds = is(field::first_word, first) && between(field::second_word, low & 0xffff, 0xffff);
  holds |= is(field::first_word, last) && between(field::second_word, 0, high & 0xffff);
  if (last - first > 1) holds |= between(field::first_word, first + 1, last - 1);
  return holds;
}

/// (which & mask) == (value & mask) for an address; a prefix becomes an interval, which packet sets handle best.
constexpr predicate address_under_mask(field which, uint128 value, uint128 mask, family in) {
  if (mask == 0) return always();
  const uint128 base = value & mask;
  if (!prefix_length(in, mask)) return masked(which, mask, base);
  return between(which, base, base | (low_bits(address_width(in)) & ~mask));
}

/// Packets that carry a TCP or DCCP option or an SCTP chunk of a kind of 0 to 255.
constexpr predicate carries_kind(unsigned kind) {
  const uint128 bit = uint128{1} << (kind & 127);
  return masked(kind < 128 ? field::low_kinds : field::high_kinds, bit, bit);
}

/// Packets in which iptables-nft finds `bytes` bytes where the transport header stands. It reads ports and TCP flags
/// as bytes of the packet and, unlike xtables, does so in later fragments too (nft_payload_fast_eval in
/// net/netfilter/nf_tables_core.c asks for no fragment offset).
constexpr predicate has_bytes(unsigned bytes) {
  return between(field::transport, bytes, static_cast<unsigned>(transport_part::later_fragment));
}

/// `condition`, or its opposite if `!` stood before the option.
constexpr predicate inverted_if(bool inverted, predicate condition) {
  if (inverted) condition.negate();
  return condition;
}

}  // namespace cordon
