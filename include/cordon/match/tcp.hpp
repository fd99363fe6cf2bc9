// -m tcp: ports, flags and options of a TCP header (tcp_mt in net/netfilter/xt_tcpudp.c). iptables-nft makes byte
// comparisons of ports and flags and leaves to xtables a match without any, or with --tcp-option (add_nft_tcp in
// iptables/nft.c).
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/packet/tcp_flags.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace tcp_option {
inline constexpr unsigned mss_kind = 2;  // RFC 9293 section 3.2

enum : std::uint8_t { sport = port_option::sport, dport = port_option::dport, option_kind, flags, syn };

// Flags as iptables reads them: empty items count for nothing, and it has no names for ECE and CWR.
constexpr maybe<tcp_flags> read_flags(std::string_view written) {
  unsigned flags = 0;
  forms::list_reader items{written};
  while (!items.last) {
    const auto item = items.next();
    if (item.empty()) continue;
    const auto one = read_tcp_flags(item);
    if (!one || (*one & (tcp_flag::ece | tcp_flag::cwr)) != 0) return no_value;
    flags |= *one;
  }
  return static_cast<tcp_flags>(flags);
}

// "SYN,ACK SYN": the flags to look at, and those of them that are set.
inline constexpr value_form flags_form{
    "mask comparison", 2,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto mask = read_flags(words[0]);
      const auto set = read_flags(words[1]);
      if (!mask || !set)
        return join("'", mask ? words[1] : words[0],
                    "' are no TCP flags: write SYN ACK FIN RST URG PSH joined by commas, or ALL, or NONE");
      into.numbers = {{*set, *mask}};
      return text();
    },
    [](const option& from, family, text& out) {
      out.append(to_text_of_tcp_flags(static_cast<tcp_flags>(from.numbers[0].high)))
          .append(' ')
          .append(to_text_of_tcp_flags(static_cast<tcp_flags>(from.numbers[0].low)));
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 mask = choices.below(64);
      into.numbers = {{choices.one_in(8) ? choices.below(64) : mask & choices.below(64), mask}};
    }};

inline constexpr value_form kind_form{
    "number", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto kind = read_c_number(words[0], 255);
      if (!kind || *kind == 0) return join("'", words[0], "' is no TCP option: write a number of 1 to 255");
      into.numbers = {{*kind, *kind}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family, option& into) {
      const uint128 kind = 1 + choices.below(255);
      into.numbers = {{kind, kind}};
    }};

inline constexpr option_description table[] = {
    port_option::source,
    port_option::destination,
    {.name = "--tcp-option", .form = &kind_form, .meaning = "a TCP option of that kind is present"},
    {.name = "--tcp-flags", .form = &flags_form, .meaning = "of the first flags exactly the second are set"},
    {.name = "--syn", .form = &forms::nothing, .only_read = true, .meaning = "a packet that opens a connection"},
};
}  // namespace tcp_option

namespace detail {
/// Whether iptables-nft compares bytes for these options; xtables does it else.
constexpr bool tcp_as_bytes(const sequence<option>& options, backend of) {
  return of == backend::nft && !options.empty() && find_option(options, tcp_option::option_kind) == nullptr;
}

constexpr text tcp_check(const sequence<option>& options, const meaning_context& context) {
  int flags = 0;
  for (const option& one : options) flags += one.index == tcp_option::flags || one.index == tcp_option::syn;
  if (flags > 1) return "--syn and --tcp-flags cannot stand together: write what you want as one --tcp-flags";
  return needs_protocol(context, protocol::tcp, "tcp", tcp_as_bytes(options, context.backend));
}

constexpr void tcp_normalise(sequence<option>& options, const meaning_context&) {
  for (option& one : options) {
    if (one.index != tcp_option::syn) continue;
    one.index = tcp_option::flags;
    one.numbers = {{tcp_flag::syn, tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack}};
  }
  leave_out_every_port(options);
  erase_if(options, [](const option& one) {
    return one.index == tcp_option::flags && !one.inverted && one.numbers[0] == range{0, 0};
  });
}

// Without a flag to look at nothing is compared, or shown, on nft; legacy shows a negation alone.
constexpr bool tcp_saved(sequence<option>& options, const meaning_context& context) {
  const bool as_bytes = tcp_as_bytes(options, context.backend);
  if (as_bytes) turn_around_low_ranges(options);
  leave_out_every_port_and_none(options);
  erase_if(options, [&](const option& one) {
    return one.index == tcp_option::flags && one.numbers[0].high == 0 && (as_bytes || !one.inverted);
  });
  return !as_bytes || !options.empty();
}

/// The flags, and in a later IPv6 fragment the byte that stands there instead: the sixth of the source address.
constexpr word_test flag_byte_test(const range& flags, bool inverted) {
  constexpr unsigned place = 128 - 6 * 8;
  return {inverted_if(inverted, masked(field::flags, flags.high, flags.low)),
          inverted_if(inverted, masked(field::source, flags.high << place, flags.low << place))};
}

constexpr match_meaning tcp_meaning(const sequence<option>& options, const meaning_context& context) {
  const option* const flags = find_option(options, tcp_option::flags);
  if (tcp_as_bytes(options, context.backend)) {
    match_meaning made{port_bytes_fit(options, context.family)};
    if (flags == nullptr || flags->numbers[0].high == 0) return made;
    const range& wanted = flags->numbers[0];
    made.holds &= where_bytes_are(14, flag_byte_test(wanted, flags->inverted), context.family);
    // What every byte passes still wants the byte, and other protocols' packets may end before it.
    if (flags->inverted && (wanted.low & ~wanted.high) != 0)
      made.holds &= is(field::protocol, number_of(protocol::tcp)) ||
                    unknown("whether a packet of another protocol is long enough", /*stateful=*/false);
    return made;
  }
  match_meaning made{carries(20) && ports_fit(options), is_cut_before(20) || is_fragment_at_8(context.family)};
  if (flags != nullptr)
    made.holds &= inverted_if(flags->inverted, masked(field::flags, flags->numbers[0].high, flags->numbers[0].low));
  if (const option* const kind = find_option(options, tcp_option::option_kind)) {
    // An MSS option of the right length has a field of its own.
    predicate present = carries_kind(static_cast<unsigned>(kind->numbers[0].low));
    if (kind->numbers[0].low == tcp_option::mss_kind) present |= between(field::segment_size, 0, no_segment_size - 1);
    made.holds &= inverted_if(kind->inverted, std::move(present));
  }
  return made;
}
}  // namespace detail

/// `-m tcp`: its options, and what a use of it means.
inline constexpr match_extension tcp_match{.name = "tcp",
                                           .options = tcp_option::table,
                                           .check = detail::tcp_check,
                                           .normalise = detail::tcp_normalise,
                                           .meaning = detail::tcp_meaning,
                                           .saved = detail::tcp_saved,
                                           .implied_by = number_of(protocol::tcp)};

}  // namespace cordon
