// From a policy to rules that keep it: a chain of its own for both families, its jump first in OUTPUT, put
// into the rules that the host has; and the proof that all of it together keeps the policy.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/contract.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/own_chain.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/proved_firewall.hpp>
#include <cordon/prove/stopped_answers.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

/// What `enforce` answers.
struct enforcement {
  /// Of the merged firewall; where the host's rules leave the back end open and only the other one fails, of
  /// that one.
  cordon::proof proof = {};
  maybe<enforced_firewall> firewall = {};  ///< if it was proved
  /// Why there is no firewall where the proof does not say it (an error); what will not work as one expects
  /// although the policy is kept: endpoints that no rule can open, REJECT's answers that the host's rules
  /// stop (warnings).
  sequence<diagnostic> said = {};

  /// Whether the rules keep the policy, and may be rendered.
  constexpr bool proved() const { return firewall.has_value(); }
  /// The firewall, for functions that take only what was proved. Precondition: `proved()`.
  constexpr operator const enforced_firewall&() const {
    require(proved(), "these rules were not proved: look at the proof before you use them");
    return *firewall;
  }
};

namespace detail {

// The place of the rules that the chain belongs to. Of two, nft: where both are active, it is what iptables
// is.
constexpr ruleset& ruleset_for_own_chain(family_rules& rules, backend otherwise) {
  for (ruleset& one : rules.rulesets)
    if (one.backend == backend::nft) return one;
  if (rules.rulesets.empty()) rules.rulesets.push_back({otherwise, {}, {}});
  return rules.rulesets.front();
}

// A rule of the table that uses the name of the own chain for something else, or null.
constexpr const rule* other_use_of(const table& in, const own_chain& own) {
  for (const chain& one : in.chains)
    for (const rule& each : one.rules) {
      const bool calls = each.target.what == target::kind::jump || each.target.what == target::kind::go_to;
      if (calls && each.target.name == own.name.view() && !(one.name == "OUTPUT" && each == own.jump)) return &each;
    }
  return nullptr;
}

/// Puts the own chain in the place of one that is there, and its jump first into OUTPUT; takes every other
/// such jump out. Returns how many there were.
constexpr std::size_t install(table& into, const own_chain& own) {
  if (into.find("OUTPUT") == nullptr) into.chains.insert(into.chains.begin(), {"OUTPUT", chain_policy::accept, {}, {}});
  sequence<rule>& output = into.find("OUTPUT")->rules;
  const std::size_t there = erase_if(output, [&](const rule& one) { return one == own.jump; });
  output.insert(output.begin(), own.jump);
  if (chain* const known = into.find(own.name)) {
    known->rules = own.rules;
    return there;
  }
  auto at = into.chains.begin();
  while (at != into.chains.end() && (at->policy.has_value() || at->name < own.name)) ++at;
  into.chains.insert(at, {own.name, no_value, own.rules, {}});
  return there;
}

constexpr backend other_backend(backend than) { return than == backend::nft ? backend::legacy : backend::nft; }

}  // namespace detail

/// Makes the host's firewall keep a policy: for each family that the host has, an own chain and its jump,
/// first in OUTPUT (`own_chain`), in place of those that an earlier run left. Proves the merged firewall.
///
/// Where a family has legacy and nft rules, the chain goes to the nft ones. Where it has none, or a file
/// without any table, nothing tells the back end: the firewall is then made for that of the host's other
/// rules, else nft, and proved for both.
///
/// There is no firewall in the answer if the proof fails (the host's rules rewrite or divert packets before
/// filter in a way that no rule of filter can make good), or if the host uses the chain's name for something
/// else, or has a chain that is called REJECT. Precondition: as for `prove`.
constexpr enforcement enforce(const egress_policy& policy, const firewall& host) {
  enforcement made;
  firewall merged = host;
  firewall on_other;  // the same where nothing tells the back end, on the other one
  bool has_other = false;
  backend usual = backend::nft;
  for (const family of : both_families)
    for (const ruleset& one : host.of(of).rulesets)
      if (!one.empty()) usual = one.backend;
  on_other = merged;
  maybe<installation> parts[2];
  for (const family of : both_families) {
    if (host.of(of).absent) continue;
    installation part;
    part.family = of;
    part.host_is_known = !host.of(of).rulesets.empty();
    part.own = own_chain_of(policy, of, made.said);
    ruleset& into = detail::ruleset_for_own_chain(merged.of(of), usual);
    part.backend = into.backend;
    const bool backend_is_open = into.empty();
    table& filter = into.find_or_add(table_name::filter);
    if (const rule* const other = detail::other_use_of(filter, part.own)) {
      diagnostic& why = made.said.push_back({});
      why.file = into.file;
      why.at.line = other->at.line;
      why.message =
          join("this rule leads to ", part.own.name, ", the chain of the sandbox, and is not the jump that belongs",
               " to it: take the rule out, or give your chain another name");
      made.proof = prove(host, policy);
      return made;
    }
    if (const chain* const other = detail::chain_named_reject(filter)) {
      diagnostic& why = made.said.push_back({});
      why.file = into.file;
      why.at.line = other->rules.empty() ? 0 : other->rules[0].at.line;
      why.message =
          "a chain of the host is called REJECT, and a rule that is to reject what the sandbox sends would lead "
          "there: give that chain another name";
      made.proof = prove(host, policy);
      return made;
    }
    part.jumps_there = detail::install(filter, part.own);
    ruleset& in_other = detail::ruleset_for_own_chain(on_other.of(of), usual);
    in_other = into;
    if (backend_is_open) {
      in_other.backend = detail::other_backend(into.backend);
      has_other = true;
    }
    parts[of == family::ipv4 ? 0 : 1] = std::move(part);
  }
  made.proof = prove(merged, policy);
  if (!made.proof.proved()) return made;
  if (has_other) {
    proof other = prove(on_other, policy);
    if (!other.proved()) {
      made.proof = std::move(other);
      return made;
    }
  }
  for (const family of : both_families)
    if (!merged.of(of).absent) find_stopped_answers(merged, policy, of, made.said);
  made.firewall = enforced_firewall(std::move(merged), policy, std::move(parts[0]), std::move(parts[1]));
  return made;
}

/// The same on a host of which nothing is known: the chain alone, for both families and both back ends.
constexpr enforcement enforce(const egress_policy& policy) { return enforce(policy, firewall{}); }

}  // namespace cordon
