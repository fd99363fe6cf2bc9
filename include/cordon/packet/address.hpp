// Addresses and networks of both families: their numbers, how they are written (RFC 4291, RFC 5952) and read.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/family.hpp>

namespace cordon {

/// An address as a number in host order; an IPv4 address uses the low 32 bits.
struct address {
  cordon::family family = family::ipv4;  ///< of which `bits` is an address
  uint128 bits = 0;  ///< as a number, the first byte of the packet the highest: 32 bits of IPv4, 128 of IPv6

  /// 127.0.0.0/8 or ::1: what the kernel sends by lo alone, unless a socket is bound to another interface.
  constexpr bool is_loopback() const { return family == family::ipv4 ? (bits >> 24) == 127 : bits == 1; }
  /// Of IPv6: what only the neighbours on one link know (fe80::/10).
  constexpr bool is_link_local() const { return family == family::ipv6 && (bits >> 118) == 0x3fa; }
  friend constexpr bool operator==(const address&, const address&) = default;
};

/// The IPv4 address a.b.c.d.
constexpr address ipv4_address(unsigned a, unsigned b, unsigned c, unsigned d) {
  return {family::ipv4, (uint128{a} << 24) | (uint128{b} << 16) | (uint128{c} << 8) | d};
}

/// The addresses whose bits under `mask` equal those of `base`. A mask need not be contiguous.
struct network {
  address base;      ///< its family is the network's
  uint128 mask = 0;  ///< which bits count; may have holes

  /// Whether an address is of this family and equal to the base under the mask.
  constexpr bool contains(const address& candidate) const {
    return candidate.family == base.family && (candidate.bits & mask) == (base.bits & mask);
  }
  friend constexpr bool operator==(const network&, const network&) = default;
};

/// The mask of a prefix of `length` bits, 0 to the width of the family.
constexpr uint128 prefix_mask(family of, unsigned length) {
  return low_bits(address_width(of)) & ~low_bits(address_width(of) - length);
}

/// The prefix length of a contiguous mask, nothing for any other.
constexpr maybe<unsigned> prefix_length(family of, uint128 mask) {
  const unsigned length = popcount(mask);
  if (prefix_mask(of, length) != mask) return no_value;
  return length;
}

/// Four decimal numbers of 0 to 255, without leading zeros.
constexpr maybe<address> read_ipv4_address(std::string_view written) {
  uint128 bits = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = written.find('.');
    if ((part < 3) == (dot == std::string_view::npos)) return no_value;
    const auto number = written.substr(0, dot);
    if (number.size() > 1 && number[0] == '0') return no_value;
    const auto value = read_number(number, 255);
    if (!value) return no_value;
    bits = (bits << 8) | *value;
    written = dot == std::string_view::npos ? std::string_view{} : written.substr(dot + 1);
  }
  return address{family::ipv4, bits};
}

/// The forms of RFC 4291 section 2.2, as inet_pton reads them: one "::" at most, an IPv4 tail allowed.
constexpr maybe<address> read_ipv6_address(std::string_view written) {
  uint128 head = 0;  // the groups before "::", or all of them
  uint128 tail = 0;  // the groups behind it
  unsigned head_groups = 0;
  unsigned tail_groups = 0;
  bool gap = false;
  if (written.starts_with("::")) {
    gap = true;
    written.remove_prefix(2);
  } else if (written.starts_with(":")) {
    return no_value;
  }
  while (!written.empty()) {
    const auto colon = written.find(':');
    const auto group = written.substr(0, colon);
    uint128& into = gap ? tail : head;
    unsigned& groups = gap ? tail_groups : head_groups;
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto v4 = read_ipv4_address(group);
      if (!v4) return no_value;
      into = (into << 32) | v4->bits;
      groups += 2;
    } else {
      if (group.size() > 4) return no_value;
      const auto value = read_number(group, 0xffff, 16);
      if (!value) return no_value;
      into = (into << 16) | *value;
      ++groups;
    }
    if (head_groups + tail_groups > 8) return no_value;
    if (colon == std::string_view::npos) break;
    written.remove_prefix(colon + 1);
    if (written.starts_with(":")) {
      if (gap) return no_value;
      gap = true;
      written.remove_prefix(1);
    } else if (written.empty()) {
      return no_value;
    }
  }
  if (gap ? head_groups + tail_groups > 7 : head_groups != 8) return no_value;
  if (!gap) return address{family::ipv6, head};
  const uint128 high = head_groups == 0 ? 0 : head << (128 - 16 * head_groups);
  return address{family::ipv6, high | tail};
}

/// An address of either family as people write it; nothing for what is no address.
constexpr maybe<address> read_address(std::string_view written) {
  return written.find(':') == std::string_view::npos ? read_ipv4_address(written) : read_ipv6_address(written);
}

/// An address, or an address and a prefix length; bits behind the prefix are cut off.
constexpr maybe<network> read_network(std::string_view written) {
  const auto slash = written.find('/');
  const auto base = read_address(written.substr(0, slash));
  if (!base) return no_value;
  unsigned length = address_width(base->family);
  if (slash != std::string_view::npos) {
    const auto number = read_number(written.substr(slash + 1), length);
    if (!number) return no_value;
    length = static_cast<unsigned>(*number);
  }
  const uint128 mask = prefix_mask(base->family, length);
  return network{{base->family, base->bits & mask}, mask};
}

namespace detail {
constexpr void append_ipv4(text& out, uint128 bits) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.append_number((bits >> shift) & 255);
    if (shift > 0) out.append('.');
  }
}

constexpr void append_ipv6(text& out, uint128 bits) {
  const auto group = [&](int i) { return static_cast<unsigned>((bits >> (112 - 16 * i)) & 0xffff); };
  // The longest run of at least two zero groups becomes "::", the first of equals (RFC 5952 section 4.2).
  int gap_at = -1;
  int gap_length = 1;
  for (int i = 0; i < 8; ++i) {
    int length = 0;
    while (i + length < 8 && group(i + length) == 0) ++length;
    if (length > gap_length) {
      gap_at = i;
      gap_length = length;
    }
    if (length > 0) i += length - 1;
  }
  // inet_ntop shows an IPv4 tail for ::ffff:a.b.c.d and for ::a.b.c.d, and iptables prints with inet_ntop.
  const bool mapped = (bits >> 32) == 0xffff;
  const bool compatible = gap_at == 0 && gap_length == 6;
  if (mapped || compatible) {
    out.append(mapped ? "::ffff:" : "::");
    append_ipv4(out, bits & 0xffffffff);
    return;
  }
  for (int i = 0; i < 8; ++i) {
    if (i == gap_at) {
      out.append("::");
      i += gap_length - 1;
      continue;
    }
    if (i > 0 && !(gap_at >= 0 && i == gap_at + gap_length)) out.append(':');
    out.append_hexadecimal(group(i));
  }
}
}  // namespace detail

/// The address as inet_ntop prints it.
constexpr text to_text(const address& of) {
  text out;
  if (of.family == family::ipv4)
    detail::append_ipv4(out, of.bits);
  else
    detail::append_ipv6(out, of.bits);
  return out;
}

/// The network as iptables-save prints it: always with its prefix length, or with the mask if that is not contiguous.
constexpr text to_text(const network& of) {
  text out = to_text(address{of.base.family, of.base.bits & of.mask});
  out.append('/');
  if (const auto length = prefix_length(of.base.family, of.mask))
    out.append_number(*length);
  else
    out.append(to_text(address{of.base.family, of.mask}));
  return out;
}

}  // namespace cordon
