// A value that is one of a few fixed words: its number is the word's place in the list.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::forms {

/// The place of `written` in `words`, or their number.
template <std::size_t Count>
constexpr std::size_t index_of(const std::array<std::string_view, Count>& words, std::string_view written) {
  std::size_t i = 0;
  while (i < Count && words[i] != written) ++i;
  return i;
}

/// "a, b or c".
template <std::size_t Count>
constexpr text list_of(const std::array<std::string_view, Count>& words) {
  text all;
  for (std::size_t i = 0; i < Count; ++i) {
    if (i > 0) all.append(i + 1 == Count ? " or " : ", ");
    all.append(words[i]);
  }
  return all;
}

/// One of `Words`, letter for letter.
template <const auto& Words>
inline constexpr value_form one_of{
    "word", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const std::size_t at = index_of(Words, words[0]);
      if (at == Words.size()) return join("'", words[0], "' is none of ", list_of(Words));
      into.numbers = {{at, at}};
      return text();
    },
    [](const option& from, family, text& out) { out.append(Words[static_cast<std::size_t>(from.numbers[0].low)]); },
    [](const choice_source& choices, family, option& into) {
      const uint128 at = choices.below(Words.size());
      into.numbers = {{at, at}};
    }};

/// Some of `Words`, joined by commas: the bits of numbers[0]. Printed in their order.
template <const auto& Words>
inline constexpr value_form some_of{"word[,word...]", 1,
                                    [](const std::string_view* words, const value_context&, option& into) {
                                      std::uint64_t bits = 0;
                                      std::string_view left = words[0];
                                      while (true) {
                                        const auto comma = left.find(',');
                                        const auto item = left.substr(0, comma);
                                        const std::size_t at = index_of(Words, item);
                                        if (at == Words.size()) return join("'", item, "' is none of ", list_of(Words));
                                        bits |= std::uint64_t{1} << at;
                                        if (comma == std::string_view::npos) break;
                                        left.remove_prefix(comma + 1);
                                      }
                                      into.numbers = {{bits, bits}};
                                      return text();
                                    },
                                    [](const option& from, family, text& out) {
                                      bool first = true;
                                      for (std::size_t at = 0; at < Words.size(); ++at) {
                                        if ((from.numbers[0].low >> at & 1) == 0) continue;
                                        if (!first) out.append(',');
                                        out.append(Words[at]);
                                        first = false;
                                      }
                                    },
                                    [](const choice_source& choices, family, option& into) {
                                      const uint128 bits = 1 + choices.below((std::uint64_t{1} << Words.size()) - 1);
                                      into.numbers = {{bits, bits}};
                                    }};

}  // namespace cordon::forms
