// -m dccp: ports, packet type and options of a DCCP header (net/netfilter/xt_dccp.c, dccp_mt).
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace dccp_option {
enum : std::uint8_t { sport = port_option::sport, dport = port_option::dport, types, option_kind };

// RFC 4340 section 5.1; INVALID stands for all numbers without a name.
inline constexpr std::string_view type_names[] = {"REQUEST", "RESPONSE", "DATA", "ACK",     "DATAACK", "CLOSEREQ",
                                                  "CLOSE",   "RESET",    "SYNC", "SYNCACK", "INVALID"};

inline constexpr value_form types_form{
    "type[,type...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      unsigned bits = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        unsigned found = 0;
        for (unsigned type = 0; type < std::size(type_names); ++type)
          if (equal_ignoring_case(type_names[type], item)) found = 1U << type;
        if (found == 0 && !item.empty())
          return join("'", item, "' is no DCCP packet type: write REQUEST, RESPONSE, DATA, ...");
        bits |= found;
      }
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (unsigned type = 0; type < std::size(type_names); ++type) {
        if ((from.numbers[0].low >> type & 1) == 0) continue;
        if (!first) out.append(',');
        out.append(type_names[type]);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = 1 + choices.below((1U << std::size(type_names)) - 1);
      into.numbers = {{bits, bits}};
    }};

inline constexpr option_description table[] = {
    {.name = "--sport", .alias = "--source-port", .form = &forms::resolved_port_range, .meaning = "the source port"},
    {.name = "--dport",
     .alias = "--destination-port",
     .form = &forms::resolved_port_range,
     .meaning = "the destination port"},
    {.name = "--dccp-types", .form = &types_form, .meaning = "the packet is of one of these types"},
    {.name = "--dccp-option", .form = &forms::number<1, 255>, .meaning = "a DCCP option of that kind is present"},
};
}  // namespace dccp_option

namespace detail {
constexpr text dccp_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::dccp, "dccp", false);
}

constexpr match_meaning dccp_meaning(const sequence<option>& options, const meaning_context&) {
  match_meaning made{carries(12) && ports_fit(options), is_cut_before(12)};
  if (const option* const types = find_option(options, dccp_option::types)) {
    predicate one_fits = never();
    constexpr unsigned invalid = std::size(dccp_option::type_names) - 1;
    for (unsigned type = 0; type < invalid; ++type)
      if ((types->numbers[0].low >> type & 1) != 0) one_fits |= is(field::dccp_type, type);
    if ((types->numbers[0].low >> invalid & 1) != 0) one_fits |= between(field::dccp_type, invalid, 15);
    made.holds &= inverted_if(types->inverted, std::move(one_fits));
  }
  if (const option* const kind = find_option(options, dccp_option::option_kind))
    made.holds &= inverted_if(kind->inverted, carries_kind(static_cast<unsigned>(kind->numbers[0].low)));
  return made;
}
}  // namespace detail

/// `-m dccp`: its options, and what a use of it means.
inline constexpr match_extension dccp_match{.name = "dccp",
                                            .options = dccp_option::table,
                                            .check = detail::dccp_check,
                                            .meaning = detail::dccp_meaning,
                                            .implied_by = number_of(protocol::dccp)};

}  // namespace cordon
