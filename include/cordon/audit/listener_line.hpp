// The words of one line that tells a socket, and what several kinds of such lines have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/audit/listener.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/text.hpp>

namespace cordon::detail {

/// The words of a line, one after the other. Quotes mean nothing: a process may have any name.
class blank_words {
 public:
  constexpr explicit blank_words(std::string_view line) : line_(line) { skip_blanks(); }

  constexpr bool at_end() const { return at_ == line_.size(); }
  /// Of the next word, or behind the line's end; counts bytes from 1.
  constexpr std::uint32_t column() const { return static_cast<std::uint32_t>(at_ + 1); }
  /// Where the next word begins in the line.
  constexpr std::size_t position() const { return at_; }
  /// The next word; empty at the end.
  constexpr std::string_view take() {
    const std::size_t begin = at_;
    while (at_ < line_.size() && !is_blank(line_[at_])) ++at_;
    const std::string_view word = line_.substr(begin, at_ - begin);
    skip_blanks();
    return word;
  }

 private:
  static constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  constexpr void skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

/// What a line came to.
struct read_listener {
  maybe<listener> found = {};     ///< nothing: the line tells no listening socket of TCP or UDP
  bool is_of_other_kind = false;  ///< it tells a socket of another protocol
  std::uint32_t column = 0;       ///< where it is wrong
  text wrong = {};                ///< what is wrong with it; empty if nothing is
  text warning = {};              ///< what could not be read all the same
};

constexpr read_listener wrong_line(std::uint32_t column, text why) {
  read_listener made;
  made.column = column;
  made.wrong = std::move(why);
  return made;
}

}  // namespace cordon::detail
