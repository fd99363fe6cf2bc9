// -m multiport: up to fifteen ports or ranges at once (net/netfilter/xt_multiport.c, multiport_mt). It reads the
// first four bytes of the transport header, for any of the five protocols with ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace multiport_option {
enum : std::uint8_t { sports, dports, ports };

inline constexpr unsigned most_slots = 15;  // XT_MULTI_PORTS; a range takes two

constexpr text read_ports(const std::string_view* words, const value_context& context, option& into) {
  into.numbers.clear();
  unsigned slots = 0;
  forms::list_reader items{words[0]};
  while (!items.last) {
    const auto item = items.next();
    const auto colon = item.find(':');
    const bool is_range = colon != std::string_view::npos;
    const auto low = forms::read_port(item.substr(0, colon), context);
    const auto high = is_range ? forms::read_port(item.substr(colon + 1), context) : low;
    if (!low || !high)
      return join("'", item, "' in '", words[0], "' is no port: write numbers of 0 to 65535, or low:high");
    if (is_range && *low >= *high)
      return join("the port range '", item, "' must run upwards: write the smaller port first, or one port alone");
    into.numbers.push_back({*low, *high});
    slots += is_range ? 2 : 1;
  }
  if (slots > most_slots)
    return "multiport takes 15 ports at most, and a range counts twice: make two rules of this one";
  return {};
}

inline constexpr value_form ports_form{"port[:port][,port[:port]...]", 1, read_ports,
                                       [](const option& from, family, text& out) {
                                         for (std::size_t i = 0; i < from.numbers.size(); ++i) {
                                           if (i > 0) out.append(',');
                                           forms::detail::append_range(out, from.numbers[i], ':');
                                         }
                                       },
                                       [](const choice_source& choices, family, option& into) {
                                         into.numbers.clear();
                                         unsigned left = most_slots;
                                         for (std::uint64_t count = 1 + choices.below(choices.one_in(8) ? 15 : 4);
                                              count > 0 && left > 1; --count) {
                                           into.numbers.push_back(forms::detail::draw_range(choices, 65535));
                                           left -= into.numbers.back().low == into.numbers.back().high ? 1U : 2U;
                                         }
                                       }};

inline constexpr option_description table[] = {
    {.name = "--sports", .alias = "--source-ports", .form = &ports_form, .meaning = "the source port is one of these"},
    {.name = "--dports",
     .alias = "--destination-ports",
     .form = &ports_form,
     .meaning = "the destination port is one of these"},
    {.name = "--ports", .form = &ports_form, .meaning = "the source or the destination port is one of these"},
};
}  // namespace multiport_option

namespace detail {
constexpr text multiport_check(const sequence<option>& options, const meaning_context& context) {
  if (!context.protocol.given || context.protocol.inverted || !has_ports(context.protocol.protocol))
    return "-m multiport needs -p tcp, udp, udplite, sctp or dccp before it in the same rule";
  if (options.size() != 1) return "-m multiport needs exactly one of --sports, --dports and --ports";
  return {};
}

constexpr match_meaning multiport_meaning(const sequence<option>& options, const meaning_context&) {
  predicate one_fits = never();
  for (const range& ports : options[0].numbers) {
    if (options[0].index != multiport_option::dports) one_fits |= between(field::first_word, ports.low, ports.high);
    if (options[0].index != multiport_option::sports) one_fits |= between(field::second_word, ports.low, ports.high);
  }
  return {carries(4) && inverted_if(options[0].inverted, std::move(one_fits)), is_cut_before(4)};
}
}  // namespace detail

/// `-m multiport`: its options, and what a use of it means.
inline constexpr match_extension multiport_match{.name = "multiport",
                                                 .options = multiport_option::table,
                                                 .check = detail::multiport_check,
                                                 .meaning = detail::multiport_meaning};

}  // namespace cordon
