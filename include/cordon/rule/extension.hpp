// A match or target extension as data: its table of options, and what a use of it means. Each extension is described in
// one file of match/ or target/; reader, writer, simulator, prover and generators all work from that description.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/rule/host_facts.hpp>
#include <cordon/rule/option.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/rule/verdict.hpp>

namespace cordon {

/// `-p` of a rule: absent, or a protocol, or any but one.
struct protocol_match {
  bool given = false;                         ///< whether there is one
  bool inverted = false;                      ///< whether `!` stands before it
  cordon::protocol protocol = protocol::tcp;  ///< which one, if there is

  /// Whether only packets of `which` match.
  constexpr bool is_just(cordon::protocol which) const { return given && !inverted && protocol == which; }
  friend constexpr bool operator==(const protocol_match&, const protocol_match&) = default;
};

struct match;

/// What the meaning of a match can depend on beside its own options.
struct meaning_context {
  cordon::family family = family::ipv4;                       ///< in which the rule is
  cordon::backend backend = backend::nft;                     ///< that loads the rule
  protocol_match protocol = {};                               ///< of the rule
  std::string_view table = "filter";                          ///< in which the rule is
  const cordon::host_facts* host = nullptr;                   ///< what is known of the host; null: nothing
  const sequence<match>* matches = nullptr;                   ///< of the same rule, for a target that depends on them
  const sequence<std::string_view>* changing_sets = nullptr;  ///< the sets that some rule changes; null: none
  bool entries_expire = false;                                ///< entries of sets that have a timeout may be gone
  cordon::hook hook = hook::output;                           ///< from which the packet comes to the rule
};

/// When a match holds, and for which packets it drops at once instead (`hotdrop`: the kernel gives up on a header that
/// is cut off, whatever the rule's target).
struct match_meaning {
  predicate holds;            ///< where the match holds
  predicate drops = never();  ///< where the packet is dropped instead
};

/// What a target does with a packet.
struct effect {
  /// What becomes of the packet, as far as this rule goes.
  enum class kind : std::uint8_t {
    go_on,      ///< nothing that a later rule could see
    accept,     ///< ends this table
    drop,       ///< ends everything
    reject,     ///< drops, and answers
    give_back,  ///< RETURN
    jump,
    go_to,
    queue,    ///< a program decides: may accept or drop, ends this table in any case
    unknown,  ///< not modelled: may accept, drop, or go on with the mark or headers changed
  };
  kind what = kind::go_on;                                  ///< the one of these
  reject_type answer = reject_type::icmp_port_unreachable;  ///< for reject
  /// What becomes of the packet's fields where it goes on or is accepted, all at once.
  sequence<alteration> changes = {};
  /// Only packets that belong to a connection are changed; INVALID and UNTRACKED ones go on as they are. With `go_on` alone.
  bool needs_connection = false;

  friend constexpr bool operator==(const effect&, const effect&) = default;
};

/// A match extension.
struct match_extension {
  std::string_view name;                  ///< as behind -m
  view<option_description> options = {};  ///< their indices are the places in this table
  /// What is wrong with this use, in words that say what to do; empty if nothing is.
  text (*check)(const sequence<option>& options, const meaning_context& context) = nullptr;
  /// Brings the options into the form that iptables-save prints: defaults filled in, shorthands spelled out.
  void (*normalise)(sequence<option>& options, const meaning_context& context) = nullptr;
  /// The meaning of a use that `check` has found nothing wrong with, in the form that `normalise` gives. Never null.
  match_meaning (*meaning)(const sequence<option>& options, const meaning_context& context) = nullptr;
  /// Brings the options into what iptables-save shows of them where that is not what they mean; false if it shows nothing
  /// of the match at all. Null: they are shown as they are.
  bool (*saved)(sequence<option>& options, const meaning_context& context) = nullptr;
  /// The hooks from which the kernel lets a packet reach this use; null: all. Elsewhere it refuses the rule, or the jump
  /// that would make it reachable.
  hook_set (*hooks)(const sequence<option>& options, const meaning_context& context) = nullptr;
  /// Whether the hooks depend on the options, which nf_tables asks in built-in chains alone.
  bool hooks_by_options = false;
  /// The protocol whose `-p` makes iptables load this match when one of its options appears without `-m`.
  std::uint8_t implied_by = 0;
  bool ipv4 = true;  ///< whether iptables has it
  bool ipv6 = true;  ///< whether ip6tables has it
};

/// A target extension.
struct target_extension {
  std::string_view name;                  ///< as behind -j
  view<option_description> options = {};  ///< their indices are the places in this table
  ///@{
  /// As for a match.
  text (*check)(const sequence<option>& options, const meaning_context& context) = nullptr;
  void (*normalise)(sequence<option>& options, const meaning_context& context) = nullptr;
  effect (*meaning)(const sequence<option>& options, const meaning_context& context) = nullptr;
  void (*saved)(sequence<option>& options, const meaning_context& context) = nullptr;
  ///@}
  /// As for a match.
  hook_set (*hooks)(const sequence<option>& options, const meaning_context& context) = nullptr;
  bool hooks_by_options = false;  ///< as for a match
  bool ipv4 = true;               ///< whether iptables has it
  bool ipv6 = true;               ///< whether ip6tables has it
};

/// The hooks from which the kernel lets a packet reach a use of a match or target.
template <class Extension>
constexpr hook_set valid_hooks(const Extension& of, const sequence<option>& options, const meaning_context& context) {
  return of.hooks == nullptr ? all_hooks : of.hooks(options, context);
}

/// For a match or target that the kernel takes at some hooks alone, whatever its options are.
template <hook_set Hooks>
constexpr hook_set only_at(const sequence<option>&, const meaning_context&) {
  return Hooks;
}

/// The option of that index, or null.
constexpr const option* find_option(const sequence<option>& options, std::uint8_t index) {
  for (const option& candidate : options)
    if (candidate.index == index) return &candidate;
  return nullptr;
}

}  // namespace cordon
