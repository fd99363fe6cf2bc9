// What kind of address the kernel says that an address is, from the addresses that a host has: for -m addrtype.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/rule/host_facts.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::detail {

/// The numbers of include/uapi/linux/rtnetlink.h, as bits: what --src-type and --dst-type hold.
namespace address_kind {
inline constexpr unsigned unspec = 1U << 0, unicast = 1U << 1, local = 1U << 2, broadcast = 1U << 3, anycast = 1U << 4,
                          multicast = 1U << 5, unreachable = 1U << 7;
}  // namespace address_kind

// --- IPv4: inet_dev_addr_type in net/ipv4/fib_frontend.c asks the local routing table
// --------------------------------------------------------------------------------------

/// A route of the local table.
struct local_route {
  range addresses = {};
  unsigned kind = address_kind::local;
  interface_name interface = {};
  // Where several have the same addresses it is not known which one is asked.
  bool of_other_kinds = false;       ///< one of them is of another kind
  bool of_other_interfaces = false;  ///< one of them is of another interface

  friend constexpr bool operator==(const local_route&, const local_route&) = default;
};

// The routes that fib_add_ifaddr makes of the addresses, for interfaces that are up, and those that stand there beside:
// single addresses first.
constexpr sequence<local_route> local_routes(const sequence<host_address>& addresses) {
  sequence<local_route> single;
  sequence<local_route> wide;
  const auto add = [](sequence<local_route>& into, local_route one) {
    for (local_route& known : into) {
      if (known.addresses != one.addresses) continue;
      if (known.kind != one.kind) known.of_other_kinds = true;
      if (known.interface != one.interface) known.of_other_interfaces = true;
      return;
    }
    into.push_back(one);
  };
  for (const host_address& one : addresses) {
    if (one.own.family != family::ipv4) continue;
    const uint128 rest = low_bits(32) & ~one.prefix.mask;
    const range network{one.prefix.base.bits & one.prefix.mask, (one.prefix.base.bits & one.prefix.mask) | rest};
    if (one.is_route) {
      add(rest == 0 ? single : wide, {network, address_kind::local, one.interface});
      continue;
    }
    add(single, {{one.own.bits, one.own.bits}, address_kind::local, one.interface});
    if (one.broadcast && one.broadcast->bits != 0xffffffff)
      add(single, {{one.broadcast->bits, one.broadcast->bits}, address_kind::broadcast, one.interface});
    const bool has_network = network.low >> 24 != 0 && !one.secondary && (network.low != one.own.bits || rest != 0);
    if (!has_network) continue;
    // The last address of a network, but not of one of two.
    if (rest > 1) add(single, {{network.high, network.high}, address_kind::broadcast, one.interface});
    // Networks of other interfaces are in the main table.
    if (one.interface == "lo" && !one.no_prefix_route) add(wide, {network, address_kind::local, one.interface});
  }
  // A longer prefix goes before a shorter one.
  detail::sort(wide, [](const local_route& a, const local_route& b) {
    return a.addresses.high - a.addresses.low < b.addresses.high - b.addresses.low;
  });
  single.append(std::move(wide));
  return single;
}

/// The IPv4 packets the kind of whose address is in `kinds`; an address of an interface counts only where the packet
/// leaves by it, if `by_interface`. `in_doubt` is for the packets of which it is not known.
constexpr predicate ipv4_kinds(field which, unsigned kinds, const sequence<host_address>& addresses, bool by_interface,
                               const predicate& in_doubt) {
  const auto holds_for = [&](unsigned kind) { return (kinds & kind) != 0; };
  // Whatever no line below says is UNICAST. The first that fits decides: the last is put in first.
  predicate holds;
  if (!holds_for(address_kind::unicast)) holds.negate();
  const auto decide = [&](const predicate& where, const predicate& then) {
    holds &= !where;
    holds |= where && then;
  };
  const auto truth = [](bool holds_there) {
    predicate made;
    if (!holds_there) made.negate();
    return made;
  };
  const sequence<local_route> routes = local_routes(addresses);
  for (std::size_t i = routes.size(); i-- > 0;) {
    const local_route& route = routes[i];
    const predicate where = between(which, route.addresses.low, route.addresses.high);
    if (route.of_other_kinds || (by_interface && route.of_other_interfaces)) {
      decide(where, in_doubt);
    } else if (!by_interface) {
      decide(where, truth(holds_for(route.kind)));
    } else {
      // By another interface it is UNICAST, even if a shorter prefix would fit.
      const predicate there = is(field::out, number_of(route.interface));
      predicate then = there && truth(holds_for(route.kind));
      then |= !there && truth(holds_for(address_kind::unicast));
      decide(where, then);
    }
  }
  decide(between(which, 0xe0000000, 0xefffffff), truth(holds_for(address_kind::multicast)));
  // ipv4_is_zeronet and ipv4_is_lbcast.
  decide(is(which, 0), truth(holds_for(address_kind::broadcast)));
  decide(is(which, 0xffffffff), truth(holds_for(address_kind::broadcast)));
  return holds;
}

// --- IPv6: match_type6 and match_lookup_rt6 in net/netfilter/xt_addrtype.c
// --------------------------------------------------------------------------------------

/// The IPv6 packets whose address is of `kinds`. The kernel wants MULTICAST, UNICAST and UNSPEC all to hold that are
/// asked for, and then one of LOCAL, ANYCAST and UNREACHABLE if any of these is; the last two are up to routing.
constexpr predicate ipv6_kinds(field which, unsigned kinds, const sequence<host_address>& addresses, bool by_interface,
                               const predicate& in_doubt) {
  const predicate multicast = between(which, uint128{0xff} << 120, low_bits(128));
  predicate holds;
  if ((kinds & address_kind::multicast) != 0) holds &= multicast;
  // __ipv6_addr_type in net/ipv6/addrconf_core.c: the unspecified and the IPv4-mapped addresses are no unicast
  // either.
  if ((kinds & address_kind::unicast) != 0)
    holds &=
        !(multicast || is(which, 0) || between(which, uint128{0xffff} << 32, (uint128{0xffff} << 32) | 0xffffffff));
  if ((kinds & address_kind::unspec) != 0) holds &= is(which, 0);
  if ((kinds & (address_kind::local | address_kind::anycast | address_kind::unreachable)) == 0) return holds;
  const bool asks_routing = (kinds & (address_kind::anycast | address_kind::unreachable)) != 0;
  if ((kinds & address_kind::local) == 0 || (asks_routing && by_interface)) {
    holds &= in_doubt;
    return holds;
  }
  predicate own = never();
  predicate doubtful = never();
  for (const host_address& one : addresses) {
    // Of an interface's addresses it asks the interface (nf_ipv6_chk_addr), else routing.
    if (one.own.family != family::ipv6 || (by_interface && one.is_route)) continue;
    predicate here = is(which, one.own.bits);
    if (one.is_route)
      here = between(which, one.prefix.base.bits, one.prefix.base.bits | (low_bits(128) & ~one.prefix.mask));
    if (by_interface) here &= is(field::out, number_of(one.interface));
    if (one.tentative)
      doubtful |= here;
    else
      own |= here;
  }
  own |= doubtful && in_doubt;
  if (asks_routing) own |= in_doubt;
  holds &= own;
  return holds;
}

}  // namespace cordon::detail
