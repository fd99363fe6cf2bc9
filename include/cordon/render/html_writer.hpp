// Writes HTML and the SVG in it, so that whatever bytes go in, what comes out is well-formed, holds no element that was not
// meant, and looks like what it is.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/render/xml_text.hpp>

namespace cordon {

namespace detail {

// Whether a character of two or three bytes is one that a reader does not see, or that turns round what stands beside it:
// C1 controls, and what Unicode uses to set the direction of text.
constexpr bool is_unseen(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 2) return (byte(0) == 0xc2 && byte(1) < 0xa0) || (byte(0) == 0xd8 && byte(1) == 0x9c);
  if (character.size() != 3) return false;
  const unsigned point = (byte(0) & 15U) << 12 | (byte(1) & 63U) << 6 | (byte(2) & 63U);
  return (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2060 && point <= 0x2069) || point == 0xfeff;
}

/// Appends words to HTML, as content or as an attribute's value. Control characters, bytes that are no UTF-8 and characters
/// that cannot be seen are spelled \xNN, byte by byte.
constexpr void append_html(text& out, std::string_view words) {
  while (!words.empty()) {
    const std::size_t length = utf8_length(words);
    const auto first = static_cast<unsigned char>(words[0]);
    const std::size_t taken = length == 0 ? 1 : length;
    if (length == 0 || first < 0x20 || first == 0x7f || is_unseen(words.substr(0, length)))
      for (std::size_t i = 0; i < taken; ++i)
        out.append("\\x").append_hexadecimal(static_cast<unsigned char>(words[i]), 2);
    else
      append_xml(out, words.substr(0, taken));
    words.remove_prefix(taken);
  }
}

}  // namespace detail

/// Writes elements. Attributes follow `open` at once; what was opened is closed in turn.
class html_writer {
 public:
  /// Begins an element, of this name.
  constexpr html_writer& open(std::string_view element) {
    end_tag();
    out_.append('<').append(element);
    in_tag_ = true;
    elements_.push_back(element);
    return *this;
  }
  ///@{
  /// An attribute of the element that was just opened; its value may be any bytes.
  constexpr html_writer& with(std::string_view attribute, std::string_view value) {
    require(in_tag_, "an attribute follows the element that it is of");
    out_.append(' ').append(attribute).append("=\"");
    detail::append_html(out_, value);
    out_.append('"');
    return *this;
  }
  constexpr html_writer& with(std::string_view attribute, std::size_t value) { return with(attribute, decimal(value)); }
  ///@}
  /// Content.
  constexpr html_writer& words(std::string_view content) {
    end_tag();
    detail::append_html(out_, content);
    return *this;
  }
  /// Content that is the program's own: markup, a style sheet.
  constexpr html_writer& markup(std::string_view content) {
    end_tag();
    out_.append(content);
    return *this;
  }
  /// Ends the element that was opened last.
  constexpr html_writer& close() {
    require(!elements_.empty(), "an element is opened before it is closed");
    const std::string_view element = elements_.back();
    elements_.pop_back();
    end_tag();
    if (!is_void(element)) out_.append("</").append(element).append('>');
    if (!is_within_a_line(element)) out_.append('\n');
    return *this;
  }
  /// An element with words and no attributes.
  constexpr html_writer& element(std::string_view name, std::string_view content) {
    return open(name).words(content).close();
  }
  /// An element with a class and words.
  constexpr html_writer& element(std::string_view name, std::string_view of_class, std::string_view content) {
    return open(name).with("class", of_class).words(content).close();
  }
  /// How many bytes are written so far.
  constexpr std::size_t size() const { return out_.size(); }
  /// What was written. Precondition: everything that was opened is closed.
  constexpr text finish() && {
    require(elements_.empty(), "every element that was opened is closed");
    return std::move(out_);
  }

 private:
  constexpr void end_tag() {
    if (in_tag_) out_.append('>');
    in_tag_ = false;
  }
  static constexpr bool is_void(std::string_view element) {
    return element == "meta" || element == "col" || element == "br";
  }
  static constexpr bool is_within_a_line(std::string_view element) {
    for (const std::string_view one : {"a", "b", "code", "span", "strong", "small", "tspan", "br"})
      if (element == one) return true;
    return false;
  }

  text out_;
  bool in_tag_ = false;
  sequence<std::string_view> elements_;
};

}  // namespace cordon
