// A set of interface names, as intervals of their numbers, in the words of rules: `lo`, `eth+`, `!lo,docker0`.
//
// Rules name single interfaces and beginnings of names, and two of these either lie one in the other or apart. So
// every set that they tell apart is told by a list in which a later, narrower item overrides an earlier one.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/interface_name.hpp>

namespace cordon {

/// One item of a list of interfaces.
struct interface_item {
  interface_name name = {};  ///< or the beginning of names
  bool prefix = false;       ///< all names that begin so
  bool excluded = false;     ///< taken out of the prefix before it, or out of all
};

namespace detail {

// What lies in `within` and not in `of`; both ascending.
constexpr sequence<range> complement(const sequence<range>& of, const range& within) {
  sequence<range> gaps;
  uint128 next = within.low;
  for (const range& one : of) {
    if (one.low > next) gaps.push_back({next, one.low - 1});
    if (one.high >= within.high) return gaps;
    next = one.high + 1;
  }
  gaps.push_back({next, within.high});
  return gaps;
}

class interface_lister {
 public:
  sequence<interface_item> items = {};

  /// Appends the items for those of `set` that lie in the names with `prefix`, given that all these are in the list
  /// so far if `included`, and none if not. False if intervals are no set that rules tell apart.
  constexpr bool list(const sequence<range>& set, std::string_view prefix, bool included) {
    range within = numbers_with_prefix(prefix);
    if (prefix.empty()) within = domain_of(field::out, family::ipv4);
    sequence<range> changed = part_of(set, within);
    if (included) changed = complement(changed, within);
    uint128 next = within.low;  // what lies below is listed
    for (const range& one : changed) {
      if (one.low > next) next = one.low;
      while (next <= one.high) {
        const interface_item item = outermost(changed, next, prefix.size(), included);
        if (!printable(item.name)) return false;
        items.push_back(item);
        if (item.prefix && !list(set, item.name.view(), !included)) return false;
        const uint128 last = item.prefix ? numbers_with_prefix(item.name.view()).high : next;
        if (last == within.high) return true;
        next = last + 1;
      }
    }
    return true;
  }

 private:
  static constexpr sequence<range> part_of(const sequence<range>& set, const range& within) {
    sequence<range> part;
    for (const range& one : set)
      if (one.low <= within.high && one.high >= within.low)
        part.push_back({detail::greater_of(one.low, within.low), detail::smaller_of(one.high, within.high)});
    return part;
  }

  static constexpr bool has(const sequence<range>& set, uint128 number) {
    const range* const at = detail::lower_bound(set.begin(), set.end(), number,
                                                [](const range& one, uint128 wanted) { return one.high < wanted; });
    return at != set.end() && at->contains(number);
  }

  static constexpr bool printable(const interface_name& name) {
    for (const char c : name.view())
      if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) == 0xff) return false;
    return !name.empty();
  }

  // The widest prefix around a number, longer than `known` bytes, that is changed: its last number is, which no name
  // has, and which stands for all names with the prefix that nothing else names. Else the name with the number. An
  // item without a name if that is none.
  static constexpr interface_item outermost(const sequence<range>& changed, uint128 number, std::size_t known,
                                            bool excluded) {
    for (std::size_t size = known + 1; size <= 15; ++size) {
      const auto shift = static_cast<unsigned>(128 - 8 * size);
      const interface_name name = interface_of(number >> shift << shift);
      if (name.size() != size) break;
      if (has(changed, numbers_with_prefix(name.view()).high)) return {name, true, excluded};
    }
    const interface_name name = interface_of(number);
    if (number_of(name) != number) return {};
    return {name, false, excluded};
  }
};

}  // namespace detail

/// The interfaces of a set of intervals, as a list: either every item adds, or all are excluded from all others, or
/// each overrides those before it. Empty if the intervals are no set that rules tell apart.
constexpr sequence<interface_item> interfaces_of(const sequence<range>& numbers) {
  detail::interface_lister added;
  const bool as_sum = added.list(numbers, {}, false);
  const auto is_plain = [](const sequence<interface_item>& items, bool excluded) {
    return detail::all_of(items, [&](const interface_item& one) { return one.excluded == excluded; });
  };
  if (as_sum && is_plain(added.items, false)) return added.items;
  detail::interface_lister excluded;
  const bool as_rest = excluded.list(numbers, {}, true);
  if (as_rest && is_plain(excluded.items, true)) return excluded.items;
  if (as_sum) return added.items;
  if (!as_rest) return {};
  excluded.items.insert(excluded.items.begin(), interface_item{{}, true, false});
  return excluded.items;
}

/// "lo,eth+"; "!lo,docker0" for all but these; "eth+,!eth0" where a later item overrides.
constexpr text to_text(const sequence<interface_item>& items) {
  text out;
  const bool all_but = !items.empty() && items[0].excluded;
  if (all_but) out.append('!');
  for (const interface_item& one : items) {
    if (out.size() > (all_but ? 1U : 0U)) out.append(',');
    if (one.excluded && !all_but) out.append('!');
    out.append(one.name);
    if (one.prefix) out.append('+');
  }
  return out;
}

}  // namespace cordon
