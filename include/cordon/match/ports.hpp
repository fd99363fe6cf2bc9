// The ports of tcp, udp, sctp and dccp: their two options, and how each back end compares them.
//
// xtables reads the whole header and then compares. iptables-nft 1.8.9 makes byte comparisons of the ports and flags
// of tcp and udp (add_nft_tcpudp in iptables/nft.c): a range that is the whole leaves nothing to compare, also where
// it is negated, and two single ports become one comparison of four bytes, so that `! --sport 1 ! --dport 2` excludes
// only packets that have both.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace port_option {
enum : std::uint8_t { sport, dport };

inline constexpr option_description source{
    .name = "--sport", .alias = "--source-port", .form = &forms::port_range, .meaning = "the source port"};
inline constexpr option_description destination{
    .name = "--dport", .alias = "--destination-port", .form = &forms::port_range, .meaning = "the destination port"};
}  // namespace port_option

namespace detail {
constexpr bool is_every_port(const option& ports) { return ports.numbers[0] == range{0, 65535}; }

/// Takes out the port ranges that every packet fits: tcp and udp do not keep them.
constexpr void leave_out_every_port(sequence<option>& options) {
  erase_if(options,
           [](const option& one) { return one.index <= port_option::dport && !one.inverted && is_every_port(one); });
}

/// Takes out port ranges that are the whole: iptables-save prints none of them, negated (and so never true) or not.
constexpr void leave_out_every_port_and_none(sequence<option>& options) {
  erase_if(options, [](const option& one) { return one.index <= port_option::dport && is_every_port(one); });
}

/// Brings a negated range that begins at 0 into what iptables-nft shows of it: the ports above.
constexpr void turn_around_low_ranges(sequence<option>& options) {
  for (option& one : options) {
    if (one.index > port_option::dport || !one.inverted) continue;
    range& ports = one.numbers[0];
    if (ports.low != 0 || ports.high == 0 || ports.high == 65535) continue;
    ports = {ports.high + 1, 65535};
    one.inverted = false;
  }
}

/// The ports as xtables compares them. That the header is there is the caller's to ask.
constexpr predicate ports_fit(const sequence<option>& options) {
  predicate holds = always();
  for (const option& one : options)
    if (one.index <= port_option::dport)
      holds &=
          inverted_if(one.inverted, between(one.index == port_option::sport ? field::first_word : field::second_word,
                                            one.numbers[0].low, one.numbers[0].high));
  return holds;
}

/// A test of both header words as iptables-nft makes it: `fits` says when they fit, `first_fits` when the first does
/// in a later IPv6 fragment. There the kernel knows no place of the transport header and takes the packet's own
/// beginning for it: the first word is the version, the traffic class and the upper end of the flow label, 0x6000 to
/// 0x6fff; the second is the rest of the flow label, which is the sender's choice like a port (nft_set_pktinfo_ipv6
/// in include/net/netfilter/nf_tables_ipv6.h).
struct word_test {
  predicate fits;
  predicate fits_in_later_fragment;
};

constexpr word_test first_word_test(const range& ports, bool inverted) {
  if (ports.low > ports.high) return {inverted_if(inverted, never()), inverted_if(inverted, never())};
  constexpr std::uint32_t least = 0x6000;
  constexpr std::uint32_t most = 0x6fff;
  predicate clipped = between(field::first_word, ports.low, ports.high);
  if (ports.high < least || ports.low > most) clipped = never();
  if (ports.low <= least && ports.high >= most) clipped = always();
  return {inverted_if(inverted, between(field::first_word, ports.low, ports.high)),
          inverted_if(inverted, std::move(clipped))};
}

constexpr predicate is_later_fragment() {
  return between(field::transport, static_cast<unsigned>(transport_part::fragment_at_8),
                 static_cast<unsigned>(transport_part::later_fragment));
}

/// `test` where the back end finds `bytes` bytes of header: with IPv6's later fragments told apart.
constexpr predicate where_bytes_are(unsigned bytes, const word_test& test, family in) {
  if (in == family::ipv4) return has_bytes(bytes) && test.fits;
  return (carries(bytes) && test.fits) || (is_later_fragment() && test.fits_in_later_fragment);
}

/// The ports as iptables-nft compares them for tcp and udp.
constexpr predicate port_bytes_fit(const sequence<option>& options, family in) {
  const option* const source = find_option(options, port_option::sport);
  const option* const destination = find_option(options, port_option::dport);
  const auto is_single = [](const option* ports) {
    return ports != nullptr && ports->numbers[0].low != 0 && ports->numbers[0].low == ports->numbers[0].high;
  };
  if (is_single(source) && is_single(destination) && source->inverted == destination->inverted) {
    const word_test first = first_word_test(source->numbers[0], /*inverted=*/false);
    const predicate second = is(field::second_word, destination->numbers[0].low);
    return where_bytes_are(4,
                           {inverted_if(source->inverted, first.fits && second),
                            inverted_if(source->inverted, first.fits_in_later_fragment && second)},
                           in);
  }
  predicate holds = always();
  if (source != nullptr && !is_every_port(*source))
    holds &= where_bytes_are(2, first_word_test(source->numbers[0], source->inverted), in);
  if (destination != nullptr && !is_every_port(*destination)) {
    const predicate fits = inverted_if(
        destination->inverted, between(field::second_word, destination->numbers[0].low, destination->numbers[0].high));
    holds &= where_bytes_are(4, {fits, fits}, in);
  }
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
