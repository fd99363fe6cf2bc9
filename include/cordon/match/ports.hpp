// The ports of tcp, udp, sctp and dccp: their two options, and how each back end compares them.
//
// xtables reads the whole header and then compares. iptables-nft 1.8.9 makes byte comparisons of the ports and flags of
// tcp and udp (add_nft_tcpudp in iptables/nft.c): a range that is the whole leaves nothing to compare, also where it is
// negated, and two single ports become one comparison of four bytes, so that `! --sport 1 ! --dport 2` excludes only
// packets that have both.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace port_option {
enum : std::uint8_t { sport, dport };

inline constexpr option_description source{.name = "--sport",
                                           .alias = "--source-port",
                                           .form = &forms::port_range,
                                           .meaning = "the source port"};
inline constexpr option_description destination{.name = "--dport",
                                                .alias = "--destination-port",
                                                .form = &forms::port_range,
                                                .meaning = "the destination port"};
}  // namespace port_option

namespace detail {
constexpr bool is_every_port(const option& ports) { return ports.numbers[0] == range{0, 65535}; }

/// Takes out the port ranges that every packet fits: tcp and udp do not keep them.
constexpr void leave_out_every_port(std::vector<option>& options) {
  std::erase_if(options, [](const option& one) {
    return one.index <= port_option::dport && !one.inverted && is_every_port(one);
  });
}

/// Takes out port ranges that are the whole: iptables-save prints none of them, negated (and so never true) or not.
constexpr void leave_out_every_port_and_none(std::vector<option>& options) {
  std::erase_if(options, [](const option& one) { return one.index <= port_option::dport && is_every_port(one); });
}

/// The ports as xtables compares them. That the header is there is the caller's to ask.
constexpr predicate ports_fit(const std::vector<option>& options) {
  predicate holds = always();
  for (const option& one : options)
    if (one.index <= port_option::dport)
      holds &= inverted_if(one.inverted,
                           between(one.index == port_option::sport ? field::first_word : field::second_word,
                                   one.numbers[0].low, one.numbers[0].high));
  return holds;
}

/// The ports as iptables-nft compares them for tcp and udp.
constexpr predicate port_bytes_fit(const std::vector<option>& options) {
  const option* const source = find_option(options, port_option::sport);
  const option* const destination = find_option(options, port_option::dport);
  const auto is_single = [](const option* ports) {
    return ports != nullptr && ports->numbers[0].low != 0 && ports->numbers[0].low == ports->numbers[0].high;
  };
  if (is_single(source) && is_single(destination) && source->inverted == destination->inverted)
    return has_bytes(4) && inverted_if(source->inverted, is(field::first_word, source->numbers[0].low) &&
                                                             is(field::second_word, destination->numbers[0].low));
  predicate holds = always();
  if (source != nullptr && !is_every_port(*source))
    holds &= has_bytes(2) && inverted_if(source->inverted, between(field::first_word, source->numbers[0].low,
                                                                   source->numbers[0].high));
  if (destination != nullptr && !is_every_port(*destination))
    holds &= has_bytes(4) &&
             inverted_if(destination->inverted, between(field::second_word, destination->numbers[0].low,
                                                        destination->numbers[0].high));
  return holds;
}

/// What is wrong if the rule is not for packets of `wanted` alone. iptables-nft makes do with `! -p tcp -m tcp` where
/// it compares bytes (`bytes`): the ports are then those of the other protocols.
constexpr text needs_protocol(const meaning_context& context, protocol wanted, std::string_view match, bool bytes) {
  if (context.protocol.is_just(wanted)) return {};
  if (bytes && context.protocol.given && context.protocol.inverted && context.protocol.protocol == wanted) return {};
  return join("-m ", match, " needs -p ", to_text(wanted), " before it in the same rule");
}
}  // namespace detail

}  // namespace cordon
