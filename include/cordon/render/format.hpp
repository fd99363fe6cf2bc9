// What cordon prints, for std::format: `std::format("{}", answer)`. Not in cordon.hpp, since <format> costs more to include
// than cordon; streams have render/stream.hpp. Needs a standard library with std::format (libstdc++ 13, libc++ 17), and is
// empty with another.
#pragma once

#include <version>

#if defined(__cpp_lib_format)

#include <format>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/report.hpp>
#include <cordon/rule/verdict.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon::detail {

/// Formats `Words(value)` as a string: with its fill, alignment, width and precision.
template <class Value, auto Words>
struct words_formatter : std::formatter<std::string_view, char> {
  template <class Context>
  auto format(const Value& of, Context& context) const {
    const text words = Words(of);
    return std::formatter<std::string_view, char>::format(words.view(), context);
  }
};

}  // namespace cordon::detail

template <>
struct std::formatter<cordon::text, char>
    : cordon::detail::words_formatter<cordon::text, [](const cordon::text& of) { return of; }> {};

/// The report of the proof (`write_report`).
template <>
struct std::formatter<cordon::proof, char>
    : cordon::detail::words_formatter<cordon::proof, [](const cordon::proof& of) { return cordon::write_report(of); }> {
};

/// The packet as a line of keys and values (`write_packet_line`).
template <>
struct std::formatter<cordon::packet, char>
    : cordon::detail::words_formatter<cordon::packet,
                                      [](const cordon::packet& of) { return cordon::write_packet_line(of); }> {};

/// ACCEPT, DROP, REJECT:<type>, UNKNOWN.
template <>
struct std::formatter<cordon::verdict, char>
    : cordon::detail::words_formatter<cordon::verdict, [](const cordon::verdict& of) { return cordon::to_text(of); }> {
};

/// "FILE:LINE:COLUMN: error: message", without a line feed.
template <>
struct std::formatter<cordon::diagnostic, char>
    : cordon::detail::words_formatter<cordon::diagnostic,
                                      [](const cordon::diagnostic& of) { return cordon::to_text(of); }> {};

/// All of them, one line each.
template <>
struct std::formatter<cordon::sequence<cordon::diagnostic>, char>
    : cordon::detail::words_formatter<cordon::sequence<cordon::diagnostic>,
                                      [](const cordon::sequence<cordon::diagnostic>& of) {
                                        return cordon::to_text(of);
                                      }> {};

#endif
