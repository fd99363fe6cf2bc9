// Policies at random, and firewalls that nearly keep them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/testing/draw_firewall.hpp>
#include <cordon/testing/draw_rule.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::testing {

/// What a drawn policy may hold.
struct policy_setting {
  std::size_t most_endpoints = 4;  ///< of 0 to so many
  bool with_raw_attacker = true;   ///< or an unprivileged attacker alone
  bool with_fresh_flows = true;    ///< or any flows alone
};

namespace detail {

constexpr endpoint draw_endpoint(const choice_source& choices) {
  endpoint made;
  switch (choices.below(6)) {
    case 0: break;
    case 1: made.protocols = protocol::tcp | protocol::udp; break;
    case 2: made.protocols = protocol::udp; break;
    case 3: made.protocols = draw_one(choices, protocols); break;
    default: made.protocols = protocol::tcp;
  }
  const family of = choices.one_in(3) ? family::ipv6 : family::ipv4;
  made.destination = draw_network(choices, of);
  bool can_have_ports = made.protocols.is_all();
  for (const protocol one : protocols)
    can_have_ports = can_have_ports || (made.protocols.contains(one) && has_ports(one));
  if (can_have_ports && !choices.one_in(4)) {
    const std::uint16_t low = draw_one(choices, usual_ports);
    const std::uint16_t high = choices.one_in(4) ? draw_one(choices, usual_ports) : low;
    made.ports = {cordon::detail::smaller_of(low, high), cordon::detail::greater_of(low, high)};
  }
  if (choices.one_in(8)) made.out = draw_one(choices, usual_interfaces);
  return made;
}

constexpr rule owner_rule(const egress_policy& policy) {
  rule made;
  match owner{&owner_match, owner_match.name, {}, {}};
  if (policy.user) owner.options.push_back({owner_option::uid, false, {{policy.user->low, policy.user->high}}, {}});
  if (policy.group) owner.options.push_back({owner_option::gid, false, {{policy.group->low, policy.group->high}}, {}});
  if (owner.options.empty()) owner.options.push_back({owner_option::socket_exists, false, {}, {}});
  made.matches.push_back(std::move(owner));
  return made;
}

// The rules that let the packets to one endpoint out.
constexpr void add_accepting_rules(const egress_policy& policy, const endpoint& to, sequence<rule>& into) {
  rule plain = owner_rule(policy);
  plain.destination = {to.destination.mask != 0, false, to.destination};
  if (!to.out.empty()) plain.out = {true, false, false, to.out};
  plain.target = plain_target(accept_target);
  if (to.protocols.is_all() && to.ports.is_all()) {
    into.push_back(std::move(plain));
    return;
  }
  for (unsigned number = 1; number < 256; ++number) {
    const auto one = static_cast<protocol>(static_cast<std::uint8_t>(number));
    if (!to.protocols.contains(one) || (!to.ports.is_all() && !has_ports(one))) continue;
    rule made = plain;
    made.protocol = {true, false, one};
    if (!to.ports.is_all()) {
      const option ports{multiport_option::dports, false, {{to.ports.low, to.ports.high}}, {}};
      made.matches.push_back({&multiport_match, multiport_match.name, {ports}, {}});
    }
    into.push_back(std::move(made));
  }
}

}  // namespace detail

/// The policy of a sandbox.
constexpr egress_policy draw_policy(const choice_source& choices, const policy_setting& setting = {}) {
  egress_policy made;
  const std::uint32_t id = draw_one(choices, detail::usual_ids);
  const std::uint32_t last =
      choices.one_in(6) ? cordon::detail::greater_of(id, draw_one(choices, detail::usual_ids)) : id;
  if (choices.one_in(6))
    made.group = gid(id, last);
  else
    made.user = uid(id, last);
  if (choices.one_in(12)) made.group = gid(draw_one(choices, detail::usual_ids));
  if (setting.with_raw_attacker && choices.one_in(4)) made.attacker = attacker::raw;
  if (setting.with_fresh_flows && choices.one_in(4)) made.flows = flows::fresh;
  for (std::uint64_t left = choices.below(setting.most_endpoints + 1); left > 0; --left)
    made.allow(detail::draw_endpoint(choices));
  return made;
}

/// A firewall whose filter rules let a policy's sandbox reach its endpoints and drop the rest, in which something may have
/// gone wrong: a rule is missing, stands elsewhere, or is one too many. About half of them keep the policy.
constexpr firewall draw_firewall_for(const choice_source& choices, const egress_policy& policy,
                                     const firewall_setting& setting = {}) {
  firewall made = draw_firewall(choices, setting);
  for (const family of : both_families) {
    if (of == family::ipv4 ? !setting.ipv4 : !setting.ipv6) continue;
    ruleset& rules = made.of(of).rulesets.back();
    sequence<rule> first;
    for (const endpoint& one : policy)
      if (one.destination.base.family == of) detail::add_accepting_rules(policy, one, first);
    rule last = detail::owner_rule(policy);
    last.target = detail::plain_target(drop_target);
    first.push_back(std::move(last));
    if (choices.one_in(4)) {
      const auto at = choices.below(first.size());
      switch (choices.below(3)) {
        case 0: first.erase(first.begin() + at); break;
        case 1: {
          rule moved = first[at];
          first.erase(first.begin() + at);
          first.push_back(std::move(moved));
          break;
        }
        default:
          first.insert(first.begin() + at, draw_rule(choices, {.family = of,
                                                               .backend = rules.backend,
                                                               .with_opaque = setting.with_opaque,
                                                               .most_matches = setting.most_matches}));
      }
    }
    sequence<rule>& output = rules.find_or_add(table_name::filter).find("OUTPUT")->rules;
    output.insert(output.begin(), std::move(first));
  }
  return made;
}

}  // namespace cordon::testing
