// What a sandbox gets of whatever listens on its host: every listening socket, at every address at which it
// can be reached, against the rules and the policy. No packet is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/audit/cell.hpp>
#include <cordon/audit/destination.hpp>
#include <cordon/audit/family_auditor.hpp>
#include <cordon/audit/listener.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/firewall.hpp>

namespace cordon {

/// What an audit comes to.
enum class audit_verdict : std::uint8_t {
  kept,     ///< nothing that listens is open against the policy
  open,     ///< something is
  unknown,  ///< nothing surely is, but something may be
};

/// As answers and JSON name it.
constexpr std::string_view name_of(audit_verdict of) {
  constexpr std::string_view names[] = {"kept", "open", "unknown"};
  return names[static_cast<unsigned>(of)];
}

/// The answer: a value that owns all that it shows.
struct audit_answer {
  egress_policy policy = {};                  ///< whose packets were asked about
  sequence<audited_listener> listeners = {};  ///< in the order given
  bool addresses_known = false;  ///< the host's addresses were told; else only loopback ones were looked at
  bool too_large = false;  ///< so many destinations, or so many rules for them, that none was looked at: no listeners

  /// Of all cells: open outweighs unknown, unknown outweighs kept.
  constexpr audit_verdict verdict() const {
    audit_verdict made = too_large ? audit_verdict::unknown : audit_verdict::kept;
    for (const audited_listener& one : listeners)
      for (const audit_cell& each : one.cells) {
        if (each.against == against_policy::surely) return audit_verdict::open;
        if (each.against == against_policy::perhaps) made = audit_verdict::unknown;
      }
    return made;
  }
};

/// How much one audit looks at: destinations, that is, sockets times the addresses at which each is reached; these times the
/// rules; and the addresses of a host. That is under 1 GiB and two minutes.
struct audit_limits {
  std::size_t destinations = 100000;                   ///< of all listeners
  std::uint64_t rules_asked = std::uint64_t{1} << 26;  ///< destinations times the rules of both families
  std::size_t addresses = 10000;                       ///< of the host
};

namespace detail {
constexpr std::uint64_t rule_count(const firewall& of) {
  std::uint64_t count = 0;
  for (const family each : both_families)
    for (const ruleset& rules : of.of(each).rulesets)
      for (const table& one : rules.tables)
        for (const chain& of_one : one.chains) count += of_one.rules.size();
  return count;
}

constexpr void judge_all(family_auditor& auditor, family of, sequence<audited_listener>& listeners) {
  for (audited_listener& one : listeners)
    for (audit_cell& cell : one.cells)
      if (cell.to.where.base.family == of) auditor.ask(one.who, cell);
  auditor.judge();
}

// Which of two back ends the kernel asks first no rules tell: what holds in one order alone is unknown.
constexpr void heed_other_order(const sequence<audited_listener>& other, family of,
                                sequence<audited_listener>& listeners) {
  for (std::size_t i = 0; i < listeners.size(); ++i)
    for (std::size_t k = 0; k < listeners[i].cells.size(); ++k) {
      audit_cell& cell = listeners[i].cells[k];
      const audit_cell& there = other[i].cells[k];
      const bool is_same = cell.status == there.status && cell.open_for == there.open_for;
      if (cell.to.where.base.family != of || (is_same && cell.against == there.against)) continue;
      if (!is_same) cell.status = cell_status::unknown;
      if (cell.against != there.against) cell.against = against_policy::perhaps;
      cell.open_for.clear();
      cell.hangs_on = {which_is_first};
    }
}
}  // namespace detail

/// Judges every destination of every listener, over every packet with which the policy's sandbox can open a
/// connection there (the first of a connection: `policy.flows` makes no difference). `rules.host.addresses`
/// are the addresses at which sockets that are bound to all of them are reached; without them these are the
/// loopback ones, and an address to which a socket is bound is taken for the host's. A family that the host
/// does not have has no destinations. Broadcast and multicast are looked at only where a socket is bound to
/// such an address. Where there is more than `limits` nothing is judged, and the answer is `too_large`.
/// Precondition: as for `prove`.
constexpr audit_answer audit(const firewall& rules, const egress_policy& policy, const sequence<listener>& who,
                             const audit_limits& limits = {}) {
  audit_answer made;
  made.policy = policy;
  made.addresses_known = rules.host.addresses.has_value();
  made.too_large = made.addresses_known && rules.host.addresses->size() > limits.addresses;
  if (made.too_large) return made;
  const detail::own_destinations own(rules.host.addresses, policy);
  const std::uint64_t can_be_asked = limits.rules_asked / (detail::rule_count(rules) + 1);
  std::size_t destinations = 0;
  for (const listener& one : who) {
    audited_listener& into = made.listeners.push_back({one, {}});
    for (socket_destination& to : own.of(one))
      if (!rules.of(to.where.base.family).absent) into.cells.push_back({.to = std::move(to)});
    destinations += into.cells.size();
    made.too_large = destinations > limits.destinations || destinations > can_be_asked;
    if (!made.too_large) continue;
    made.listeners.clear();
    return made;
  }
  for (const family of : both_families) {
    if (rules.of(of).absent) continue;
    detail::family_auditor auditor(rules, policy, of);
    const table_set open = auditor.open_order();
    const sequence<audited_listener> asked = open != 0 ? made.listeners : sequence<audited_listener>();
    detail::judge_all(auditor, of, made.listeners);
    for_each_other_order(open, [&](table_set some) {
      sequence<audited_listener> other = asked;
      detail::family_auditor in_other_order(rules, policy, of, some);
      detail::judge_all(in_other_order, of, other);
      detail::heed_other_order(other, of, made.listeners);
    });
  }
  return made;
}

}  // namespace cordon
