// What a plain client of an endpoint sends, and what a server there answers: the packets by which an endpoint is judged
// to be open.
#pragma once

#include <initializer_list>

#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon {

/// The ports that Linux chooses for a client (net.ipv4.ip_local_port_range).
inline constexpr range client_ports = {32768, 60999};

/// Whether every address of an endpoint is on the loopback interface.
constexpr bool is_loopback(const endpoint& to) {
  const network& where = to.destination;
  return where.base.family == family::ipv4 ? (where.mask >> 24) == 0xff && (where.base.bits >> 24) == 127
                                           : where.mask == low_bits(128) && where.base.bits == 1;
}

/// Where a client of a server on loopback has its own end.
constexpr address loopback_client(family of) { return {of, of == family::ipv4 ? uint128{0x7f000001} : uint128{1}}; }

/// The packets of a client: the one that opens a connection, and those that follow.
struct client_packets {
  predicate opening;    ///< those that open a connection
  predicate following;  ///< those that come behind
};

namespace detail {
constexpr predicate any_of_flags(std::initializer_list<unsigned> wanted) {
  predicate any = never();
  for (const unsigned flags : wanted) any |= is(field::flags, flags);
  return any;
}

constexpr predicate with_state(connection_state of) { return is(field::state, static_cast<unsigned>(of)); }
}  // namespace detail

/// What a plain client sends to `to`: from a port that Linux chooses, by `lo` and from its own loopback address if the
/// endpoint is there, else from anywhere by any interface (or the endpoint's own); a SYN and then packets with ACK for
/// TCP, an echo request for ICMP.
constexpr client_packets client_of(const endpoint& to, family of, hook at = hook::output) {
  predicate common = goes_to(to, of);
  common &= is(field::transport, static_cast<unsigned>(transport_part::whole));
  common &= is(field::mark, 0);
  if (is_loopback(to)) {
    common &= is(at == hook::input ? field::in : field::out, number_of(interface_name("lo")));
    common &= is(field::source, loopback_client(of).bits);
  }
  // Said of the endpoint's own protocols alone: mostly that is one, and the whole is then a plain conjunction.
  const predicate from_client_port = between(field::first_word, client_ports.low, client_ports.high);
  predicate opening = never();
  predicate following = never();
  predicate special = never();  // the protocols of which a client sends not just anything
  if (to.protocols.contains(protocol::tcp)) {
    special = is(field::protocol, number_of(protocol::tcp));
    const predicate tcp_from_client_port = special && from_client_port;
    opening = tcp_from_client_port && is(field::flags, tcp_flag::syn);
    following = tcp_from_client_port &&
                detail::any_of_flags({tcp_flag::ack, tcp_flag::psh | tcp_flag::ack, tcp_flag::fin | tcp_flag::ack});
  }
  predicate with_ports = never();
  for (const protocol one : {protocol::udp, protocol::dccp, protocol::sctp, protocol::udplite})
    if (to.protocols.contains(one)) with_ports |= is(field::protocol, number_of(one));
  predicate plain = with_ports && from_client_port;
  if (to.ports.is_all()) {
    special |= with_ports;
    const protocol ping = of == family::ipv4 ? protocol::icmp : protocol::icmpv6;
    if (to.protocols.contains(ping)) {
      const predicate is_ping = is(field::protocol, number_of(ping));
      plain |= is_ping && is(field::first_word, of == family::ipv4 ? 8U << 8 : 128U << 8);
      special |= is_ping;
    }
    plain |= !special;
  }

  client_packets made;
  made.opening = common && detail::with_state(connection_state::fresh) && (opening || plain);
  // A NEW packet whose connection has a mark, or is translated, is not its first, but for what rules of earlier hooks have done.
  if (at == hook::output) made.opening &= is(field::connection_mark, 0) && is(field::nat_status, 0);
  made.following = common && detail::with_state(connection_state::established) && (following || plain);
  return made;
}

/// What a server on this host answers from an endpoint to a client that is on it too, sent by other owners than the sandbox.
constexpr predicate replies_of(const endpoint& from, const egress_policy& policy, const address& client) {
  predicate replies = detail::network_test(field::source, from.destination);
  replies &= detail::protocols_test(from.protocols, !from.ports.is_all());
  if (!from.ports.is_all()) replies &= between(field::first_word, from.ports.low, from.ports.high);
  replies &= is(field::destination, client.bits);
  replies &= between(field::second_word, client_ports.low, client_ports.high);
  replies &= is(field::transport, static_cast<unsigned>(transport_part::whole));
  replies &= is(field::out, number_of(interface_name("lo")));
  replies &= is(field::mark, 0);
  replies &= detail::with_state(connection_state::established);
  replies &= is(field::socket, static_cast<unsigned>(socket_kind::user));
  predicate is_sandbox = always();
  if (policy.user) is_sandbox &= between(field::uid, policy.user->low, policy.user->high);
  if (policy.group) is_sandbox &= between(field::gid, policy.group->low, policy.group->high);
  replies &= !is_sandbox;
  replies &= !is(field::protocol, number_of(protocol::tcp)) ||
             detail::any_of_flags({tcp_flag::syn | tcp_flag::ack, tcp_flag::ack, tcp_flag::psh | tcp_flag::ack,
                                   tcp_flag::fin | tcp_flag::ack});
  return replies;
}

}  // namespace cordon
