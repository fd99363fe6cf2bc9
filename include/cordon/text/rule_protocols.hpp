// The protocol behind -p.
#pragma once

#include <string_view>

#include <cordon/base/bytes.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace detail {
inline constexpr std::string_view tcp_name = "tcp";
inline constexpr std::string_view udp_name = "udp";
}  // namespace detail

/// What stands behind -p. The names refer to what was read.
struct rule_protocol {
  protocol_match match = {};       ///< what the rule then asks
  std::string_view name = {};      ///< as iptables prints it; empty where it prints the number
  std::string_view loadable = {};  ///< the name under which iptables would look for a match of the protocol's own
};

/// Reads a name (case does not matter) or a number of 0 to 255; 0 and all are any protocol, which says nothing. Returns
/// what is wrong, or an empty text.
constexpr text read_rule_protocol(std::string_view written, bool inverted, rule_protocol& into) {
  // By far the most rules.
  if (same_bytes(written, detail::tcp_name) || same_bytes(written, detail::udp_name)) {
    into = {{true, inverted, written.data()[0] == 't' ? protocol::tcp : protocol::udp}, written, written};
    return {};
  }
  const auto number = detail::read_address_part(written, 255);
  const bool any = number ? *number == 0
                          : equal_ignoring_case(written, "all") || equal_ignoring_case(written, "ip") ||
                                equal_ignoring_case(written, "hopopt");
  if (any) {
    if (inverted) return "this rule is for no protocol at all: remove it, or the '!'";
    into = {};
    return {};
  }
  const auto read = number ? maybe(static_cast<protocol>(*number)) : read_protocol(written);
  if (!read) return join("'", written, "' is no protocol: write a name such as tcp, or a number of 0 to 255");
  into = {{true, inverted, *read}, {}, {}};
  for (const auto& known : detail::protocol_names)
    if (known.number == number_of(*read)) into.name = known.name;
  into.loadable = number ? into.name : written;
  return {};
}

/// Whether ip6tables looks behind the header of that number (is_exthdr in iptables), so that -p never meets it.
constexpr bool is_skipped_header(protocol of) {
  return number_of(of) == 43 || number_of(of) == 44 || number_of(of) == 60;
}

}  // namespace cordon
