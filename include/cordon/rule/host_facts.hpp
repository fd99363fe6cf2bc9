// What a host says of itself beside its rules: its addresses, its sets, and whether it has IPsec. Matches that ask
// for one of these are exact where it is known, and atoms where it is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/interface_name.hpp>

namespace cordon {

/// An address that an interface of the host has, or addresses that a route leads to the host.
struct host_address {
  interface_name interface = {};        ///< that has the address
  address own = {};                     ///< the host's address on it
  network prefix = {};                  ///< the network it is in; of a point-to-point link, that of the other end
  maybe<address> broadcast = no_value;  ///< the one that was written down; IPv4 alone
  bool secondary = false;               ///< another address of the same network came first
  bool no_prefix_route = false;         ///< the network was not put into the routing tables
  bool tentative = false;               ///< IPv6 does not use it (yet)
  bool is_route = false;                ///< no interface has it: all of `prefix` is the host's, by a route alone

  friend constexpr bool operator==(const host_address&, const host_address&) = default;
};

/// The kinds of sets that are modelled.
enum class set_kind : std::uint8_t {
  hash_ip,
  hash_net,
  hash_ip_port,
  hash_net_port,
  hash_ip_port_ip,
  hash_ip_port_net,
  hash_net_iface,
  bitmap_ip,
  bitmap_port,
  list_set,
  other,  ///< any other: what is in it is not known
};

/// The number of src and dst that a kind of set takes (its type's `dimension` in net/netfilter/ipset).
constexpr std::size_t dimension_of(set_kind of) {
  switch (of) {
    case set_kind::hash_ip_port:
    case set_kind::hash_net_port:
    case set_kind::hash_net_iface: return 2;
    case set_kind::hash_ip_port_ip:
    case set_kind::hash_ip_port_net: return 3;
    default: return 1;
  }
}

/// Whether a member of such a set holds a port.
constexpr bool has_port(set_kind of) {
  return of == set_kind::hash_ip_port || of == set_kind::hash_net_port || of == set_kind::hash_ip_port_ip ||
         of == set_kind::hash_ip_port_net;
}

/// Whether the networks of such a set may be marked nomatch, and the longest prefix decides.
constexpr bool has_networks(set_kind of) {
  return of == set_kind::hash_net || of == set_kind::hash_net_port || of == set_kind::hash_ip_port_net ||
         of == set_kind::hash_net_iface;
}

/// One entry of a set. What its set's kind does not ask for stays as it is here.
struct set_member {
  range addresses = {};           ///< of the first dimension; of a network: its first and last address
  range others = {};              ///< the second address or network of hash:ip,port,ip and hash:ip,port,net
  range ports = {};               ///< ICMP: type * 256 + code; 0 for protocols without ports
  std::uint8_t protocol = 0;      ///< of its ports, as in the IP header
  bool nomatch = false;           ///< an exception: what its network holds is not in the set
  bool expires = false;           ///< has a timeout, after which it is not in the set any more
  bool wildcard = false;          ///< the interface's name is the beginning of one
  bool bridged = false;           ///< the interface is a port of a bridge (physdev:)
  interface_name interface = {};  ///< of a set that holds interfaces

  friend constexpr bool operator==(const set_member&, const set_member&) = default;
};

/// A set, as `ipset save` shows it. Counters and comments of its entries are not kept, nor when they expire.
struct address_set {
  text name = {};                        ///< as -m set names it
  set_kind kind = set_kind::other;       ///< how it is looked up
  cordon::family family = family::ipv4;  ///< of its addresses; bitmap:port and list:set have none
  sequence<set_member> members = {};     ///< in the order of the text
  sequence<text> lists = {};             ///< of list:set: the names of the sets in it, in its order
  bool lists_expire = false;             ///< some of these have a timeout, after which they are not in it any more
  bool counts = false;                   ///< has counters, which --packets-eq and its like ask for

  /// Whether it will hold less one day, without anybody's doing.
  constexpr bool expires() const {
    for (const set_member& one : members)
      if (one.expires) return true;
    return lists_expire;
  }
  friend constexpr bool operator==(const address_set&, const address_set&) = default;
};

/// What is known of a host. By default nothing is.
struct host_facts {
  bool without_ipsec = false;                          ///< no IPsec policy exists
  maybe<sequence<host_address>> addresses = no_value;  ///< all of them, both families
  sequence<address_set> sets = {};                     ///< those that are known

  /// The set of that name, or null.
  constexpr const address_set* find_set(std::string_view name) const {
    for (const address_set& one : sets)
      if (one.name == name) return &one;
    return nullptr;
  }
  /// Whether some set will hold less one day, without anybody's doing.
  constexpr bool has_expiring_sets() const {
    for (const address_set& one : sets)
      if (one.expires()) return true;
    return false;
  }
  friend constexpr bool operator==(const host_facts&, const host_facts&) = default;
};

}  // namespace cordon
