// What a reader has to say about a text: where, how bad, and what to do. A reader returns a value or diagnostics with an
// error among them, never both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon {

/// How bad it is. Only an error keeps a text from being used.
enum class severity : std::uint8_t { error, warning, note };

/// As messages begin.
constexpr std::string_view name_of(severity of) {
  return of == severity::error ? "error" : of == severity::warning ? "warning" : "note";
}

/// One sentence about a place in a text.
struct diagnostic {
  text file = {};  ///< empty if it is about no file
  place at = {};   ///< line 0 if it is about the file as a whole; column 0 if it is about the line as a whole
  cordon::severity severity = severity::error;  ///< whether the text is refused
  text message = {};                            ///< what is wrong, and what to do

  friend constexpr bool operator==(const diagnostic&, const diagnostic&) = default;
};

/// Appends `words`, with control characters (a line feed would make one message look like two, an escape character can
/// rewrite what a terminal shows) spelled `\xNN`.
constexpr void append_printable(text& out, std::string_view words) {
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out.append("\\x").append_hexadecimal(byte, 2);
    else
      out.append(c);
  }
}

/// "FILE:LINE:COLUMN: error: message", without what is not there: "FILE: error: message", "error: message". One line,
/// without a line feed at its end.
constexpr text to_text(const diagnostic& of) {
  text out;
  append_printable(out, of.file);
  if (of.at.line != 0) {
    if (!of.file.empty()) out.append(':');
    out.append_number(of.at.line);
    if (of.at.column != 0) out.append(':').append_number(of.at.column);
  }
  if (!out.empty()) out.append(": ");
  out.append(name_of(of.severity)).append(": ");
  append_printable(out, of.message);
  return out;
}

/// All of them, one line each.
constexpr text to_text(const sequence<diagnostic>& all) {
  text out;
  for (const diagnostic& one : all) out.append(to_text(one)).append('\n');
  return out;
}

/// What a reader returns: a value, perhaps with warnings beside it, or diagnostics of which at least one is an error.
template <class T>
class read_result {
 public:
  /// A value that was read. `said` holds no error.
  constexpr read_result(T value, sequence<diagnostic> said = {})
      : value_(std::move(value)), diagnostics_(std::move(said)), holds_(true) {}
  /// A failure. `said` holds an error.
  static constexpr read_result failure(sequence<diagnostic> said) { return read_result(std::move(said), nullptr); }
  /// A failure with one error.
  static constexpr read_result failure(diagnostic why) {
    sequence<diagnostic> said;
    said.push_back(std::move(why));
    return failure(std::move(said));
  }

  /// Whether there is a value.
  explicit constexpr operator bool() const { return holds_; }
  /// The value. Precondition: there is one.
  constexpr const T& operator*() const& { return value(); }
  ///@{
  /// The value: there must be one.
  constexpr T& operator*() & { return value(); }
  constexpr T&& operator*() && { return std::move(value()); }
  constexpr const T* operator->() const { return &value(); }
  constexpr T* operator->() { return &value(); }
  ///@}
  /// Warnings and notes beside a value, or what is wrong.
  constexpr const sequence<diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  constexpr read_result(sequence<diagnostic> said, decltype(nullptr)) : diagnostics_(std::move(said)) {}

  constexpr const T& value() const {
    require(holds_, "there is no value: the text could not be read");
    return value_;
  }
  constexpr T& value() {
    require(holds_, "there is no value: the text could not be read");
    return value_;
  }

  T value_{};
  sequence<diagnostic> diagnostics_;
  bool holds_ = false;
};

}  // namespace cordon
