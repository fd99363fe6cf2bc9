// What `prove` answers: a value that owns all that it shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon {

/// The answer to "does every packet of the sandbox keep to its policy?".
enum class answer : std::uint8_t {
  proved,   ///< yes, whatever the opaque matches do
  leak,     ///< no: some packet gets out that must not, whatever they do
  unknown,  ///< it depends on what no packet decides
  absent,   ///< for one family: the host does not have it
};

/// As answers and JSON name it.
constexpr std::string_view name_of(answer of) {
  constexpr std::string_view names[] = {"proved", "leak", "unknown", "absent"};
  return names[static_cast<unsigned>(of)];
}

/// Where a rule or a chain's policy stands.
struct rule_place {
  cordon::family family = family::ipv4;   ///< which one
  table_name table = table_name::filter;  ///< which one
  text chain = {};                        ///< by its name
  std::uint32_t number = 0;               ///< from 1 in its chain; 0 is the chain's policy
  std::uint32_t line = 0;                 ///< in the file, 0 if there is none
  text file = {};                         ///< as it was read; empty: from no file
  text written = {};                      ///< the rule's own text; empty for a policy

  /// Whether it is a chain's policy, not a rule.
  constexpr bool is_policy() const { return number == 0; }
  friend constexpr bool operator==(const rule_place&, const rule_place&) = default;
};

/// What every packet of a leak has in common, and an attacker has to bring about first.
enum class leak_need : std::uint8_t {
  nothing,
  established,  ///< a connection made from outside, or before the rules
  mark,         ///< a mark on entry, which takes a privilege
};

/// What nat makes of packets that get out.
struct rewriting {
  rule_place by;                     ///< the rule of nat
  text reaches = {};                 ///< where they go, `ADDRESS[-ADDRESS][:PORT[-PORT]]`; no port: as sent
  maybe<endpoint> would_allow = {};  ///< the narrowest endpoint that permits it; nothing if none can
};

/// Packets that one rule (or policy) lets out and the policy forbids.
struct leak {
  rule_place blame;                      ///< the rule or policy that lets it out
  sequence<box> region;                  ///< all of them, as sent
  maybe<box_summary> in_short;           ///< the same region said as one box and its exceptions, if these are few
  bool region_is_whole = true;           ///< false if the region has more boxes than are kept here
  packet witness;                        ///< the one that a person would try
  sequence<way_step> way;                ///< of the witness
  leak_need needs = leak_need::nothing;  ///< what has to come first
  sequence<rewriting> rewritings = {};   ///< of the region, by each rule of nat; that of the witness first
};

/// Something that no packet decides and that an answer hangs on.
struct doubt {
  rule_place at;  ///< the rule that it stands in
  text match;     ///< the match or target, word for word
};

/// What becomes of what a plain client sends to one endpoint.
enum class endpoint_status : std::uint8_t { open, partial, blocked, unknown };

/// As answers and JSON name it.
constexpr std::string_view name_of(endpoint_status of) {
  constexpr std::string_view names[] = {"open", "partial", "blocked", "unknown"};
  return names[static_cast<unsigned>(of)];
}

/// What becomes of one endpoint of the policy.
struct endpoint_answer {
  endpoint to;                                        ///< as the policy has it
  endpoint_status status = endpoint_status::unknown;  ///< of what a plain client sends there
  sequence<box> blocked = {};                         ///< for partial: what surely does not get through
  bool replies_blocked = false;                       ///< the rules surely stop the answers of a server on loopback
};

/// The answer for one family.
struct family_proof {
  cordon::family family = family::ipv4;    ///< which one
  cordon::answer answer = answer::absent;  ///< for all packets of the family
  bool has_rules = false;                  ///< whether any ruleset of it holds a table
  sequence<leak> leaks = {};               ///< in the order of evaluation
  sequence<doubt> doubts = {};             ///< what the answer hangs on: for unknown
  bool too_large = false;  ///< outgrew its bounds: the answer is unknown, or a leak of which not all is told
};

/// The answer for a whole firewall.
struct proof {
  egress_policy policy = {};                 ///< what was asked
  family_proof v4 = {};                      ///< of IPv4
  family_proof v6 = {};                      ///< of IPv6
  sequence<endpoint_answer> endpoints = {};  ///< in the order of the policy

  /// Of both families: a leak outweighs unknown, unknown outweighs proved. Proved also if the host has neither, over no
  /// packets at all (`is_empty`).
  constexpr cordon::answer verdict() const {
    if (v4.answer == answer::leak || v6.answer == answer::leak) return answer::leak;
    if (v4.answer == answer::unknown || v6.answer == answer::unknown) return answer::unknown;
    return answer::proved;
  }
  /// Whether no packet gets out that must not, whatever opaque matches do.
  constexpr bool proved() const { return verdict() == answer::proved; }
  /// Whether there was no packet to judge: the host has no family.
  constexpr bool is_empty() const { return v4.answer == answer::absent && v6.answer == answer::absent; }
  /// Whether every endpoint is open.
  constexpr bool usable() const {
    for (const endpoint_answer& one : endpoints)
      if (one.status != endpoint_status::open) return false;
    return true;
  }
  /// By family.
  constexpr const family_proof& of(family which) const { return which == family::ipv4 ? v4 : v6; }
};

}  // namespace cordon
