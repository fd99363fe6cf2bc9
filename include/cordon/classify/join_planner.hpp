// Which classes of groups are looked up together, two at a time, in tables of all pairs (recursive flow classification).
//
// Behind the first rule that asks nothing of the groups that are left, no rule matters: cut off there, ClassBench's sets of a
// thousand rules come to a tenth of the classes that they have otherwise, and tables of all pairs stay small where they would
// explode. What would be too large is not joined: the rows of those groups are combined for each packet.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/classify/classes.hpp>
#include <cordon/classify/lookup_tables.hpp>

namespace cordon::detail {

/// A group that may be joined with others: its classes, with a row of bits each that says which rules a class fits.
struct joinable_group {
  field_group which = field_group::source;
  std::uint32_t count = 0;
  sequence<std::uint64_t> rows = {};
};

/// Chooses the order in which groups are joined: it looks at each subset of them.
class join_planner {
 public:
  static constexpr std::size_t most_groups = 5;
  /// The bounds on what is joined: entries of a table, and its classes.
  static constexpr std::size_t most_entries = std::size_t{1} << 18;
  static constexpr std::uint32_t most_classes = std::uint32_t{1} << 13;

  /// `groups`: at least two and at most `most_groups`; `words`: of a row; `most_bytes`: of all tables.
  constexpr join_planner(sequence<joinable_group> groups, std::size_t words, std::size_t most_bytes)
      : words_(words), most_bytes_(most_bytes), groups_(std::move(groups)), subsets_(std::size_t{1} << groups_.size()) {
    sequence<sequence<std::uint64_t>> unasked;  // by group: the rules that fit all its classes
    for (const joinable_group& one : groups_) {
      sequence<std::uint64_t> common(words_, ~std::uint64_t{0});
      for (std::size_t i = 0; i < one.rows.size(); ++i) common[i % words_] &= one.rows[i];
      unasked.push_back(std::move(common));
    }
    for (std::uint32_t mask = 1; mask < subsets_.size(); ++mask) {
      sequence<std::uint64_t> ends(words_, ~std::uint64_t{0});
      for (std::uint32_t i = 0; i < groups_.size(); ++i)
        if ((mask >> i & 1) == 0)
          for (std::size_t k = 0; k < words_; ++k) ends[k] &= unasked[i][k];
      join(mask, ends);
    }
  }

  /// Whether all can be joined.
  constexpr bool is_possible() const { return subsets_.back().count != 0; }
  /// Writes the tables, the last with `result_of(rule)` in it.
  template <class ResultOf>
  constexpr void write(joined_tables& into, const ResultOf& result_of) const {
    write(static_cast<std::uint32_t>(subsets_.size()) - 1, into);
    const subset& all = subsets_.back();
    for (std::size_t i = 0; i < all.table.size(); ++i) {
      const std::uint64_t* const row = all.rows.data() + all.table[i] * words_;
      std::size_t word = 0;
      while (row[word] == 0) ++word;
      into.entries[into.entries.size() - all.table.size() + i] =
          result_of(word * 64 + static_cast<std::size_t>(std::countr_zero(row[word])));
    }
  }

 private:
  struct subset {
    std::uint32_t last = 0;   // the group that is joined with the others
    std::uint32_t count = 0;  // of its classes; 0: they are too many
    std::size_t bytes = 0;    // of all tables that lead to them
    sequence<std::uint64_t> rows = {};
    sequence<std::uint16_t> table = {};
  };

  constexpr void join(std::uint32_t mask, const sequence<std::uint64_t>& ends) {
    subset& made = subsets_[mask];
    made.bytes = most_bytes_ + 1;
    for (std::uint32_t i = 0; i < groups_.size(); ++i) {
      const std::uint32_t others = mask ^ (std::uint32_t{1} << i);
      if (others == 0) {
        made = {i, groups_[i].count, 0, std::move(groups_[i].rows)};
        return;
      }
      if (others > mask || subsets_[others].count == 0) continue;
      const std::size_t entries = std::size_t{groups_[i].count} * subsets_[others].count;
      const std::size_t bytes = subsets_[others].bytes + entries * sizeof(std::uint16_t);
      if (entries > most_entries || bytes >= made.bytes) continue;
      made.last = i;
      made.bytes = bytes;
    }
    if (made.bytes > most_bytes_) return;
    const subset& last = subsets_[std::uint32_t{1} << made.last];
    const subset& others = subsets_[mask ^ (std::uint32_t{1} << made.last)];
    distinct_rows rows(words_);
    sequence<std::uint64_t> row(words_);
    made.table.reserve(std::size_t{last.count} * others.count);
    for (std::uint32_t a = 0; a < last.count; ++a)
      for (std::uint32_t b = 0; b < others.count; ++b) {
        const std::uint64_t* const first = last.rows.data() + a * words_;
        const std::uint64_t* const second = others.rows.data() + b * words_;
        std::size_t i = 0;
        for (bool has_ended = false; i < words_ && !has_ended; ++i) {
          row[i] = first[i] & second[i];
          const std::uint64_t end = row[i] & ends[i];
          has_ended = end != 0;
          if (has_ended) row[i] &= end ^ (end - 1);
        }
        for (; i < words_; ++i) row[i] = 0;
        made.table.push_back(static_cast<std::uint16_t>(rows.number_of(row.data())));
        if (rows.count() > most_classes) return;
      }
    made.count = rows.count();
    made.rows = rows.take();
  }

  constexpr void write(std::uint32_t mask, joined_tables& into) const {
    const subset& from = subsets_[mask];
    const std::uint32_t others = mask ^ (std::uint32_t{1} << from.last);
    if (others == 0) {
      into.first = groups_[from.last].which;
      return;
    }
    write(others, into);
    into.joins[into.join_count++] = {groups_[from.last].which, subsets_[others].count,
                                     static_cast<std::uint32_t>(into.entries.size())};
    into.entries.append(from.table);
  }

  std::size_t words_;
  std::size_t most_bytes_;
  sequence<joinable_group> groups_;
  sequence<subset> subsets_;  // by mask
};

}  // namespace cordon::detail
