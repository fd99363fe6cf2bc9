// -m ipv6header: which headers an IPv6 packet has (net/ipv6/netfilter/ip6t_ipv6header.c, ipv6header_mt6). Exactly
// these, or with --soft at least these.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace ipv6header_option {
enum : std::uint8_t { header, soft };

struct header_name {
  std::string_view printed;
  std::string_view other;
  std::uint8_t number;
  unsigned bit;
};

// In the order in which iptables-save prints them. `protocol` is any header that is none of the others.
inline constexpr header_name headers[] = {
    {"hop-by-hop", "hop", 0, 1},    {"ipv6-opts", "dst", 60, 2},    {"ipv6-route", "route", 43, 4},
    {"ipv6-frag", "frag", 44, 8},   {"ah", "auth", 51, 16},         {"esp", "esp", 50, 32},
    {"ipv6-nonxt", "none", 59, 64}, {"protocol", "prot", 255, 128},
};
inline constexpr unsigned extension_bits = 31;  // those of `extension_header_set`

inline constexpr value_form headers_form{
    "header[,header...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      unsigned bits = 0;
      bool some = false;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        if (item.empty()) continue;
        unsigned found = 0;
        const auto number = read_protocol(item);
        for (const header_name& known : headers) {
          const bool by_number = number && number_of(*number) == known.number;
          if (item == known.printed || item == known.other || by_number) found = known.bit;
        }
        if (found == 0) return join("'", item, "' is no header: write hop, dst, route, frag, auth, esp, none or prot");
        bits |= found;
        some = true;
      }
      if (!some) return text("name at least one header: hop, dst, route, frag, auth, esp, none or prot");
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (const header_name& known : headers) {
        if ((from.numbers[0].low & known.bit) == 0) continue;
        if (!first) out.append(',');
        out.append(known.printed);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = 1 + choices.below(255);
      into.numbers = {{bits, bits}};
    }};

inline constexpr option_description table[] = {
    {.name = "--header", .form = &headers_form, .least_count = 1, .meaning = "the packet has these headers"},
    {.name = "--soft", .form = &forms::nothing, .invertible = false, .meaning = "it may have others too"},
};
}  // namespace ipv6header_option

namespace detail {
/// The packets that have one of `bits`, of what stands behind the extension headers: it is one of three. nf_tables
/// goes no further than an authentication header; what stands behind that no field says.
constexpr predicate ends_in_one_of(unsigned bits) {
  const predicate is_esp = is(field::protocol, number_of(protocol::esp));
  const predicate is_none = is(field::protocol, 59);
  const predicate is_hidden = is(field::protocol, number_of(protocol::ah));
  predicate any = never();
  if (bits == 0) return any;
  if ((bits & 32) != 0) any |= is_esp;
  if ((bits & 64) != 0) any |= is_none;
  if ((bits & 128) != 0) any |= !is_esp && !is_none;
  const predicate behind = unknown(join("ipv6header behind ah ", decimal(bits)), /*stateful=*/false);
  return (!is_hidden && any) || (is_hidden && behind);
}

// With --soft `!` turns every wanted header round, not the answer: the packet then has none of these.
constexpr match_meaning ipv6header_meaning(const sequence<option>& options, const meaning_context&) {
  using ipv6header_option::extension_bits;
  const auto named = static_cast<unsigned>(options[0].numbers[0].low);
  const bool inverted = options[0].inverted;
  const unsigned extensions = named & extension_bits;
  const unsigned ends = named & ~extension_bits;
  // A packet has no two of the three that may stand last.
  const bool is_possible = (ends & (ends - 1)) == 0;
  predicate fits = never();
  if (find_option(options, ipv6header_option::soft) == nullptr) {
    if (ends != 0 && is_possible) fits = is(field::extension_headers, extensions) && ends_in_one_of(ends);
    fits = inverted_if(inverted, std::move(fits));
  } else if (inverted) {
    fits = masked(field::extension_headers, extensions, 0) && !ends_in_one_of(ends);
  } else if (is_possible) {
    fits = masked(field::extension_headers, extensions, extensions);
    if (ends != 0) fits &= ends_in_one_of(ends);
  }
  // ESP must have two bytes to be looked at, also where nf_tables looks no further than the authentication header before it.
  predicate is_cut = is(field::protocol, number_of(protocol::esp)) && is_cut_before(2);
  is_cut |= is(field::protocol, number_of(protocol::ah)) && unknown("ipv6header cut behind ah", /*stateful=*/false);
  return {fits && !is_cut};
}
}  // namespace detail

/// `-m ipv6header`: its options, and what a use of it means.
inline constexpr match_extension ipv6header_match{
    .name = "ipv6header", .options = ipv6header_option::table, .meaning = detail::ipv6header_meaning, .ipv4 = false};

}  // namespace cordon
