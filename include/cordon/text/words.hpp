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
#include <vector>

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
    words_.clear();
    unescaped_.clear();
    open_quote_ = 0;
    std::size_t at = 0;
    while (true) {
      while (at < line.size() && is_blank(line[at])) ++at;
      if (at == line.size()) return;
      const std::size_t start = at;
      if (line[at] != '"') {
        while (at < line.size() && !is_blank(line[at]) && line[at] != '"') ++at;
        if (at == line.size() || line[at] != '"') {
          words_.push_back({line.substr(start, at - start), column + static_cast<std::uint32_t>(start), false});
          continue;
        }
      }
      at = split_quoted(line, start, at, column);
    }
  }

  constexpr const std::vector<word>& words() const { return words_; }
  /// The column of the quote that was not closed, 0 if there is none.
  constexpr std::uint32_t open_quote() const { return open_quote_; }

 private:
  static constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

  // A word that begins at `start` and has its opening quote at `quote`; returns where to go on.
  constexpr std::size_t split_quoted(std::string_view line, std::size_t start, std::size_t quote,
                                     std::uint32_t column) {
    std::size_t end = quote + 1;
    while (end < line.size() && line[end] != '"' && line[end] != '\\') ++end;
    const std::uint32_t word_column = column + static_cast<std::uint32_t>(start);
    if (start == quote && end < line.size() && line[end] == '"') {
      words_.push_back({line.substr(quote + 1, end - quote - 1), word_column, true});
      return end + 1;
    }
    // Not one run of the line's own bytes. The room never moves while a line is cut: it has place for all of it.
    unescaped_.reserve(line.size());
    const std::size_t first = unescaped_.size();
    unescaped_.insert(unescaped_.end(), line.begin() + static_cast<std::ptrdiff_t>(start),
                      line.begin() + static_cast<std::ptrdiff_t>(quote));
    std::size_t at = quote + 1;
    bool closed = false;
    while (at < line.size() && !closed) {
      if (line[at] == '\\' && at + 1 < line.size())
        unescaped_.push_back(line[++at]);
      else if (line[at] == '"')
        closed = true;
      else if (line[at] != '\\')
        unescaped_.push_back(line[at]);
      ++at;
    }
    if (!closed) open_quote_ = column + static_cast<std::uint32_t>(quote);
    // An empty word is kept only if its quote was closed.
    if (closed || unescaped_.size() != first)
      words_.push_back({{unescaped_.data() + first, unescaped_.size() - first}, word_column, closed});
    return at;
  }

  std::vector<word> words_;
  std::vector<char> unescaped_;
  std::uint32_t open_quote_ = 0;
};

}  // namespace cordon
