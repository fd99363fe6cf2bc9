// What a target does to a packet that goes on: one field gets another value.
#pragma once

#include <cstdint>

#include <cordon/base/uint128.hpp>
#include <cordon/packet/field.hpp>

namespace cordon {

/// A change of one field.
struct alteration {
  enum class kind : std::uint8_t {
    bits,     ///< (field & keep) ^ (from & from_mask) ^ flip
    one_of,   ///< some value of `values`: the kernel chooses, and no packet says which
    unknown,  ///< any value
  };
  cordon::field field = field::mark;
  kind what = kind::bits;
  uint128 keep = 0;
  cordon::field from = field::mark;
  uint128 from_mask = 0;
  uint128 flip = 0;
  range values = {};

  friend constexpr bool operator==(const alteration&, const alteration&) = default;
};

/// The field becomes `value`.
constexpr alteration set_to(field which, uint128 value) { return {.field = which, .flip = value}; }

/// The bits of `mask` are cleared, then those of `value` flipped: what MARK and its like call xset.
constexpr alteration set_bits(field which, uint128 value, uint128 mask) {
  return {.field = which, .keep = ~mask, .flip = value};
}

/// The field becomes some value between `low` and `high`.
constexpr alteration set_to_one_of(field which, uint128 low, uint128 high) {
  if (low == high) return set_to(which, low);
  return {.field = which, .what = alteration::kind::one_of, .values = {low, high}};
}

/// The field becomes any value.
constexpr alteration make_unknown(field which) { return {.field = which, .what = alteration::kind::unknown}; }

}  // namespace cordon
