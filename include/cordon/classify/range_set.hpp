// Sets of numbers as ranges that ascend and neither overlap nor touch: what one product of tests leaves of a dimension.
#pragma once

#include <cstddef>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>

namespace cordon::detail {

using range_set = sequence<range>;

/// The numbers in both sets.
constexpr range_set both(const range_set& a, const range_set& b) {
  range_set made;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const range common{greater_of(a[i].low, b[k].low), smaller_of(a[i].high, b[k].high)};
    if (common.low <= common.high) made.push_back(common);
    if (a[i].high < b[k].high)
      ++i;
    else
      ++k;
  }
  return made;
}

/// The numbers in one of the sets.
constexpr range_set either(const range_set& a, const range_set& b) {
  range_set made;
  made.reserve(a.size() + b.size());
  for (std::size_t i = 0, k = 0; i < a.size() || k < b.size();) {
    const bool from_a = k == b.size() || (i < a.size() && a[i].low <= b[k].low);
    const range& next = from_a ? a[i++] : b[k++];
    if (!made.empty() && (made.back().high == ~uint128{0} || next.low <= made.back().high + 1))
      made.back().high = greater_of(made.back().high, next.high);
    else
      made.push_back(next);
  }
  return made;
}

/// The numbers from 0 to `greatest` that are not in the set, which holds none above.
constexpr range_set complement(const range_set& of, uint128 greatest) {
  range_set made;
  uint128 next = 0;
  for (const range& one : of) {
    if (one.low > next) made.push_back({next, one.low - 1});
    if (one.high >= greatest) return made;
    next = one.high + 1;
  }
  made.push_back({next, greatest});
  return made;
}

}  // namespace cordon::detail
