// What a proof speaks of and what it does not, in one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/rule/firewall.hpp>

namespace cordon {

namespace detail {

constexpr void append_id_range(text& out, std::string_view what, std::uint32_t low, std::uint32_t high) {
  out.append(what).append(' ').append_number(low);
  if (low != high) out.append('-').append_number(high);
}

// "filter and nat (nft, rules.v4)".
constexpr void append_ruleset(text& out, const ruleset& of) {
  if (of.empty()) {
    out.append(of.file.empty() ? "a file" : of.file.view()).append(" holds no rules");
    return;
  }
  for (std::size_t i = 0; i < of.tables.size(); ++i) {
    if (i > 0) out.append(i + 1 == of.tables.size() ? " and " : ", ");
    out.append(name_of(of.tables[i].name));
  }
  out.append(" (").append(name_of(of.backend));
  if (!of.file.empty()) out.append(", ").append(of.file);
  out.append(')');
}

constexpr void append_family(text& out, const family_proof& of, const firewall* rules) {
  out.append(title_of(of.family)).append(' ');
  if (of.answer == answer::absent) {
    out.append("absent");
    return;
  }
  out.append(name_of(of.answer)).append(": ");
  const bool known = rules != nullptr && !rules->of(of.family).rulesets.empty();
  if (known) {
    const char* between = "";
    for (const ruleset& one : rules->of(of.family).rulesets) {
      out.append(between);
      append_ruleset(out, one);
      between = " and ";
    }
  }
  if (!of.has_rules)
    out.append(known ? ", so all is accepted" : "no rules, so all is accepted");
  else if (!known)
    out.append("its rules");
}

}  // namespace detail

/// "uid 1001 and gid 100"; of packets that have no owner the chain, "FORWARD".
constexpr text owner_in_words(const egress_policy& of) {
  text out;
  if (of.at != hook::output) return name_of(of.at);
  if (of.user) detail::append_id_range(out, "uid", of.user->low, of.user->high);
  if (of.user && of.group) out.append(" and ");
  if (of.group) detail::append_id_range(out, "gid", of.group->low, of.group->high);
  return out;
}

/// What no answer to this policy sees, whatever the rules are.
constexpr sequence<text> not_judged(const egress_policy& of) {
  if (of.at != hook::output) return {"what PREROUTING does before it", "nft's own rules"};
  return {"packets that it causes without its socket (RST, ICMP errors, the last FIN of a closed socket, IGMP)",
          "unix sockets", "nft's own rules"};
}

/// What was judged: the families with their tables and back ends, the attacker and the flows; and what no answer
/// sees. One line, without a line feed. `rules` are those that were judged; null: their tables are not told.
constexpr text coverage_in_words(const proof& of, const firewall* rules) {
  text out;
  detail::append_family(out, of.v4, rules);
  out.append("; ");
  detail::append_family(out, of.v6, rules);
  const bool raw = of.policy.attacker == attacker::raw;
  const hook at = of.policy.at;
  if (at == hook::output) out.append("; attacker ").append(raw ? "raw" : "unprivileged");
  out.append("; flows ").append(of.policy.flows == flows::any ? "any" : "new, but for ESTABLISHED and RELATED");
  if (at != hook::output) out.append("; chain ").append(name_of(at));
  const char* between = "; not judged: ";
  for (const text& one : not_judged(of.policy)) {
    out.append(between).append(one);
    between = ", ";
  }
  if (raw && at == hook::output)
    out.append("; with CAP_NET_RAW it can also use AF_PACKET, which no iptables rule sees");
  return out;
}

}  // namespace cordon
