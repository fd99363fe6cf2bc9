// What keeps a sandbox to its policy: one chain of its own in the filter table, and one rule in OUTPUT that
// leads all of the sandbox's packets there and nobody else's. The chain accepts what goes to an endpoint and
// rejects the rest; no packet returns from it.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/multiport.hpp>
#include <cordon/match/owner.hpp>
#include <cordon/match/sctp.hpp>
#include <cordon/match/tcp.hpp>
#include <cordon/match/udp.hpp>
#include <cordon/packet/interface_name.hpp>
#include <cordon/prove/client.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/target/reject.hpp>
#include <cordon/target/standard.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// The chain of a sandbox in the filter table of one family, and the jump to it.
struct own_chain {
  chain_name name = {};       ///< up to 28 characters
  rule jump = {};             ///< belongs first in OUTPUT
  sequence<rule> rules = {};  ///< of the chain, in order

  friend constexpr bool operator==(const own_chain&, const own_chain&) = default;
};

namespace detail {

constexpr void append_ids(text& out, std::uint32_t low, std::uint32_t high) {
  out.append_number(low);
  if (low != high) out.append('-').append_number(high);
}

// FNV-1a.
constexpr std::uint64_t digest_of(std::string_view words) {
  std::uint64_t mixed = 14695981039346656037U;
  for (const char c : words) mixed = (mixed ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return mixed;
}

constexpr target jump_to(std::string_view chain) {
  target made;
  made.what = target::kind::jump;
  made.name = chain;
  return made;
}

constexpr target target_of(const target_extension& extension) {
  target made;
  made.what = target::kind::extension;
  made.extension = &extension;
  made.name = extension.name;
  return made;
}

constexpr target rejection(reject_type with) {
  target made = target_of(reject_target);
  const auto number = static_cast<unsigned>(with);
  made.options.push_back({reject_option::reject_with, false, {{number, number}}, {}});
  return made;
}

// A chain of the host that has the name of the target REJECT, or null. Where there is one, legacy's iptables loads
// `-j REJECT --reject-with TYPE` as a jump to it, and says no more than that it warns.
constexpr const chain* chain_named_reject(const table& in) { return in.find(reject_target.name); }

constexpr match& add_match(rule& into, const match_extension& extension) {
  match& made = into.matches.push_back({});
  made.extension = &extension;
  made.name = extension.name;
  return made;
}

/// Whether a rule can name this interface, and no other by it: iptables takes a `+` at the end for a
/// wildcard, and no line of a file can hold blanks, quotes and control characters in a name.
constexpr bool can_stand_in_a_rule(const interface_name& name) {
  for (const char c : name.view()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '\\' || c == '/') return false;
  }
  return !name.empty() && name.view()[0] != '-' && name.view()[0] != '!' && name.view().back() != '+';
}

// Where only a whole header will do, the ports are asked of xtables on both back ends: its tcp and udp
// matches look for the whole header, and iptables-nft leaves to it what has no option. Its own comparison of
// a port also fits the bytes at that place in a later fragment or in a header that is cut off behind it.
constexpr void add_ports(rule& into, protocol of, const port_range& ports, bool only_whole_headers) {
  option numbers{port_option::dport, false, {{ports.low, ports.high}}, {}};
  const match_extension* const own = of == protocol::tcp    ? &tcp_match
                                     : of == protocol::udp  ? &udp_match
                                     : of == protocol::sctp ? &sctp_match
                                                            : nullptr;
  const bool asks_bytes = own == &tcp_match || own == &udp_match;
  if (own != nullptr && !(only_whole_headers && asks_bytes)) {
    add_match(into, *own).options.push_back(std::move(numbers));
    return;
  }
  if (own != nullptr) add_match(into, *own);
  numbers.index = multiport_option::dports;
  add_match(into, multiport_match).options.push_back(std::move(numbers));
}

// Adds a rule unless it stands there already.
constexpr void add_once(sequence<rule>& rules, rule one) {
  if (!detail::has(rules, one)) rules.push_back(std::move(one));
}

constexpr void add_left_out(sequence<diagnostic>& into, const endpoint& what, std::string_view why) {
  diagnostic& made = into.push_back({});
  made.severity = severity::warning;
  made.message = join("the endpoint ", name_of(what), " stays closed, or some of it: ", why);
}

// The interface that an endpoint's rules name; none if they name none. Binding a socket to a device needs no privilege, and
// sends 127.0.0.1 to the wire.
constexpr interface_name interface_in_rules(const endpoint& of) {
  return of.out.empty() && is_loopback(of) ? interface_name("lo") : of.out;
}

// Whether the rules of `wide` let out all that goes to `narrow` by one of its protocols.
constexpr bool covers(const endpoint& wide, const endpoint& narrow, protocol by) {
  const network& around = wide.destination;
  const network& inside = narrow.destination;
  if (around.base.family != inside.base.family || (inside.mask & around.mask) != around.mask ||
      ((inside.base.bits ^ around.base.bits) & around.mask) != 0)
    return false;
  const interface_name out = interface_in_rules(wide);
  if (!out.empty() && (out != interface_in_rules(narrow) || !can_stand_in_a_rule(out))) return false;
  const bool holds_ports =
      wide.ports.is_all() || (has_ports(by) && !narrow.ports.is_all() && wide.ports.low <= narrow.ports.low &&
                              narrow.ports.high <= wide.ports.high);
  return wide.protocols.contains(by) && holds_ports;
}

// Whether one rule without a protocol, or for all but one, stands for all of an endpoint's.
constexpr bool is_one_rule(const endpoint& of) {
  unsigned missing = 0;
  for (unsigned number = 0; number < 256; ++number)
    if (!of.protocols.contains(static_cast<protocol>(static_cast<std::uint8_t>(number)))) ++missing;
  return of.ports.is_all() && (missing == 0 || (missing == 1 && of.protocols.contains(static_cast<protocol>(0))));
}

// Whether another endpoint makes a rule for one protocol of `to` superfluous; of two that cover each other the first stays,
// but for one whose rule stands for other protocols too, which has to be there.
constexpr bool is_covered(const egress_policy& policy, const endpoint& to, protocol by) {
  bool is_before = true;
  for (const endpoint& other : policy) {
    if (&other == &to) {
      is_before = false;
    } else if (covers(other, to, by) &&
               (is_before || !covers(to, other, by) || (is_one_rule(other) && !is_one_rule(to)))) {
      return true;
    }
  }
  return false;
}

constexpr bool is_covered(const egress_policy& policy, const endpoint& to) {
  for (unsigned number = to.protocols.next(0); number < 256; number = to.protocols.next(number + 1))
    if (!is_covered(policy, to, static_cast<protocol>(static_cast<std::uint8_t>(number)))) return false;
  return true;
}

// The rules that let out what goes to one endpoint. `to` is one of the policy's.
constexpr void add_accepting(sequence<rule>& rules, const egress_policy& policy, const endpoint& to,
                             sequence<diagnostic>& left_out) {
  if (is_covered(policy, to)) return;
  rule plain;
  const network& where = to.destination;
  if (where.mask != 0)
    plain.destination = {true, false, {{where.base.family, where.base.bits & where.mask}, where.mask}};
  if (const interface_name out = interface_in_rules(to); !out.empty()) {
    if (!can_stand_in_a_rule(out))
      return add_left_out(left_out, to, "no rule of iptables can name its interface, and that one alone");
    plain.out = {true, false, false, out};
  }
  plain.target = target_of(accept_target);
  if (to.ports.is_all() && to.protocols.is_all()) return add_once(rules, std::move(plain));

  unsigned missing = 0;
  unsigned missing_count = 0;
  for (unsigned number = 0; number < 256; ++number) {
    if (to.protocols.contains(static_cast<protocol>(static_cast<std::uint8_t>(number)))) continue;
    missing = number;
    ++missing_count;
  }
  if (to.ports.is_all() && missing_count == 1 && missing != 0) {
    plain.protocol = {true, true, static_cast<protocol>(static_cast<std::uint8_t>(missing))};
    return add_once(rules, std::move(plain));
  }
  if (to.ports.is_all() && to.protocols.next(0) == 0)
    add_left_out(left_out, to, "no rule of iptables can name protocol 0, for -p 0 is any");
  for (unsigned number = to.protocols.next(1); number < 256; number = to.protocols.next(number + 1)) {
    const auto one = static_cast<protocol>(static_cast<std::uint8_t>(number));
    if ((!to.ports.is_all() && !has_ports(one)) || is_covered(policy, to, one)) continue;
    rule made = plain;
    made.protocol = {true, false, one};
    if (!to.ports.is_all()) add_ports(made, one, to.ports, policy.attacker == attacker::raw);
    add_once(rules, std::move(made));
  }
}

}  // namespace detail

/// The name of a sandbox's chain: CORDON-1001 for user 1001, CORDON-1000-1999 for users, CORDON-G33 for group
/// 33, CORDON-1001-G33 for both, CORDON-ALL for everyone; where that has more than the 28 bytes of a chain's
/// name (two long ranges), CORDON-H and a digest of it. Depends on the ids alone, so that a changed policy
/// replaces its chain.
constexpr chain_name own_chain_name(const egress_policy& policy) {
  text ids;
  if (policy.user) detail::append_ids(ids, policy.user->low, policy.user->high);
  if (policy.group) {
    ids.append(policy.user ? "-G" : "G");
    detail::append_ids(ids, policy.group->low, policy.group->high);
  }
  if (ids.empty()) ids = "ALL";
  text name = join("CORDON-", ids);
  if (!chain_name::fits(name)) {
    name = "CORDON-H";
    name.append_hexadecimal(detail::digest_of(ids), 16);
  }
  return chain_name(name);
}

/// The rule that leads the sandbox's packets to its chain. It fits only packets with a process's socket, also
/// where any owner is meant: what the kernel sends for itself, REJECT's answers too, has no business there.
constexpr rule own_jump(const egress_policy& policy) {
  rule made;
  match& owner = detail::add_match(made, owner_match);
  if (policy.user) owner.options.push_back({owner_option::uid, false, {{policy.user->low, policy.user->high}}, {}});
  if (policy.group) owner.options.push_back({owner_option::gid, false, {{policy.group->low, policy.group->high}}, {}});
  if (owner.options.empty()) owner.options.push_back({owner_option::uid, false, {{0, greatest_id}}, {}});
  made.target = detail::jump_to(own_chain_name(policy));
  return made;
}

/// The chain of a policy's sandbox for one family: a rule for each endpoint (and each of its protocols, where
/// it names them), then two that reject the rest so that programs fail at once. What no rule of iptables can
/// say is left out, with a warning in `left_out`: an endpoint's interface with a `+` at its end, protocol 0.
constexpr own_chain own_chain_of(const egress_policy& policy, family of, sequence<diagnostic>& left_out) {
  own_chain made;
  made.name = own_chain_name(policy);
  made.jump = own_jump(policy);
  for (const endpoint& one : policy)
    if (one.destination.base.family == of) detail::add_accepting(made.rules, policy, one, left_out);
  rule reset;
  reset.protocol = {true, false, protocol::tcp};
  reset.target = detail::rejection(reject_type::tcp_reset);
  made.rules.push_back(std::move(reset));
  rule rest;
  rest.target = detail::rejection(usual_reject_type(of));
  made.rules.push_back(std::move(rest));
  return made;
}

}  // namespace cordon
