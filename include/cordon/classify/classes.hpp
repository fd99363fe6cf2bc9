// Values that no rule tells apart, as classes: of one dimension, then of several together (recursive flow classification,
// Gupta and McKeown 1999).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/interned.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/classify/flat_rules.hpp>
#include <cordon/classify/range_set.hpp>

namespace cordon::detail {

/// One dimension cut where some rule's ranges begin or end.
struct cut_dimension {
  sequence<uint128> starts = {};           ///< the first value of each piece, ascending, from 0
  sequence<range_set> demands = {};        ///< what rules ask, each once, as ranges of pieces; the first is: nothing
  sequence<std::uint32_t> demand_of = {};  ///< by rule

  constexpr std::uint32_t piece_of(uint128 value) const {
    const uint128* const above =
        lower_bound(starts.begin(), starts.end(), value, [](uint128 one, uint128 wanted) { return one <= wanted; });
    return static_cast<std::uint32_t>(above - starts.begin()) - 1;
  }
};

constexpr std::uint64_t hash_of(const range_set& of) {
  std::uint64_t hash = of.size();
  for (const range& one : of)
    for (const uint128 value : {one.low, one.high})
      hash = mixed(mixed(hash, static_cast<std::uint64_t>(value)), static_cast<std::uint64_t>(value >> 64));
  return hash;
}

constexpr cut_dimension cut(const flat_rules& from, std::uint32_t which, uint128 greatest) {
  cut_dimension made;
  interned known;
  const auto number_of = [&](const range_set& asked) {
    const std::uint32_t number =
        known.find_or_add(hash_of(asked), [&](std::uint32_t one) { return made.demands[one] == asked; });
    if (number == made.demands.size()) made.demands.push_back(asked);
    return number;
  };
  range_set everything;
  everything.push_back({0, greatest});
  number_of(everything);
  made.demand_of.reserve(from.rules.size());
  for (const flat_rule& one : from.rules) {
    std::uint32_t demand = 0;
    for (const constraint& each : one.holds)
      if (each.which == which) demand = number_of(each.values);
    made.demand_of.push_back(demand);
  }
  made.starts.push_back(0);
  for (const range_set& asked : made.demands)
    for (const range& one : asked) {
      if (one.low > 0) made.starts.push_back(one.low);
      if (one.high < greatest) made.starts.push_back(one.high + 1);
    }
  sort_unique(made.starts);
  for (range_set& asked : made.demands)
    for (range& one : asked) one = {made.piece_of(one.low), made.piece_of(one.high)};
  return made;
}

/// Classes of packets: two packets of a class fit the same demands.
struct class_set {
  std::uint32_t count = 1;
  std::uint32_t demand_count = 1;
  sequence<std::uint32_t> demand_of = {};  ///< by rule
  std::size_t words = 1;                   ///< of a row
  sequence<std::uint64_t> fits = {};       ///< a row for each class, a bit for each demand

  constexpr const std::uint64_t* row(std::uint32_t of) const { return fits.data() + of * words; }
  constexpr bool fits_demand(std::uint32_t of, std::uint32_t demand) const {
    return ((row(of)[demand / 64] >> (demand % 64)) & 1) != 0;
  }
};

/// Rows of bits, each once.
class distinct_rows {
 public:
  /// The bound on what they take while classes are made.
  static constexpr std::size_t most_bytes = std::size_t{1} << 27;

  constexpr explicit distinct_rows(std::size_t words) : words_(words) {}
  constexpr std::uint32_t number_of(const std::uint64_t* row) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < words_; ++i) hash = mixed(hash, row[i]);
    const std::uint32_t number = known_.find_or_add(hash, [&](std::uint32_t one) {
      for (std::size_t i = 0; i < words_; ++i)
        if (rows_[one * words_ + i] != row[i]) return false;
      return true;
    });
    if (static_cast<std::size_t>(number) * words_ == rows_.size()) rows_.append(row, words_);
    return number;
  }
  constexpr std::uint32_t count() const { return static_cast<std::uint32_t>(known_.size()); }
  constexpr bool too_large() const { return rows_.size() > most_bytes / sizeof(std::uint64_t); }
  constexpr sequence<std::uint64_t> take() { return std::move(rows_); }

 private:
  std::size_t words_;
  interned known_;
  sequence<std::uint64_t> rows_;
};

constexpr class_set none_of(class_set& made) {
  made.count = 0;
  return std::move(made);
}

/// The classes of one dimension, and by piece the class of it. No class at all if that takes too much room; so too below.
constexpr class_set classes_of(const cut_dimension& from, sequence<std::uint32_t>& class_of_piece) {
  class_set made;
  made.demand_count = static_cast<std::uint32_t>(from.demands.size());
  made.demand_of = from.demand_of;
  made.words = (from.demands.size() + 63) / 64;
  // Piece by piece, with the bits that change where ranges begin and end.
  struct change {
    std::uint32_t piece;
    std::uint32_t demand;
    constexpr bool operator<(const change& other) const { return piece < other.piece; }
  };
  sequence<change> changes;
  for (std::uint32_t i = 0; i < from.demands.size(); ++i)
    for (const range& one : from.demands[i]) {
      changes.push_back({static_cast<std::uint32_t>(one.low), i});
      changes.push_back({static_cast<std::uint32_t>(one.high) + 1, i});
    }
  sort(changes);
  distinct_rows rows(made.words);
  sequence<std::uint64_t> row(made.words, 0);
  class_of_piece.clear();
  std::size_t next = 0;
  for (std::uint32_t piece = 0; piece < from.starts.size(); ++piece) {
    for (; next < changes.size() && changes[next].piece == piece; ++next)
      row[changes[next].demand / 64] ^= std::uint64_t{1} << (changes[next].demand % 64);
    class_of_piece.push_back(rows.number_of(row.data()));
    if (rows.too_large()) return none_of(made);
  }
  made.count = rows.count();
  made.fits = rows.take();
  return made;
}

/// The classes of two sets of classes together; `table[a * second.count + b]` is that of a and b.
constexpr class_set combined(const class_set& first, const class_set& second, sequence<std::uint16_t>& table) {
  class_set made;
  made.demand_of.reserve(first.demand_of.size());
  interned known;
  struct pair {
    std::uint32_t first;
    std::uint32_t second;
  };
  sequence<pair> demands;
  for (std::size_t i = 0; i < first.demand_of.size(); ++i) {
    const pair one{first.demand_of[i], second.demand_of[i]};
    const std::uint32_t number = known.find_or_add(mixed(one.first, one.second), [&](std::uint32_t other) {
      return demands[other].first == one.first && demands[other].second == one.second;
    });
    if (number == demands.size()) demands.push_back(one);
    made.demand_of.push_back(number);
  }
  made.demand_count = static_cast<std::uint32_t>(demands.size());
  made.words = (demands.size() + 63) / 64;
  const std::size_t most_words = distinct_rows::most_bytes / sizeof(std::uint64_t);
  if ((std::size_t{first.count} + second.count) * made.words > most_words) return none_of(made);
  // What each side alone says of the new demands.
  const auto spread = [&](const class_set& from, std::uint32_t pair::* side) {
    sequence<std::uint64_t> rows(from.count * made.words, 0);
    for (std::uint32_t one = 0; one < from.count; ++one)
      for (std::uint32_t i = 0; i < demands.size(); ++i)
        if (from.fits_demand(one, demands[i].*side)) rows[one * made.words + i / 64] |= std::uint64_t{1} << (i % 64);
    return rows;
  };
  const sequence<std::uint64_t> of_first = spread(first, &pair::first);
  const sequence<std::uint64_t> of_second = spread(second, &pair::second);
  distinct_rows rows(made.words);
  sequence<std::uint64_t> row(made.words, 0);
  table.clear();
  table.reserve(std::size_t{first.count} * second.count);
  for (std::uint32_t a = 0; a < first.count; ++a)
    for (std::uint32_t b = 0; b < second.count; ++b) {
      for (std::size_t i = 0; i < made.words; ++i)
        row[i] = of_first[a * made.words + i] & of_second[b * made.words + i];
      table.push_back(static_cast<std::uint16_t>(rows.number_of(row.data())));
      if (rows.too_large()) return none_of(made);
    }
  made.count = rows.count();
  made.fits = rows.take();
  return made;
}

}  // namespace cordon::detail
