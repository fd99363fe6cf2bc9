// -m ipv6header: which headers an IPv6 packet has (net/ipv6/netfilter/ip6t_ipv6header.c, ipv6header_mt6). Exactly these,
// or with --soft at least these.
#pragma once

#include <string_view>
#include <vector>

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
    {"hop-by-hop", "hop", 0, 1},  {"ipv6-opts", "dst", 60, 2}, {"ipv6-route", "route", 43, 4},
    {"ipv6-frag", "frag", 44, 8}, {"ah", "auth", 51, 16},      {"esp", "esp", 50, 32},
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
          if (equal_ignoring_case(item, known.printed) || equal_ignoring_case(item, known.other) || by_number)
            found = known.bit;
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
constexpr match_meaning ipv6header_meaning(const std::vector<option>& options, const meaning_context&) {
  const auto wanted = static_cast<unsigned>(options[0].numbers[0].low);
  const bool at_least = find_option(options, ipv6header_option::soft) != nullptr;
  // What stands behind the extension headers is one of three.
  const predicate is_esp = is(field::protocol, number_of(protocol::esp));
  const predicate is_none = is(field::protocol, 59);
  const auto last = [&](unsigned bit, const predicate& there) {
    if ((wanted & bit) != 0) return there;
    return at_least ? always() : !there;
  };
  predicate fits = masked(field::extension_headers,
                          at_least ? wanted & ipv6header_option::extension_bits : ipv6header_option::extension_bits,
                          wanted & ipv6header_option::extension_bits);
  fits &= last(32, is_esp);
  fits &= last(64, is_none);
  fits &= last(128, !is_esp && !is_none);
  return {inverted_if(options[0].inverted, std::move(fits))};
}
}  // namespace detail

inline constexpr match_extension ipv6header_match{.name = "ipv6header",
                                                  .options = ipv6header_option::table,
                                                  .meaning = detail::ipv6header_meaning,
                                                  .ipv4 = false};

}  // namespace cordon
