// -m icmp6: type and code of an ICMPv6 header (net/ipv6/netfilter/ip6_tables.c, icmp6_match). IPv6 alone.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/icmp_type.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace icmp6_option {
enum : std::uint8_t { icmpv6_type };

using cordon::icmp_type::code;
using cordon::icmp_type::named;
using cordon::icmp_type::type;

// The names of RFC 4443 and RFC 4861 that ip6tables reads.
inline constexpr named types[] = {
    type("destination-unreachable", 1),
    code("no-route", 1, 0),
    code("communication-prohibited", 1, 1),
    code("beyond-scope", 1, 2),
    code("address-unreachable", 1, 3),
    code("port-unreachable", 1, 4),
    code("failed-policy", 1, 5),
    code("reject-route", 1, 6),
    type("packet-too-big", 2),
    type("time-exceeded", 3),
    type("ttl-exceeded", 3),
    code("ttl-zero-during-transit", 3, 0),
    code("ttl-zero-during-reassembly", 3, 1),
    type("parameter-problem", 4),
    code("bad-header", 4, 0),
    code("unknown-header-type", 4, 1),
    code("unknown-option", 4, 2),
    type("echo-request", 128),
    type("ping", 128),
    type("echo-reply", 129),
    type("pong", 129),
    type("router-solicitation", 133),
    type("router-advertisement", 134),
    type("neighbour-solicitation", 135),
    type("neighbor-solicitation", 135),
    type("neighbour-advertisement", 136),
    type("neighbor-advertisement", 136),
    type("redirect", 137),
};

inline constexpr value_form type_form{
    "type[/code]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      return cordon::icmp_type::read(types, words[0], into);
    },
    [](const option& from, family, text& out) { cordon::icmp_type::write(from, out); },
    [](const choice_source& choices, family, option& into) { cordon::icmp_type::draw(choices, types, into); }};

inline constexpr option_description table[] = {
    {.name = "--icmpv6-type", .form = &type_form, .least_count = 1, .meaning = "type and code of the ICMPv6 header"},
};
}  // namespace icmp6_option

namespace detail {
constexpr text icmp6_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::icmpv6, "icmp6", false);
}

constexpr match_meaning icmp6_meaning(const sequence<option>& options, const meaning_context&) {
  const option& type = options[0];
  return {
      carries(8) && inverted_if(type.inverted, between(field::first_word, type.numbers[0].low, type.numbers[0].high)),
      is_cut_before(8)};
}
}  // namespace detail

/// `-m icmp6`: its options, and what a use of it means.
inline constexpr match_extension icmp6_match{.name = "icmp6",
                                             .options = icmp6_option::table,
                                             .check = detail::icmp6_check,
                                             .meaning = detail::icmp6_meaning,
                                             .saved = icmp_type::show_first_code,
                                             .implied_by = number_of(protocol::icmpv6),
                                             .ipv4 = false};

}  // namespace cordon
