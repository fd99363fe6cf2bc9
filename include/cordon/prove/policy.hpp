// What a sandbox may do: an egress policy, as a plain value.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/contract.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/packet/owner.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/environment.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/rule/table.hpp>

namespace cordon {

/// A user id, or a range of them, 0 to 4294967294.
struct uid {
  std::uint32_t low = 0;   ///< the least one
  std::uint32_t high = 0;  ///< the greatest one
  ///@{
  /// One id, or those from `first` to `last`. A range that goes down, or an id of 4294967295, is a broken precondition.
  constexpr explicit uid(std::uint32_t only) : uid(only, only) {}
  constexpr uid(std::uint32_t first, std::uint32_t last) : low(first), high(last) {
    require(first <= last && last <= greatest_id, "user ids go from 0 to 4294967294, the smaller one first");
  }
  ///@}
  friend constexpr bool operator==(const uid&, const uid&) = default;

 private:
  constexpr uid() = default;
  friend class maybe<uid>;
};

/// A group id, or a range of them, 0 to 4294967294.
struct gid {
  std::uint32_t low = 0;   ///< the least one
  std::uint32_t high = 0;  ///< the greatest one
  ///@{
  /// One id, or those from `first` to `last`. A range that goes down, or an id of 4294967295, is a broken precondition.
  constexpr explicit gid(std::uint32_t only) : gid(only, only) {}
  constexpr gid(std::uint32_t first, std::uint32_t last) : low(first), high(last) {
    require(first <= last && last <= greatest_id, "group ids go from 0 to 4294967294, the smaller one first");
  }
  ///@}
  friend constexpr bool operator==(const gid&, const gid&) = default;

 private:
  constexpr gid() = default;
  friend class maybe<gid>;
};

/// A set of protocols; `tcp | udp` makes one.
class protocol_set {
 public:
  constexpr protocol_set() = default;
  /// One protocol alone.
  constexpr protocol_set(protocol only) { add(only); }

  /// All numbers, 0 to 255.
  static constexpr protocol_set all() {
    protocol_set made;
    for (std::uint64_t& word : made.words_) word = ~std::uint64_t{0};
    return made;
  }

  /// Adds a protocol; nothing changes if it is in the set.
  constexpr void add(protocol one) { words_[number_of(one) / 64] |= std::uint64_t{1} << (number_of(one) % 64); }
  /// Whether the protocol is in the set.
  constexpr bool contains(protocol one) const {
    return (words_[number_of(one) / 64] >> (number_of(one) % 64) & 1) != 0;
  }
  /// Whether all numbers are in the set.
  constexpr bool is_all() const { return *this == all(); }
  /// The least number of a protocol in the set that is at least `from`; 256 if there is none.
  constexpr unsigned next(unsigned from) const {
    while (from < 256) {
      const std::uint64_t word = words_[from / 64] >> (from % 64);
      if (word != 0) return from + static_cast<unsigned>(std::countr_zero(word));
      from = (from / 64 + 1) * 64;
    }
    return 256;
  }

  /// What is in either set.
  friend constexpr protocol_set operator|(protocol_set a, const protocol_set& b) {
    for (std::size_t i = 0; i < 4; ++i) a.words_[i] |= b.words_[i];
    return a;
  }
  friend constexpr bool operator==(const protocol_set&, const protocol_set&) = default;

 private:
  std::uint64_t words_[4] = {};
};

/// Both protocols, as a set.
constexpr protocol_set operator|(protocol a, protocol b) { return protocol_set(a) | protocol_set(b); }

/// The protocols by their names, for policies: `tcp | udp`.
inline constexpr protocol tcp = protocol::tcp;
///@{
/// By name, for policies: `tcp | udp`.
inline constexpr protocol udp = protocol::udp;
inline constexpr protocol udplite = protocol::udplite;
inline constexpr protocol sctp = protocol::sctp;
inline constexpr protocol dccp = protocol::dccp;
inline constexpr protocol icmp = protocol::icmp;
inline constexpr protocol icmpv6 = protocol::icmpv6;
///@}

/// Ports from `low` to `high`, 0 to 65535.
struct port_range {
  std::uint16_t low = 0;       ///< the least one
  std::uint16_t high = 65535;  ///< the greatest one
  constexpr port_range() = default;
  ///@{
  /// One port, or those from `first` to `last`, which must not be less.
  constexpr port_range(std::uint16_t only) : low(only), high(only) {}
  constexpr port_range(std::uint16_t first, std::uint16_t last) : low(first), high(last) {
    require(first <= last, "a port range has its smaller port first");
  }
  ///@}
  /// Whether all ports are in the range, so that packets without ports are too.
  constexpr bool is_all() const { return low == 0 && high == 65535; }
  friend constexpr bool operator==(const port_range&, const port_range&) = default;
};

/// Where a sandbox may send to.
struct endpoint {
  protocol_set protocols = protocol_set::all();  ///< all numbers, if none is named
  network destination = {};                      ///< one address is a network too
  port_range ports = {};                         ///< all of them: packets without ports fit too
  interface_name out = {};                       ///< only by that interface; empty is any
  /// What is sent here may be rewritten by nat to there, and only so is the endpoint used.
  maybe<network> rewritten_to = {};
  port_range rewritten_ports = {};  ///< with `rewritten_to`: to these ports alone
  short_text<159> written = {};     ///< as the user wrote it, for answers

  friend constexpr bool operator==(const endpoint&, const endpoint&) = default;
};

/// What the sandbox can send: `unprivileged` every field but its owner, the mark (0) and the connection's state;
/// `raw` any mark and any bytes too.
enum class attacker : std::uint8_t { unprivileged, raw };

/// Which packets count: all, or all but those of connections that exist (ESTABLISHED and RELATED).
enum class flows : std::uint8_t { any, fresh };

/// A sandbox, or what comes in to a host, and the endpoints that it may reach: a plain value that works in constant
/// expressions.
class egress_policy {
 public:
  static constexpr std::size_t most_endpoints = 64;  ///< a policy is a plain value, with room for so many

  maybe<uid> user = {};                                ///< nothing: any
  maybe<gid> group = {};                               ///< nothing: any
  cordon::attacker attacker = attacker::unprivileged;  ///< what the sandbox can send
  cordon::flows flows = flows::any;                    ///< which packets count
  /// The chains through which the packets go: output, or input or forward, whose packets have no owner.
  hook at = hook::output;

  ///@{
  /// The endpoints, in the order in which they were added.
  constexpr std::size_t size() const { return count_; }
  constexpr const endpoint* begin() const { return endpoints_.data(); }
  constexpr const endpoint* end() const { return endpoints_.data() + count_; }
  constexpr const endpoint& operator[](std::size_t i) const { return endpoints_[i]; }
  ///@}

  /// Adds an endpoint. Precondition: fewer than 64 so far.
  constexpr egress_policy& allow(const endpoint& one) {
    require(count_ < most_endpoints, "a policy has at most 64 endpoints");
    endpoints_[count_++] = one;
    return *this;
  }

  /// This policy with one more endpoint.
  constexpr egress_policy may_reach(protocol_set protocols, const network& destination, port_range ports = {}) const {
    egress_policy made = *this;
    made.allow({.protocols = protocols, .destination = destination, .ports = ports});
    return made;
  }
  /// To one address alone.
  constexpr egress_policy may_reach(protocol_set protocols, const address& destination, port_range ports = {}) const {
    return may_reach(protocols,
                     network{destination, prefix_mask(destination.family, address_width(destination.family))}, ports);
  }

  /// Whether the packet's owner is the sandbox; where packets have none, whether it has none.
  constexpr bool owns(const packet& sent) const {
    if (at != hook::output) return sent.owner.socket == socket_kind::none;
    return sent.owner.socket == socket_kind::user &&
           (!user || (user->low <= sent.owner.uid && sent.owner.uid <= user->high)) &&
           (!group || (group->low <= sent.owner.gid && sent.owner.gid <= group->high));
  }

  /// Whether the packet goes to an allowed endpoint, where it is sent to without any rewriting.
  constexpr bool allows(const packet& sent) const;

  friend constexpr bool operator==(const egress_policy&, const egress_policy&) = default;

 private:
  std::array<endpoint, most_endpoints> endpoints_ = {};
  std::size_t count_ = 0;
};

/// The policy for what comes to the hook `at`, input or forward, and may reach nothing yet.
constexpr egress_policy packets_through(hook at) {
  require(at == hook::input || at == hook::forward, "packets without an owner come to input or forward");
  egress_policy made;
  made.at = at;
  return made;
}

/// The policy of a sandbox that may reach nothing yet.
constexpr egress_policy sandbox(uid user) {
  egress_policy made;
  made.user = user;
  return made;
}
/// A sandbox that is known by its group alone.
constexpr egress_policy sandbox(gid group) {
  egress_policy made;
  made.group = group;
  return made;
}
/// A sandbox whose packets have both, the user and the group.
constexpr egress_policy sandbox(uid user, gid group) {
  egress_policy made;
  made.user = user;
  made.group = group;
  return made;
}

namespace detail {
constexpr predicate protocols_test(const protocol_set& protocols, bool with_ports) {
  if (!with_ports && protocols.is_all()) return always();
  predicate any = never();
  unsigned number = 0;
  while (number < 256) {
    number = protocols.next(number);
    if (number == 256) break;
    unsigned last = number;
    if (with_ports && !has_ports(static_cast<protocol>(static_cast<std::uint8_t>(number)))) {
      ++number;
      continue;
    }
    while (!with_ports && last < 255 && protocols.next(last + 1) == last + 1) ++last;
    any |= between(field::protocol, number, last);
    number = last + 1;
  }
  return any;
}

/// Packets of these protocols, and with ports if they are asked for.
constexpr predicate sent_with_ports(const protocol_set& protocols, bool with_ports) {
  predicate fits = protocols_test(protocols, with_ports);
  if (with_ports) fits &= between(field::transport, 4, static_cast<unsigned>(transport_part::later_fragment));
  return fits;
}

constexpr predicate network_test(field which, const network& inside) {
  const uint128 all = low_bits(address_width(inside.base.family));
  if (inside.mask == 0) return always();
  if (prefix_length(inside.base.family, inside.mask))
    return between(which, inside.base.bits & inside.mask, (inside.base.bits & inside.mask) | (all & ~inside.mask));
  return masked(which, inside.mask, inside.base.bits & inside.mask);
}
}  // namespace detail

/// The fields that tell to which endpoint a packet goes.
inline constexpr field_set fields_of_endpoints = set_of(field::protocol) | set_of(field::destination) |
                                                 set_of(field::transport) | set_of(field::second_word) |
                                                 set_of(field::out);

/// The packets of `family` that go to `to`, judged where they go. Only what has bytes where the destination port stands
/// can go to an endpoint that has a port: a header that is cut off before goes to none. A later fragment has no ports;
/// it joins the port of its first fragment, which is judged by itself. Of the fragments those go to the endpoint
/// whose bytes at the port's place fit, because that is how iptables-nft lets them out; all others go to no endpoint.
constexpr predicate goes_to(const endpoint& to, family of) {
  if (to.destination.base.family != of) return never();
  predicate fits = detail::sent_with_ports(to.protocols, !to.ports.is_all());
  fits &= detail::network_test(field::destination, to.destination);
  if (!to.ports.is_all()) fits &= between(field::second_word, to.ports.low, to.ports.high);
  if (!to.out.empty()) fits &= is(field::out, number_of(to.out));
  return fits;
}

/// Where nat may lead what is sent to an endpoint, as an endpoint. Precondition: it may be rewritten (`rewritten_to`).
constexpr endpoint where_led(const endpoint& to) {
  endpoint then = to;
  then.destination = *to.rewritten_to;
  // Without a port of its own the rewriting may choose any.
  then.ports = to.rewritten_ports;
  then.rewritten_to = no_value;
  return then;
}

namespace detail {
/// The name of the atoms that stand for the interface by which a packet leaves whose route is looked up once more.
inline constexpr std::string_view changed_route = "the route of a packet that a target has changed";

/// The fields of which a change in `table` of OUTPUT makes the kernel look the route up once more, by the routing tables and
/// the interface that the socket is bound to alone (ipt_mangle_out, ip6t_mangle_out, nf_nat_ipv4_local_fn,
/// ip_route_me_harder). What the program asked for by IP_PKTINFO is forgotten then; rules still see the interface of before.
constexpr field_set fields_of_route(table_name table, family of) {
  constexpr field_set addresses = set_of(field::source) | set_of(field::destination);
  if (table == table_name::nat) return addresses;
  if (table != table_name::mangle) return 0;
  return addresses | set_of(field::mark) | set_of(field::traffic_class) |
         (of == family::ipv6 ? set_of(field::hops) : 0);
}

/// The addresses that lead to lo, whatever other rules of routing there are.
constexpr network loopback_network(family of) {
  if (of == family::ipv4) return {ipv4_address(127, 0, 0, 0), prefix_mask(of, 8)};
  return {address{of, 1}, prefix_mask(of, 128)};
}

/// The packets that are routed as they were sent: `now`, what targets have made of them, is the same in the fields `routed_by`.
/// Asked exactly of a mark of 0 alone, which is that of an unprivileged sandbox, also where rules have not touched it.
constexpr predicate is_routed_as_sent(const environment& now, field_set routed_by) {
  predicate same;
  for (const current_value& value : now.changed()) {
    if (!contains(routed_by, value.field)) continue;
    const maybe<range> only = values_of(value);
    if (value.field == field::mark && only && *only == range{0, 0})
      same &= is(field::mark, 0);
    else
      same = never();
  }
  return same;
}

/// Whether packets leave by the interface of `to`, `now` being what targets have made of them; a change of the fields `routed_by`
/// has them routed anew.
constexpr predicate leaves_by_interface_of(const endpoint& to, family of, const environment& now, field_set routed_by) {
  if (to.out.empty()) return always();
  const predicate was_to = is(field::out, number_of(to.out));
  const predicate as_routed = is_routed_as_sent(now, routed_by);
  if (as_routed.is_always()) return was_to;
  predicate leaves = unknown(changed_route, /*stateful=*/true);
  if (to.out == interface_name("lo"))
    leaves |= was_to && as_sent(network_test(field::destination, loopback_network(of)), now, of);
  return (as_routed && was_to) || (!as_routed && leaves);
}
}  // namespace detail

/// The packets of `family` that are sent to `to`, and after nat, which makes `now` of them, go where they may. Where one of the
/// fields `routed_by` has changed it is not known whether they leave by the endpoint's interface.
constexpr predicate goes_to(const endpoint& to, family of, const environment& now, field_set routed_by) {
  predicate fits = as_sent(goes_to(to, of), now, of);
  if (to.rewritten_to) fits |= goes_to(to, of) && as_sent(goes_to(where_led(to), of), now, of);
  fits &= detail::leaves_by_interface_of(to, of, now, routed_by);
  return fits;
}

/// The packets of `family` that go to some endpoint of the policy.
constexpr predicate goes_to_any(const egress_policy& policy, family of, const environment& now = {},
                                field_set routed_by = 0) {
  predicate any = never();
  for (const endpoint& one : policy) any |= goes_to(one, of, now, routed_by);
  return any;
}

constexpr bool egress_policy::allows(const packet& sent) const {
  for (const endpoint& one : *this)
    if (evaluate(goes_to(one, sent.family), sent) == truth::yes) return true;
  return false;
}

}  // namespace cordon
