// Whether REJECT can answer. Its answer, an ICMP error or a TCP RST, is a packet of this host: it leaves
// through OUTPUT by lo, from no process's socket, and in the state RELATED. Rules that stop it turn REJECT
// into DROP, and programs wait for a time-out where they would fail at once.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

namespace detail {

inline constexpr std::uint16_t some_ports[] = {80, 9, 4000};

// One place that stops answers.
struct answer_stop {
  rule_place at;
  bool surely = true;
  bool resets = false;
  bool errors = false;
};

// What a program of the sandbox sends first, to loopback or to elsewhere.
constexpr packet first_packet(const egress_policy& policy, family of, protocol how, bool to_loopback) {
  const bool v4 = of == family::ipv4;
  constexpr uint128 documentation = uint128{0x20010db8U} << 96;
  packet made;
  made.family = of;
  made.owner.uid = policy.user ? policy.user->low : 0;
  made.owner.gid = policy.group ? policy.group->low : 0;
  made.protocol = how;
  if (to_loopback) {
    made.destination = made.source = v4 ? uint128{0x7f000001} : uint128{1};
  } else {
    made.out = "eth0";
    made.destination = v4 ? uint128{0xc6336407} : documentation | 7;
    made.source = v4 ? uint128{0xc0000201} : documentation | 1;
  }
  return made;
}

constexpr void note_stop(sequence<answer_stop>& stops, answer_stop found) {
  for (answer_stop& known : stops) {
    if (known.at != found.at || known.surely != found.surely) continue;
    known.resets = known.resets || found.resets;
    known.errors = known.errors || found.errors;
    return;
  }
  stops.push_back(std::move(found));
}

constexpr text sentence_of(const answer_stop& stop) {
  const family of = stop.at.family;
  text out;
  if (stop.at.is_policy())
    out.append("the policy of ");
  else
    out.append("rule ").append_number(stop.at.number).append(" of ");
  out.append(stop.at.chain).append(" in table ").append(name_of(stop.at.table));
  out.append(stop.surely ? " stops" : " may stop")
      .append(" what REJECT answers the sandbox over ")
      .append(title_of(of));
  out.append(stop.resets && stop.errors ? " (TCP resets and ICMP errors)"
             : stop.resets              ? " (TCP resets)"
                                        : " (ICMP errors)");
  out.append(": its programs wait for a time-out where they would fail at once");
  if (stop.at.table == table_name::filter)
    out.append("; to let the answers out: ")
        .append(of == family::ipv4 ? "iptables" : "ip6tables")
        .append(
            " -I OUTPUT 2 -o lo -m owner ! --uid-owner 0-4294967294 -m conntrack --ctstate RELATED -j "
            "ACCEPT");
  return out;
}

// What of two orders of the back ends is so in both.
constexpr void keep_common(const sequence<answer_stop>& other, sequence<answer_stop>& stops) {
  sequence<answer_stop> made;
  for (const answer_stop& one : stops)
    for (const answer_stop& there : other) {
      if (one.at != there.at) continue;
      const answer_stop both{one.at, one.surely && there.surely, one.resets && there.resets,
                             one.errors && there.errors};
      if (both.resets || both.errors) note_stop(made, both);
    }
  stops = std::move(made);
}

constexpr sequence<answer_stop> answers_stopped_by(const program& compiled, const egress_policy& policy) {
  sequence<answer_stop> stops;
  for (const bool to_loopback : {true, false}) {
    for (const protocol how : {protocol::tcp, protocol::udp}) {
      packet sent = first_packet(policy, compiled.family, how, to_loopback);
      // The first of some ports that is rejected: the others are allowed.
      for (const std::uint16_t port : some_ports) {
        sent.second_word = port;
        const verdict met = verdict_of(compiled, sent);
        if (met.what != verdict::kind::reject) continue;
        if (const auto answer = reject_answer(sent, met.answer)) {
          const outcome gone = simulate(compiled, *answer);
          if (gone.accepted()) break;
          const bool reset = met.answer == reject_type::tcp_reset;
          program_place at;
          if (gone.decided_by)
            at = gone.decided_by->at;
          else if (!gone.hangs_on.empty())
            at = gone.hangs_on[0].at;
          else
            break;
          note_stop(stops, {place_of(compiled, {at.table, at.chain, at.step}),
                            gone.verdict.what != verdict::kind::unknown, reset, !reset});
        }
        break;
      }
    }
  }
  return stops;
}

}  // namespace detail

/// Adds a warning for each rule or policy of `of` that stops what REJECT answers the sandbox of `policy`, whichever of two
/// back ends is asked first, judged by what programs try: TCP and UDP, to this host and to others. Precondition: as for
/// `prove`.
constexpr void find_stopped_answers(const firewall& rules, const egress_policy& policy, family of,
                                    sequence<diagnostic>& into) {
  const program compiled = compile(rules, of);
  sequence<detail::answer_stop> stops = detail::answers_stopped_by(compiled, policy);
  for (const other_order& one : other_orders(rules, of, hook::output, tables_of_open_way(compiled)))
    detail::keep_common(detail::answers_stopped_by(one.steps, policy), stops);
  for (const detail::answer_stop& stop : stops) {
    diagnostic& made = into.push_back({});
    made.file = stop.at.file;
    made.at.line = stop.at.line;
    made.severity = severity::warning;
    made.message = detail::sentence_of(stop);
  }
}

}  // namespace cordon
