// What is different between two rules as written, in few words.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>

namespace cordon::testing {

namespace detail {

// The options of a line, each with its `!` and its values.
constexpr sequence<std::string_view> options_of(std::string_view line) {
  sequence<std::string_view> options;
  std::size_t start = 0;
  bool negated = false;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = line.find(' ', at);
    if (end == std::string_view::npos) end = line.size();
    const std::string_view word = line.substr(at, end - at);
    if ((word == "!" || word.starts_with('-')) && !negated && at > start) {
      options.push_back(line.substr(start, at - 1 - start));
      start = at;
    }
    negated = word == "!";
    at = end + 1;
  }
  if (start < line.size()) options.push_back(line.substr(start));
  return options;
}

constexpr text joined_options(const sequence<std::string_view>& options, std::size_t first, std::size_t last) {
  text made;
  for (std::size_t i = first; i < last; ++i) {
    if (!made.empty()) made.append(' ');
    made.append(options[i]);
  }
  return made;
}

}  // namespace detail

/// The options in which two lines of rules differ: "without -o lo", "with -p tcp", "-j DROP becomes -j
/// ACCEPT". Empty for equal lines.
constexpr text change_in_words(std::string_view before, std::string_view after) {
  const sequence<std::string_view> was = detail::options_of(before);
  const sequence<std::string_view> is = detail::options_of(after);
  std::size_t first = 0;
  while (first < was.size() && first < is.size() && was[first] == is[first]) ++first;
  std::size_t was_end = was.size();
  std::size_t is_end = is.size();
  while (was_end > first && is_end > first && was[was_end - 1] == is[is_end - 1]) {
    --was_end;
    --is_end;
  }
  const text gone = detail::joined_options(was, first, was_end);
  const text added = detail::joined_options(is, first, is_end);
  if (gone.empty() && added.empty()) return {};
  if (added.empty()) return join("without ", gone);
  if (gone.empty()) return join("with ", added);
  return join(gone, " becomes ", added);
}

}  // namespace cordon::testing
