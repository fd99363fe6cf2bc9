// Whether a server on this host can answer its clients in the sandbox. Its packets are not the sandbox's, so this is a
// question of its own, over a space of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/prove/client.hpp>
#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

// Whether the plainest answer of a server gets through. If so, not all answers are stopped, and nothing more is to ask.
constexpr bool lets_one_out(const program& rules, const egress_policy& policy, const endpoint& from,
                            const address& client, const predicate& replies) {
  packet sent;
  sent.family = rules.family;
  sent.protocol = from.protocols.contains(protocol::tcp)
                      ? protocol::tcp
                      : static_cast<protocol>(static_cast<std::uint8_t>(from.protocols.next(0)));
  sent.source = from.destination.base.bits;
  sent.destination = client.bits;
  if (!from.ports.is_all()) sent.first_word = from.ports.low;
  sent.second_word = client_ports.low;
  sent.flags = tcp_flag::psh | tcp_flag::ack;
  sent.state = connection_state::established;
  if (policy.user && policy.user->low == 0) sent.owner.uid = greatest_id;
  return evaluate(replies, sent) == truth::yes && verdict_of(rules, sent).accepted();
}

/// For each of `servers`, endpoints on this host, whether the rules surely stop all that a server there answers `client`.
constexpr sequence<char> replies_blocked(const program& rules, const egress_policy& policy,
                                         const sequence<endpoint>& servers, const address& client) {
  sequence<char> blocked(servers.size(), 0);
  sequence<predicate> replies;
  bool all_answer = true;
  for (const endpoint& one : servers) {
    replies.push_back(replies_of(one, policy, client));
    all_answer = lets_one_out(rules, policy, one, client, replies.back()) && all_answer;
  }
  if (all_answer) return blocked;
  constexpr auto number = [](auto value) { return static_cast<unsigned>(value); };
  packet_domain domain = packet_domain::all(rules.family);
  domain[field::socket] = {number(socket_kind::user), number(socket_kind::user)};
  domain[field::state] = {number(connection_state::established), number(connection_state::established)};
  domain[field::mark] = {0, 0};
  const range lo{number_of(interface_name("lo")), number_of(interface_name("lo"))};
  domain[field::out] = lo;
  // What all answers have in common is left to the domain, where it costs nothing.
  domain[field::transport] = {number(transport_part::whole), number(transport_part::whole)};
  domain[field::second_word] = client_ports;
  domain[field::destination] = {client.bits, client.bits};
  layout levels(domain);
  observe(levels, rules);
  for (const predicate& one : replies) levels.observe(one);
  levels.finish();
  packet_space space(std::move(levels));
  diagram_store& store = space.store();
  diagram all = no_packet;
  sequence<diagram> answers;
  for (const predicate& one : replies) {
    answers.push_back(space.set_of(one));
    all = store.either(all, answers.back());
  }
  decider walk(rules, space, detail_of_decision::fate, all);
  const diagram possibly = space.possibly(walk.let_out(walk.decide()));
  for (std::size_t i = 0; i < servers.size(); ++i)
    if (!walk.too_large() && answers[i] != no_packet && store.both(answers[i], possibly) == no_packet) blocked[i] = 1;
  return blocked;
}

}  // namespace cordon::detail
