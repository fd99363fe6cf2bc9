// What a rule asks of the IP header itself: -s -d -i -o -p -f (ip_packet_match in net/ipv4/netfilter/ip_tables.c,
// ip6_packet_match in net/ipv6/netfilter/ip6_tables.c).
#pragma once

#include <cordon/match/header.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/rule/rule.hpp>

namespace cordon {

namespace detail {
constexpr void add_address(predicate& into, field which, const address_match& match) {
  if (!match.given) return;
  const uint128 mask = match.network.mask;
  const uint128 base = match.network.base.bits & mask;
  if (mask == 0) {
    if (match.inverted) into &= never();
    return;
  }
  // A prefix is an interval, which packet sets handle best.
  const uint128 rest = low_bits(address_width(match.network.base.family)) & ~mask;
  if ((rest & (rest + 1)) == 0)
    into.add(interval_test(which, base, base | rest), match.inverted);
  else
    into.add({predicate_step::kind::masked, which, 0, mask, base}, match.inverted);
}

constexpr void add_interface(predicate& into, field which, const interface_match& match) {
  if (!match.given) return;
  if (match.prefix && match.name.empty()) {
    if (match.inverted) into &= never();
    return;
  }
  const uint128 name = number_of(match.name);
  const range names = match.prefix ? numbers_with_prefix(match.name) : range{name, name};
  into.add(interval_test(which, names.low, names.high), match.inverted);
}
}  // namespace detail

/// When the packet's own header fits the rule, for packets that come from the hook `at`. In OUTPUT no packet has an
/// incoming interface: the kernel compares an empty name, so `-i eth0` fits nothing and `! -i eth0` everything. So it is
/// with `-o` in INPUT.
constexpr predicate base_meaning(const rule& of, hook at = hook::output) {
  predicate holds;
  holds.reserve(12);  // as many as most rules need, with their matches
  detail::add_address(holds, field::source, of.source);
  detail::add_address(holds, field::destination, of.destination);
  const auto add_side = [&](field which, const interface_match& match, hook_set hooks) {
    if (!match.given) return;
    if (contains(hooks, at))
      detail::add_interface(holds, which, match);
    else if (match.name.empty() == match.inverted)
      holds &= never();
  };
  add_side(field::out, of.out, outgoing_hooks | set_of(hook::forward));
  add_side(field::in, of.in, incoming_hooks);
  if (of.protocol.given) {
    const uint128 number = number_of(of.protocol.protocol);
    holds.add(interval_test(field::protocol, number, number), of.protocol.inverted);
  }
  if (of.fragment != fragment_match::any)
    holds.add(interval_test(field::transport, static_cast<unsigned>(transport_part::fragment_at_8),
                            static_cast<unsigned>(transport_part::later_fragment)),
              of.fragment == fragment_match::not_later);
  return holds;
}

}  // namespace cordon
