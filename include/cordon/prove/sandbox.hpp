// Which packets a policy speaks of: those that the sandbox can send.
#pragma once

#include <cordon/packet/field.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/space/layout.hpp>

namespace cordon {

/// The packets that connection tracking leaves UNTRACKED whatever the rules are (noct_valid_new in
/// net/netfilter/nf_conntrack_proto_icmpv6.c): multicast queries and reports, router and neighbour discovery.
constexpr predicate untracked_by_itself() {
  return is(field::protocol, number_of(protocol::icmpv6)) &&
         (between(field::first_word, 130U << 8, (136U << 8) | 255) ||
          between(field::first_word, 143U << 8, (143U << 8) | 255));
}

/// Whether a policy's packets may be UNTRACKED without a rule that says so: what other machines send, and what a sandbox
/// writes byte by byte.
constexpr bool may_be_untracked_by_itself(const egress_policy& policy, family of) {
  return of == family::ipv6 && (policy.at != hook::output || policy.attacker == attacker::raw);
}

/// The packets of a family that the sandbox of a policy can send and that count. `set_before`: the fields that rules before
/// the policy's chains may have set (`set_by_earlier_hooks`).
///
/// Every field is free (source address, fragments, TOS, TTL, length and interface too: binding to a device and foreign
/// IPv6 sources need no privilege) but for the owner of the socket, and what the attacker cannot choose: without privilege
/// the mark is 0 and the kernel writes every transport header whole. UNTRACKED is only what a NOTRACK rule makes, but for
/// `untracked_by_itself`, of which `can_exist` takes account. What comes to FORWARD or INPUT is of another machine: it has no socket, came in by any interface, and its sender writes
/// every byte; but it brings no mark.
constexpr packet_domain packets_of(const egress_policy& policy, family of, field_set set_before = 0) {
  packet_domain made = packet_domain::all(of);
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  const bool may_be_untracked = contains(set_before, field::state) || may_be_untracked_by_itself(policy, of);
  made[field::state] = {number(policy.flows == flows::any ? connection_state::established : connection_state::fresh),
                        number(may_be_untracked ? connection_state::untracked : connection_state::invalid)};
  if (policy.at != hook::output) {
    made[field::socket] = {number(socket_kind::none), number(socket_kind::none)};
    made[field::uid] = made[field::gid] = {0, 0};
    made[field::in] = domain_of(field::out, of);
    made[field::mac] = {0, no_mac};
    if (!contains(set_before, field::mark)) made[field::mark] = {0, 0};
    return made;
  }
  made[field::socket] = {number(socket_kind::user), number(socket_kind::user)};
  if (policy.user) made[field::uid] = {policy.user->low, policy.user->high};
  if (policy.group) made[field::gid] = {policy.group->low, policy.group->high};
  if (policy.attacker == attacker::unprivileged) {
    made[field::mark] = {0, 0};
    made[field::transport].low = number(transport_part::whole);
  }
  return made;
}

/// What packets have in common that can exist, said of the fields in `tested`: a connection mark comes with an entry of
/// connection tracking, which a NEW packet finds too where one before it, of whatever user, had no answer yet, and so does the
/// translation of its source, which is made behind OUTPUT; that of its destination nat is asked for here; only a RELATED one can
/// be the first of an expected connection. But for what rules of earlier hooks may have `set_before`.
constexpr predicate can_exist(field_set tested, field_set set_before = 0) {
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  const predicate has_entry =
      between(field::state, number(connection_state::established), number(connection_state::related));
  predicate all;
  if (contains(tested & ~set_before, field::nat_status))
    all &= has_entry || is(field::nat_status, 0) ||
           (is(field::state, number(connection_state::fresh)) && is(field::nat_status, 1));
  if (contains(tested & ~set_before, field::connection_direction))
    all &= has_entry || is(field::connection_direction, 0);
  if (contains(tested & ~set_before, field::connection_mark))
    all &= between(field::state, number(connection_state::established), number(connection_state::fresh)) ||
           is(field::connection_mark, 0);
  if (contains(tested, field::expected_first))
    all &= is(field::state, number(connection_state::related)) || is(field::expected_first, 0);
  return all;
}

/// The same, of the packets of a policy. In IPv4 only TCP's are longer than the header can say.
constexpr predicate can_exist(const egress_policy& policy, family of, field_set tested, field_set set_before = 0) {
  predicate all = can_exist(tested, set_before);
  if (of == family::ipv4 && contains(tested, field::length))
    all &= is(field::protocol, number_of(protocol::tcp)) || between(field::length, 0, longer_length - 1);
  if (may_be_untracked_by_itself(policy, of) && contains(tested & ~set_before, field::state))
    all &= !is(field::state, static_cast<unsigned>(connection_state::untracked)) || untracked_by_itself();
  return all;
}

/// The packets of a family that a host can send, whoever does. Without a rule that says so only neighbour and multicast
/// discovery is UNTRACKED (`untracked_by_itself`).
constexpr packet_domain packets_of_host(family of) {
  packet_domain made = packet_domain::all(of);
  if (of == family::ipv4) made[field::state].high = static_cast<unsigned>(connection_state::invalid);
  return made;
}

}  // namespace cordon
