// What a target does to a packet that goes on: one field gets another value.
#pragma once

#include <cstdint>

#include <cordon/base/uint128.hpp>
#include <cordon/packet/field.hpp>

namespace cordon {

/// A change of one field.
struct alteration {
  /// How the new value comes about.
  enum class kind : std::uint8_t {
    bits,     ///< (field & keep) ^ (from & from_mask) ^ flip
    one_of,   ///< some value of `values`: the kernel chooses, and no packet says which
    unknown,  ///< any value
  };
  cordon::field field = field::mark;  ///< the one that changes
  kind what = kind::bits;             ///< how
  uint128 keep = 0;                   ///< the bits of the old value that stay
  cordon::field from = field::mark;   ///< the field that the other bits come from
  uint128 from_mask = 0;              ///< which bits of that are taken
  uint128 flip = 0;                   ///< xored with the rest
  range values = {};                  ///< the values that it may have then, bounds included

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
