// How values are shown when a test fails: as people write them. A rule is its line for iptables, a firewall is what
// iptables-save prints, a policy is its flags, a packet the line that `cordon trace` reads, a proof its report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <cordon/packet/address.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/difference_report.hpp>
#include <cordon/render/report.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/testing/mutants.hpp>
#include <cordon/text/packet_line_writer.hpp>
#include <cordon/text/writer.hpp>

namespace cordon::testing {

namespace detail {
// The family of a rule by itself, which does not say it: that of its addresses, else IPv4.
constexpr family likely_family(const rule& of) {
  if (of.destination.given) return of.destination.network.base.family;
  return of.source.given ? of.source.network.base.family : family::ipv4;
}

constexpr family likely_family(const ruleset& of) {
  for (const table& in : of.tables)
    for (const chain& each : in.chains)
      for (const rule& one : each.rules)
        if (likely_family(one) == family::ipv6) return family::ipv6;
  return family::ipv4;
}
}  // namespace detail

///@{
/// As people write it: the words that reports, packet lines and iptables-save have for it.
inline std::string shown(const text& of) { return std::string(of.view()); }
inline std::string shown(const packet& of) { return shown(write_packet_line(of)); }
inline std::string shown(const address& of) { return shown(to_text(of)); }
inline std::string shown(const network& of) { return shown(to_text(of)); }
inline std::string shown(const verdict& of) { return shown(to_text(of)); }
inline std::string shown(const endpoint& of) { return shown(to_text(of)); }
inline std::string shown(const proof& of) { return shown(write_report(of)); }
inline std::string shown(const firewall_difference& of) { return shown(write_report(of)); }
inline std::string shown(const mutant& of) { return shown(to_text(of)); }

/// The rule as a line of the chain it might stand in: its own line from its file if it has one.
inline std::string shown(const rule& of) {
  if (!of.written.empty()) return shown(text(of.written.view()));
  return shown(write_rule(of, detail::likely_family(of), "OUTPUT"));
}

inline std::string shown(const chain& of) {
  std::string all = ":" + std::string(of.name.view()) + " " + std::string(of.policy ? name_of(*of.policy) : "-");
  for (const rule& one : of.rules) all += "\n" + shown(write_rule(one, detail::likely_family(one), of.name));
  return all;
}

inline std::string shown(const ruleset& of, family in) {
  return "# " + std::string(name_of(of.backend)) + ", " + std::string(title_of(in)) + "\n" +
         shown(write_ruleset(of, in));
}
/// Of the family that its addresses are of, else IPv4.
inline std::string shown(const ruleset& of) { return shown(of, detail::likely_family(of)); }

inline std::string shown(const firewall& of) {
  std::string all;
  for (const family in : both_families) {
    if (of.of(in).absent)
      all += "# no " + std::string(title_of(in)) + "\n";
    else if (of.of(in).empty())
      all += "# no rules for " + std::string(title_of(in)) + "\n";
    for (const ruleset& one : of.of(in).rulesets)
      if (!one.empty()) all += shown(one, in);
  }
  return all;
}

inline std::string shown(const egress_policy& of) {
  const auto ids = [](std::string_view flag, std::uint32_t low, std::uint32_t high) {
    std::string written = " " + std::string(flag) + " " + std::to_string(low);
    return low == high ? written : written + "-" + std::to_string(high);
  };
  std::string all;
  if (of.user) all += ids("--uid", of.user->low, of.user->high);
  if (of.group) all += ids("--gid", of.group->low, of.group->high);
  for (const endpoint& one : of) all += " --allow " + shown(to_text(one));
  if (of.attacker == attacker::raw) all += " --attacker raw";
  if (of.flows == flows::fresh) all += " --flows new";
  return all.empty() ? all : all.substr(1);
}
///@}

}  // namespace cordon::testing
