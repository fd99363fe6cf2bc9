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

  /// Of all cells: open outweighs unknown, unknown outweighs kept.
  constexpr audit_verdict verdict() const {
    audit_verdict made = audit_verdict::kept;
    for (const audited_listener& one : listeners)
      for (const audit_cell& each : one.cells) {
        if (each.against == against_policy::surely) return audit_verdict::open;
        if (each.against == against_policy::perhaps) made = audit_verdict::unknown;
      }
    return made;
  }
};

/// Judges every destination of every listener, over every packet with which the policy's sandbox can open a
/// connection there (the first of a connection: `policy.flows` makes no difference). `rules.host.addresses`
/// are the addresses at which sockets that are bound to all of them are reached; without them these are the
/// loopback ones, and an address to which a socket is bound is taken for the host's. A family that the host
/// does not have has no destinations. Broadcast and multicast are looked at only where a socket is bound to
/// such an address. Precondition: as for `prove`.
constexpr audit_answer audit(const firewall& rules, const egress_policy& policy, const sequence<listener>& who) {
  audit_answer made;
  made.policy = policy;
  made.addresses_known = rules.host.addresses.has_value();
  const detail::own_destinations own(rules.host.addresses, policy);
  made.listeners.reserve(who.size());
  for (const listener& one : who) {
    audited_listener& into = made.listeners.push_back({one, {}});
    for (socket_destination& to : own.of(one))
      if (!rules.of(to.where.base.family).absent) into.cells.push_back({.to = std::move(to)});
  }
  for (const family of : both_families) {
    if (rules.of(of).absent) continue;
    detail::family_auditor auditor(rules, policy, of);
    for (audited_listener& one : made.listeners)
      for (audit_cell& cell : one.cells)
        if (cell.to.where.base.family == of) auditor.ask(one.who, cell);
    auditor.judge();
  }
  return made;
}

}  // namespace cordon
