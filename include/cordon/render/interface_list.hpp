// A set of interface names, as intervals of their numbers, in the words of rules: `lo`, `eth+`, `!lo,docker0`.
//
// Rules name single interfaces and beginnings of names, and two of these either lie one in the other or apart. So
// every set that they tell apart is told by a list in which a later, narrower item overrides an earlier one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/interface_name.hpp>

namespace cordon {

/// One item of a list of interfaces.
struct interface_item {
  interface_name name = {};
  bool prefix = false;    ///< all names that begin so
  bool excluded = false;  ///< taken out of the prefix before it, or out of all
};

namespace detail {

// What lies in `within` and not in `of`; both ascending.
constexpr std::vector<range> complement(const std::vector<range>& of, const range& within) {
  std::vector<range> gaps;
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
  std::vector<interface_item> items = {};

  /// Appends the items for those of `set` that lie in the names with `prefix`, given that all these are in the list
  /// so far if `included`, and none if not. False if intervals are no union of names and prefixes.
  constexpr bool list(const std::vector<range>& set, std::string_view prefix, bool included) {
    range within = numbers_with_prefix(prefix);
    if (prefix.empty()) within = domain_of(field::out, family::ipv4);
    std::vector<range> changed = part_of(set, within);
    if (included) changed = complement(changed, within);
    if (changed.empty()) return true;
    const std::size_t kept = items.size();
    uint128 done = 0;  // up to where the changed ones are listed
    for (const range& one : changed) {
      if (one.low <= done) continue;
      if (list_whole(one, included)) continue;
      // Only a part of some prefix: that prefix, and what is different in it.
      const std::string_view outer = common_prefix(one);
      const interface_name name{outer};
      if (outer.size() <= prefix.size() || !printable(name)) {
        items.resize(kept);
        return false;
      }
      items.push_back({name, true, included});
      if (!list(set, name.view(), !included)) return false;
      done = numbers_with_prefix(name.view()).high;
    }
    return true;
  }

 private:
  static constexpr std::vector<range> part_of(const std::vector<range>& set, const range& within) {
    std::vector<range> part;
    for (const range& one : set)
      if (one.low <= within.high && one.high >= within.low)
        part.push_back({std::max(one.low, within.low), std::min(one.high, within.high)});
    return part;
  }

  static constexpr bool printable(const interface_name& name) {
    for (const char c : name.view())
      if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) == 0xff) return false;
    return !name.empty();
  }

  // An interval that is a row of whole prefixes and names.
  constexpr bool list_whole(const range& one, bool excluded) {
    const std::size_t kept = items.size();
    uint128 at = one.low;
    while (true) {
      const interface_name name = interface_of(at);
      if (number_of(name) != at || !printable(name)) break;
      const range all = numbers_with_prefix(name.view());
      const bool prefix = all.high <= one.high;
      items.push_back({name, prefix, excluded});
      const uint128 last = prefix ? all.high : at;
      if (last == one.high) return true;
      at = last + 1;
    }
    items.resize(kept);
    return false;
  }

  constexpr std::string_view common_prefix(const range& of) {
    const unsigned bytes = countl_zero(of.low ^ of.high) / 8;
    prefix_ = interface_of(of.low);
    return prefix_.view().substr(0, bytes);
  }

  interface_name prefix_ = {};
};

}  // namespace detail

/// The interfaces of a set of intervals, as a list: either every item adds, or all are excluded from all others, or
/// each overrides those before it. Empty if the intervals are no set that rules tell apart.
constexpr std::vector<interface_item> interfaces_of(const std::vector<range>& numbers) {
  detail::interface_lister added;
  const bool as_sum = added.list(numbers, {}, false);
  const auto is_plain = [](const std::vector<interface_item>& items, bool excluded) {
    return std::all_of(items.begin(), items.end(),
                       [&](const interface_item& one) { return one.excluded == excluded; });
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
constexpr text to_text(const std::vector<interface_item>& items) {
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
