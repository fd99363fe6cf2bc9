// Writes JSON (RFC 8259) into a text, so that whatever bytes go in, what comes out is valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/contract.hpp>
#include <cordon/base/text.hpp>

namespace cordon {

namespace detail {

// How many bytes of well-formed UTF-8 begin a text (the table of RFC 3629 section 4); 0 if the first is none.
constexpr std::size_t utf8_length(std::string_view at) {
  const auto byte = [&](std::size_t i) { return i < at.size() ? static_cast<unsigned char>(at[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const unsigned first = byte(0);
  if (first < 0x80) return at.empty() ? 0 : 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// The beginning of words, at most `most` bytes, cut between characters.
constexpr std::string_view beginning_of(std::string_view words, std::size_t most) {
  if (words.size() <= most) return words;
  while (most > 0 && (static_cast<unsigned char>(words[most]) & 0xc0U) == 0x80) --most;
  return words.substr(0, most);
}

}  // namespace detail

/// Appends `content` as a JSON string, quotes included. A byte that is no UTF-8 becomes U+FFFD.
constexpr void append_json_string(text& out, std::string_view content) {
  out.append('"');
  while (!content.empty()) {
    const std::size_t length = detail::utf8_length(content);
    const auto byte = static_cast<unsigned char>(content[0]);
    if (length == 0)
      out.append("\\ufffd");
    else if (byte == '"' || byte == '\\')
      out.append('\\').append(content[0]);
    else if (byte == '\n')
      out.append("\\n");
    else if (byte == '\t')
      out.append("\\t");
    else if (byte == '\r')
      out.append("\\r");
    else if (byte < 0x20 || byte == 0x7f)
      out.append("\\u").append_hexadecimal(byte, 4);
    else
      out.append(content.substr(0, length));
    content.remove_prefix(length == 0 ? 1 : length);
  }
  out.append('"');
}

/// Writes one JSON value on one line. Call `key` before each value in an object, and close what was opened.
class json_writer {
 public:
  ///@{
  /// JSON's parts, in the order of the text. What is opened has to be closed, and before each value of an object stands its
  /// key; commas and blanks come by themselves. What of a text is no UTF-8 becomes U+FFFD.
  constexpr json_writer& open_object() { return open('{'); }
  constexpr json_writer& close_object() { return close('}'); }
  constexpr json_writer& open_array() { return open('['); }
  constexpr json_writer& close_array() { return close(']'); }
  constexpr json_writer& key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_.append(": ");
    first_ = true;  // the value follows the colon at once
    return *this;
  }
  constexpr json_writer& string(std::string_view content) {
    separate();
    append_json_string(out_, content);
    return *this;
  }
  constexpr json_writer& number(std::uint64_t value) {
    separate();
    out_.append_number(value);
    return *this;
  }
  constexpr json_writer& boolean(bool value) {
    separate();
    out_.append(value ? "true" : "false");
    return *this;
  }
  constexpr json_writer& null() {
    separate();
    out_.append("null");
    return *this;
  }
  ///@}
  /// What was written. Precondition: everything that was opened is closed.
  constexpr text finish() && {
    require(depth_ == 0, "every JSON object and array that was opened is closed");
    return std::move(out_);
  }

 private:
  constexpr void separate() {
    if (!first_) out_.append(", ");
    first_ = false;
  }
  constexpr json_writer& open(char bracket) {
    separate();
    out_.append(bracket);
    first_ = true;
    ++depth_;
    return *this;
  }
  constexpr json_writer& close(char bracket) {
    require(depth_ > 0, "a JSON object or array was opened before it is closed");
    --depth_;
    out_.append(bracket);
    first_ = false;
    return *this;
  }

  text out_;
  bool first_ = true;
  std::size_t depth_ = 0;
};

}  // namespace cordon
