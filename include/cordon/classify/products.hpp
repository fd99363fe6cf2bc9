// Conditions as sums of products: a packet fits one of some boxes, each of which gives ranges to a few dimensions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/classify/dimensions.hpp>
#include <cordon/classify/range_set.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::detail {

/// What one product asks of one dimension.
struct constraint {
  std::uint32_t which = 0;
  range_set values = {};

  friend constexpr bool operator==(const constraint&, const constraint&) = default;
};

/// All of these at once, ascending by dimension; without one it holds for every packet.
using product = sequence<constraint>;

/// One of these; without one it holds for no packet.
using sum = sequence<product>;

/// The packets in both; false if there are none.
constexpr bool multiply(const product& a, const product& b, product& made) {
  made.clear();
  made.reserve(a.size() + b.size());
  for (std::size_t i = 0, k = 0; i < a.size() || k < b.size();) {
    if (k == b.size() || (i < a.size() && a[i].which < b[k].which)) {
      made.push_back(a[i++]);
    } else if (i == a.size() || b[k].which < a[i].which) {
      made.push_back(b[k++]);
    } else {
      range_set common = both(a[i].values, b[k].values);
      if (common.empty()) return false;
      made.push_back({a[i].which, std::move(common)});
      ++i;
      ++k;
    }
  }
  return true;
}

/// Makes one product of two that differ in one dimension alone.
constexpr bool unite(product& a, const product& b) {
  if (a.size() != b.size()) return false;
  std::size_t different = a.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].which != b[i].which) return false;
    if (a[i].values == b[i].values) continue;
    if (different != a.size()) return false;
    different = i;
  }
  if (different != a.size()) a[different].values = either(a[different].values, b[different].values);
  return true;
}

/// A condition as a sum. What no packet decides, or no dimension tells apart, or takes too many products, is left out of it
/// or put into it.
class sum_maker {
 public:
  static constexpr std::size_t most_products = 4096;

  constexpr explicit sum_maker(const dimensions& known) : known_(&known) {}

  struct answer {
    sum holds = {};
    bool is_exact = true;  ///< nothing was left out or put in
  };

  /// The packets for which `condition` holds (with `wanted` false: does not hold). With `with_open` those that may be, else
  /// those that surely are.
  constexpr answer packets_where(const predicate& condition, bool wanted, bool with_open) const {
    const view<predicate_step> steps = condition.steps();
    answer made;
    // Negations go down to the tests: what is wanted of each step, from the last to the first.
    sequence<std::size_t> starts(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      switch (steps[i].what) {
        case predicate_step::kind::negation: starts[i] = starts[i - 1]; break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction: starts[i] = starts[starts[i - 1] - 1]; break;
        default: starts[i] = i;
      }
    }
    sequence<char> is_wanted(steps.size(), wanted ? 1 : 0);
    for (std::size_t i = steps.size(); i-- > 0;) {
      switch (steps[i].what) {
        case predicate_step::kind::negation: is_wanted[i - 1] = is_wanted[i] != 0 ? 0 : 1; break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction: is_wanted[i - 1] = is_wanted[starts[i - 1] - 1] = is_wanted[i]; break;
        default: break;
      }
    }
    sequence<sum> stack;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool holds = is_wanted[i] != 0;
      switch (steps[i].what) {
        case predicate_step::kind::always: stack.push_back(constant(holds)); break;
        case predicate_step::kind::never: stack.push_back(constant(!holds)); break;
        case predicate_step::kind::interval:
        case predicate_step::kind::masked: {
          dimensions::meaning test = known_->of_test(steps[i]);
          if (test.which == dimensions::none) {
            made.is_exact = false;
            stack.push_back(constant(with_open));
            break;
          }
          if (!holds) test.values = complement(test.values, (*known_)[test.which].greatest);
          stack.push_back({});
          if (test.values.empty()) break;
          stack.back().push_back({});
          stack.back().back().push_back({test.which, std::move(test.values)});
          break;
        }
        case predicate_step::kind::atom:
          made.is_exact = false;
          stack.push_back(constant(with_open));
          break;
        case predicate_step::kind::negation: break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction: {
          sum right = std::move(stack.back());
          stack.pop_back();
          const bool is_both = (steps[i].what == predicate_step::kind::conjunction) == holds;
          const bool fits = is_both ? multiply_by(stack.back(), right) : add(stack.back(), std::move(right));
          if (fits) break;
          made.is_exact = false;
          stack.back() = constant(with_open);
          break;
        }
      }
    }
    made.holds = std::move(stack.back());
    return made;
  }

  /// Leaves the packets that are in both; false if that takes too many products.
  static constexpr bool multiply_by(sum& a, const sum& b) {
    sum made;
    product one;
    for (const product& left : a)
      for (const product& right : b) {
        if (!multiply(left, right, one)) continue;
        if (made.size() == most_products) return false;
        made.push_back(std::move(one));
      }
    a = std::move(made);
    return true;
  }

 private:
  static constexpr sum constant(bool holds) {
    sum made;
    if (holds) made.push_back({});
    return made;
  }
  static constexpr bool add(sum& a, sum&& b) {
    const auto is_always = [](const product& one) { return one.empty(); };
    if (any_of(a, is_always) || any_of(b, is_always)) {
      a = constant(true);
      return true;
    }
    if (a.size() + b.size() > most_products) return false;
    std::size_t first = 0;
    if (!a.empty() && !b.empty() && unite(a.back(), b.front())) first = 1;
    for (; first < b.size(); ++first) a.push_back(std::move(b[first]));
    return true;
  }

  const dimensions* known_;
};

}  // namespace cordon::detail
