// The rules of a table of edges as they are loaded, all at once, each in a chain of its own that one user's
// packets (or one mark's) are sent to: a match that drops a packet would hide all rules behind it. And the
// packets that each is asked about: around what its meaning tells apart, cut off after every byte of the
// header, fragments, and without ports.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <cordon/simulate/program.hpp>
#include <cordon/testing/draw.hpp>

#include "edge_table.hpp"
#include "random_case.hpp"
#include "wire_packet.hpp"

namespace cordon::kernel {

/// Rules of the table of that name that can be loaded together.
class edge_rules {
 public:
  edge_rules(const std::string& table, std::vector<edge_rule> rules);

  const std::vector<edge_rule>& all() const { return rules_; }
  /// What is given to iptables-restore.
  std::string text() const { return text_of(rules_); }
  /// The same of one rule alone.
  std::string text_of(const edge_rule& one) const { return text_of(std::vector{one}); }

  /// The rule's place in what was compiled of `text()`; null if it is lost.
  static const program_step* step_of(const program& rules, std::size_t rule);
  /// Whether the chain is that of the rule.
  static bool is_of(const chain& one, std::size_t rule);

  /// Whether something of a rule that means `step` no packet decides: a comparison with the kernel could not
  /// fail there.
  static bool is_open(const program_step& step);

  /// Packets for a rule: around what it means in `rules`, which were compiled of `text()`, and what the rules
  /// beside it mean there, which ask for much the same; or a rule that by mistake fits nothing would be asked
  /// about nothing. `connections`: null, or packets have to be the first ones of new connections.
  /// Precondition: the rule is not lost.
  std::vector<wire_packet> packets_for(std::size_t rule, const program& rules, fresh_connections* connections,
                                       testing::random_choices& choices) const;

  // What these packets are made of, for who asks bit by bit.
  /// Around the edges of what was compiled to `step`, and of one of these that fits some that are cut off,
  /// fragments, or of a protocol without ports.
  static std::vector<wire_packet> packets_around(const program_step& step, family in, const choice_source& source);
  /// Those whose answer hangs on one question that `step` asks.
  static std::vector<wire_packet> telling_packets(const program_step& step, family in, const choice_source& source);
  /// The rule itself, and those beside it whose telling packets it is asked about.
  std::vector<std::size_t> asked_with(std::size_t rule) const;
  /// Makes the packets come to the rule's chain, and leaves out those that cannot be the first of a connection.
  void send_to(std::size_t rule, std::vector<wire_packet>& packets, fresh_connections* connections,
               const choice_source& source) const;

 private:
  std::string text_of(const std::vector<edge_rule>& rules) const;

  std::vector<edge_rule> rules_;
  bool by_mark_;
};

/// The name of the table of an extension: a target's and the second of two matches of one name are told
/// apart.
std::string edge_table_of(const match_extension& of);
std::string edge_table_of(const target_extension& of);

}  // namespace cordon::kernel
