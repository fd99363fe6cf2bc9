// What a box allows in one field, in the words of rules: numbers and ranges, addresses, names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/render/interface_list.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon {

/// A value under a mask.
struct masked_value {
  uint128 value = 0;  ///< under the mask
  uint128 mask = 0;   ///< which bits count
};

/// What a box allows in a field: intervals, or, where rules ask for single bits, values under masks.
struct side_values {
  bool free = true;                    ///< every value
  sequence<range> intervals = {};      ///< ascending; empty if `masked` is not
  sequence<masked_value> masked = {};  ///< any of them
  bool all_but_masked = false;         ///< rather, none of them
};

namespace detail {

// The blocks of one run of bits whose values lie in an interval: each a prefix of the run.
constexpr void append_blocks(const range& of, unsigned shift, unsigned width, sequence<masked_value>& into) {
  uint128 at = of.low;
  while (true) {
    unsigned free_bits = at == 0 ? width : detail::smaller_of(width, countr_zero(at));
    while ((at | low_bits(free_bits)) > of.high) --free_bits;
    into.push_back({at << shift, (low_bits(width) & ~low_bits(free_bits)) << shift});
    at |= low_bits(free_bits);
    if (at == of.high) return;
    ++at;
  }
}

constexpr sequence<masked_value> blocks_of(const sequence<range>& values, unsigned shift, unsigned width) {
  sequence<masked_value> made;
  for (const range& one : values) append_blocks(one, shift, width, made);
  return made;
}

// The numbers up to 255 that all sides allow.
constexpr sequence<range> small_numbers(const sequence<const box_side*>& sides, const range& domain) {
  sequence<range> made;
  for (unsigned number = static_cast<unsigned>(domain.low); number <= static_cast<unsigned>(domain.high); ++number) {
    const bool allowed = detail::all_of(sides, [&](const box_side* side) {
      const uint128 part = (uint128{number} >> side->shift) & low_bits(side->width);
      return detail::any_of(side->values, [&](const range& one) { return one.contains(part); });
    });
    if (!allowed) continue;
    if (!made.empty() && made.back().high + 1 == number)
      made.back().high = number;
    else
      made.push_back({number, number});
  }
  return made;
}

}  // namespace detail

/// What `of` allows in `which`.
constexpr side_values values_of(const box& of, field which) {
  side_values made;
  sequence<const box_side*> sides;
  for (const box_side& one : of.sides)
    if (one.field == which) sides.push_back(&one);
  if (sides.empty()) return made;
  made.free = false;
  const unsigned width = width_of(which, of.family);
  if (sides.size() == 1 && sides[0]->width == width) {
    made.intervals = sides[0]->values;
    return made;
  }
  if (width <= 8) {
    made.intervals = detail::small_numbers(sides, domain_of(which, of.family));
    return made;
  }
  if (sides.size() == 1) {
    const box_side& only = *sides[0];
    made.masked = detail::blocks_of(only.values, only.shift, only.width);
    const auto rest = detail::complement(only.values, {0, low_bits(only.width)});
    const auto others = detail::blocks_of(rest, only.shift, only.width);
    if (others.size() < made.masked.size()) {
      made.masked = others;
      made.all_but_masked = true;
    }
    return made;
  }
  made.masked.push_back({0, 0});
  for (const box_side* const side : sides) {
    const auto blocks = detail::blocks_of(side->values, side->shift, side->width);
    sequence<masked_value> product;
    product.reserve(made.masked.size() * blocks.size());
    for (const masked_value& before : made.masked)
      for (const masked_value& more : blocks) product.push_back({before.value | more.value, before.mask | more.mask});
    made.masked = std::move(product);
  }
  return made;
}

namespace detail {

constexpr void append_separator(text& out) {
  if (!out.empty() && out.view().back() != '!') out.append(',');
}

constexpr text numbers_in_words(const sequence<range>& intervals) {
  text out;
  for (const range& one : intervals) {
    append_separator(out);
    out.append_number(one.low);
    if (one.low != one.high) out.append('-').append_number(one.high);
  }
  return out;
}

constexpr text masked_numbers_in_words(const side_values& of) {
  text out;
  if (of.all_but_masked) out.append('!');
  for (const masked_value& one : of.masked) {
    append_separator(out);
    out.append("0x").append_hexadecimal(one.value).append("/0x").append_hexadecimal(one.mask);
  }
  return out;
}

constexpr text addresses_in_words(const side_values& of, family in) {
  text out;
  if (of.all_but_masked) out.append('!');
  for (const masked_value& one : of.masked) {
    append_separator(out);
    out.append(to_text(network{{in, one.value}, one.mask}));
  }
  for (const range& one : of.intervals) {
    append_separator(out);
    out.append(to_text(address{in, one.low}));
    if (one.low == one.high) continue;
    const uint128 free = one.low ^ one.high;
    if ((free & (free + 1)) == 0 && (one.low & free) == 0)
      out.append('/').append_number(address_width(in) - popcount(free));
    else
      out.append('-').append(to_text(address{in, one.high}));
  }
  return out;
}

constexpr text protocols_in_words(const sequence<range>& intervals) {
  text out;
  for (const range& one : intervals) {
    append_separator(out);
    if (one.low == one.high)
      out.append(to_text(static_cast<protocol>(static_cast<std::uint8_t>(one.low))));
    else
      out.append_number(one.low).append('-').append_number(one.high);
  }
  return out;
}

constexpr text states_in_words(const sequence<range>& intervals) {
  text out;
  for (const range& one : intervals)
    for (auto state = static_cast<unsigned>(one.low); state <= static_cast<unsigned>(one.high); ++state) {
      append_separator(out);
      out.append(name_of(static_cast<connection_state>(state)));
    }
  return out;
}

// Types and codes of ICMP: 8 for type 8 with every code, 3/0-1 for two codes of type 3.
constexpr text icmp_in_words(const sequence<range>& intervals) {
  text out;
  const auto part = [&](unsigned type, unsigned first, unsigned last) {
    append_separator(out);
    out.append_number(type).append('/').append_number(first);
    if (first != last) out.append('-').append_number(last);
  };
  for (const range& one : intervals) {
    auto low = static_cast<unsigned>(one.low);
    const auto high = static_cast<unsigned>(one.high);
    if (low % 256 != 0 || low / 256 == high / 256) {
      const unsigned last = detail::smaller_of(low | 255U, high);
      if (low % 256 == 0 && last % 256 == 255) {
        append_separator(out);
        out.append_number(low / 256);
      } else {
        part(low / 256, low % 256, last % 256);
      }
      if (last == high) continue;
      low = last + 1;
    }
    // Whole types, and perhaps a beginning of one.
    const unsigned whole_end = high % 256 == 255 ? high / 256 + 1 : high / 256;
    if (whole_end > low / 256) {
      append_separator(out);
      out.append_number(low / 256);
      if (whole_end - 1 > low / 256) out.append('-').append_number(whole_end - 1);
    }
    if (high % 256 != 255) part(high / 256, 0, high % 256);
  }
  return out;
}

}  // namespace detail

}  // namespace cordon
