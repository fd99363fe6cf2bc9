// What a known set holds, as a predicate over the packet: the lookups of net/netfilter/ipset for each kind of set, as
// ip_set_test in ip_set_core.c asks them for a packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/rule/host_facts.hpp>
#include <cordon/rule/option.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::detail {

/// How a set is asked about a packet.
struct set_question {
  std::string_view name = {};            ///< of the set that the rule names
  view<range> directions = {};           ///< one for each src (1) or dst (0)
  cordon::family family = family::ipv4;  ///< of the packet
  cordon::backend backend = backend::nft;
  bool return_nomatch = false;  ///< an exception holds, and what else is in the set does not

  constexpr bool is_source(std::size_t dimension) const { return directions[dimension].low == 1; }
  constexpr field address_field(std::size_t dimension) const {
    return is_source(dimension) ? field::source : field::destination;
  }
  constexpr field port_field(std::size_t dimension) const {
    return is_source(dimension) ? field::first_word : field::second_word;
  }
  /// What a set of which nothing is known may look at, of what targets change. Marks stand beside addresses (hash:ip,mark),
  /// and so does ICMP's type.
  constexpr field_set fields_asked() const {
    field_set fields = directions.size() > 1 ? set_of(field::mark) | set_of(field::first_word) : field_set{0};
    for (std::size_t i = 0; i < directions.size(); ++i) fields |= set_of(address_field(i)) | set_of(port_field(i));
    return fields;
  }
};

using set_members = sequence<const set_member*>;

// Adds a range behind all others, joined to the last if they touch.
constexpr void add_range(sequence<range>& into, const range& one) {
  if (!into.empty() && (one.low <= into.back().high || one.low - 1 == into.back().high)) {
    if (into.back().high < one.high) into.back().high = one.high;
  } else {
    into.push_back(one);
  }
}

// Members by the values of one of their ranges: segments, ascending and disjoint, in each of which every value has
// the same members.
struct member_segments {
  sequence<range> ranges = {};
  sequence<set_members> members = {};
};

constexpr member_segments segments_of(set_members all, range set_member::* side) {
  detail::sort(all, [&](const set_member* a, const set_member* b) { return (a->*side).low < (b->*side).low; });
  member_segments made;
  for (std::size_t i = 0; i < all.size();) {
    // A run of members that overlap: most often all have the same single value.
    const uint128 low = (all[i]->*side).low;
    uint128 high = (all[i]->*side).high;
    bool alike = true;
    std::size_t end = i + 1;
    for (; end < all.size() && (all[end]->*side).low <= high; ++end) {
      alike = alike && all[end]->*side == all[i]->*side;
      if ((all[end]->*side).high > high) high = (all[end]->*side).high;
    }
    if (alike) {
      made.ranges.push_back({low, high});
      made.members.push_back({all.begin() + i, all.begin() + end});
      i = end;
      continue;
    }
    sequence<uint128> starts;
    for (std::size_t k = i; k < end; ++k) {
      starts.push_back((all[k]->*side).low);
      if ((all[k]->*side).high < high) starts.push_back((all[k]->*side).high + 1);
    }
    detail::sort_unique(starts);
    const std::size_t first = made.ranges.size();
    for (std::size_t k = 0; k < starts.size(); ++k)
      made.ranges.push_back({starts[k], k + 1 < starts.size() ? starts[k + 1] - 1 : high});
    made.members.resize(made.ranges.size());
    for (; i < end; ++i) {
      const range& here = all[i]->*side;
      const auto at = detail::lower_bound(starts.begin(), starts.end(), here.low);
      for (auto k = static_cast<std::size_t>(at - starts.begin()); k < starts.size() && starts[k] <= here.high; ++k)
        made.members[first + k].push_back(all[i]);
    }
  }
  return made;
}

// The addresses that some member holds.
constexpr sequence<range> union_of(const set_members& all, range set_member::* side) {
  sequence<range> sorted;
  sorted.reserve(all.size());
  for (const set_member* const one : all) sorted.push_back(one->*side);
  const auto before = [](const range& a, const range& b) { return a.low < b.low; };
  detail::sort(sorted, before);
  sequence<range> joined;
  for (const range& one : sorted) add_range(joined, one);
  return joined;
}

// Networks by where they are the longest that holds an address: mtype_test_cidrs in ip_set_hash_gen.h looks for the
// longest prefixes first, and what it finds decides. `tell(range, members)` hears of each stretch of addresses and of
// the members with the network that decides there, ascending.
template <class Tell>
constexpr void each_longest(set_members all, range set_member::* side, const Tell& tell) {
  const auto before = [&](const set_member* a, const set_member* b) {
    const range& one = a->*side;
    const range& other = b->*side;
    if (one != other) return one.low != other.low ? one.low < other.low : one.high > other.high;
    return a < b;  // in the order of the set
  };
  detail::sort(all, before);
  struct open_network {
    range addresses;
    std::size_t first;
    std::size_t count;
  };
  sequence<open_network> open;  // innermost last
  uint128 next = 0;             // the first address not told of yet
  bool wrapped = false;
  const auto up_to = [&](uint128 last) {
    if (wrapped || next > last) return;
    const open_network& here = open.back();
    tell(range{next, last}, view<const set_member*>(all).subspan(here.first, here.count));
    next = last + 1;
    wrapped = next == 0;
  };
  for (std::size_t i = 0; i < all.size();) {
    const range here = all[i]->*side;
    std::size_t end = i + 1;
    while (end < all.size() && all[end]->*side == here) ++end;
    while (!open.empty() && open.back().addresses.high < here.low) {
      up_to(open.back().addresses.high);
      open.pop_back();
    }
    if (!open.empty() && here.low > 0) up_to(here.low - 1);
    next = here.low;
    open.push_back({here, i, end - i});
    i = end;
  }
  while (!open.empty()) {
    up_to(open.back().addresses.high);
    open.pop_back();
  }
}

// The addresses that networks hold. Of two equal ones the later counts.
constexpr sequence<range> networks_of(const set_members& all, range set_member::* side, bool return_nomatch) {
  sequence<range> held;
  each_longest(all, side, [&](const range& where, view<const set_member*> members) {
    if (members.back()->nomatch == return_nomatch) add_range(held, where);
  });
  return held;
}

// What get_port in ip_set_getport.c needs of a packet of one protocol to find ports in it, and whether it finds any.
struct port_reading {
  bool has_ports = false;
  bool is_icmp = false;
  unsigned least_bytes = 0;  // of the header
};

constexpr port_reading port_reading_of(std::uint8_t protocol) {
  switch (static_cast<cordon::protocol>(protocol)) {
    case protocol::tcp: return {true, false, 20};
    case protocol::sctp: return {true, false, 12};
    case protocol::udp:
    case protocol::udplite: return {true, false, 8};
    case protocol::icmp:
    case protocol::icmpv6: return {true, true, 8};
    default: return {};
  }
}

constexpr unsigned whole_header = static_cast<unsigned>(transport_part::whole);

// The packets whose ports a set can read: ip_set_get_ip4_port and ip_set_get_ip6_port in ip_set_getport.c.
constexpr predicate readable(std::uint8_t protocol, family of) {
  const port_reading how = port_reading_of(protocol);
  // IPv6's "no next header" ends the search for one.
  if (protocol == (of == family::ipv4 ? 0 : 59)) return never();
  predicate is_it = is(field::protocol, protocol);
  if (how.has_ports) return is_it && between(field::transport, how.least_bytes, whole_header);
  if (of == family::ipv6) return is_it && between(field::transport, 0, whole_header);
  return is_it;
}

// Packets of which the kernel reads port 0: those of protocols without ports, and IPv4's fragments of ICMPv6.
constexpr predicate reads_port_zero(std::uint8_t protocol, family of) {
  if (!port_reading_of(protocol).has_ports) return readable(protocol, of);
  if (of == family::ipv4 && protocol == number_of(protocol::icmpv6))
    return is(field::protocol, protocol) &&
           between(field::transport, whole_header + 1, static_cast<unsigned>(transport_part::later_fragment));
  return never();
}

// Packets whose ports stand behind an authentication header of IPv6: ipv6_skip_exthdr finds them there, but nf_tables
// looks no further than that header, and no field says what follows it.
constexpr predicate hidden_ports(const set_question& asked) {
  if (asked.family == family::ipv4 || asked.backend == backend::legacy) return never();
  text words = join("set ", asked.name, ": the ports behind an authentication header,");
  for (const range& one : asked.directions) words.append(one.low == 1 ? " src" : " dst");
  if (asked.return_nomatch) words.append(" --return-nomatch");
  return is(field::protocol, number_of(protocol::ah)) &&
         masked(field::extension_headers, extension_header::authentication, extension_header::authentication) &&
         unknown(std::move(words), /*stateful=*/false, asked.fields_asked());
}

// The members for which `rest(members, within)` narrows what is left of the packet's fields, by protocol and port.
template <class Rest>
constexpr predicate by_port(const set_members& all, const set_question& asked, const Rest& rest) {
  predicate holds = never();
  sequence<set_members> of_protocols(256);
  for (const set_member* const one : all) of_protocols[one->protocol].push_back(one);
  for (set_members& of_protocol : of_protocols) {
    if (of_protocol.empty()) continue;
    const std::uint8_t number = of_protocol[0]->protocol;
    const predicate zero = reads_port_zero(number, asked.family);
    if (!zero.is_never()) {
      set_members with_zero;
      for (const set_member* const one : of_protocol)
        if (one->ports.low == 0) with_zero.push_back(one);
      predicate within;
      if (with_zero.empty())
        within.negate();
      else
        rest(with_zero, within);
      holds |= zero && within;
    }
    const port_reading how = port_reading_of(number);
    if (!how.has_ports) continue;
    const member_segments by_value = segments_of(std::move(of_protocol), &set_member::ports);
    const field where = how.is_icmp ? field::first_word : asked.port_field(1);
    holds |= readable(number, asked.family) &&
             predicate::any_of(where, by_value.ranges,
                               [&](std::size_t i, predicate& within) { rest(by_value.members[i], within); });
  }
  const predicate hidden = hidden_ports(asked);
  if (!hidden.is_never())
    holds |= hidden && predicate::any_of(asked.address_field(0), union_of(all, &set_member::addresses));
  return holds;
}

// hash:net,iface: the longest network that is there for any interface decides (`multi` in mtype_test_cidrs), and of
// its entries the first that names the interface.
constexpr predicate networks_and_interfaces(const set_members& all, const set_question& asked) {
  // No packet of OUTPUT is at a port of a bridge.
  set_members plain;
  for (const set_member* const one : all)
    if (!one->bridged) plain.push_back(one);
  sequence<range> where;
  sequence<predicate> interfaces;
  each_longest(std::move(plain), &set_member::addresses, [&](const range& here, view<const set_member*> members) {
    predicate named = never();
    predicate earlier = never();
    for (const set_member* const one : members) {
      predicate fits;
      if (one->wildcard) {
        const range names = numbers_with_prefix(one->interface);
        fits = between(field::out, names.low, names.high);
      } else {
        fits = is(field::out, number_of(one->interface));
      }
      if (one->nomatch == asked.return_nomatch) named |= fits && !earlier;
      earlier |= fits;
    }
    if (named.is_never()) return;
    if (!where.empty() && where.back().high + 1 == here.low && interfaces.back() == named) {
      where.back().high = here.high;
      return;
    }
    where.push_back(here);
    interfaces.push_back(std::move(named));
  });
  return predicate::any_of(asked.address_field(0), where,
                           [&](std::size_t i, predicate& within) { within = interfaces[i]; });
}

// Whether a set can hold a packet at all when it is asked like this.
constexpr bool may_hold(const address_set& of, const set_question& asked) {
  if (asked.directions.size() < dimension_of(of.kind)) return false;
  if (of.kind != set_kind::bitmap_port && of.family != asked.family) return false;
  // No packet of OUTPUT has come in by an interface.
  return of.kind != set_kind::hash_net_iface || !asked.is_source(1);
}

/// Whether a set of `of`'s kind with these members holds a packet. Precondition: its kind is none of list_set and other.
constexpr predicate members_of(const address_set& of, const set_members& all, const set_question& asked) {
  if (!may_hold(of, asked)) return never();
  const field first = asked.address_field(0);
  switch (of.kind) {
    case set_kind::hash_ip:
    case set_kind::bitmap_ip: return predicate::any_of(first, union_of(all, &set_member::addresses));
    case set_kind::hash_net:
      return predicate::any_of(first, networks_of(all, &set_member::addresses, asked.return_nomatch));
    case set_kind::hash_ip_port:
      return by_port(all, asked, [&](const set_members& some, predicate& within) {
        within = predicate::any_of(first, union_of(some, &set_member::addresses));
      });
    case set_kind::hash_net_port:
      return by_port(all, asked, [&](const set_members& some, predicate& within) {
        within = predicate::any_of(first, networks_of(some, &set_member::addresses, asked.return_nomatch));
      });
    case set_kind::hash_ip_port_ip:
    case set_kind::hash_ip_port_net:
      return by_port(all, asked, [&](const set_members& some, predicate& within) {
        const member_segments by_address = segments_of(some, &set_member::addresses);
        within = predicate::any_of(first, by_address.ranges, [&](std::size_t i, predicate& others) {
          const set_members& here = by_address.members[i];
          if (of.kind == set_kind::hash_ip_port_ip)
            others = predicate::any_of(asked.address_field(2), union_of(here, &set_member::others));
          else
            others =
                predicate::any_of(asked.address_field(2), networks_of(here, &set_member::others, asked.return_nomatch));
        });
      });
    case set_kind::hash_net_iface: return networks_and_interfaces(all, asked);
    case set_kind::bitmap_port: {
      // Of the protocols with ports only these two (ip_set_get_ip_port in ip_set_bitmap_port.c).
      predicate holds = never();
      for (const protocol one : {protocol::tcp, protocol::udp})
        holds |= readable(number_of(one), asked.family) &&
                 predicate::any_of(asked.port_field(0), union_of(all, &set_member::ports));
      if (!all.empty()) holds |= hidden_ports(asked);
      return holds;
    }
    case set_kind::list_set:
    case set_kind::other: break;
  }
  require(false, "what is in this kind of set is asked elsewhere");
  return never();
}

/// Whether the set holds a packet. Precondition: its kind is none of list_set and other.
constexpr predicate members_of(const address_set& of, const set_question& asked) {
  set_members all;
  all.reserve(of.members.size());
  for (const set_member& one : of.members) all.push_back(&one);
  return members_of(of, all, asked);
}

/// Whether it holds a packet, now and later: what its members that expire decide is what `opaque` says, since each is gone one
/// day, without anybody's doing (mtype_expire in ip_set_hash_gen.h). Precondition: its kind is none of list_set and other.
constexpr predicate members_of(const address_set& of, const set_question& asked, const predicate& opaque) {
  set_members lasting;
  sequence<set_member> expiring;
  // Where the longest network decides, one that is gone lets others decide: exceptions, or those for other interfaces.
  bool longest_decides = of.kind == set_kind::hash_net_iface;
  lasting.reserve(of.members.size());
  for (const set_member& one : of.members) {
    longest_decides = longest_decides || one.nomatch;
    if (one.expires)
      expiring.push_back(one);
    else
      lasting.push_back(&one);
  }
  predicate holds = members_of(of, lasting, asked);
  if (expiring.empty() || !may_hold(of, asked)) return holds;
  set_question any = asked;
  if (longest_decides) any.return_nomatch = false;
  set_members all;
  all.reserve(expiring.size());
  for (set_member& one : expiring) {
    if (longest_decides) one.nomatch = false;
    all.push_back(&one);
  }
  const predicate hangs = of.kind == set_kind::hash_net_iface
                              ? predicate::any_of(any.address_field(0), union_of(all, &set_member::addresses))
                              : members_of(of, all, any);
  if (longest_decides) holds &= !hangs;
  return holds || (hangs && opaque);
}

}  // namespace cordon::detail
