// Ethernet addresses, 48 bits, as XX:XX:XX:XX:XX:XX.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>

namespace cordon {

/// Six bytes of one or two hexadecimal digits with colons between; nothing if it is anything else.
constexpr maybe<std::uint64_t> read_ethernet_address(std::string_view written) {
  std::uint64_t bits = 0;
  for (int part = 0; part < 6; ++part) {
    const std::size_t colon = written.find(':');
    if ((colon == std::string_view::npos) != (part == 5)) return no_value;
    const auto byte = read_number(written.substr(0, colon), 255, 16);
    if (!byte) return no_value;
    bits = bits << 8 | *byte;
    written.remove_prefix(part == 5 ? written.size() : colon + 1);
  }
  return bits;
}

/// Appends an address, of which the lower 48 bits count.
constexpr void append_ethernet_address(text& out, std::uint64_t bits) {
  for (int shift = 40; shift >= 0; shift -= 8) {
    out.append_hexadecimal(bits >> shift & 255, 2);
    if (shift > 0) out.append(':');
  }
}

}  // namespace cordon
