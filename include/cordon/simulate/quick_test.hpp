// Two tests, one of which every packet passes that a rule has an effect on, in 32 bytes: a packet is taken past rules that are not
// for it without a look at them. A table of ten thousand rules then is as much memory as the nearest caches hold.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::detail {

/// The part of a field's value that quick tests compare: all of it, or the upper 64 bits where it has more.
constexpr std::uint64_t quick_part(uint128 value, field of, family in) {
  const unsigned width = width_of(of, in);
  return static_cast<std::uint64_t>(width > 64 ? value >> (width - 64) : value);
}

/// Whether a field is within bounds, or nothing.
struct quick_test {
  std::uint64_t low = 0;
  std::uint64_t span = ~std::uint64_t{0};  ///< the upper bound less the lower: by itself every value passes
  cordon::field field = field::socket;

  constexpr bool passes(std::uint64_t part) const { return part - low <= span; }
};

// Bounds of fields that every packet is within for which a condition is true: as many as are easily found.
struct field_bounds {
  static constexpr std::size_t most = 8;
  predicate_step tests[most] = {};
  std::size_t count = 0;

  constexpr void add(const predicate_step& test) {
    for (std::size_t i = 0; i < count; ++i)
      if (tests[i].field == test.field) {
        if (test.b - test.a < tests[i].b - tests[i].a) tests[i] = test;
        return;
      }
    if (count < most && test.a <= test.b) tests[count++] = test;
  }
  constexpr const predicate_step* find(field which) const {
    for (std::size_t i = 0; i < count; ++i)
      if (tests[i].field == which) return &tests[i];
    return nullptr;
  }
};

// Adds the bounds of the operand that ends at `end`. What nests deep or is long is left alone.
constexpr void add_bounds(view<predicate_step> steps, std::size_t end, unsigned depth, field_bounds& into) {
  constexpr std::size_t longest_choice = 32;
  constexpr unsigned deepest = 40;
  if (steps[end].what == predicate_step::kind::interval) into.add(steps[end]);
  const bool is_choice = steps[end].what == predicate_step::kind::disjunction;
  if ((!is_choice && steps[end].what != predicate_step::kind::conjunction) || depth == deepest) return;
  const std::size_t right = start_of_operand(steps, end - 1);
  if (!is_choice) {
    add_bounds(steps, right - 1, depth + 1, into);
    add_bounds(steps, end - 1, depth + 1, into);
    return;
  }
  if (end - start_of_operand(steps, end) > longest_choice) return;
  field_bounds one;
  field_bounds other;
  add_bounds(steps, right - 1, depth + 1, one);
  add_bounds(steps, end - 1, depth + 1, other);
  for (std::size_t i = 0; i < one.count; ++i)
    if (const predicate_step* const also = other.find(one.tests[i].field))
      into.add(interval_test(also->field, smaller_of(one.tests[i].a, also->a), greater_of(one.tests[i].b, also->b)));
}

/// The test of `condition` that fits least.
constexpr quick_test quick_test_of(const predicate& condition, family in) {
  if (condition.is_never()) return {~std::uint64_t{0}, 0, field::socket};  // which has no such value
  field_bounds bounds;
  add_bounds(condition.steps(), condition.steps().size() - 1, 0, bounds);
  quick_test made;
  int narrowest = 0;
  for (std::size_t i = 0; i < bounds.count; ++i) {
    const predicate_step& one = bounds.tests[i];
    const uint128 span = one.b - one.a;
    const auto upper = static_cast<std::uint64_t>(span >> 64);
    const auto bits =
        static_cast<int>(upper != 0 ? 64 + std::bit_width(upper) : std::bit_width(static_cast<std::uint64_t>(span)));
    const int excess = bits - static_cast<int>(width_of(one.field, in));
    if (excess >= narrowest) continue;
    narrowest = excess;
    const std::uint64_t low = quick_part(one.a, one.field, in);
    made = {low, quick_part(one.b, one.field, in) - low, one.field};
  }
  return made;
}

// The values of `transport` for which a condition may be true, as bits. What nests deep is left alone.
constexpr std::uint32_t transports_of(view<predicate_step> steps, std::size_t end, unsigned depth) {
  constexpr std::uint32_t every = ~std::uint32_t{0};
  constexpr unsigned deepest = 40;
  static_assert(static_cast<unsigned>(transport_part::later_fragment) < 32);
  const predicate_step& last = steps[end];
  if (last.what == predicate_step::kind::never) return 0;
  if (last.what == predicate_step::kind::interval && last.field == field::transport) {
    std::uint32_t made = 0;
    for (unsigned value = 0; value < 32; ++value)
      if (last.a <= value && value <= last.b) made |= std::uint32_t{1} << value;
    return made;
  }
  const bool is_choice = last.what == predicate_step::kind::disjunction;
  if ((!is_choice && last.what != predicate_step::kind::conjunction) || depth == deepest) return every;
  const std::uint32_t right = transports_of(steps, end - 1, depth + 1);
  const std::uint32_t left = transports_of(steps, start_of_operand(steps, end - 1) - 1, depth + 1);
  return is_choice ? left | right : left & right;
}

/// A rule has an effect on packets alone that pass one of two tests: it holds for them, or one of its matches drops them.
struct quick_tests {
  quick_test holds = {};
  std::uint32_t transports_dropped = 0;  ///< bits of the values of `transport`

  constexpr quick_tests() = default;
  constexpr quick_tests(const predicate& if_holds, const predicate& if_drops, family in)
      : holds(quick_test_of(if_holds, in)) {
    if (!if_drops.is_never()) transports_dropped = transports_of(if_drops.steps(), if_drops.steps().size() - 1, 0);
  }
};

/// What quick tests compare of one packet, each looked up when it is first asked for.
class quick_parts {
 public:
  /// Of another packet from now on: the version with this number, of whose fields some are not known.
  constexpr void begin(std::size_t version, const packet& of, field_set not_known) {
    if (version == version_) return;
    version_ = version;
    known_ = 0;
    // A value that no packet has is asked of each rule, as what is not known is.
    const auto transport = static_cast<unsigned>(of.transport);
    const bool is_asked = contains(not_known, field::transport) || transport >= 32;
    transport_ = is_asked ? ~std::uint32_t{0} : std::uint32_t{1} << transport;
  }
  constexpr bool passes(const quick_tests& tests, const packet& of, field_set not_known) {
    return passes(tests.holds, of, not_known) || (tests.transports_dropped & transport_) != 0;
  }

 private:
  constexpr bool passes(const quick_test& test, const packet& of, field_set not_known) {
    const auto at = static_cast<std::size_t>(test.field);
    if (!contains(known_, test.field)) {
      if (contains(not_known, test.field)) return true;
      known_ |= set_of(test.field);
      parts_[at] = quick_part(value_of(of, test.field), test.field, of.family);
    }
    return test.passes(parts_[at]);
  }

  std::size_t version_ = ~std::size_t{0};
  field_set known_ = 0;
  std::uint32_t transport_ = 0;
  std::uint64_t parts_[field_count] = {};
};

}  // namespace cordon::detail
