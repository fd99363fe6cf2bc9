// A seeded source of random choices for those who draw without RapidCheck: a harness, a fuzzer, a benchmark.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/uint128.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::testing {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). Equal seeds choose alike,
/// on every machine and compiler.
class random_choices {
 public:
  /// Equal seeds give equal choices.
  constexpr explicit random_choices(std::uint64_t seed) : state_(seed) {}

  /// The next number, uniform over 64 bits.
  constexpr std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
  }

  /// The source that the drawing functions take. Valid as long as this object is, and not moved.
  constexpr choice_source source() {
    return {this, [](void* state, std::uint64_t bound) {
              const uint128 product = uint128{static_cast<random_choices*>(state)->next()} * bound;
              return static_cast<std::uint64_t>(product >> 64);
            }};
  }

 private:
  std::uint64_t state_;
};

/// A number of `among.low` to `among.high`, all alike.
constexpr uint128 draw_number(const choice_source& choices, const range& among) {
  constexpr auto half = std::uint64_t{1} << 63;
  const uint128 span = among.high - among.low;
  if (span < half) return among.low + choices.below(static_cast<std::uint64_t>(span) + 1);
  // Whole bits, and once more if they run over: half of the time at most.
  const unsigned width = 128 - countl_zero(span);
  while (true) {
    uint128 bits = 0;
    for (int part = 0; part < 4; ++part) bits = (bits << 32) | choices.below(std::uint64_t{1} << 32);
    bits &= low_bits(width);
    if (bits <= span) return among.low + bits;
  }
}

/// One of `among`, all alike. Precondition: there is one.
template <class Items>
constexpr const auto& draw_one(const choice_source& choices, const Items& among) {
  return *(std::begin(among) + static_cast<std::ptrdiff_t>(choices.below(std::size(among))));
}

}  // namespace cordon::testing
