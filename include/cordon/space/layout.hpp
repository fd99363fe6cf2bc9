// The levels of a decision diagram over packets: which fields are tested, in which order, and at which values anything
// can change. A layout is made for one question, from all predicates that take part in it; between two neighbouring
// cuts of a level no predicate distinguishes values, so a diagram needs only the numbers of the cells.
//
// Most fields are one level whose cells are intervals. A field that some predicate tests under a mask that is no prefix
// (marks, TCP flags, odd netmasks) is split at the edges of its masks into several levels of whole runs of bits, high
// bits first: there a masked test is an equality at some of them, and an interval is compared run by run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon {

/// One level: some bits of a field, cut into cells.
struct level {
  cordon::field field = field::socket;  ///< that its tests ask
  unsigned shift = 0;                   ///< the place of its lowest bit in the field
  unsigned width = 0;                   ///< its number of bits
  sequence<uint128> starts;  ///< the first value of each cell, ascending; the first is the least value of the level
  uint128 last = 0;          ///< the greatest value of the last cell

  /// How many cells the field is cut into.
  constexpr std::uint32_t cell_count() const { return static_cast<std::uint32_t>(starts.size()); }
  /// The cell that holds `value`, which is at least the first start.
  constexpr std::uint32_t cell_of(uint128 value) const {
    const uint128* const all = starts.data();
    std::size_t low = 0;
    for (std::size_t high = starts.size(); high - low > 1;) {
      const std::size_t middle = low + (high - low) / 2;
      (all[middle] <= value ? low : high) = middle;
    }
    return static_cast<std::uint32_t>(low);
  }
  /// The cell of `value`, or the first of the spare cells before it.
  constexpr std::uint32_t first_cell_of(uint128 value) const {
    std::uint32_t cell = cell_of(value);
    while (cell > 0 && starts[cell - 1] == starts[cell]) --cell;
    return cell;
  }
  /// The values of a cell, none (low above high) of a spare one.
  constexpr range values_of(std::uint32_t cell) const {
    return {starts[cell], cell + 1 < starts.size() ? starts[cell + 1] - 1 : last};
  }
};

/// The values that packets of a question can have in each field; anything outside is no packet of it.
struct packet_domain {
  cordon::family family = family::ipv4;  ///< which one
  range of[field_count] = {};            ///< of each field, the values that packets can have

  /// Every packet of a family.
  static constexpr packet_domain all(cordon::family family) {
    packet_domain made;
    made.family = family;
    for (std::size_t i = 0; i < field_count; ++i) made.of[i] = domain_of(static_cast<field>(i), family);
    return made;
  }
  ///@{
  /// The values of one field.
  constexpr const range& operator[](field which) const { return of[static_cast<std::size_t>(which)]; }
  constexpr range& operator[](field which) { return of[static_cast<std::size_t>(which)]; }
  ///@}
};

/// Collects what predicates test, and makes the levels of it.
class layout {
 public:
  /// For packets of the domain; nothing is observed yet.
  constexpr explicit layout(const packet_domain& domain) : domain_(domain) { tests_.resize(field_count); }

  ///@{
  /// What `finish` has made: the packets, the levels in the order of their tests, and where a field's begin.
  constexpr const packet_domain& domain() const { return domain_; }
  constexpr const sequence<level>& levels() const { return levels_; }
  /// The levels of a field, high bits first: none if nothing distinguishes its values.
  constexpr view<level> levels_of(field which) const {
    const auto i = static_cast<std::size_t>(which);
    return view<level>(levels_).subspan(first_level_[i], level_count_[i]);
  }
  constexpr std::uint32_t first_level_of(field which) const { return first_level_[static_cast<std::size_t>(which)]; }
  ///@}

  /// Takes note of every test in `condition`. Before `finish`.
  constexpr void observe(const predicate& condition) {
    for (const predicate_step& step : condition.steps()) {
      if (step.what == predicate_step::kind::interval) {
        note_interval(step.field, {step.a, step.b});
      } else if (step.what == predicate_step::kind::masked) {
        const range as_interval = prefix_interval(step);
        if (as_interval.low <= as_interval.high)
          note_interval(step.field, as_interval);
        else
          note_mask(step.field, {step.b, step.a});
      }
    }
  }

  /// Has every bit of a field on a level of its own, for questions about some bits that come up later.
  constexpr void observe_bits(field which) {
    for (unsigned bit = 0; bit < width_of(which, domain_.family); ++bit) note_mask(which, {0, uint128{1} << bit});
  }

  /// Makes the levels. Where predicates may come up later, up to `spares` cells without values stand before each cell of
  /// a field that is one level: no diagram tells them from that cell, so that `cut` can give them some of its values while
  /// all diagrams stay what they were.
  constexpr void finish(std::uint32_t spares = 0) {
    spares_ = spares;
    const field* const ends = order_of_ends();
    for (std::size_t i = 0; i < field_count; ++i) {
      const auto which = static_cast<field>(i);
      const bool is_end = which >= field::second_word && which <= field::first_word;
      add_levels(is_end ? ends[i - static_cast<std::size_t>(field::second_word)] : which);
    }
  }

  /// Sees to it that `condition` can be told of packets, after `finish`. False if these levels cannot: then a new layout
  /// has to be made that observes it too.
  constexpr bool cut(const predicate& condition) {
    for (const predicate_step& step : condition.steps()) {
      const bool is_interval = step.what == predicate_step::kind::interval;
      if (!is_interval && step.what != predicate_step::kind::masked) continue;
      const range values = is_interval ? range{step.a, step.b} : prefix_interval(step);
      const bool fits = values.low <= values.high ? cut(step.field, values) : is_cut(step);
      if (!fits) return false;
    }
    return true;
  }

  /// The interval that a masked test stands for if its mask is a prefix; an empty one (low above high) else.
  constexpr range prefix_interval(const predicate_step& step) const {
    const uint128 all = low_bits(width_of(step.field, domain_.family));
    const uint128 rest = all & ~step.a;
    const bool is_prefix = (rest & (rest + 1)) == 0;
    return is_prefix ? range{step.b, step.b | rest} : range{1, 0};
  }

 private:
  // What is tested of a field.
  struct field_tests {
    sequence<range> intervals;
    sequence<range> masks;  // {value, mask}
  };

  static constexpr std::size_t index(field which) { return static_cast<std::size_t>(which); }

  constexpr void note_interval(field which, const range& values) {
    tests_[index(which)].intervals.push_back(values);
    tested_ |= set_of(which);
    ++interval_count_;
  }
  constexpr void note_mask(field which, const range& value_and_mask) {
    tests_[index(which)].masks.push_back(value_and_mask);
    tested_ |= set_of(which);
  }

  constexpr bool cut(field which, const range& values) {
    const range& domain = domain_[which];
    const uint128 low = detail::greater_of(values.low, domain.low);
    const uint128 high = detail::smaller_of(values.high, domain.high);
    if (low > high || (low == domain.low && high == domain.high)) return true;
    const std::size_t i = index(which);
    if (level_count_[i] == 0) return false;
    level& first = levels_[first_level_[i]];
    if (level_count_[i] == 1 && first.shift == 0 && first.width == width_of(which, domain_.family))
      return begin_cell(first, low) && (high == domain.high || begin_cell(first, high + 1));
    unsigned bits = 0;
    for (std::uint32_t k = 0; k < level_count_[i]; ++k) {
      const level& on = levels_[first_level_[i] + k];
      if (!is_cell(on, low) || !is_cell(on, high)) return false;
      bits += on.width;
    }
    return bits == width_of(which, domain_.family);
  }

  // Whether the bits of `value` on a level are a cell of their own.
  static constexpr bool is_cell(const level& on, uint128 value) {
    const uint128 part = (value >> on.shift) & low_bits(on.width);
    return on.values_of(on.cell_of(part)) == range{part, part};
  }

  // Whether a masked test is one of whole levels.
  constexpr bool is_cut(const predicate_step& step) const {
    const std::size_t i = index(step.field);
    if (domain_[step.field].low == domain_[step.field].high) return true;
    uint128 tested = 0;
    for (std::uint32_t k = 0; k < level_count_[i]; ++k) {
      const level& on = levels_[first_level_[i] + k];
      const uint128 bits = low_bits(on.width) << on.shift;
      if ((step.a & bits) == 0) continue;
      if ((step.a & bits) != bits || !is_cell(on, step.b)) return false;
      tested |= bits;
    }
    return tested == step.a;
  }

  // Has a cell begin at `value`.
  static constexpr bool begin_cell(level& on, uint128 value) {
    const std::uint32_t cell = on.cell_of(value);
    if (on.starts[cell] == value) return true;
    const std::uint32_t first = on.first_cell_of(value);
    if (first == cell) return false;
    // The values below get the first half of the spare cells, and one more to hold them.
    for (std::uint32_t i = first + (cell - first) / 2 + 1; i <= cell; ++i) on.starts[i] = value;
    return true;
  }

  // The order of addresses and ports matters to large rule sets alone, which it makes up to ten times smaller or larger:
  // what tells most rules apart comes first, so that few of them are left for the rest. In small ones the destination
  // port, then the destination, make the regions that read best.
  static constexpr field as_declared[] = {field::second_word, field::destination, field::source, field::first_word};
  static constexpr field addresses_first[] = {field::destination, field::source, field::second_word, field::first_word};
  static constexpr field ports_first[] = {field::second_word, field::first_word, field::destination, field::source};
  static constexpr std::size_t large = 512;

  constexpr const field* order_of_ends() const {
    if (interval_count_ < large) return as_declared;
    const bool addresses_select = share_that_fits(field::destination) * share_that_fits(field::source) < 1.0 / 32;
    return addresses_select ? addresses_first : ports_first;
  }

  // How many of the rules fit a cell of a field in the mean, as a share of all.
  constexpr double share_that_fits(field which) const {
    std::size_t rules = 0;
    for (const field usual : {field::protocol, field::destination, field::source})
      rules = detail::greater_of(rules, tests_[index(usual)].intervals.size());
    const sequence<range>& tests = tests_[index(which)].intervals;
    const sequence<uint128> starts = cells_of(which);
    double fitting = static_cast<double>(rules - detail::smaller_of(rules, tests.size()));
    for (const range& one : tests) {
      const uint128* const first = detail::lower_bound(starts.begin(), starts.end(), one.low);
      const uint128* const last = detail::lower_bound(starts.begin(), starts.end(), one.high);
      const bool begins_there = last != starts.end() && *last == one.high;
      fitting += static_cast<double>(last - first + (begins_there ? 1 : 0)) / static_cast<double>(starts.size());
    }
    return fitting / static_cast<double>(rules + 1);
  }

  constexpr void add_levels(field which) {
    const std::size_t i = index(which);
    first_level_[i] = static_cast<std::uint32_t>(levels_.size());
    if (!contains(tested_, which) || domain_[which].low == domain_[which].high) return;
    if (tests_[i].masks.empty())
      add_whole(which);
    else
      add_runs(which);
    level_count_[i] = static_cast<std::uint32_t>(levels_.size()) - first_level_[i];
  }

  // The first values of the cells that intervals cut a field into.
  constexpr sequence<uint128> cells_of(field which) const {
    const sequence<range>& intervals = tests_[index(which)].intervals;
    const range& domain = domain_[which];
    sequence<uint128> starts;
    starts.reserve(2 * intervals.size() + 1);
    starts.push_back(domain.low);
    for (const range& one : intervals) {
      if (one.low > domain.low && one.low <= domain.high) starts.push_back(one.low);
      if (one.high >= domain.low && one.high < domain.high) starts.push_back(one.high + 1);
    }
    detail::sort_unique(starts);
    return starts;
  }

  constexpr void add_whole(field which) {
    level made{which, 0, width_of(which, domain_.family), cells_of(which), domain_[which].high};
    if (spares_ != 0) {
      sequence<uint128> wider;
      wider.reserve(made.starts.size() * (spares_ + 1));
      for (std::uint32_t cell = 0; cell < made.cell_count(); ++cell) {
        const range values = made.values_of(cell);  // one value is never cut
        for (std::uint32_t i = 0; i <= spares_ && values.high - values.low >= i; ++i) wider.push_back(values.low);
      }
      made.starts = std::move(wider);
    }
    if (made.starts.size() > 1) levels_.push_back(std::move(made));
  }

  constexpr void add_runs(field which) {
    const auto& [intervals, masks] = tests_[index(which)];
    const unsigned width = width_of(which, domain_.family);
    // Bit b starts a run if some mask changes between b and b - 1.
    uint128 edges = 1;
    for (const range& one : masks) edges |= one.high ^ (one.high << 1);
    edges &= low_bits(width);
    unsigned top = width;
    while (top > 0) {
      const unsigned bottom = 127 - countl_zero(edges & low_bits(top));
      const uint128 most = low_bits(top - bottom);
      level made{which, bottom, top - bottom, {0}, most};
      const auto cut_around = [&](uint128 value) {
        const uint128 part = (value >> bottom) & most;
        if (part > 0) made.starts.push_back(part);
        if (part < most) made.starts.push_back(part + 1);
      };
      for (const range& one : masks)
        if (((one.high >> bottom) & 1) != 0) cut_around(one.low);
      for (const range& one : intervals) {
        cut_around(one.low);
        cut_around(one.high);
      }
      const range& domain = domain_[which];
      if (domain.low != 0 || domain.high != low_bits(width)) {
        cut_around(domain.low);
        cut_around(domain.high);
      }
      detail::sort_unique(made.starts);
      if (made.starts.size() > 1) levels_.push_back(std::move(made));
      top = bottom;
    }
  }

  packet_domain domain_;
  sequence<field_tests> tests_;  // by field; no array: g++ 12 moves one wrongly at compile time
  field_set tested_ = 0;
  std::size_t interval_count_ = 0;
  std::uint32_t spares_ = 0;
  sequence<level> levels_;
  std::uint32_t first_level_[field_count] = {};
  std::uint32_t level_count_[field_count] = {};
};

}  // namespace cordon
