// What the rules of a firewall tell apart: the values at which something changes, and the conditions that a packet can be
// aimed at. Packets drawn here find what uniform ones never do: a rule about one port of one address is met by one packet
// in 2^48.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/layout.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::testing {

/// A condition that a packet may be drawn for, and those of the jumps that lead to it.
struct goal {
  predicate condition;                 ///< that packets near it fit, or just do not
  sequence<std::uint32_t> jumps = {};  ///< each alone is a way there: indices of other goals
};

/// The edges of one family of a firewall, of a policy, or of any predicates. Refers to none of them.
class edges {
 public:
  /// Of the family's packets; nothing is observed yet.
  constexpr explicit edges(family of) : family_(of) {}

  /// The edges of the rules of one family, for packets that enter at `start`.
  static constexpr edges of_firewall(const firewall& rules, family of, hook start = hook::output) {
    edges made(of);
    made.observe(compile(rules, of, start));
    made.finish();
    return made;
  }
  /// As above, and of where a policy lets packets go.
  static constexpr edges of_firewall(const firewall& rules, const egress_policy& policy, family of) {
    edges made(of);
    made.observe(compile(rules, of, policy.at));
    made.observe(policy);
    made.finish();
    return made;
  }

  /// Which one it is.
  constexpr family of_family() const { return family_; }
  /// The values around which a field's meaning changes: each bound and its neighbours. Ascending.
  constexpr const sequence<uint128>& of(field which) const { return values_[static_cast<std::size_t>(which)]; }
  /// The masks that a field is asked for under, as {value, mask}.
  constexpr const sequence<range>& masks(field which) const { return masks_[static_cast<std::size_t>(which)]; }
  /// The names of interfaces among them, where a number stands for none.
  constexpr const sequence<interface_name>& interfaces() const { return interfaces_; }
  /// All that was observed, each once.
  constexpr const sequence<goal>& goals() const { return goals_; }
  /// Where a policy lets packets go: what gets out just beside is a leak.
  constexpr const sequence<predicate>& permitted() const { return permitted_; }

  ///@{
  /// Takes in what a condition, a policy's endpoints, or all rules of a program tell apart.
  constexpr void observe(const predicate& condition) { observe_goal(condition); }

  constexpr void observe(const egress_policy& policy) {
    for (const endpoint& one : policy)
      if (one.destination.base.family == family_) {
        observe_goal(goes_to(one, family_));
        permitted_.push_back(goes_to(one, family_));
      }
    const packet_domain domain = packets_of(policy, family_);
    for (const field which : {field::uid, field::gid}) add_interval(which, domain[which].low, domain[which].high);
  }

  constexpr void observe(const program& rules) {
    for (const program_table& table : rules.tables) {
      observe_tests(table.met_by);
      const auto first = static_cast<std::uint32_t>(goals_.size());
      sequence<sequence<std::uint32_t>> jumps_to(table.chains.size());
      sequence<std::uint32_t> chain_of;
      for (std::uint32_t chain = 0; chain < table.chains.size(); ++chain)
        for (const program_step& step : table.chains[chain].steps) {
          if (step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to)
            jumps_to[step.chain].push_back(static_cast<std::uint32_t>(goals_.size()));
          chain_of.push_back(chain);
          observe_goal(step.holds);
          if (step.drops.is_never()) continue;
          chain_of.push_back(chain);
          observe_goal(step.drops);
        }
      for (std::size_t i = 0; i < chain_of.size(); ++i) goals_[first + i].jumps = jumps_to[chain_of[i]];
    }
  }
  ///@}

  /// Sorts the values. After all that is observed.
  constexpr void finish() {
    for (sequence<uint128>& values : values_) {
      cordon::detail::sort_unique(values);
    }
    cordon::detail::sort_unique(interfaces_);
  }

 private:
  constexpr void observe_goal(const predicate& condition) {
    observe_tests(condition);
    goals_.push_back({condition, {}});
  }

  constexpr void observe_tests(const predicate& condition) {
    for (const predicate_step& step : condition.steps()) {
      if (step.what == predicate_step::kind::interval) add_interval(step.field, step.a, step.b);
      if (step.what == predicate_step::kind::masked) add_masked(step.field, step.a, step.b);
    }
  }

  constexpr void add(field which, uint128 value) {
    if (domain_of(which, family_).contains(value)) values_[static_cast<std::size_t>(which)].push_back(value);
  }

  constexpr void add_interval(field which, uint128 low, uint128 high) {
    if (is_interface(which)) return add_interfaces(low);
    for (const uint128 bound : {low, high}) {
      if (bound > 0) add(which, bound - 1);
      add(which, bound);
      add(which, bound + 1);
    }
  }

  constexpr void add_masked(field which, uint128 mask, uint128 value) {
    masks_[static_cast<std::size_t>(which)].push_back({value, mask});
    add(which, value);
    add(which, value | (low_bits(width_of(which, family_)) & ~mask));
    for (uint128 rest = mask; rest != 0; rest &= rest - 1) add(which, value ^ (rest & ~(rest - 1)));
  }

  // A name, those that it is the beginning of, and those beside it.
  constexpr void add_interfaces(uint128 number) {
    const interface_name name = interface_of(number);
    if (name.empty()) return;
    const auto add_name = [&](std::string_view written) {
      if (!written.empty() && interface_name::fits(written)) interfaces_.push_back(interface_name(written));
    };
    add_name(name);
    add_name(join(name, "0"));
    add_name(join(name, "0a"));
    add_name(name.view().substr(0, name.size() - 1));
    const char last = name.view().back();
    for (const int beside : {last - 1, last + 1})
      if (beside > ' ' && beside < 127 && beside != '/' && beside != ':') {
        const char byte = static_cast<char>(beside);
        add_name(join(name.view().substr(0, name.size() - 1), std::string_view(&byte, 1)));
      }
  }

  family family_;
  sequence<uint128> values_[field_count];
  sequence<range> masks_[field_count];
  sequence<interface_name> interfaces_;
  sequence<goal> goals_;
  sequence<predicate> permitted_;
};

}  // namespace cordon::testing
