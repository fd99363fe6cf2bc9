// What a program says to its compiler's user: facts as template arguments, so that they stand in the message
// of a static_assert that fails. C++20 has no other way to put into it what was computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/fixed_text.hpp>

namespace cordon {

/// A place in a text, counted from 1. The first line of `R"(` is line 1.
template <std::uint32_t Line>
struct at_line {};
template <std::uint32_t Column>
struct at_column {};
/// A sentence.
template <fixed_text... Pieces>
struct because {};

namespace detail {

// The piece of a text that begins at `from`: to a blank if it can be, and no longer than clang shows, which
// is 34 bytes.
constexpr std::string_view piece_at(std::string_view whole, std::size_t from) {
  constexpr std::size_t longest = 32;
  const std::string_view rest = whole.substr(from);
  if (rest.size() <= longest) return rest;
  const std::size_t blank = rest.substr(0, longest + 1).rfind(' ');
  return rest.substr(0, blank == std::string_view::npos || blank == 0 ? longest : blank);
}

constexpr std::size_t next_piece(std::string_view whole, std::size_t from) {
  from += piece_at(whole, from).size();
  while (from < whole.size() && whole[from] == ' ') ++from;
  return from;
}

template <template <fixed_text...> class Fact, const auto& Text, std::size_t From, fixed_text... Before>
constexpr auto cut_in_pieces() {
  if constexpr (From >= Text.size()) {
    return Fact<Before...>{};
  } else {
    constexpr std::string_view piece = piece_at(Text, From);
    return cut_in_pieces<Fact, Text, next_piece(Text, From), Before..., fixed_text<piece.size() + 1>(piece)>();
  }
}

/// `Fact<...>` with a text that every compiler shows whole. `Text` is a constant with static storage, and no
/// part of another: clang 16 takes no such parts.
template <template <fixed_text...> class Fact, const auto& Text>
using in_pieces = decltype(cut_in_pieces<Fact, Text, 0>());

}  // namespace detail

}  // namespace cordon
