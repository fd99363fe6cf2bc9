// One lookup: the classes of a key's parts, then the first rule that fits all of them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/classify/flat_rules.hpp>
#include <cordon/classify/lookup_tables.hpp>
#include <cordon/classify/packet_key.hpp>
#include <cordon/classify/vector_units.hpp>

namespace cordon::detail {

/// What a lookup needs of one family.
template <class Address>
struct compiled_rules {
  lookup_tables<Address> tables = {};
  sequence<std::uint32_t> result_of_rule = {};  ///< with `leads_on` beside where a later rule may decide
  sequence<flat_result> results = {};

  static constexpr std::uint32_t leads_on = std::uint32_t{1} << 31;
};

/// How keys are looked up: their results go into `numbers`, which are indices of `results`.
template <class Address>
struct lookup_functions {
  std::uint32_t (*one)(const compiled_rules<Address>&, const packet_key<Address>&) = nullptr;
  void (*many)(const compiled_rules<Address>&, const packet_key<Address>* keys, std::size_t count,
               std::uint32_t* numbers) = nullptr;
};

/// The piece that holds `value`; `starts` begin with 0.
inline std::uint32_t piece_of(const sequence<uint128>& starts, uint128 value) {
  const uint128* first = starts.data();
  for (std::size_t left = starts.size(); left > 1;) {
    const std::size_t half = left / 2;
    first = first[half] <= value ? first + half : first;
    left -= half;
  }
  return static_cast<std::uint32_t>(first - starts.data());
}

/// The cluster of a share where `at` of the classes have to be looked for.
template <std::size_t Count, class Address>
[[gnu::always_inline]] inline const cluster_tables& cluster_for(const lookup_tables<Address>& in,
                                                                const share_tables& share,
                                                                const found_classes<Count>& classes, std::size_t at) {
  const auto number_by = [&](field_group key) {
    return in.cluster_numbers.data()[share.first_number + classes.of[static_cast<std::size_t>(key)][at]];
  };
  std::uint32_t number = share.first_cluster;
  if (share.key_group == static_cast<std::uint32_t>(field_group::source))
    number += number_by(field_group::source);
  else if (share.key_group == static_cast<std::uint32_t>(field_group::destination))
    number += number_by(field_group::destination);
  return in.clusters.data()[number];
}

/// The row that is so many bytes behind the first.
[[gnu::always_inline]] inline const row_block* row_at(const row_block* first, std::uint32_t offset) {
  return reinterpret_cast<const row_block*>(reinterpret_cast<const char*>(first) + offset);
}
/// What a packet comes to whose first rule leads on: the number of the result that it meets, or of the acceptance that
/// counts.
template <class Address>
[[gnu::noinline]] std::uint32_t follow(const compiled_rules<Address>& in, const packet_key<Address>& of);

/// `Unit`, said so that it is looked into only where `Count` fits.
template <class Unit, std::size_t Count>
struct depending {
  using type = Unit;
};

/// Calls `what(n)` for n from 0 to `Count` - 1, constants all, so that no loop is left.
template <std::size_t Count, class What>
[[gnu::always_inline]] inline void unrolled(const What& what) {
  [&]<std::size_t... N>(std::index_sequence<N...>) {
    (what(std::integral_constant<std::size_t, N>()), ...);
  }(std::make_index_sequence<Count>());
}

}  // namespace cordon::detail

// The rest is compiled for each vector unit.
#define CORDON_LOOKUP_UNIT plain_unit
#define CORDON_LOOKUP_NAMESPACE plain
#define CORDON_LOOKUP_TARGET
#include <cordon/classify/lookup_body.hpp>
#if defined(__x86_64__)
#define CORDON_LOOKUP_UNIT avx2_unit
#define CORDON_LOOKUP_NAMESPACE avx2
#define CORDON_LOOKUP_TARGET CORDON_AVX2
#include <cordon/classify/lookup_body.hpp>
#define CORDON_LOOKUP_UNIT avx512_unit
#define CORDON_LOOKUP_NAMESPACE avx512
#define CORDON_LOOKUP_TARGET CORDON_AVX512
#include <cordon/classify/lookup_body.hpp>
#endif

namespace cordon::detail {

/// The first rule that fits and is not before `from`.
template <class Address>
std::uint32_t first_rule_from(const lookup_tables<Address>& in, const found_classes<1>& classes, std::uint32_t from) {
  std::uint32_t best = lookup_tables<Address>::no_rule;
  for (const share_tables& share : in.shares) {
    const cluster_tables& cluster = cluster_for(in, share, classes, 0);
    const row_block* rows[field_group_count];
    for (std::size_t i = 0; i < field_group_count; ++i)
      rows[i] = row_at(in.rows.data(), in.row_offsets[cluster.first_row[i] + classes.of[i][0]]);
    bool found = false;
    for (std::uint32_t word = 0; word < share.blocks * block_bits / 64 && !found; ++word) {
      std::uint64_t common = ~std::uint64_t{0};
      for (const row_block* const row : rows) common &= row[word / 8].words[word % 8];
      for (; common != 0 && !found; common &= common - 1) {
        const std::uint32_t rule =
            in.rules[cluster.first_rule + word * 64 + static_cast<std::uint32_t>(std::countr_zero(common))];
        found = rule >= from;
        if (found && rule < best) best = rule;
      }
    }
  }
  return best;
}

template <class Address>
std::uint32_t follow(const compiled_rules<Address>& in, const packet_key<Address>& of) {
  found_classes<1> classes = {};
  plain::find_classes(in.tables, &of, classes);
  std::uint32_t accepted_by = 0;
  std::uint32_t next = 0;
  while (true) {
    const std::uint32_t number =
        in.result_of_rule[first_rule_from(in.tables, classes, next)] & ~compiled_rules<Address>::leads_on;
    const flat_result& result = in.results[number];
    if (result.what == flat_result::kind::asks) return number;
    if (result.what == flat_result::kind::ends) return result.has_place || accepted_by == 0 ? number : accepted_by;
    if (result.has_place && (accepted_by == 0 || result.in_filter || !in.results[accepted_by].in_filter))
      accepted_by = number;
    next = result.next;
  }
}

/// What tables of pairs of classes may take where lookups are made with a vector unit.
constexpr std::size_t most_joined_bytes(vector_unit unit) {
#if defined(__x86_64__)
  if (unit == vector_unit::avx512) return avx512_unit::most_joined_bytes;
  if (unit == vector_unit::avx2) return avx2_unit::most_joined_bytes;
#endif
  static_cast<void>(unit);
  return plain_unit::most_joined_bytes;
}

/// The lookups in such tables, for a vector unit which the machine has.
template <class Address>
lookup_functions<Address> lookups_in(const lookup_tables<Address>& tables, vector_unit unit) {
  const bool is_joined = tables.joined.join_count != 0;
#if defined(__x86_64__)
  if (unit == vector_unit::avx512) return avx512::lookups<Address>(is_joined);
  if (unit == vector_unit::avx2) return avx2::lookups<Address>(is_joined);
#endif
  static_cast<void>(unit);
  return plain::lookups<Address>(is_joined);
}

}  // namespace cordon::detail
