// What the program that sends a packet sees of its fate: which call fails, with which errno, and when.
//
// A packet that a hook stops makes the sending call fail with EPERM (nf_hook_slow in net/netfilter/core.c),
// whatever the way of stopping it; TCP alone keeps that to itself and sends again. What else a program
// learns, it learns from REJECT's answer: an ICMP error or a TCP RST. That answer is a packet of this host
// too. It leaves through OUTPUT, and where it is stopped there, REJECT is no better than DROP.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/verdict.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/simulate/verdict_set.hpp>

namespace cordon {

/// The values of errno that a stopped packet leads to, as Linux numbers them
/// (include/uapi/asm-generic/errno.h).
enum class error_number : std::uint8_t {
  none = 0,
  eperm = 1,
  eacces = 13,
  enoprotoopt = 92,
  enetunreach = 101,
  econnreset = 104,
  etimedout = 110,
  econnrefused = 111,
  ehostunreach = 113,
};

/// As <errno.h> names it.
constexpr std::string_view name_of(error_number of) {
  switch (of) {
    case error_number::none: return "";
    case error_number::eperm: return "EPERM";
    case error_number::eacces: return "EACCES";
    case error_number::enoprotoopt: return "ENOPROTOOPT";
    case error_number::enetunreach: return "ENETUNREACH";
    case error_number::econnreset: return "ECONNRESET";
    case error_number::etimedout: return "ETIMEDOUT";
    case error_number::econnrefused: return "ECONNREFUSED";
    case error_number::ehostunreach: return "EHOSTUNREACH";
  }
  return "";
}

/// "ECONNREFUSED (111)".
constexpr text to_text(error_number of) { return join(name_of(of), " (", decimal(static_cast<unsigned>(of)), ")"); }

/// How one call of a program ends, as far as the firewall decides it.
struct call_result {
  /// How a call of a program ends.
  enum class kind : std::uint8_t {
    not_made,   ///< no program makes this call for such a packet
    no_error,   ///< the firewall causes no error
    error,      ///< fails with `error`
    times_out,  ///< waits for an answer that never comes
    unknown,    ///< hangs on a decision that no packet settles
  };
  kind what = kind::not_made;               ///< how this one does
  error_number error = error_number::none;  ///< for a call that fails
  bool after_a_second = false;              ///< an error that comes when the first SYN is sent again, and not at once

  friend constexpr bool operator==(const call_result&, const call_result&) = default;
};

/// What becomes of the answer that REJECT makes.
enum class answer_fate : std::uint8_t {
  none,     ///< the packet is not rejected, or gets no answer (a later fragment, an ICMP error, a RST)
  sent,     ///< it gets through OUTPUT
  stopped,  ///< OUTPUT stops it
  unknown,
};

/// Which of REJECT's answers come to the socket whose packet was rejected. All do, unless it is bound to an
/// interface: an answer counts as one that came in by the interface of its own route, and comes to no socket
/// that is bound to another.
enum class answers_heard : std::uint8_t {
  all,
  resets,  ///< a RST, no ICMP error: where a socket is bound to lo, or to the interface of a link-local address
  none,
};

/// What the program that sends a packet sees. Measured with the usual sysctls.
struct application_view {
  call_result connect = {};              ///< a blocking connect() of TCP; ETIMEDOUT comes after some two minutes
  call_result nonblocking_connect = {};  ///< what poll() and SO_ERROR tell of a connect() that does not block
  call_result send = {};                 ///< sending a datagram, or on a TCP connection
  call_result next_call = {};  ///< what follows it: recv() or send() on a connected datagram socket, recv() of TCP
  call_result ping = {};       ///< sendto() of an echo request on a ping socket (SOCK_DGRAM)
  call_result raw = {};        ///< sendto() on a raw socket
  answer_fate answer = answer_fate::none;  ///< what becomes of REJECT's answer
  sequence<way_step> answer_way = {};      ///< the way of REJECT's answer through OUTPUT

  friend constexpr bool operator==(const application_view&, const application_view&) = default;
};

namespace detail {

// icmp_pointers in net/ipv4/icmp.c: types that are no errors, and that the kernel knows.
constexpr bool icmp_is_answered(std::uint8_t type) { return type == 0 || type == 8 || (type >= 13 && type <= 18); }

constexpr bool is_multicast(const address& of) {
  if (of.family == family::ipv4) return (of.bits >> 28) == 0xe || of.bits == 0xffffffff;
  return (of.bits >> 120) == 0xff;
}

constexpr std::uint16_t icmp_words(reject_type of) {
  switch (of) {
    case reject_type::icmp_net_unreachable: return 0x0300;
    case reject_type::icmp_host_unreachable: return 0x0301;
    case reject_type::icmp_proto_unreachable: return 0x0302;
    case reject_type::icmp_port_unreachable: return 0x0303;
    case reject_type::icmp_net_prohibited: return 0x0309;
    case reject_type::icmp_host_prohibited: return 0x030a;
    case reject_type::icmp_admin_prohibited: return 0x030d;
    case reject_type::icmp6_no_route: return 0x0100;
    case reject_type::icmp6_adm_prohibited: return 0x0101;
    case reject_type::icmp6_addr_unreachable: return 0x0103;
    case reject_type::icmp6_port_unreachable: return 0x0104;
    case reject_type::icmp6_policy_fail: return 0x0105;
    case reject_type::icmp6_reject_route: return 0x0106;
    case reject_type::tcp_reset: return 0;
  }
  return 0;
}

// nf_send_reset in net/ipv4/netfilter/nf_reject_ipv4.c, nf_send_reset6 in
// net/ipv6/netfilter/nf_reject_ipv6.c.
constexpr bool gets_reset(const packet& of) {
  return of.protocol == protocol::tcp && of.transport == transport_part::whole && (of.flags & tcp_flag::rst) == 0 &&
         !is_multicast(of.destination_address());
}

// nf_send_unreach and icmp_send (net/ipv4/icmp.c), nf_send_unreach6 and icmp6_send (net/ipv6/icmp.c). They
// look at the checksum, so they must find it.
constexpr bool gets_icmp_error(const packet& of) {
  if (of.transport > transport_part::whole || is_multicast(of.destination_address())) return false;
  const auto bytes = static_cast<unsigned>(of.transport);
  if (of.protocol == protocol::tcp || of.protocol == protocol::udp) return of.transport == transport_part::whole;
  if (!is_icmp(of.protocol, of.family)) return of.family == family::ipv4 || bytes > 0;
  if (bytes < 4) return false;
  return of.family == family::ipv4 ? icmp_is_answered(of.icmp_type()) : of.icmp_type() >= 128;
}
}  // namespace detail

/// The packet with which REJECT answers `rejected`, as OUTPUT meets it; nothing if the kernel sends none.
/// Checksums are taken for right, and the sender's address for one of the host's own: the answer then leaves
/// by `lo`. ICMP's checksum, in `second_word`, is left 0.
constexpr maybe<packet> reject_answer(const packet& rejected, reject_type with) {
  const bool reset = with == reject_type::tcp_reset;
  if (reset ? !detail::gets_reset(rejected) : !detail::gets_icmp_error(rejected)) return no_value;
  const bool v4 = rejected.family == family::ipv4;
  packet answer;
  answer.family = rejected.family;
  answer.out = "lo";
  answer.destination = rejected.source;
  answer.hops = 64;
  // nf_conntrack_attach gives the answer the connection of the packet, if that has one.
  const bool tracked = rejected.state != connection_state::invalid && rejected.state != connection_state::untracked;
  answer.state = tracked ? connection_state::related : connection_state::invalid;
  answer.connection_mark = tracked ? rejected.connection_mark : 0;
  answer.nat_status = tracked ? rejected.nat_status : std::uint8_t{0};
  if (reset) {
    answer.owner = {.socket = socket_kind::none};
    answer.protocol = protocol::tcp;
    answer.source = rejected.destination;
    answer.first_word = rejected.second_word;
    answer.second_word = rejected.first_word;
    answer.flags =
        (rejected.flags & tcp_flag::ack) != 0 ? tcp_flag::rst : static_cast<tcp_flags>(tcp_flag::rst | tcp_flag::ack);
    answer.length = v4 ? 40 : 60;
    return answer;
  }
  answer.owner = {.socket = socket_kind::kernel};
  answer.protocol = v4 ? protocol::icmp : protocol::icmpv6;
  // Only an address of the host's own can speak for the destination. What goes to one leaves by lo; where nat chose
  // the destination, lo says nothing, and no address but a loopback one is taken for the host's own.
  const bool translated = (rejected.nat_status & 2) != 0;
  const bool to_loopback = rejected.destination_address().is_loopback();
  const bool local = translated ? to_loopback : rejected.out == "lo" || (to_loopback && !v4);
  answer.source = local ? rejected.destination : rejected.source;
  answer.first_word = detail::icmp_words(with);
  answer.flags = 0;
  // As much of the packet as 576 bytes (RFC 1812 section 4.3.2.3) or the least MTU of IPv6 hold.
  const unsigned header = v4 ? 28 : 48;
  const unsigned most = v4 ? 576 : 1280;
  const unsigned whole = header + rejected.length;
  answer.length = static_cast<std::uint16_t>(whole < most ? whole : most);
  // icmp_send: the precedence of internetwork control, and the packet's own TOS bits.
  answer.traffic_class = v4 ? static_cast<std::uint8_t>((rejected.traffic_class & 0x1e) | 0xc0) : std::uint8_t{0};
  return answer;
}

namespace detail {

// What is not known of an answer if some fields of the packet are not.
constexpr field_set not_known_of_answer(field_set open, reject_type with) {
  const auto follows = [&](field from, field to) { return contains(open, from) ? set_of(to) : field_set{0}; };
  field_set unknown = follows(field::state, field::state) | follows(field::connection_mark, field::connection_mark) |
                      follows(field::nat_status, field::nat_status) | follows(field::source, field::destination) |
                      follows(field::destination, field::source);
  if (with == reject_type::tcp_reset)
    return unknown | follows(field::second_word, field::first_word) | follows(field::first_word, field::second_word) |
           follows(field::flags, field::flags);
  return unknown | follows(field::length, field::length) | follows(field::traffic_class, field::traffic_class);
}

struct icmp_effect {
  error_number error;
  bool ends_datagrams;  // whether a connected datagram socket without IP_RECVERR learns of it
};

// icmp_err_convert in net/ipv4/icmp.c, icmpv6_err_convert and tab_unreach in net/ipv6/icmp.c.
constexpr icmp_effect effect_of(reject_type of) {
  switch (of) {
    case reject_type::icmp_net_unreachable: return {error_number::enetunreach, false};
    case reject_type::icmp_host_unreachable: return {error_number::ehostunreach, false};
    case reject_type::icmp_proto_unreachable: return {error_number::enoprotoopt, true};
    case reject_type::icmp_port_unreachable: return {error_number::econnrefused, true};
    case reject_type::icmp_net_prohibited: return {error_number::enetunreach, true};
    case reject_type::icmp_host_prohibited:
    case reject_type::icmp_admin_prohibited: return {error_number::ehostunreach, true};
    case reject_type::icmp6_no_route: return {error_number::enetunreach, false};
    case reject_type::icmp6_addr_unreachable: return {error_number::ehostunreach, false};
    case reject_type::icmp6_port_unreachable:
    case reject_type::tcp_reset: return {error_number::econnrefused, true};
    case reject_type::icmp6_adm_prohibited:
    case reject_type::icmp6_policy_fail:
    case reject_type::icmp6_reject_route: return {error_number::eacces, true};
  }
  return {error_number::none, false};
}

constexpr call_result no_error() { return {.what = call_result::kind::no_error}; }
constexpr call_result fails(error_number with, bool after_a_second = false) {
  return {.what = call_result::kind::error, .error = with, .after_a_second = after_a_second};
}
constexpr call_result times_out(error_number with = error_number::none) {
  return {.what = call_result::kind::times_out, .error = with};
}

/// What a program sees if the packet meets this verdict, and REJECT's answer reaches it or not.
constexpr application_view view_of(const packet& sent, const verdict& met, bool answered) {
  application_view view;
  if (sent.owner.socket != socket_kind::user) return view;
  const bool accepted = met.accepted();
  const bool v4 = sent.family == family::ipv4;
  const bool learns = met.what == verdict::kind::reject && answered;
  const icmp_effect learnt = learns ? effect_of(met.answer) : icmp_effect{error_number::none, false};
  const bool reset = learns && met.answer == reject_type::tcp_reset;
  view.raw = accepted ? no_error() : fails(error_number::eperm);
  if (sent.protocol == protocol::tcp) {
    const bool opens = (sent.flags & (tcp_flag::syn | tcp_flag::ack)) == tcp_flag::syn;
    if (opens) {
      // A blocking connect() holds the socket while the answer comes, and looks at it when the SYN is sent
      // again; only the IPv4 error handler leaves a word where poll() finds it at once (tcp_v4_err in
      // net/ipv4/tcp_ipv4.c).
      view.connect = accepted ? no_error() : learns ? fails(learnt.error, !reset) : times_out(error_number::etimedout);
      view.nonblocking_connect = accepted ? no_error() : learns ? fails(learnt.error, !reset && !v4) : times_out();
    } else if ((sent.flags & tcp_flag::syn) == 0) {
      // On a connection an ICMP error is a soft one, which only SO_ERROR tells.
      view.send = no_error();
      view.next_call = accepted ? no_error() : reset ? fails(error_number::econnreset) : times_out();
    }
  } else if (sent.protocol == protocol::udp || sent.protocol == protocol::udplite) {
    view.send = accepted ? no_error() : fails(error_number::eperm);
    view.next_call = learns && learnt.ends_datagrams ? fails(learnt.error) : no_error();
  } else if (is_icmp(sent.protocol, sent.family) && sent.icmp_type() == (v4 ? 8 : 128)) {
    // ping_v6_sendmsg in net/ipv6/ping.c does not return what became of the packet.
    view.ping = accepted || !v4 ? no_error() : fails(error_number::eperm);
  }
  return view;
}

constexpr call_result merged(const call_result& a, const call_result& b) {
  return a == b ? a : call_result{.what = call_result::kind::unknown};
}

constexpr void merge(application_view& into, const application_view& other) {
  into.connect = merged(into.connect, other.connect);
  into.nonblocking_connect = merged(into.nonblocking_connect, other.nonblocking_connect);
  into.send = merged(into.send, other.send);
  into.next_call = merged(into.next_call, other.next_call);
  into.ping = merged(into.ping, other.ping);
  into.raw = merged(into.raw, other.raw);
  if (into.answer != other.answer) into.answer = answer_fate::unknown;
  if (into.answer_way.empty()) into.answer_way = other.answer_way;
}

// Whether REJECT's answer to a packet that targets have led elsewhere may never reach its program. In IPv4 nothing from a
// loopback address goes to another host: the kernel drops it with an error of its own before filter (ip_route_me_harder in
// net/ipv4/netfilter.c), and a socket that is bound to lo hears no answer from there. To another address of the host's own
// it goes, and the rules do not tell which those are. In IPv6 what nat has not led there, as DNPT in mangle, is answered to
// a connection that no program has: only nat undoes in an answer what it has done (nf_nat_icmpv6_reply_translation in
// net/netfilter/nf_nat_proto.c).
constexpr bool may_go_unheard(const packet& sent, const outcome& met) {
  const bool is_open = contains(met.open, field::destination);
  if (!is_open && met.became.destination == sent.destination) return false;
  if (sent.family == family::ipv4)
    return (sent.source_address().is_loopback() || sent.out == "lo") &&
           (is_open || !met.became.destination_address().is_loopback());
  constexpr field_set told = set_of(field::nat_status) | set_of(field::original_destination);
  const bool is_led_by_nat_alone =
      (met.open & told) == 0 && (met.became.nat_status & 2) != 0 && met.became.original_destination == sent.destination;
  return !is_led_by_nat_alone;
}

// The view of a program that may see another error than REJECT's, or none.
constexpr void leave_errors_open(application_view& view) {
  for (call_result* const one :
       {&view.connect, &view.nonblocking_connect, &view.send, &view.next_call, &view.ping, &view.raw})
    if (one->what == call_result::kind::error) *one = {.what = call_result::kind::unknown};
  if (view.answer != answer_fate::none) view.answer = answer_fate::unknown;
}
}  // namespace detail

/// Sends an answer of REJECT, as `reject_answer` makes it, through the tables of `rules`. As `simulate`, but an
/// ICMP error that says "port unreachable" might come from a closed port too, and raw would then not see that it
/// is RELATED.
constexpr outcome simulate_answer(const program& rules, const packet& answer, field_set not_known = 0) {
  return detail::simulate_given(rules, answer, not_known, {{detail::answer_of_reject, truth::yes}});
}

/// What the program that sent `sent` sees, `met` being the outcome that `rules` gave it. Where the outcome or
/// the fate of REJECT's answer is unknown, a call's result is unknown unless it is the same either way. Says
/// nothing of what happens behind OUTPUT: no error means that the firewall causes none.
constexpr application_view sees(const program& rules, const packet& sent, const outcome& met,
                                answers_heard heard = answers_heard::all) {
  maybe<application_view> all;
  const auto add = [&](const application_view& one) {
    if (all)
      detail::merge(*all, one);
    else
      all = one;
  };
  for (const verdict& each : met.possible.members()) {
    const bool is_heard =
        heard == answers_heard::all || (heard == answers_heard::resets && each.answer == reject_type::tcp_reset);
    const auto answer =
        each.what == verdict::kind::reject && is_heard ? reject_answer(met.became, each.answer) : maybe<packet>();
    if (!answer) {
      add(detail::view_of(sent, each, /*answered=*/false));
      continue;
    }
    const outcome gone = simulate_answer(rules, *answer, detail::not_known_of_answer(met.open, each.answer));
    for (const bool arrives : {true, false}) {
      if (arrives ? !gone.possible.may_accept() : !gone.possible.may_stop()) continue;
      application_view one = detail::view_of(sent, each, arrives);
      one.answer = arrives ? answer_fate::sent : answer_fate::stopped;
      one.answer_way = gone.way;
      add(one);
    }
  }
  application_view view = all.value_or(application_view{});
  if (detail::may_go_unheard(sent, met)) detail::leave_errors_open(view);
  return view;
}

namespace detail {
constexpr text ending_of(const call_result& of) {
  switch (of.what) {
    case call_result::kind::not_made: return {};
    case call_result::kind::no_error: return "meets no error";
    case call_result::kind::error:
      return join("fails with ", to_text(of.error), of.after_a_second ? " after one second" : " at once");
    case call_result::kind::times_out:
      if (of.error == error_number::none) return "never gets an answer";
      return join("times out with ", to_text(of.error), " after two minutes");
    case call_result::kind::unknown: return "may fail or not";
  }
  return {};
}

constexpr bool was_made(const call_result& of) { return of.what != call_result::kind::not_made; }
}  // namespace detail

/// The view in plain words, without a full stop: "connect() fails with ECONNREFUSED (111) after one second; a
/// non-blocking one at once".
constexpr text to_text(const application_view& of) {
  using kind = call_result::kind;
  text out;
  if (detail::was_made(of.connect)) {
    out = join("connect() ", detail::ending_of(of.connect));
    const call_result& other = of.nonblocking_connect;
    if (of.connect.what == kind::error && other.what == kind::error && other.error == of.connect.error) {
      if (other.after_a_second != of.connect.after_a_second)
        out.append("; a non-blocking one ").append(other.after_a_second ? "after one second" : "at once");
    } else if (other != of.connect) {
      out.append("; a non-blocking one ").append(detail::ending_of(other));
    }
  } else if (detail::was_made(of.send)) {
    out = join("send() ", detail::ending_of(of.send));
    if (of.next_call.what == kind::error)
      out.append(of.send.what == kind::error ? "; on a connected socket the next call " : "; recv() ")
          .append(detail::ending_of(of.next_call));
    else if (of.next_call.what == kind::times_out || of.next_call.what == kind::unknown)
      out.append("; what follows ").append(detail::ending_of(of.next_call));
  } else if (detail::was_made(of.ping)) {
    out = join("sendto() of a ping ", detail::ending_of(of.ping));
    if (of.raw != of.ping) out.append("; on a raw socket it ").append(detail::ending_of(of.raw));
  } else if (detail::was_made(of.raw)) {
    out = join("sendto() on a raw socket ", detail::ending_of(of.raw));
  } else {
    return "no program sees what becomes of it: it does not come from a program's socket";
  }
  if (of.answer == answer_fate::stopped)
    out.append("; OUTPUT stops REJECT's own answer (").append(to_text(of.answer_way)).append(")");
  if (of.answer == answer_fate::unknown)
    out.append("; OUTPUT may stop REJECT's own answer (").append(to_text(of.answer_way)).append(")");
  return out;
}

/// The same where the kernel may ask two back ends in other orders too (`tables_of_open_way`): `met` is what `simulate` says
/// with `others`. What is not the same in each order is unknown.
constexpr application_view sees(const program& rules, const sequence<other_order>& others, const packet& sent,
                                const outcome& met, answers_heard heard = answers_heard::all) {
  if (others.empty()) return sees(rules, sent, met, heard);
  application_view made = sees(rules, sent, simulate(rules, sent), heard);
  for (const other_order& one : others) detail::merge(made, sees(one.steps, sent, simulate(one.steps, sent), heard));
  return made;
}

}  // namespace cordon
