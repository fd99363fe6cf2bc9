// Runs of bytes: copied, compared, searched. The compiler's builtins do at run time what the C library does; in a
// constant expression clang counts each as one of its million steps, where a loop would cost several for each byte.
// g++ has no such builtins there and does not count so closely.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <cordon/base/language.hpp>

namespace cordon {

/// Copies `count` bytes. The two runs do not overlap.
constexpr void copy_bytes(char* to, const char* from, std::size_t count) {
#ifndef __clang__
  if (std::is_constant_evaluated()) {
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
    return;
  }
#endif
  if (count != 0) __builtin_memcpy(to, from, count);
}

/// Whether two texts are the same bytes.
constexpr bool same_bytes(std::string_view a, std::string_view b) {
#ifndef __clang__
  if (std::is_constant_evaluated()) return a == b;
#endif
  return a.size() == b.size() && (a.empty() || __builtin_memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Where `wanted` stands in `[from, end)` for the first time; `end` if it does not.
constexpr const char* find_byte(const char* from, const char* end, char wanted) {
#ifdef __clang__
  if (from == end) return end;
  const char* const found = __builtin_char_memchr(from, wanted, static_cast<std::size_t>(end - from));
#else
  if (std::is_constant_evaluated()) {
    while (from != end && *from != wanted) ++from;
    return from;
  }
  if (from == end) return end;
  const auto* const found =
      static_cast<const char*>(__builtin_memchr(from, wanted, static_cast<std::size_t>(end - from)));
#endif
  return found == nullptr ? end : found;
}

}  // namespace cordon
