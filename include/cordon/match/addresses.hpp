// The addresses of rules as iptables reads them, which is not as people do: parts that are left out are zero (`10` is
// 10.0.0.0, `127.1` is 127.1.0.0), each part is a C number (`010` is 8, `0x7f` is 127), a mask may have holes. What
// that does not read goes to inet_aton for some options, for which the last part fills the rest (`2130706433` is
// 127.0.0.1, `10.1.300` is 10.1.1.44).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/address.hpp>

namespace cordon {

namespace detail {

// A C number as strtoul reads it, for which blanks and a plus sign may stand before it.
constexpr maybe<std::uint64_t> read_address_part(std::string_view written, std::uint64_t most) {
  if (!written.empty() && written[0] == '+') written.remove_prefix(1);
  return read_c_number(written, most);
}

// One to four parts, those behind the last left out being zero.
constexpr maybe<uint128> read_short_ipv4(std::string_view written, bool is_mask) {
  uint128 bits = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? written.find('.') : std::string_view::npos;
    const auto value = read_address_part(written.substr(0, dot), 255);
    if (!value) return no_value;
    bits |= uint128{*value} << (24 - 8 * part);
    if (dot == std::string_view::npos) {
      if (is_mask && part < 3) return no_value;
      return bits;
    }
    written.remove_prefix(dot + 1);
  }
  return bits;
}

// One to four parts, of which the last fills all that is left (inet_aton).
constexpr maybe<uint128> read_inet_aton(std::string_view written) {
  uint128 bits = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? written.find('.') : std::string_view::npos;
    const bool last = dot == std::string_view::npos;
    const std::uint64_t most = last ? 0xffffffffU >> (8 * part) : 255U;
    const auto value = read_c_number(written.substr(0, dot), most);
    if (!value) return no_value;
    bits |= last ? uint128{*value} : uint128{*value} << (24 - 8 * part);
    if (last) return bits;
    written.remove_prefix(dot + 1);
  }
  return no_value;
}

constexpr maybe<uint128> read_rule_mask(std::string_view written, family of) {
  if (of == family::ipv4) {
    if (const auto dotted = read_short_ipv4(written, /*is_mask=*/true)) return dotted;
  } else if (const auto full = read_ipv6_address(written)) {
    return full->bits;
  }
  const auto length = read_address_part(written, address_width(of));
  if (!length) return no_value;
  return prefix_mask(of, static_cast<unsigned>(*length));
}

}  // namespace detail

/// An address in numbers as the matches and targets read it that never ask inet_aton, such as iprange and DNAT.
constexpr maybe<uint128> read_plain_address(std::string_view written, family of) {
  if (of == family::ipv4) return detail::read_short_ipv4(written, /*is_mask=*/false);
  if (const auto full = read_ipv6_address(written)) return full->bits;
  return no_value;
}

/// An address in numbers as the options read it that ask getaddrinfo, such as --ctorigsrc.
constexpr maybe<uint128> read_host_address(std::string_view written, family of) {
  if (of == family::ipv4) return detail::read_inet_aton(written);
  if (const auto full = read_ipv6_address(written)) return full->bits;
  return no_value;
}

}  // namespace cordon
