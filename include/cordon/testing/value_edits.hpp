// The values that are one edit away from an option's, made of its words: a number by one, a range where one
// value stood, an item of a list more or less. What reads the option says which of them are values at all.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/option.hpp>
#include <cordon/testing/random.hpp>
#include <cordon/text/words.hpp>

namespace cordon::testing {

namespace detail {

constexpr sequence<text> words_of_value(const option& of, const value_form& form, family in) {
  text written;
  form.write(of, in, written);
  line_words split;
  split.split(written);
  sequence<text> words;
  for (const word& one : split) words.push_back(text(one.content));
  return words;
}

constexpr sequence<std::string_view> items_of(std::string_view list) {
  sequence<std::string_view> items;
  forms::list_reader reader{list};
  while (!reader.last) items.push_back(reader.next());
  return items;
}

// The names that an option can hold in one of its words, as they come up when it is drawn.
constexpr sequence<text> names_for(const value_form& form, family in, std::size_t at) {
  sequence<text> names;
  random_choices random(1);
  for (int draws = 64; draws > 0; --draws) {
    option drawn;
    form.draw(random.source(), in, drawn);
    const sequence<text> words = words_of_value(drawn, form, in);
    if (at >= words.size()) continue;
    for (const std::string_view item : items_of(words[at]))
      if (!item.empty() && !is_digit(item[0])) names.push_back(text(item));
  }
  cordon::detail::sort_unique(names);
  return names;
}

template <class See>
constexpr void edit_numbers(std::string_view word, const See& see) {
  const auto is_part = [](char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); };
  const auto is_range = [](char c) { return c == ':' || c == '-'; };
  for (std::size_t first = 0, last = 0; first < word.size(); first = last + 1) {
    for (last = first; last < word.size() && is_part(word[last]);) ++last;
    const auto number = read_c_number(word.substr(first, last - first), ~std::uint32_t{0});
    if (!number) continue;
    const auto becomes = [&](std::string_view now) { see(join(word.substr(0, first), now, word.substr(last))); };
    const text up = decimal(*number + 1);
    becomes(up);
    if (*number > 0) becomes(decimal(*number - 1));
    const bool is_hexadecimal = last - first > 2 && to_lower(word[first + 1]) == 'x';
    if (is_hexadecimal && *number > 0) {
      // A mask, perhaps.
      becomes(decimal(*number & (*number - 1)));
      becomes(decimal(*number ^ (std::uint64_t{1} << (63 - std::countl_zero(*number)))));
    }
    if ((first > 0 && is_range(word[first - 1])) || (last < word.size() && is_range(word[last]))) continue;
    for (const char separator : {':', '-'}) {
      const std::string_view between(&separator, 1);
      becomes(join(decimal(*number), between, up));
      if (*number > 0) becomes(join(decimal(*number - 1), between, decimal(*number)));
    }
  }
}

template <class See>
constexpr void edit_items(std::string_view word, const sequence<text>& names, const See& see) {
  const sequence<std::string_view> items = items_of(word);
  for (std::size_t without = 0; items.size() > 1 && without < items.size(); ++without) {
    text rest;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (i != without) rest.append(rest.empty() ? "" : ",").append(items[i]);
    see(rest);
  }
  for (const text& name : names)
    if (!cordon::detail::has(items, name.view())) see(join(word, ",", name));
}

}  // namespace detail

/// The values that are one edit away from `of`, an option that `described` describes: those that are read, as
/// they are read.
constexpr sequence<option> edits_of(const option& of, const option_description& described,
                                    const value_context& context) {
  const value_form& form = *described.form;
  sequence<option> made;
  const sequence<text> words = detail::words_of_value(of, form, context.family);
  if (words.size() != form.word_count) return made;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto see = [&](std::string_view edited) {
      sequence<std::string_view> now;
      for (const text& one : words) now.push_back(one);
      now[i] = edited;
      option candidate{of.index, of.inverted, {}, {}};
      if (!form.read(now.data(), context, candidate).empty()) return;
      if (!(candidate == of) && !cordon::detail::has(made, candidate)) made.push_back(std::move(candidate));
    };
    detail::edit_numbers(words[i], see);
    detail::edit_items(words[i], detail::names_for(form, context.family, i), see);
  }
  return made;
}

}  // namespace cordon::testing
