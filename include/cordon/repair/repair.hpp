// The smallest change of a host's rules after which a policy is kept and its endpoints are open, and nothing is different for
// anyone else. Not in cordon.hpp.
//
//   smallest  =  the fewest commands of iptables; of these, told first, what writes the fewest addresses, interfaces,
//                protocols and options anew
//   confined  =  over every packet of every sender: what is stopped now is a packet of the sandbox that its policy forbids,
//                and what is let out now goes from it to an endpoint that was closed (`confinement`)
//
// Smallest among these changes, made wherever a leaking rule stands or is called from, and first in OUTPUT: a rule is deleted;
// replaced by one without the sandbox, or by one that leads to an endpoint alone; a rule is inserted that stops the sandbox, or
// lets it reach an endpoint; a chain's policy is made DROP; a family without rules gets some. What is proposed was proved.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/contract.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/proved_firewall.hpp>
#include <cordon/repair/confinement.hpp>
#include <cordon/repair/edit.hpp>
#include <cordon/repair/judgement.hpp>
#include <cordon/repair/smallest.hpp>
#include <cordon/rule/firewall.hpp>

namespace cordon {

/// What `repair` answers.
struct repair_answer {
  egress_policy policy = {};              ///< that was asked about
  sequence<family_repair> families = {};  ///< of those that the host has
  /// The rules behind the first plan of each family that needs one. Nothing if no plan was found for one of them, or none is
  /// needed.
  maybe<proved_firewall> repaired = {};
  /// Where no plan was found: what `enforce` says.
  maybe<enforcement> otherwise = {};
  /// Whether what `otherwise` does is confined as a plan is.
  bool otherwise_is_confined = false;

  /// Whether some family needs a change.
  constexpr bool needed() const {
    for (const family_repair& one : families)
      if (one.needed) return true;
    return false;
  }
  /// Whether there is one for each that needs one.
  constexpr bool found() const { return repaired.has_value(); }
};

/// Looks for the smallest changes of `host` that keep `policy`. Preconditions: as for `prove`; the policy is about OUTPUT.
constexpr repair_answer repair(const firewall& host, const egress_policy& policy, const repair_limits& limits = {}) {
  require(policy.at == hook::output,
          "rules of FORWARD and INPUT are not repaired: they have no owner to tell senders by");
  repair_answer made;
  made.policy = policy;
  firewall after = host;
  bool all_found = true;
  sequence<endpoint> closed;
  for (const family of : both_families) {
    if (host.of(of).absent) continue;
    const detail::edit_judge judge(host, policy, of);
    family_repair& here = made.families.push_back(detail::family_repairer(judge, policy, of, limits).find());
    closed.append(judge.closed());
    all_found = all_found && (!here.needed || !here.plans.empty());
    if (!here.plans.empty()) after.of(of) = edited(here.before, here.plans.front().edits);
  }
  if (!made.needed()) return made;
  if (all_found) made.repaired = proved(after, policy);
  if (made.found()) return made;
  made.otherwise = enforce(policy, host);
  if (!made.otherwise->proved()) return made;
  made.otherwise_is_confined = true;
  for (const family of : both_families)
    if (!host.of(of).absent && !confinement(host, policy, closed, of).holds_for(made.otherwise->firewall->rules()))
      made.otherwise_is_confined = false;
  return made;
}

}  // namespace cordon
