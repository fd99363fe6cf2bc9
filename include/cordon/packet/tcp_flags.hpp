// The flags of a TCP header: one byte, as it stands at offset 13 (RFC 9293 section 3.1).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>

namespace cordon {

/// A set of TCP flags.
using tcp_flags = std::uint8_t;

namespace tcp_flag {
inline constexpr tcp_flags fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32, ece = 64, cwr = 128;
}  // namespace tcp_flag

namespace detail {
struct tcp_flag_name {
  std::string_view name;
  tcp_flags flag;
};
// In the order in which iptables prints them; ECE and CWR have no name there.
inline constexpr tcp_flag_name tcp_flag_names[] = {
    {"FIN", tcp_flag::fin}, {"SYN", tcp_flag::syn}, {"RST", tcp_flag::rst}, {"PSH", tcp_flag::psh},
    {"ACK", tcp_flag::ack}, {"URG", tcp_flag::urg}, {"ECE", tcp_flag::ece}, {"CWR", tcp_flag::cwr},
};
}  // namespace detail

/// "SYN,ACK", in the order of the bits, or "NONE".
constexpr text to_text_of_tcp_flags(tcp_flags flags) {
  text out;
  for (const auto& known : detail::tcp_flag_names) {
    if ((flags & known.flag) == 0) continue;
    if (!out.empty()) out.append(',');
    out.append(known.name);
  }
  if (out.empty()) out.append("NONE");
  return out;
}

/// A comma list of flag names, "ALL" (the six that iptables knows) or "NONE"; nothing for anything else.
constexpr maybe<tcp_flags> read_tcp_flags(std::string_view written) {
  unsigned flags = 0;
  while (true) {
    const auto comma = written.find(',');
    const auto name = written.substr(0, comma);
    bool known_name = false;
    if (equal_ignoring_case(name, "ALL")) {
      flags |= 0x3f;
      known_name = true;
    } else if (equal_ignoring_case(name, "NONE")) {
      known_name = true;
    }
    for (const auto& known : detail::tcp_flag_names) {
      if (!equal_ignoring_case(name, known.name)) continue;
      flags |= known.flag;
      known_name = true;
    }
    if (!known_name) return no_value;
    if (comma == std::string_view::npos) return static_cast<tcp_flags>(flags);
    written.remove_prefix(comma + 1);
  }
}

}  // namespace cordon
