// -m udp: the ports of a UDP header (udp_mt in net/netfilter/xt_tcpudp.c). iptables-nft makes byte comparisons of
// them and leaves a match without ports to xtables (add_nft_udp in iptables/nft.c).
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace udp_option {
enum : std::uint8_t { sport = port_option::sport, dport = port_option::dport };

inline constexpr option_description table[] = {
    {.name = "--sport", .alias = "--source-port", .form = &forms::resolved_port_range, .meaning = "the source port"},
    {.name = "--dport",
     .alias = "--destination-port",
     .form = &forms::resolved_port_range,
     .meaning = "the destination port"},
};
}  // namespace udp_option

namespace detail {
constexpr bool udp_as_bytes(const sequence<option>& options, backend of) {
  return of == backend::nft && !options.empty();
}

constexpr text udp_check(const sequence<option>& options, const meaning_context& context) {
  return needs_protocol(context, protocol::udp, "udp", udp_as_bytes(options, context.backend));
}

constexpr void udp_normalise(sequence<option>& options, const meaning_context&) { leave_out_every_port(options); }

constexpr bool udp_saved(sequence<option>& options, const meaning_context& context) {
  const bool as_bytes = udp_as_bytes(options, context.backend);
  if (as_bytes) turn_around_low_ranges(options);
  leave_out_every_port_and_none(options);
  return !as_bytes || !options.empty();
}

constexpr match_meaning udp_meaning(const sequence<option>& options, const meaning_context& context) {
  if (udp_as_bytes(options, context.backend)) return {port_bytes_fit(options, context.family)};
  return {carries(8) && ports_fit(options), is_cut_before(8)};
}
}  // namespace detail

/// `-m udp`: its options, and what a use of it means.
inline constexpr match_extension udp_match{.name = "udp",
                                           .options = udp_option::table,
                                           .check = detail::udp_check,
                                           .normalise = detail::udp_normalise,
                                           .meaning = detail::udp_meaning,
                                           .saved = detail::udp_saved,
                                           .implied_by = number_of(protocol::udp)};

}  // namespace cordon
