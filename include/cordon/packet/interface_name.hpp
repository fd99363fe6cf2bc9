// Interface names, and their place on a line: as a number a name is its bytes, padded with zeros to sixteen, so that
// a name is one point and `eth+` one interval. That is how the kernel compares them too (ifname_compare_aligned in
// include/linux/netfilter/x_tables.h: byte by byte under a mask).
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>

namespace cordon {

/// The name of a network interface, 1 to 15 bytes (IFNAMSIZ is 16 with its zero).
using interface_name = short_text<15>;

/// The name as a number of 128 bits.
constexpr uint128 number_of(const interface_name& name) {
  uint128 number = 0;
  for (const char c : name.view()) number = (number << 8) | static_cast<unsigned char>(c);
  return name.empty() ? 0 : number << (8 * (16 - name.size()));
}

/// The name that has this number; bytes behind the first zero are ignored.
constexpr interface_name interface_of(uint128 number) {
  char bytes[16] = {};
  std::size_t size = 0;
  for (; size < 15; ++size) {
    const auto byte = static_cast<unsigned char>(number >> (120 - 8 * size));
    if (byte == 0) break;
    bytes[size] = static_cast<char>(byte);
  }
  return interface_name(std::string_view(bytes, size));
}

/// The numbers of all names that begin with `prefix`, of at most 15 bytes; all numbers for an empty one.
constexpr range numbers_with_prefix(std::string_view prefix) {
  const uint128 low = number_of(interface_name(prefix));
  return {low, low | low_bits(static_cast<unsigned>(128 - 8 * prefix.size()))};
}

}  // namespace cordon
