// What the kernel tells of the way of a packet, whichever back end tells it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire_packet.hpp"

namespace cordon::kernel {

/// `rule`: a rule that matched, whatever it then did. `returned`: a user chain's end was reached; `policy`: a
/// base chain's policy decided. Their number is the chain's rules plus one.
enum class step_kind : std::uint8_t { rule, returned, policy };

struct trace_step {
  std::string table;
  std::string chain;
  step_kind kind = step_kind::rule;
  /// Counts from 1, in the order of -A. 0: a rule that the tracer was not told of.
  std::uint32_t number = 0;
  /// nft: the rule's verdict was to drop, by its target or by a match's hotdrop. legacy: never set.
  bool dropped = false;
  /// legacy: before the rule's target. nft: after the rule.
  std::uint32_t mark = 0;
  /// The packet's start, from the IP header on. nft: a table's first step has the headers (not those of IPv6
  /// fragments), others nothing.
  std::vector<std::uint8_t> bytes;
};

/// `filter:OUTPUT:rule:7`, as the kernel's TRACE and `cordon trace` write it.
std::string text(const trace_step& step);

/// What one packet met at the OUTPUT hook.
struct traced_packet {
  ip_family family = ip_family::v4;
  std::uint32_t identity = 0;  ///< IPv4 ID or IPv6 flow label
  bool passed = false;         ///< reached the end of the hook
  /// nft: false if the kernel could not tell of it, because its headers reach beyond its end.
  bool steps_known = false;
  /// conntrack's, as in --ctstate; empty when it was not asked for or conntrack did not see the packet.
  std::string state;
  std::optional<std::uint32_t> uid;  ///< of the socket's file
  std::uint32_t out_interface = 0;   ///< index
  std::uint32_t mark_before = 0;
  std::uint32_t mark_after = 0;      ///< when it passed
  std::vector<std::uint8_t> before;  ///< its start, from the IP header on
  std::vector<std::uint8_t> after;   ///< the same when it passed
  std::vector<trace_step> steps;
};

/// The steps, with blanks between.
std::string way(const traced_packet& packet);

/// How many rules each chain has, by `table:chain`. Needed because legacy TRACE calls an unconditional `-j
/// ACCEPT`, `DROP` or `RETURN` the chain's return or policy (trap T59); only its number tells it from the
/// real end.
using rule_counts = std::map<std::string, std::uint32_t, std::less<>>;

/// Counts the -A lines of each chain in the text of iptables-save. In text that people wrote one line may
/// make several rules (`-d a,b`): save what was loaded, and count that.
rule_counts count_rules(std::string_view rules);

}  // namespace cordon::kernel
