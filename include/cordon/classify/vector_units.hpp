// The two things that a lookup does often, in plain C++ and for the vector units of x86-64: how many numbers of a node are
// below one, and which bit is the first that all of a few rows have.
#pragma once

#include <bit>
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
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512bw");
  if (has_avx2) return has_avx512 ? vector_unit::avx512 : vector_unit::avx2;
#endif
  return vector_unit::none;
}

namespace detail {

inline constexpr auto bits_of_block = static_cast<std::uint32_t>(block_bits);

/// Each has two functions. `numbers_below`: how many of sixteen numbers are below a value. `first_common_bit`: the first bit
/// that all of `Count` rows have, each of `Blocks` blocks; their number of bits if there is none. With one or two blocks it
/// makes no branch that hangs on what the rows hold; `Blocks` 0 stands for `blocks`.
struct plain_unit {
  static std::uint32_t numbers_below(const std::uint32_t* in, std::uint32_t value) {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < rank_node::size; ++i) count += in[i] < value ? 1 : 0;
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
  CORDON_AVX2_FUNCTION static std::uint32_t numbers_below(const std::uint32_t* in, std::uint32_t value) {
    // AVX2 compares signed numbers: with the highest bit turned round their order is that of unsigned ones.
    const __m256i turn = _mm256_set1_epi32(static_cast<int>(0x80000000U));
    const __m256i wanted = _mm256_xor_si256(_mm256_set1_epi32(static_cast<int>(value)), turn);
    const auto* const numbers = reinterpret_cast<const __m256i*>(in);
    const __m256i low = _mm256_cmpgt_epi32(wanted, _mm256_xor_si256(_mm256_loadu_si256(numbers), turn));
    const __m256i high = _mm256_cmpgt_epi32(wanted, _mm256_xor_si256(_mm256_loadu_si256(numbers + 1), turn));
    const auto bytes = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_packs_epi32(low, high)));
    return static_cast<std::uint32_t>(_mm_popcnt_u32(bytes)) / 2;
  }
  template <std::uint32_t Blocks, std::size_t Count>
  CORDON_AVX2_FUNCTION static std::uint32_t first_common_bit(const row_block* const* rows,
                                                                            std::uint32_t blocks) {
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
                       static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(high, zero)))) << 4;
    return empty ^ 255;
  }
  template <std::size_t Count>
  CORDON_AVX2_FUNCTION static __m256i common_half(const row_block* const* rows, std::uint32_t block,
                                                                std::size_t half) {
    const __m256i last = _mm256_load_si256(reinterpret_cast<const __m256i*>(rows[Count - 1] + block) + half);
    if constexpr (Count == 1)
      return last;
    else
      return _mm256_and_si256(common_half<Count - 1>(rows, block, half), last);
  }
};

struct avx512_unit {
  CORDON_AVX512_FUNCTION static std::uint32_t numbers_below(const std::uint32_t* in,
                                                                                                   std::uint32_t value) {
    const __mmask16 below = _mm512_cmplt_epu32_mask(_mm512_loadu_si512(in), _mm512_set1_epi32(static_cast<int>(value)));
    return static_cast<std::uint32_t>(_mm_popcnt_u32(below));
  }
  template <std::uint32_t Blocks, std::size_t Count>
  CORDON_AVX512_FUNCTION static std::uint32_t first_common_bit(
      const row_block* const* rows, std::uint32_t blocks) {
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
  CORDON_AVX512_FUNCTION static __m512i common_of(const row_block* const* rows,
                                                                                         std::uint32_t block) {
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
