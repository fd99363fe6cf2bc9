// The numbers of a packet that rules ask for, each with what every test of it comes to as ranges.
//
// Most fields are one dimension. Tests of a wide field under masks that are no prefixes (marks, most of all) ask for the
// bits of these masks alone: those together, pushed to the bottom, are a dimension of their own.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/classify/range_set.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon::detail {

/// The bits of `value` under `mask`, pushed together at the bottom.
constexpr uint128 gathered_bits(uint128 value, uint128 mask) {
  uint128 made = 0;
  unsigned to = 0;
  for (; mask != 0; mask &= mask - 1) made |= ((value >> countr_zero(mask)) & 1) << to++;
  return made;
}

/// Some bits of a field, or all of it.
struct dimension {
  cordon::field field = field::socket;
  uint128 mask = 0;  ///< 0: the whole field
  uint128 greatest = 0;

  constexpr uint128 value_in(const packet& of) const {
    const uint128 value = value_of(of, field);
    return mask == 0 ? value : gathered_bits(value, mask);
  }
};

/// The dimensions of a program. A field has at most two, the first of the whole.
class dimensions {
 public:
  /// The greatest number of bits that masks of one field may ask for; what asks for more is not told apart.
  static constexpr unsigned most_masked_bits = 12;
  /// Fields of no more bits are told apart value by value, whatever the masks.
  static constexpr unsigned narrow = 16;

  constexpr explicit dimensions(const program& rules) : family_(rules.family) {
    uint128 masks[field_count] = {};
    bool is_tested[field_count] = {};
    const auto note = [&](const predicate& condition) {
      for (const predicate_step& step : condition.steps()) {
        const auto at = static_cast<std::size_t>(step.field);
        if (step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked) {
          if (step.what == predicate_step::kind::masked && !is_as_range(step))
            masks[at] |= step.a & low_bits(width_of(step.field, family_));
          else
            is_tested[at] = true;
        }
      }
    };
    for (const program_table& table : rules.tables) {
      note(table.met_by);
      if (table.name == table_name::raw) is_tested[static_cast<std::size_t>(field::state)] = true;
      for (const program_chain& chain : table.chains)
        for (const program_step& step : chain.steps) {
          note(step.holds);
          note(step.drops);
        }
    }
    for (std::size_t i = 0; i < field_count; ++i) {
      const auto which = static_cast<field>(i);
      whole_[i] = none;
      masked_[i] = none;
      if (is_tested[i]) {
        whole_[i] = static_cast<std::uint32_t>(all_.size());
        all_.push_back({which, 0, low_bits(width_of(which, family_))});
      }
      if (masks[i] != 0 && popcount(masks[i]) <= most_masked_bits) {
        masked_[i] = static_cast<std::uint32_t>(all_.size());
        all_.push_back({which, masks[i], low_bits(popcount(masks[i]))});
      }
    }
  }

  constexpr std::size_t size() const { return all_.size(); }
  constexpr const dimension& operator[](std::uint32_t which) const { return all_[which]; }

  static constexpr std::uint32_t none = ~std::uint32_t{0};

  /// A test as a dimension and its values; `which` is `none` if it is not told apart.
  struct meaning {
    std::uint32_t which = none;
    range_set values = {};
  };
  constexpr meaning of_test(const predicate_step& step) const {
    const auto at = static_cast<std::size_t>(step.field);
    const uint128 all = low_bits(width_of(step.field, family_));
    if (step.what == predicate_step::kind::interval) return {whole_[at], within({step.a, step.b}, all)};
    if (is_as_range(step)) {
      const uint128 rest = all & ~step.a;
      if ((rest & (rest + 1)) == 0) return {whole_[at], within({step.b, step.b | rest}, all)};
      return {whole_[at], fitting(all, step.a, step.b)};
    }
    if (masked_[at] == none || (step.b & ~all) != 0) return {};
    const uint128 mask = all_[masked_[at]].mask;
    return {masked_[at], fitting(all_[masked_[at]].greatest, gathered_bits(step.a, mask), gathered_bits(step.b, mask))};
  }
  /// One value of a whole field that some test asks for.
  constexpr meaning of_value(field which, uint128 value) const {
    return {whole_[static_cast<std::size_t>(which)], {{value, value}}};
  }

 private:
  constexpr bool is_as_range(const predicate_step& masked_test) const {
    const unsigned width = width_of(masked_test.field, family_);
    const uint128 rest = low_bits(width) & ~masked_test.a;
    return width <= narrow || (rest & (rest + 1)) == 0;
  }
  static constexpr range_set within(range values, uint128 all) {
    if (values.low > all) return {};
    if (values.high > all) values.high = all;
    range_set made;
    made.push_back(values);
    return made;
  }
  static constexpr range_set fitting(uint128 greatest, uint128 mask, uint128 wanted) {
    range_set made;
    for (uint128 value = 0; value <= greatest; ++value) {
      if ((value & mask) != wanted) continue;
      if (!made.empty() && made.back().high + 1 == value)
        made.back().high = value;
      else
        made.push_back({value, value});
    }
    return made;
  }

  cordon::family family_;
  sequence<dimension> all_;
  std::uint32_t whole_[field_count] = {};
  std::uint32_t masked_[field_count] = {};
};

}  // namespace cordon::detail
