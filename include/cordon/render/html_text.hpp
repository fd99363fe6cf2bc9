// Words on a page: not longer than a page can bear.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/render/json_writer.hpp>

namespace cordon::detail {

inline constexpr std::size_t longest_words = 800;

/// What is too long for a page, cut, with how much is left out.
constexpr text clipped(std::string_view words) {
  const std::string_view shown = beginning_of(words, longest_words);
  if (shown.size() == words.size()) return text(words);
  return join(shown, " ... and ", decimal(words.size() - shown.size()), " more characters");
}

}  // namespace cordon::detail
