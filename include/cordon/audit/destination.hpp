// Where a listening socket can be reached on its own host: each address by which packets come to it.
//
// What goes to an address of the host leaves by lo, whatever interface has the address. A socket that is
// bound to an interface takes such packets where the address is that interface's own (inet_iif, set from the
// route's interface in ip_route_output_key_hash_rcu of net/ipv4/route.c; IP6CB(skb)->iif, set in ip6_rcv_core
// of net/ipv6/ip6_input.c), and one that is bound to lo takes them to any of the addresses from a client that
// is bound to lo too (IPv6 where a route of lo leads there). All measured: tests/kernel/audit_test.cpp.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/audit/listener.hpp>
#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/address_kinds.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/host_facts.hpp>

namespace cordon {

/// An address at which a listener can be reached, or the rest of a network that is the host's as a whole.
struct socket_destination {
  network where = {};           ///< one address, or a network
  sequence<address> but = {};   ///< of a network: the addresses that are destinations of their own
  sequence<address> also = {};  ///< what the kernel takes for this address: 0.0.0.0, ::, and IPv4-mapped ones
  bool by_lo = true;            ///< packets to there leave by lo; else by any interface
  bool from_lo_alone = false;   ///< only a client that is bound to lo reaches the listener there

  /// Whether it is the rest of a network, not one address.
  constexpr bool is_network() const {
    return where.mask != prefix_mask(where.base.family, address_width(where.base.family));
  }
  friend constexpr bool operator==(const socket_destination&, const socket_destination&) = default;
};

/// "127.0.0.1", "[::1]", "the rest of 127.0.0.0/8".
constexpr text to_text(const socket_destination& of) {
  if (of.is_network()) return join(of.but.empty() ? "" : "the rest of ", to_text(of.where));
  const text written = to_text(of.where.base);
  if (of.where.base.family == family::ipv4) return written;
  return join("[", written, "]");
}

namespace detail {

constexpr bool is_only(const address& one, const network& of) {
  return of.base == one && of.mask == prefix_mask(one.family, address_width(one.family));
}

constexpr network network_of(const address& only) {
  return {only, prefix_mask(only.family, address_width(only.family))};
}

/// The addresses of a host of which nothing is known.
constexpr sequence<host_address> loopback_addresses() {
  const address v4 = ipv4_address(127, 0, 0, 1);
  const address v6{family::ipv6, 1};
  return {{.interface = "lo", .own = v4, .prefix = {ipv4_address(127, 0, 0, 0), prefix_mask(family::ipv4, 8)}},
          {.interface = "lo", .own = v6, .prefix = network_of(v6)}};
}

/// A destination of one address, with what is taken for it.
constexpr socket_destination destination_at(const address& one) {
  socket_destination made{.where = network_of(one)};
  if (one.family == family::ipv4) {
    if (one == ipv4_address(127, 0, 0, 1)) made.also.push_back({family::ipv4, 0});
    made.also.push_back({family::ipv6, (uint128{0xffff} << 32) | one.bits});
  } else if (one.bits == 1) {
    made.also.push_back({family::ipv6, 0});
  }
  return made;
}

/// A host's own addresses, as destinations.
class own_destinations {
 public:
  /// Without `addresses`, or if none of them is one, the host has its loopback ones: a text of some
  /// interfaces must not hide what is reached. The single addresses to which a policy has endpoints become
  /// destinations of their own.
  constexpr own_destinations(const maybe<sequence<host_address>>& addresses, const egress_policy& policy)
      : is_known_(addresses.has_value()) {
    sequence<host_address> own = loopback_addresses();
    if (addresses) {
      const bool has_loopback = any_of(*addresses, [](const host_address& one) { return one.own.is_loopback(); });
      if (has_loopback) own = {};
      own.append(*addresses);
    }
    const sequence<local_route> routes = local_routes(own);
    // Loopback first, as people look for it.
    add_singles(routes, /*loopback=*/true);
    for (const local_route& route : routes)
      if (route.kind == address_kind::local && route.addresses.low != route.addresses.high) add_network(route, policy);
    add_singles(routes, /*loopback=*/false);
    for (const bool loopback : {true, false})
      for (const host_address& one : own)
        if (one.own.family == family::ipv6 && one.own.is_loopback() == loopback) {
          if (is_only(one.own, one.prefix) || !one.is_route)
            add_single(one.own, one.interface);
          else
            all_.push_back({socket_destination{.where = one.prefix}, one.interface});
        }
    for (own_place& one : all_)
      if (one.to.is_network()) leave_out_singles(one.to);
  }

  constexpr bool is_known() const { return is_known_; }

  /// Whether packets to an address leave by lo. Where the host's addresses are not known, an address to which
  /// a socket is bound is taken for one.
  constexpr bool is_own(const address& one) const {
    for (const own_place& each : all_)
      if (each.to.where.contains(one)) return true;
    return !is_known_ && !is_group(one);
  }

  /// Where a listener can be reached.
  constexpr sequence<socket_destination> of(const listener& who) const {
    sequence<socket_destination> made;
    if (!who.is_everywhere()) {
      socket_destination one = destination_at(who.at);
      one.by_lo = is_own(who.at);
      one.from_lo_alone = one.by_lo && who.interface == "lo" && !is_of_lo(who.at);
      made.push_back(std::move(one));
      return made;
    }
    for (const own_place& one : all_) {
      const bool is_v4 = one.to.where.base.family == family::ipv4;
      if (is_v4 != (who.at.family == family::ipv4) && !(is_v4 && who.ipv4 != takes_ipv4::no)) continue;
      socket_destination to = one.to;
      if (!who.interface.empty() && !one.interface.empty() && who.interface != one.interface) {
        if (who.interface != "lo") continue;
        to.from_lo_alone = true;
      }
      made.push_back(std::move(to));
    }
    return made;
  }

 private:
  struct own_place {
    socket_destination to;
    interface_name interface;  // whose it is; empty: that of several
  };

  static constexpr bool is_group(const address& one) {
    return one.family == family::ipv4 ? (one.bits >> 28) >= 14 : (one.bits >> 120) == 0xff;
  }

  constexpr bool is_of_lo(const address& one) const {
    if (one.is_loopback()) return true;
    for (const own_place& each : all_)
      if (each.interface == "lo" && each.to.where.contains(one)) return true;
    return false;
  }

  constexpr void add_single(const address& one, const interface_name& interface) {
    for (own_place& known : all_)
      if (is_only(one, known.to.where)) {
        // A link-local address may be that of several interfaces.
        if (known.interface != interface) known.interface = {};
        return;
      }
    all_.push_back({destination_at(one), interface});
  }

  constexpr void add_singles(const sequence<local_route>& routes, bool loopback) {
    for (const local_route& route : routes) {
      if (route.kind != address_kind::local || route.addresses.low != route.addresses.high) continue;
      const address one{family::ipv4, route.addresses.low};
      if (one.is_loopback() == loopback)
        add_single(one, route.of_other_interfaces ? interface_name() : route.interface);
    }
  }

  // A network of lo's, which is the host's own as a whole.
  constexpr void add_network(const local_route& route, const egress_policy& policy) {
    const uint128 rest = route.addresses.low ^ route.addresses.high;
    const network where{{family::ipv4, route.addresses.low}, low_bits(32) & ~rest};
    for (const endpoint& one : policy)
      if (where.contains(one.destination.base) && is_only(one.destination.base, one.destination))
        add_single(one.destination.base, route.interface);
    all_.push_back({socket_destination{.where = where}, route.interface});
  }

  constexpr void leave_out_singles(socket_destination& from) const {
    for (const own_place& one : all_)
      if (!one.to.is_network() && from.where.contains(one.to.where.base)) from.but.push_back(one.to.where.base);
  }

  sequence<own_place> all_;
  bool is_known_;
};

}  // namespace detail

}  // namespace cordon
