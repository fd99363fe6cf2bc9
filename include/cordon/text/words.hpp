// How iptables-restore cuts a line into words. It knows blanks, tabs and double quotes, and nothing else of a shell:
// - a single quote is an ordinary character;
// - a backslash takes the next character as it is, but only inside quotes;
// - a quote may open in the middle of a word and goes on with it; the one that closes it ends the word;
// - two quotes with nothing between are a word;
// - a quote that is never closed takes all that is left of the line into its word, without an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/bytes.hpp>
#include <cordon/base/sequence.hpp>

namespace cordon {

/// A word of a line.
struct word {
  std::string_view content;  ///< without its quotes and escapes
  std::uint32_t column = 0;  ///< of its first character, a quote included; counts bytes from 1
  bool quoted = false;       ///< a quote was closed in it
};

/// The words of one line, with room that is used again for the next.
class line_words {
 public:
  /// Cuts `line` into words; the column of its first character is `column`. The words refer to `line` and to this
  /// object, until the next call.
  constexpr void split(std::string_view line, std::uint32_t column = 1) {
    count_ = 0;
    unescaped_.clear();
    open_quote_ = 0;
    const char* const begin = line.data();
    const char* const end = begin + line.size();
    // Most lines have neither tabs nor quotes, and then only blanks end a word.
    const char* quote = find_byte(begin, end, '"');
    const char* tab = find_byte(begin, end, '\t');
    const char* at = begin;
    while (true) {
      while (at != end && (*at == ' ' || *at == '\t')) ++at;
      if (at == end) return;
      if (quote < at) quote = find_byte(at, end, '"');
      if (tab < at) tab = find_byte(at, end, '\t');
      const char* stop = find_byte(at, end, ' ');
      if (tab < stop) stop = tab;
      const auto word_column = column + static_cast<std::uint32_t>(at - begin);
      if (quote >= stop) {
        add({{at, static_cast<std::size_t>(stop - at)}, word_column, false});
        at = stop;
      } else {
        at = split_quoted(at, quote, end, word_column);
      }
    }
  }

  ///@{
  /// The words, in order; valid as long as the line's text and this are.
  constexpr std::size_t size() const { return count_; }
  constexpr const word* begin() const { return words_.data(); }
  constexpr const word* end() const { return words_.data() + count_; }
  ///@}
  /// Precondition: i < size().
  constexpr const word& operator[](std::size_t i) const { return words_.data()[i]; }
  /// The column of the quote that was not closed, 0 if there is none.
  constexpr std::uint32_t open_quote() const { return open_quote_; }

 private:
  constexpr void add(const word& one) {
    if (count_ == words_.size()) words_.resize(count_ == 0 ? 32 : 2 * count_);
    words_.data()[count_++] = one;
  }

  // A word that begins at `start` and has its opening quote at `quote`; returns where to go on.
  constexpr const char* split_quoted(const char* start, const char* quote, const char* end, std::uint32_t column) {
    const char* const close = find_byte(quote + 1, end, '"');
    if (start == quote && close != end && find_byte(quote + 1, close, '\\') == close) {
      add({{start + 1, static_cast<std::size_t>(close - start - 1)}, column, true});
      return close + 1;
    }
    // Not one run of the line's own bytes. The room never moves while a line is cut: it has place for all of it.
    unescaped_.reserve(unescaped_.size() + static_cast<std::size_t>(end - start));
    const std::size_t first = unescaped_.size();
    unescaped_.append(start, static_cast<std::size_t>(quote - start));
    const char* at = quote + 1;
    bool closed = false;
    for (; at != end && !closed; ++at) {
      if (*at == '"')
        closed = true;
      else if (*at != '\\')
        unescaped_.push_back(*at);
      else if (at + 1 != end)
        unescaped_.push_back(*++at);
    }
    if (!closed) open_quote_ = column + static_cast<std::uint32_t>(quote - start);
    // An empty word is kept only if its quote was closed.
    if (closed || unescaped_.size() != first)
      add({{unescaped_.data() + first, unescaped_.size() - first}, column, closed});
    return at;
  }

  sequence<word> words_;  // the first `count_` are the line's
  std::size_t count_ = 0;
  sequence<char> unescaped_;
  std::uint32_t open_quote_ = 0;
};

}  // namespace cordon
