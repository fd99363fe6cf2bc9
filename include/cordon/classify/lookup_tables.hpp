// What a lookup reads: tables from parts of a key to classes, and lines of bits that say which rules fit a class.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/classify/clusters.hpp>
#include <cordon/classify/packet_key.hpp>
#include <cordon/classify/rank_index.hpp>

namespace cordon::detail {

/// A bit for each of 512 rules.
struct alignas(64) row_block {
  std::uint64_t words[block_bits / 64] = {};
};

/// Fields whose values are told apart together. The four that are looked up by value (`short_parts`) are one group as long
/// as that has few classes; one that would make it too many is a group of its own.
enum class field_group : std::uint8_t { source, destination, uid, rest, shorts, first_word, second_word, kind, flags };
inline constexpr std::size_t field_group_count = 9;

/// The groups in the order in which lookups ask them: the first three always, then the uid, then the rest, then all.
inline constexpr field_group asked_order[] = {
    field_group::source,     field_group::destination, field_group::shorts, field_group::uid,  field_group::rest,
    field_group::first_word, field_group::second_word, field_group::kind,   field_group::flags};

/// The classes of `Count` keys in each group; those of a group that nothing is asked of are not set unless `asks_all`.
template <std::size_t Count>
struct found_classes {
  std::uint32_t of[field_group_count][Count];
  constexpr std::uint32_t* operator[](field_group which) { return of[static_cast<std::size_t>(which)]; }
};

/// Where to look in one cluster.
struct alignas(64) cluster_tables {
  std::uint32_t first_row[field_group_count] = {};  ///< in `row_offsets`, by group: behind it by class
  std::uint32_t first_rule = 0;  ///< in `rules`: the number of each bit's rule, and `no_rule` behind them
};

/// One share of the rules.
struct share_tables {
  static constexpr std::uint32_t no_key = ~std::uint32_t{0};
  std::uint32_t key_group = no_key;  ///< whose class tells the cluster; without one there is just one
  std::uint32_t first_number = 0;    ///< in `cluster_numbers`, behind it by class of that group
  std::uint32_t first_cluster = 0;   ///< in `clusters`
  std::uint32_t blocks = 1;          ///< of a row
};

/// The table of one short part: by those bits of its value that are in `mask`. Where nothing is asked, or the part is a
/// group of its own, that is none, and the class 0.
struct short_part_table {
  std::uint16_t mask = 0;
  sequence<std::uint16_t> classes = {};  ///< those of all parts add up to a class of `shorts`
  sequence<std::uint16_t> alone = {};    ///< the classes of a part that is a group of its own
};

/// A table of all pairs of a group's classes and of what was joined before, which tells the class of both.
struct class_join {
  field_group with = field_group::source;
  std::uint32_t width = 0;  ///< of a line, which is a class of the group: the classes of what was joined before
  std::uint32_t begin = 0;  ///< in `entries`: there begins the table
};

/// Tables that lead to the result by the classes of one group after the other.
struct joined_tables {
  static constexpr std::size_t most_joins = 4;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint16_t leads_on = 32768;  ///< beside the result in the last table

  std::uint32_t join_count = 0;  ///< 0: nothing is joined, and rows are read
  field_group first = field_group::source;
  class_join joins[most_joins] = {};
  // Addresses have more pieces than classes.
  std::uint32_t source_classes = none;       ///< in `entries`, by piece
  std::uint32_t destination_classes = none;  ///< the same
  sequence<std::uint16_t> entries = {};
};

/// Everything that a lookup of one family reads. Tables of 16 bits have one entry more than they need: vector units read 32.
template <class Address>
struct lookup_tables {
  static constexpr std::uint32_t no_rule = ~std::uint32_t{0};

  rank_index source_ranks = {};
  rank_index destination_ranks = {};
  rank_index uid_ranks = {};
  sequence<uint128> source_starts = {};  ///< where addresses have 128 bits
  sequence<uint128> destination_starts = {};
  short_part_table first_word = {};
  short_part_table second_word = {};
  short_part_table kind = {};
  short_part_table flags = {};
  // Where rules are shared out, fewer classes pay: what was found above leads to them.
  sequence<std::uint16_t> uid_classes = {};
  sequence<std::uint16_t> shorts_classes = {};

  joined_tables joined = {};
  // These are empty where `joined` tells all, and no rule leads on.
  sequence<share_tables> shares = {};
  sequence<std::uint32_t> cluster_numbers = {};
  sequence<cluster_tables> clusters = {};
  sequence<std::uint32_t> row_offsets = {};  ///< of a row, in bytes from the first
  sequence<row_block> rows = {};
  sequence<std::uint32_t> rules = {};

  // Whether something is asked of these groups; the three others are looked at in any case.
  bool has_uid = false;
  bool has_rest = false;
  bool has_lone = false;  ///< a short part that is a group of its own
  bool asks_all = false;  ///< lookups of some share read the rows of all groups

  constexpr std::size_t bytes() const {
    return source_ranks.bytes() + destination_ranks.bytes() + uid_ranks.bytes() +
           (source_starts.size() + destination_starts.size()) * sizeof(uint128) +
           2 * (first_word.classes.size() + second_word.classes.size() + kind.classes.size() + flags.classes.size() +
                first_word.alone.size() + second_word.alone.size() + kind.alone.size() + flags.alone.size() +
                uid_classes.size() + shorts_classes.size() + joined.entries.size()) +
           4 * (cluster_numbers.size() + row_offsets.size() + rules.size()) + clusters.size() * sizeof(cluster_tables) +
           rows.size() * sizeof(row_block);
  }
};

}  // namespace cordon::detail
