// What cordon prints, for streams of programs that include them; this header needs none. For std::format: render/format.hpp.
#pragma once

#include <iosfwd>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/report.hpp>
#include <cordon/rule/verdict.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_line_writer.hpp>

namespace cordon {

/// The text as it is.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const text& words) {
  return out << words.view();
}

/// The report of the proof (`write_report`).
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const proof& of) {
  return out << write_report(of).view();
}

/// The packet as a line of keys and values (`write_packet_line`).
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const packet& of) {
  return out << write_packet_line(of).view();
}

/// ACCEPT, DROP, REJECT:type, UNKNOWN.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const verdict& of) {
  return out << to_text(of).view();
}

/// "FILE:LINE:COLUMN: error: message", and a line feed.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const diagnostic& one) {
  return out << to_text(one).view() << '\n';
}

/// All of them, one line each.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const sequence<diagnostic>& all) {
  for (const diagnostic& one : all) out << one;
  return out;
}

}  // namespace cordon
