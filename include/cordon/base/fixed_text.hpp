// Text of a length that is known when the program is compiled: it can be a template's argument, and so stand
// in what a compiler says, and a constant of the program.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/bytes.hpp>
#include <cordon/base/contract.hpp>

namespace cordon {

/// A text of `Size - 1` bytes. The zero behind them is written on purpose, and the length is exact: clang
/// shows bytes as a text only then.
template <std::size_t Size>
struct fixed_text {
  char content[Size] = {};  ///< the characters and a zero

  /// From a literal, whose length is the type's `Size`, its zero counted.
  consteval fixed_text(const char (&literal)[Size]) { copy_bytes(content, literal, Size); }
  /// Precondition: `from` has `Size - 1` bytes.
  constexpr explicit fixed_text(std::string_view from) {
    require(from.size() == Size - 1, "a fixed text is made of a text of its own length");
    copy_bytes(content, from.data(), from.size());
    content[Size - 1] = '\0';
  }

  ///@{
  /// As std::string_view's; the zero at the end is not counted.
  static constexpr std::size_t size() { return Size - 1; }
  constexpr const char* c_str() const { return content; }
  constexpr std::string_view view() const { return {content, Size - 1}; }
  constexpr operator std::string_view() const { return view(); }
  ///@}
};

namespace detail {

// With names for what is made: clang 16 does not end the life of temporaries in a template's argument.
template <auto Make>
constexpr std::size_t size_of_text() {
  const auto made = Make();
  return std::string_view(made).size();
}
template <auto Make>
constexpr auto fix_text() {
  const auto made = Make();
  return fixed_text<size_of_text<Make>() + 1>(std::string_view(made));
}

}  // namespace detail

/// What `Make` returns, a text, as a constant of the program: it lies there as bytes, and no code runs for it. `Make` is a
/// function or a lambda without captures.
///
///   constexpr auto& rules = constant_text<[] { return noflush_restore_text(enforce(egress), family::ipv4); }>;
template <auto Make>
inline constexpr auto constant_text = detail::fix_text<Make>();

}  // namespace cordon
