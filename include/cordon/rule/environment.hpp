// What the fields of a packet hold at some point of its way, said in what it was sent with. Predicates stay questions
// about the packet as sent: `as_sent` rewrites a test of a changed field into one of what it was made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon {

/// The name of the atoms that stand for tests of what a target may have changed in a way that no packet tells.
inline constexpr std::string_view changed_field = "a field that a target may have changed";

/// What one field holds.
struct current_value {
  /// Some bits of a field as sent.
  struct part {
    cordon::field field = field::mark;  ///< of the packet as it was sent
    uint128 mask = 0;                   ///< which bits of it
    friend constexpr bool operator==(const part&, const part&) = default;
  };
  cordon::field field = field::mark;               ///< the one whose value this is
  alteration::kind what = alteration::kind::bits;  ///< how it came about
  sequence<part> parts = {};                       ///< for bits: these, all xored together, ascending by field
  uint128 flip = 0;                                ///< and xored with this
  range values = {};                               ///< for one_of

  friend constexpr bool operator==(const current_value&, const current_value&) = default;
};

/// The values that a field has, whatever was sent; nothing where that decides, or nobody knows.
constexpr maybe<range> values_of(const current_value& of) {
  if (of.what == alteration::kind::one_of) return of.values;
  if (of.what == alteration::kind::bits && of.parts.empty()) return range{of.flip, of.flip};
  return no_value;
}

/// What all fields hold. A field that no target has changed holds what was sent.
class environment {
 public:
  /// Whether no field has changed.
  constexpr bool is_as_sent() const { return changed_.empty(); }
  /// The fields that have, and their values.
  constexpr const sequence<current_value>& changed() const { return changed_; }

  /// The fields that have.
  constexpr field_set changed_fields() const {
    field_set fields = 0;
    for (const current_value& one : changed_) fields |= set_of(one.field);
    return fields;
  }
  /// The fields whose tests may come out either way.
  constexpr field_set open_fields() const {
    field_set fields = 0;
    for (const current_value& one : changed_)
      if (one.what != alteration::kind::bits) fields |= set_of(one.field);
    return fields;
  }

  /// The value of a field that has changed, else null.
  constexpr const current_value* find(field which) const {
    for (const current_value& one : changed_)
      if (one.field == which) return &one;
    return nullptr;
  }

  /// Whether each of `fields` holds here what it does in `other`.
  constexpr bool agrees_with(const environment& other, field_set fields) const {
    for (const environment* const one : {this, &other})
      for (const current_value& value : one->changed_) {
        if (!contains(fields, value.field)) continue;
        const current_value* const a = find(value.field);
        const current_value* const b = other.find(value.field);
        if (a == nullptr || b == nullptr || !(*a == *b)) return false;
      }
    return true;
  }

  /// Applies one change.
  constexpr void apply(const alteration& change, family in) {
    const uint128 all = low_bits(width_of(change.field, in));
    current_value made;
    made.field = change.field;
    made.what = change.what;
    made.values = change.values;
    if (change.what == alteration::kind::bits) {
      made.flip = change.flip & all;
      add(made, change.field, change.keep & all);
      if (change.from_mask != 0) add(made, change.from, change.from_mask & all);
    }
    put(std::move(made), all);
  }

  /// Takes over what one field holds in `other`.
  constexpr void take(field which, const environment& other, family in) {
    const uint128 all = low_bits(width_of(which, in));
    if (const current_value* const value = other.find(which)) {
      put(*value, all);
      return;
    }
    current_value unchanged;
    unchanged.field = which;
    unchanged.parts.push_back({which, all});
    put(std::move(unchanged), all);
  }

  /// What the fields hold once those that hold this have become `then`, which is said in what they hold now.
  constexpr environment followed_by(const environment& then, family in) const {
    if (is_as_sent()) return then;
    environment all = *this;
    for (const current_value& change : then.changed_) {
      current_value made = change;
      if (change.what == alteration::kind::bits) {
        made.parts.clear();
        for (const current_value::part& part : change.parts) add(made, part.field, part.mask);
      }
      all.put(std::move(made), low_bits(width_of(change.field, in)));
    }
    return all;
  }
  /// The same, with only `fields` told; the others are as sent.
  constexpr environment only(field_set fields) const {
    environment some;
    for (const current_value& one : changed_)
      if (contains(fields, one.field)) some.changed_.push_back(one);
    return some;
  }

  friend constexpr bool operator==(const environment&, const environment&) = default;

 private:
  // Xors the bits of `mask` of what `which` holds now into `into`.
  constexpr void add(current_value& into, field which, uint128 mask) const {
    if (mask == 0 || into.what != alteration::kind::bits) return;
    const current_value* const now = find(which);
    if (now == nullptr) {
      toggle(into, which, mask);
      return;
    }
    if (now->what != alteration::kind::bits) {
      into.what = alteration::kind::unknown;
      into.parts.clear();
      into.flip = 0;
      return;
    }
    into.flip ^= now->flip & mask;
    for (const current_value::part& part : now->parts) toggle(into, part.field, part.mask & mask);
  }

  static constexpr void toggle(current_value& into, field which, uint128 mask) {
    if (mask == 0) return;
    for (std::size_t i = 0; i < into.parts.size(); ++i) {
      if (into.parts[i].field != which) continue;
      into.parts[i].mask ^= mask;
      if (into.parts[i].mask == 0) into.parts.erase(into.parts.begin() + i);
      return;
    }
    auto at = into.parts.begin();
    while (at != into.parts.end() && at->field < which) ++at;
    into.parts.insert(at, {which, mask});
  }

  constexpr void put(current_value made, uint128 all) {
    const bool as_sent = made.what == alteration::kind::bits && made.flip == 0 && made.parts.size() == 1 &&
                         made.parts[0] == current_value::part{made.field, all};
    auto at = changed_.begin();
    while (at != changed_.end() && at->field < made.field) ++at;
    const bool known = at != changed_.end() && at->field == made.field;
    if (as_sent) {
      if (known) changed_.erase(at);
    } else if (known) {
      *at = std::move(made);
    } else {
      changed_.insert(at, std::move(made));
    }
  }

  sequence<current_value> changed_;  // ascending by field
};

namespace detail {

// One bit of what `value` holds, of several sources xored together: whether it is set.
constexpr predicate bit_as_sent(const current_value& value, uint128 bit) {
  predicate odd = never();
  for (const current_value::part& part : value.parts) {
    if ((part.mask & bit) == 0) continue;
    const predicate here = masked(part.field, bit, bit);
    odd = (odd && !here) || (!odd && here);
  }
  return odd;
}

// More bits with several sources than this are not compared: 2^n nodes tell n such bits of two fields.
inline constexpr unsigned most_shared_bits = 12;

// (what `value` holds & mask) == wanted, as a question about the packet as sent.
constexpr predicate masked_as_sent(const current_value& value, uint128 mask, uint128 wanted) {
  if ((wanted & ~mask) != 0) return never();
  wanted ^= value.flip & mask;
  uint128 asked = 0;
  uint128 shared = 0;  // bits with several sources
  for (const current_value::part& part : value.parts) {
    shared |= asked & part.mask & mask;
    asked |= part.mask & mask;
  }
  if (popcount(shared) > most_shared_bits) return unknown(changed_field, /*stateful=*/true);
  predicate all;
  for (uint128 left = shared; left != 0; left &= left - 1) {
    const uint128 bit = left & (~left + 1);
    all &= (wanted & bit) != 0 ? bit_as_sent(value, bit) : !bit_as_sent(value, bit);
  }
  for (const current_value::part& part : value.parts) {
    const uint128 here = part.mask & mask & ~shared;
    if (here == 0) continue;
    all.add({predicate_step::kind::masked, part.field, 0, here, wanted & here});
  }
  if ((wanted & ~asked) != 0) return never();
  return all;
}

// low <= what `value` holds <= high: a range is some prefixes, and a prefix is a mask.
constexpr predicate interval_as_sent(const current_value& value, uint128 low, uint128 high, unsigned width) {
  const uint128 all = low_bits(width);
  if (value.parts.empty()) {
    if (low <= value.flip && value.flip <= high) return always();
    return never();
  }
  if (value.parts.size() == 1 && value.flip == 0 && value.parts[0].mask == all)
    return between(value.parts[0].field, low, high);
  predicate any = never();
  while (true) {
    // The longest run of 2^n numbers that begins at `low` and stays inside.
    unsigned bits = low == 0 ? width : countr_zero(low);
    while (bits > 0 && (low | low_bits(bits)) > high) --bits;
    any |= masked_as_sent(value, all & ~low_bits(bits), low);
    const uint128 last = low | low_bits(bits);
    if (last >= high) return any;
    low = last + 1;
  }
}

constexpr predicate test_as_sent(const predicate_step& test, const current_value& value, family in) {
  const unsigned width = width_of(test.field, in);
  const bool is_interval = test.what == predicate_step::kind::interval;
  switch (value.what) {
    case alteration::kind::bits:
      if (is_interval) return interval_as_sent(value, test.a, test.b, width);
      return masked_as_sent(value, test.a, test.b);
    case alteration::kind::one_of:
      if (is_interval && test.a <= value.values.low && value.values.high <= test.b) return always();
      if (is_interval && (value.values.high < test.a || test.b < value.values.low)) return never();
      return unknown(changed_field, /*stateful=*/true);
    case alteration::kind::unknown:
      if (is_interval && test.a == 0 && test.b >= low_bits(width)) return always();
      return unknown(changed_field, /*stateful=*/true);
  }
  return {};
}
}  // namespace detail

/// `condition`, which asks what fields hold in `now`, as a question about the packet as sent.
constexpr predicate as_sent(const predicate& condition, const environment& now, family in) {
  if (now.is_as_sent()) return condition;
  return condition.rewritten([&](const predicate_step& test) {
    const current_value* const value = now.find(test.field);
    if (value == nullptr) return predicate::of(test);
    return detail::test_as_sent(test, *value, in);
  });
}

}  // namespace cordon
