// The rules that a repair puts in: each is for the packets of one sandbox and nobody else's.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/match/conntrack.hpp>
#include <cordon/match/owner.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/own_chain.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/rule.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/target/reject.hpp>
#include <cordon/target/standard.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

namespace detail {

/// A rule for the sandbox's packets, without a target.
constexpr rule rule_of_sandbox(const egress_policy& policy) {
  rule made = own_jump(policy);
  made.target = {};
  return made;
}

}  // namespace detail

/// Stops all that the sandbox sends: REJECT where it `may_reject`, so that its programs fail at once, else DROP.
/// `spare_connections`: but for what belongs to a connection.
constexpr rule stopping_rule_for(const egress_policy& policy, family of, bool may_reject, bool spare_connections) {
  rule made = detail::rule_of_sandbox(policy);
  if (spare_connections) {
    const unsigned states =
        connection_states::bit_of(connection_state::established) | connection_states::bit_of(connection_state::related);
    detail::add_match(made, conntrack_match).options.push_back({conntrack_option::state, true, {{states, states}}, {}});
  }
  made.target = may_reject ? detail::rejection(usual_reject_type(of)) : detail::target_of(drop_target);
  return made;
}

/// The rules that let out what goes to an endpoint, whoever sends it: those of the sandbox's own chain, but by every interface
/// where the endpoint names none; `by_lo`: as they are there, on loopback by lo alone. Empty if no rule of iptables can name the
/// endpoint.
constexpr sequence<rule> rules_to(const egress_policy& policy, const endpoint& to, bool by_lo = false) {
  egress_policy only;
  only.attacker = policy.attacker;
  only.allow(to);
  sequence<rule> made;
  sequence<diagnostic> left_out;
  detail::add_accepting(made, only, only[0], left_out);
  if (to.out.empty() && !by_lo)
    for (rule& one : made) one.out = {};
  return made;
}

/// A rule for those of its packets that the sandbox sends. The owner is asked first: on legacy, matches of protocols drop what
/// is cut off, whoever sends it.
constexpr rule for_sandbox(const egress_policy& policy, rule to) {
  for (const match& one : detail::rule_of_sandbox(policy).matches)
    if (!detail::has(to.matches, one)) to.matches.insert(to.matches.begin(), one);
  return to;
}

/// A rule that lets out less than `wide`: only what goes where `to`, one of `rules_to`, leads. What they have in common only if
/// `to` lies within what `wide` says of addresses, protocols and ports; that is for the judge. Nothing if it is `wide` itself.
constexpr maybe<rule> narrowed(const rule& wide, const rule& to) {
  rule made = wide;
  made.written = {};
  made.at = {};
  if (to.destination.given) made.destination = to.destination;
  if (to.protocol.given) made.protocol = to.protocol;
  if (to.out.given) made.out = to.out;
  sequence<match>& matches = made.matches;
  for (const match& one : to.matches) {
    erase_if(matches, [&](const match& known) { return known.extension == one.extension; });
    matches.push_back(one);
  }
  if (made == wide) return no_value;
  return made;
}

/// A rule for all that `wide` is for but the sandbox's packets. Nothing if one rule cannot say that: the sandbox is a user with a
/// group, or everyone.
constexpr maybe<rule> without_sandbox(const rule& wide, const egress_policy& policy) {
  if (policy.user.has_value() == policy.group.has_value()) return no_value;
  rule made = wide;
  made.written = {};
  made.at = {};
  for (match one : detail::rule_of_sandbox(policy).matches) {
    for (option& each : one.options) each.inverted = true;
    made.matches.push_back(std::move(one));
  }
  return made;
}

}  // namespace cordon
