// The way through the tables of iptables-legacy.
#pragma once

#include <vector>

#include "packet_log.hpp"
#include "trace.hpp"
#include "trace_assembler.hpp"
#include "world.hpp"

namespace cordon::kernel {

/// Learns the way of every packet through the tables of x_tables: skb->nf_trace makes ip_tables.c and
/// ip6_tables.c report each rule (trace_packet), nfnetlink_log carries the reports. No rule of the rule set
/// is added or changed. A hotdrop (xt_action_param) shows as a packet that did not pass and whose last step
/// names no cause.
class legacy_tracer {
 public:
  struct options {
    bool conntrack_state = false;  ///< also learn conntrack's state; makes conntrack active in this world
  };

  /// From now on every packet of the world is traced. The rules may change meanwhile. After the tracer's
  /// death the world stays ready for another one (taking that away waits for a grace period); watch::stop
  /// makes blind packets fast again.
  explicit legacy_tracer(world& where) : legacy_tracer(where, options{}) {}
  legacy_tracer(world& where, options chosen);
  legacy_tracer(const legacy_tracer&) = delete;
  legacy_tracer& operator=(const legacy_tracer&) = delete;

  /// Must be told after each load, what the chains hold now.
  void set_rules(ip_family family, rule_counts counts);

  /// The packets since the last call, in the order in which they came to OUTPUT. An injected packet is whole
  /// as soon as injector::send returns. Call it at least every few thousand packets; throws
  /// std::runtime_error when messages were lost.
  std::vector<traced_packet> take();

 private:
  void note_step(const log_report& report);

  packet_log log_;
  trace_assembler assembler_;
  rule_counts v4_;
  rule_counts v6_;
};

}  // namespace cordon::kernel
