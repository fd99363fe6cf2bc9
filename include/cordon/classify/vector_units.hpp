// The two things that a lookup does often, in plain C++ and for the vector units of x86-64: how many numbers of a node are
// below one, and which bit is the first that all of a few rows have.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <cordon/classify/lookup_tables.hpp>
#include <cordon/classify/rank_index.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
// What a function is compiled for. All that a lookup calls is, so that all of it can be inlined.
#define CORDON_AVX2 [[gnu::target("avx2,bmi,popcnt")]]
#define CORDON_AVX512 [[gnu::target("avx512f,avx512vl,avx512bw,avx2,bmi,popcnt")]]
#define CORDON_AVX2_FUNCTION CORDON_AVX2 [[gnu::always_inline]] inline
#define CORDON_AVX512_FUNCTION CORDON_AVX512 [[gnu::always_inline]] inline
#endif

namespace cordon {

/// What lookups are made with.
enum class vector_unit : std::uint8_t {
  none,    ///< plain C++
  avx2,    ///< AVX2, BMI1 and POPCNT
  avx512,  ///< AVX-512 F, VL and BW beside these
};

/// The best that this machine has.
inline vector_unit best_vector_unit() {
#if defined(__x86_64__)
  const bool has_avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
  const bool has_avx512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (has_avx2) return has_avx512 ? vector_unit::avx512 : vector_unit::avx2;
#endif
  return vector_unit::none;
}

namespace detail {

inline constexpr auto bits_of_block = static_cast<std::uint32_t>(block_bits);

/// Each has three functions. `numbers_below`: how many of sixteen numbers a run are below a value. `halves_below`: how many of
/// the first `of` numbers, at most 32 of the 64 that can be read. `first_common_bit`: the first bit that all of `Count` rows
/// have, each of `Blocks` blocks; their number of bits if there is none. With one or two blocks it makes no branch that hangs
/// on what the rows hold; `Blocks` 0 stands for `blocks`. `gathered`: how many table entries it reads at once; 0: it has no
/// use for that. `together`: how many keys it looks up step by step together. `most_joined_bytes`: larger tables of pairs are
/// slower than rows are.
struct plain_unit {
  static constexpr std::size_t gathered = 0;
  static constexpr std::size_t together = 16;
  static constexpr std::size_t most_joined_bytes = std::size_t{1} << 19;
  template <std::uint32_t Runs>
  static std::uint32_t numbers_below(const std::uint32_t* in, std::uint32_t value) {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < Runs * rank_node::size; ++i) count += in[i] < value ? 1 : 0;
    return count;
  }
  static std::uint32_t halves_below(const std::uint16_t* in, std::uint32_t of, std::uint16_t value) {
    std::uint32_t count = 0;
    for (std::uint32_t step = rank_index::most_halves; step != 0; step /= 2) {
      const std::uint32_t next = count + step;
      const auto goes_on = static_cast<std::uint32_t>(next <= of) & static_cast<std::uint32_t>(in[next - 1] < value);
      count += step * goes_on;
    }
    return count;
  }
  template <std::uint32_t Blocks, std::size_t Count>
  static std::uint32_t first_common_bit(const row_block* const* rows, std::uint32_t blocks) {
    if constexpr (Blocks != 0) blocks = Blocks;
    for (std::uint32_t block = 0; block < blocks; ++block)
      for (std::uint32_t word = 0; word < block_bits / 64; ++word) {
        std::uint64_t common = rows[0][block].words[word];
        for (std::size_t i = 1; i < Count; ++i) common &= rows[i][block].words[word];
        if (common != 0)
          return block * bits_of_block + word * 64 + static_cast<std::uint32_t>(std::countr_zero(common));
      }
    return blocks * bits_of_block;
  }
};

#if defined(__x86_64__)

struct avx2_unit {
  static constexpr std::size_t gathered = 0;
  static constexpr std::size_t together = 16;
  static constexpr std::size_t most_joined_bytes = std::size_t{1} << 19;
  template <std::uint32_t Runs>
  CORDON_AVX2_FUNCTION static std::uint32_t numbers_below(const std::uint32_t* in, std::uint32_t value) {
    // AVX2 compares signed numbers: with the highest bit turned round their order is that of unsigned ones.
    const __m256i turn = _mm256_set1_epi32(static_cast<int>(0x80000000U));
    const __m256i wanted = _mm256_xor_si256(_mm256_set1_epi32(static_cast<int>(value)), turn);
    const auto* const numbers = reinterpret_cast<const __m256i*>(in);
    std::uint32_t count = 0;
    for (std::size_t run = 0; run < Runs; ++run) {
      const __m256i low = _mm256_cmpgt_epi32(wanted, _mm256_xor_si256(_mm256_loadu_si256(numbers + 2 * run), turn));
      const __m256i high =
          _mm256_cmpgt_epi32(wanted, _mm256_xor_si256(_mm256_loadu_si256(numbers + 2 * run + 1), turn));
      const auto bytes = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_packs_epi32(low, high)));
      count += static_cast<std::uint32_t>(_mm_popcnt_u32(bytes)) / 2;
    }
    return count;
  }
  CORDON_AVX2_FUNCTION static std::uint32_t halves_below(const std::uint16_t* in, std::uint32_t of,
                                                         std::uint16_t value) {
    const __m256i turn = _mm256_set1_epi16(static_cast<short>(0x8000));
    const __m256i wanted = _mm256_xor_si256(_mm256_set1_epi16(static_cast<short>(value)), turn);
    const auto* const numbers = reinterpret_cast<const __m256i*>(in);
    const __m256i low = _mm256_cmpgt_epi16(wanted, _mm256_xor_si256(_mm256_loadu_si256(numbers), turn));
    const __m256i high = _mm256_cmpgt_epi16(wanted, _mm256_xor_si256(_mm256_loadu_si256(numbers + 1), turn));
    // Packing puts the halves of both beside each other: 0 to 7, 16 to 23, 8 to 15, 24 to 31.
    const __m256i all = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xd8);
    const auto below = static_cast<std::uint32_t>(_mm256_movemask_epi8(all));
    return static_cast<std::uint32_t>(_mm_popcnt_u32(below & static_cast<std::uint32_t>((std::uint64_t{1} << of) - 1)));
  }
  template <std::uint32_t Blocks, std::size_t Count>
  CORDON_AVX2_FUNCTION static std::uint32_t first_common_bit(const row_block* const* rows, std::uint32_t blocks) {
    if constexpr (Blocks != 0) {
      alignas(32) std::uint64_t words[Blocks * block_bits / 64 + 1];
      words[Blocks * block_bits / 64] = 1;
      unsigned used = 1U << (8 * Blocks) | common_words<Count>(rows, 0, words);
      if constexpr (Blocks == 2) used |= common_words<Count>(rows, 1, words + block_bits / 64) << 8;
      return bit_in(used, words);
    } else {
      for (std::uint32_t block = 0; block < blocks; ++block) {
        alignas(32) std::uint64_t words[block_bits / 64];
        const unsigned used = common_words<Count>(rows, block, words);
        if (used != 0) return block * bits_of_block + bit_in(used, words);
      }
      return blocks * bits_of_block;
    }
  }

 private:
  CORDON_AVX2_FUNCTION static std::uint32_t bit_in(unsigned used, const std::uint64_t* words) {
    const auto word = static_cast<std::uint32_t>(std::countr_zero(used));
    return word * 64 + static_cast<std::uint32_t>(std::countr_zero(words[word]));
  }
  // Which of the words that all rows have in common are not zero.
  template <std::size_t Count>
  CORDON_AVX2_FUNCTION static unsigned common_words(const row_block* const* rows, std::uint32_t block,
                                                    std::uint64_t* words) {
    const __m256i low = common_half<Count>(rows, block, 0);
    const __m256i high = common_half<Count>(rows, block, 1);
    _mm256_store_si256(reinterpret_cast<__m256i*>(words), low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(words) + 1, high);
    const __m256i zero = _mm256_setzero_si256();
    const auto empty = static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(low, zero)))) |
                       static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(high, zero))))
                           << 4;
    return empty ^ 255;
  }
  template <std::size_t Count>
  CORDON_AVX2_FUNCTION static __m256i common_half(const row_block* const* rows, std::uint32_t block, std::size_t half) {
    const __m256i last = _mm256_load_si256(reinterpret_cast<const __m256i*>(rows[Count - 1] + block) + half);
    if constexpr (Count == 1)
      return last;
    else
      return _mm256_and_si256(common_half<Count - 1>(rows, block, half), last);
  }
};

struct avx512_unit {
  static constexpr std::size_t gathered = 16;
  static constexpr std::size_t together = 32;
  static constexpr std::size_t most_joined_bytes = std::size_t{3} << 17;

  // Without optimisation gathers are macros, which convert their mask.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
  /// Sixteen numbers: the ones of 32 bits that stand `stride` bytes apart; those of a table; those of a table of 16 bits.
  CORDON_AVX512_FUNCTION static __m512i apart(const void* first, int stride) {
    const __m512i places = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                              _mm512_set1_epi32(stride));
    return _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 65535, places, first, 1);
  }
  CORDON_AVX512_FUNCTION static __m512i entries(const std::uint32_t* table, __m512i at) {
    return _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 65535, at, table, 4);
  }
  CORDON_AVX512_FUNCTION static __m512i entries(const std::uint16_t* table, __m512i at) {
    return _mm512_and_si512(_mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 65535, at, table, 2),
                            _mm512_set1_epi32(65535));
  }
#pragma GCC diagnostic pop
  CORDON_AVX512_FUNCTION static __m512i load(const std::uint32_t* from) { return _mm512_loadu_si512(from); }
  CORDON_AVX512_FUNCTION static void store(std::uint32_t* to, __m512i what) { _mm512_storeu_si512(to, what); }

  /// The classes of sixteen keys in the group of short parts.
  template <class Address>
  CORDON_AVX512_FUNCTION static void find_shorts(const lookup_tables<Address>& in, const packet_key<Address>* keys,
                                                 std::uint32_t* into) {
    using key = packet_key<Address>;
    static_assert(offsetof(key, second_word) == offsetof(key, first_word) + 2 &&
                  offsetof(key, flags) == offsetof(key, kind) + 2);
    const auto* const bytes = reinterpret_cast<const char*>(keys);
    __m512i all = _mm512_setzero_si512();
    if ((in.first_word.mask | in.second_word.mask) != 0) {
      const __m512i ports = apart(bytes + offsetof(key, first_word), sizeof(key));
      all = added(all, in.first_word, _mm512_and_si512(ports, _mm512_set1_epi32(65535)));
      all = added(all, in.second_word, _mm512_maskz_srli_epi32(65535, ports, 16));
    }
    if ((in.kind.mask | in.flags.mask) != 0) {
      const __m512i kinds = apart(bytes + offsetof(key, kind), sizeof(key));
      all = added(all, in.kind, _mm512_and_si512(kinds, _mm512_set1_epi32(65535)));
      all = added(all, in.flags, _mm512_maskz_srli_epi32(65535, kinds, 16));
    }
    if (!in.shorts_classes.empty()) all = entries(in.shorts_classes.data(), all);
    store(into, all);
  }
  CORDON_AVX512_FUNCTION static __m512i added(__m512i to, const short_part_table& table, __m512i values) {
    return table.mask == 0 ? to : _mm512_add_epi32(to, entries(table.classes.data(), values));
  }
  /// What a table has at sixteen places; the least of that and of what is known.
  CORDON_AVX512_FUNCTION static void look_up(const std::uint32_t* table, const std::uint32_t* places,
                                             std::uint32_t* into) {
    store(into, entries(table, load(places)));
  }
  CORDON_AVX512_FUNCTION static void look_up(const std::uint16_t* table, const std::uint32_t* places,
                                             std::uint32_t* into) {
    store(into, entries(table, load(places)));
  }
  /// What the joined tables tell of `Count` classes.
  template <std::size_t Count>
  CORDON_AVX512_FUNCTION static void find_joined(const joined_tables& in, found_classes<Count>& classes,
                                                 std::uint32_t* numbers) {
    constexpr std::size_t vectors = Count / gathered;
    __m512i known[vectors];
    for (std::size_t i = 0; i < vectors; ++i) known[i] = load(classes[in.first] + i * gathered);
    for (std::uint32_t k = 0; k < in.join_count; ++k) {
      const class_join& one = in.joins[k];
      const __m512i width = _mm512_set1_epi32(static_cast<int>(one.width));
      for (std::size_t i = 0; i < vectors; ++i) {
        const __m512i lines = _mm512_mullo_epi32(load(classes[one.with] + i * gathered), width);
        known[i] = entries(in.entries.data() + one.begin, _mm512_add_epi32(lines, known[i]));
      }
    }
    const __m512i leads_on = _mm512_set1_epi32(joined_tables::leads_on);
    const __m512i result = _mm512_set1_epi32(joined_tables::leads_on - 1);
    for (std::size_t i = 0; i < vectors; ++i)
      store(numbers + i * gathered,
            _mm512_or_si512(_mm512_maskz_slli_epi32(65535, _mm512_and_si512(known[i], leads_on), 16),
                            _mm512_and_si512(known[i], result)));
  }
  CORDON_AVX512_FUNCTION static void look_up_least(const std::uint32_t* table, const std::uint32_t* places,
                                                   std::uint32_t* into) {
    store(into, _mm512_maskz_min_epu32(65535, load(into), entries(table, load(places))));
  }
  /// Their ranks by value of the uid, or the classes of that.
  template <class Address>
  CORDON_AVX512_FUNCTION static void find_uids(const lookup_tables<Address>& in, const packet_key<Address>* keys,
                                               std::uint32_t* into) {
    using key = packet_key<Address>;
    const __m512i values = apart(reinterpret_cast<const char*>(keys) + offsetof(key, uid), sizeof(key));
    const __m512i greatest = _mm512_set1_epi32(static_cast<int>(in.uid_ranks.greatest));
    __m512i found = entries(in.uid_ranks.ranks.data(), _mm512_maskz_min_epu32(65535, values, greatest));
    if (!in.uid_classes.empty()) found = entries(in.uid_classes.data(), found);
    store(into, found);
  }
  template <std::uint32_t Runs>
  CORDON_AVX512_FUNCTION static std::uint32_t numbers_below(const std::uint32_t* in, std::uint32_t value) {
    static_assert(Runs <= 2);
    const __m512i wanted = _mm512_set1_epi32(static_cast<int>(value));
    const __mmask16 low = _mm512_cmplt_epu32_mask(_mm512_loadu_si512(in), wanted);
    if constexpr (Runs == 1) return static_cast<std::uint32_t>(_mm_popcnt_u32(low));
    const __mmask16 high = _mm512_cmplt_epu32_mask(_mm512_loadu_si512(in + rank_node::size), wanted);
    return static_cast<std::uint32_t>(_mm_popcnt_u32(_mm512_kunpackw(high, low)));
  }
  CORDON_AVX512_FUNCTION static std::uint32_t halves_below(const std::uint16_t* in, std::uint32_t of,
                                                           std::uint16_t value) {
    const __mmask32 below =
        _mm512_cmplt_epu16_mask(_mm512_loadu_si512(in), _mm512_set1_epi16(static_cast<short>(value)));
    return static_cast<std::uint32_t>(_mm_popcnt_u32(below & static_cast<std::uint32_t>((std::uint64_t{1} << of) - 1)));
  }
  /// Where the rows of sixteen keys are, by group, and the first places of their clusters' rules.
  template <std::size_t Groups, std::size_t Count, class Address>
  CORDON_AVX512_FUNCTION static void find_offsets(const lookup_tables<Address>& in, const share_tables& share,
                                                  const found_classes<Count>& classes, std::size_t from,
                                                  std::uint32_t (*offsets)[Count], std::uint32_t* first_rules) {
    if (share.key_group == share_tables::no_key) {
      const cluster_tables& cluster = in.clusters.data()[share.first_cluster];
      for (std::size_t k = 0; k < Groups; ++k) {
        const auto group = static_cast<std::size_t>(asked_order[k]);
        store(offsets[k] + from,
              entries(in.row_offsets.data() + cluster.first_row[group], load(classes.of[group] + from)));
      }
      store(first_rules, _mm512_set1_epi32(static_cast<int>(cluster.first_rule)));
      return;
    }
    const __m512i keys = load(classes.of[share.key_group] + from);
    const __m512i numbers = entries(in.cluster_numbers.data() + share.first_number, keys);
    const auto* const fields = reinterpret_cast<const std::uint32_t*>(in.clusters.data() + share.first_cluster);
    constexpr int fields_of_cluster = sizeof(cluster_tables) / sizeof(std::uint32_t);
    const __m512i clusters = _mm512_mullo_epi32(numbers, _mm512_set1_epi32(fields_of_cluster));
    for (std::size_t k = 0; k < Groups; ++k) {
      const auto group = static_cast<std::size_t>(asked_order[k]);
      const __m512i first = entries(fields + group, clusters);
      store(offsets[k] + from, entries(in.row_offsets.data(), _mm512_add_epi32(first, load(classes.of[group] + from))));
    }
    store(first_rules, entries(fields + field_group_count, clusters));
  }
  template <std::uint32_t Blocks, std::size_t Count>
  CORDON_AVX512_FUNCTION static std::uint32_t first_common_bit(const row_block* const* rows, std::uint32_t blocks) {
    if constexpr (Blocks == 1) {
      const __m512i common = common_of<Count>(rows, 0);
      const auto used = static_cast<unsigned>(_mm512_test_epi64_mask(common, common));
      const auto word = static_cast<std::uint32_t>(std::countr_zero(used | 256));
      // The first word that is not zero comes to the front; where there is none, so do zeros, of which the count is 64.
      const __m512i front = _mm512_maskz_compress_epi64(static_cast<__mmask8>(used), common);
      const auto bits = static_cast<std::uint64_t>(front[0]);
      return used == 0 ? bits_of_block : word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
    } else if constexpr (Blocks == 2) {
      const __m512i first = common_of<Count>(rows, 0);
      const __m512i second = common_of<Count>(rows, 1);
      const auto used = static_cast<unsigned>(_mm512_test_epi64_mask(first, first)) |
                        static_cast<unsigned>(_mm512_test_epi64_mask(second, second)) << 8;
      const auto word = static_cast<std::uint32_t>(std::countr_zero(used | 65536));
      const __m512i front = _mm512_permutex2var_epi64(first, _mm512_set1_epi64(static_cast<int>(word)), second);
      const auto bits = static_cast<std::uint64_t>(front[0]);
      return used == 0 ? 2 * bits_of_block : word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
    } else {
      for (std::uint32_t block = 0; block < blocks; ++block) {
        const __m512i common = common_of<Count>(rows, block);
        const auto used = static_cast<unsigned>(_mm512_test_epi64_mask(common, common));
        if (used == 0) continue;
        const __m512i front = _mm512_maskz_compress_epi64(static_cast<__mmask8>(used), common);
        const auto bits = static_cast<std::uint64_t>(front[0]);
        return block * bits_of_block + static_cast<std::uint32_t>(std::countr_zero(used)) * 64 +
               static_cast<std::uint32_t>(std::countr_zero(bits));
      }
      return blocks * bits_of_block;
    }
  }

 private:
  template <std::size_t Count>
  CORDON_AVX512_FUNCTION static __m512i common_of(const row_block* const* rows, std::uint32_t block) {
    const __m512i last = _mm512_load_si512(rows[Count - 1] + block);
    if constexpr (Count == 1)
      return last;
    else
      return _mm512_and_si512(common_of<Count - 1>(rows, block), last);
  }
};

#endif

}  // namespace detail
}  // namespace cordon
