// The input that all sides of a benchmark get: a filter OUTPUT chain of rules about two addresses, two ports and a protocol,
// half of them for some user, and the endpoints that the sandbox may reach.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cordon::bench {

/// Values from `low` to `high`.
struct interval {
  std::uint32_t low = 0;
  std::uint32_t high = 0;

  bool contains(std::uint32_t value) const { return low <= value && value <= high; }
  friend bool operator==(const interval&, const interval&) = default;
};

/// A packet as the five fields that both sides ask.
struct five_values {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t source_port = 0;
  std::uint32_t destination_port = 0;
  std::uint32_t protocol = 0;
};

/// What a rule or an endpoint says of a packet.
struct five_tuple {
  interval source = {0, 0xffffffff};
  interval destination = {0, 0xffffffff};
  interval source_port = {0, 65535};
  interval destination_port = {0, 65535};
  interval protocol = {0, 255};

  bool contains(const five_values& packet) const {
    return source.contains(packet.source) && destination.contains(packet.destination) &&
           source_port.contains(packet.source_port) && destination_port.contains(packet.destination_port) &&
           protocol.contains(packet.protocol);
  }
  friend bool operator==(const five_tuple&, const five_tuple&) = default;
};

struct tuple_rule {
  five_tuple matches;
  interval user = {0, 0xffffffff};
  bool accepts = false;

  friend bool operator==(const tuple_rule&, const tuple_rule&) = default;
};

struct rule_set {
  std::string name;
  std::string rules;                   ///< as iptables-save prints them
  std::string endpoints;               ///< as `--allow` takes them, one a line
  std::vector<tuple_rule> all;         ///< the rules, in order; what none decides is dropped
  std::vector<tuple_rule> of_sandbox;  ///< those that uid 1001 meets; what none decides is dropped
  std::vector<five_tuple> allowed;
};

/// The same with other rules.
rule_set with_rules(const rule_set& like, std::string rules);

/// Whether the rules let a packet of uid 1001 out that goes to no endpoint, by looking at each: the word that all sides are
/// held to.
bool leaks(const rule_set& through, const five_values& packet);
/// Whether they let it out, allowed or not.
bool lets_out(const rule_set& through, const five_values& packet);

/// Packets at the corners of rules of the sandbox, where sets differ if they do; the same ones each time.
std::vector<five_values> packets_near(const rule_set& rules, unsigned count);

/// The rule sets in a directory: every NAME.v4 with its NAME.allow, by name.
std::vector<rule_set> read_rule_sets(const std::string& directory);

/// Rule sets of this benchmark's own, for whoever has no others: `count` rules that overlap as those of a firewall do
/// (`wide`), or those of an access list.
rule_set make_rule_set(const std::string& name, unsigned count, bool wide);

/// The rule sets in a directory; where it is not given, or has none, four of this benchmark's own, which is said.
std::vector<rule_set> rule_sets_to_measure(const std::string& directory);

}  // namespace cordon::bench
