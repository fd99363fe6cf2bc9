// One integer wide enough for every packet field: an IPv6 address, and an interface name as its sixteen bytes.
#pragma once

#include <bit>
#include <cstdint>

#include <cordon/base/language.hpp>

namespace cordon {

__extension__ typedef unsigned __int128 uint128;  ///< An unsigned number of 128 bits, as both compilers have it.

/// The number whose low `width` bits are set; `width` is 0 to 128.
constexpr uint128 low_bits(unsigned width) { return width >= 128 ? ~uint128{0} : (uint128{1} << width) - 1; }

/// The number of set bits.
constexpr unsigned popcount(uint128 value) {
  return static_cast<unsigned>(std::popcount(static_cast<std::uint64_t>(value)) +
                               std::popcount(static_cast<std::uint64_t>(value >> 64)));
}

/// The number of zero bits above the highest set bit, 128 for zero.
constexpr unsigned countl_zero(uint128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  const int zeros = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(value));
  return static_cast<unsigned>(zeros);
}

/// The number of zero bits below the lowest set bit, 128 for zero.
constexpr unsigned countr_zero(uint128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  const int zeros = low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(static_cast<std::uint64_t>(value >> 64));
  return static_cast<unsigned>(zeros);
}

/// A closed interval of numbers, low <= high.
struct range {
  uint128 low = 0;   ///< the least number of it
  uint128 high = 0;  ///< the greatest; less than `low`: no number is in it

  /// Whether the number is in it, bounds included.
  constexpr bool contains(uint128 value) const { return low <= value && value <= high; }
  friend constexpr bool operator==(const range&, const range&) = default;
};

}  // namespace cordon
