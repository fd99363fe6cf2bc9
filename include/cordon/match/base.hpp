// What a rule asks of the IP header itself: -s -d -i -o -p -f (ip_packet_match in net/ipv4/netfilter/ip_tables.c,
// ip6_packet_match in net/ipv6/netfilter/ip6_tables.c).
#pragma once

#include <cordon/match/header.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon {

namespace detail {
constexpr predicate address_test(field which, const address_match& match) {
  if (!match.given) return always();
  const uint128 mask = match.network.mask;
  const uint128 base = match.network.base.bits & mask;
  const family of = match.network.base.family;
  // A prefix is an interval, which packet sets handle best.
  predicate inside;
  if (mask != 0 && prefix_length(of, mask))
    inside = between(which, base, base | (low_bits(address_width(of)) & ~mask));
  else
    inside = masked(which, mask, base);
  return inverted_if(match.inverted, std::move(inside));
}

constexpr predicate interface_test(field which, const interface_match& match) {
  if (!match.given) return always();
  const uint128 name = number_of(match.name);
  const range names = match.prefix ? numbers_with_prefix(match.name) : range{name, name};
  predicate inside;
  if (!match.prefix || !match.name.empty()) inside = between(which, names.low, names.high);
  return inverted_if(match.inverted, std::move(inside));
}
}  // namespace detail

/// When the packet's own header fits the rule. In OUTPUT no packet has an incoming interface: the kernel compares an
/// empty name, so `-i eth0` fits nothing and `! -i eth0` everything.
constexpr predicate base_meaning(const rule& of) {
  predicate holds = detail::address_test(field::source, of.source);
  holds &= detail::address_test(field::destination, of.destination);
  holds &= detail::interface_test(field::out, of.out);
  if (of.in.given) {
    const bool fits_empty_name = of.in.name.empty();
    if (fits_empty_name == of.in.inverted) holds &= never();
  }
  if (of.protocol.given)
    holds &= inverted_if(of.protocol.inverted, is(field::protocol, number_of(of.protocol.protocol)));
  if (of.fragment != fragment_match::any) {
    predicate later = between(field::transport, static_cast<unsigned>(transport_part::fragment_at_8),
                              static_cast<unsigned>(transport_part::later_fragment));
    holds &= inverted_if(of.fragment == fragment_match::not_later, std::move(later));
  }
  return holds;
}

}  // namespace cordon
