// -m icmp: type and code of an ICMP header (net/ipv4/netfilter/ip_tables.c, icmp_match). IPv4 alone. Type 255 is
// any type and code.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/icmp_type.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace icmp_option {
enum : std::uint8_t { icmp_type };

using cordon::icmp_type::code;
using cordon::icmp_type::named;
using cordon::icmp_type::type;

// The names of RFC 792, RFC 950, RFC 1256 and RFC 1812 that iptables reads.
inline constexpr named types[] = {
    type("any", 255),
    type("echo-reply", 0),
    type("pong", 0),
    type("destination-unreachable", 3),
    code("network-unreachable", 3, 0),
    code("host-unreachable", 3, 1),
    code("protocol-unreachable", 3, 2),
    code("port-unreachable", 3, 3),
    code("fragmentation-needed", 3, 4),
    code("source-route-failed", 3, 5),
    code("network-unknown", 3, 6),
    code("host-unknown", 3, 7),
    code("network-prohibited", 3, 9),
    code("host-prohibited", 3, 10),
    code("TOS-network-unreachable", 3, 11),
    code("TOS-host-unreachable", 3, 12),
    code("communication-prohibited", 3, 13),
    code("host-precedence-violation", 3, 14),
    code("precedence-cutoff", 3, 15),
    type("source-quench", 4),
    type("redirect", 5),
    code("network-redirect", 5, 0),
    code("host-redirect", 5, 1),
    code("TOS-network-redirect", 5, 2),
    code("TOS-host-redirect", 5, 3),
    type("echo-request", 8),
    type("ping", 8),
    type("router-advertisement", 9),
    type("router-solicitation", 10),
    type("time-exceeded", 11),
    type("ttl-exceeded", 11),
    code("ttl-zero-during-transit", 11, 0),
    code("ttl-zero-during-reassembly", 11, 1),
    type("parameter-problem", 12),
    code("ip-header-bad", 12, 0),
    code("required-option-missing", 12, 1),
    type("timestamp-request", 13),
    type("timestamp-reply", 14),
    type("address-mask-request", 17),
    type("address-mask-reply", 18),
};

inline constexpr range any_type{255 * 256, 255 * 256 + 255};

inline constexpr value_form type_form{
    "type[/code]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      text wrong = cordon::icmp_type::read(types, words[0], into);
      if (wrong.empty() && into.numbers[0].low >= any_type.low) into.numbers[0] = any_type;
      return wrong;
    },
    [](const option& from, family, text& out) {
      if (from.numbers[0] == any_type)
        out.append("any");
      else
        cordon::icmp_type::write(from, out);
    },
    [](const choice_source& choices, family, option& into) { cordon::icmp_type::draw(choices, types, into); }};

inline constexpr option_description table[] = {
    {.name = "--icmp-type", .form = &type_form, .least_count = 1, .meaning = "type and code of the ICMP header"},
};
}  // namespace icmp_option

namespace detail {
constexpr text icmp_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::icmp, "icmp", false);
}

constexpr match_meaning icmp_meaning(const sequence<option>& options, const meaning_context&) {
  const option& type = options[0];
  predicate fits = always();
  if (type.numbers[0] != icmp_option::any_type)
    fits = between(field::first_word, type.numbers[0].low, type.numbers[0].high);
  return {carries(8) && inverted_if(type.inverted, std::move(fits)), is_cut_before(8)};
}
}  // namespace detail

/// `-m icmp`: its options, and what a use of it means.
inline constexpr match_extension icmp_match{.name = "icmp",
                                            .options = icmp_option::table,
                                            .check = detail::icmp_check,
                                            .meaning = detail::icmp_meaning,
                                            .saved = icmp_type::show_first_code,
                                            .implied_by = number_of(protocol::icmp),
                                            .ipv6 = false};

}  // namespace cordon
