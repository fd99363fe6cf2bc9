// Rule sets and packets at random.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <cordon/rule/firewall.hpp>
#include <cordon/testing/random.hpp>

#include "judge.hpp"
#include "tally.hpp"

namespace cordon::kernel {

/// Packets that each open a connection of their own: the model is told that a packet is the first of one.
class fresh_connections {
 public:
  /// Puts a fragment together (defragmentation would hold it), and gives the packet another source port if its connection
  /// was there already. False if it cannot be one of its own.
  bool make_fresh(wire_packet& packet, const choice_source& choices);

 private:
  std::set<std::string> known_;
};

/// A rule set of the library's generators, over everything that is modelled; now and then with what is not,
/// on a host of which that much is known.
ruleset draw_rules(testing::random_choices& choices, const combination& of, const host_facts& host);

/// Packets around the edges of the rules that `of` judges, and others. Where the rules ask for connections, each packet
/// is the first of a connection of its own, and none is a fragment (defragmentation would hold it).
std::vector<wire_packet> draw_packets(testing::random_choices& choices, const judge& of, ip_family family,
                                      std::size_t count);

}  // namespace cordon::kernel
