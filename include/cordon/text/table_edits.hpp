// The commands that change a chain which is there already: -I, -D, -R, -C. Putting rules in front is as cheap as putting
// them behind; wherever else rules are moved one at a time it costs, and a text for which that would take hours is
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/text/rule_reader.hpp>
#include <cordon/text/table_builder.hpp>

namespace cordon {

/// Puts the rules that a line stands for behind `into`, one for each pair of addresses.
constexpr void append_rules(sequence<rule>& into, const rule& one, const address_lists& lists) {
  const std::size_t sources = lists.sources.empty() ? 1 : lists.sources.size();
  const std::size_t destinations = lists.destinations.empty() ? 1 : lists.destinations.size();
  for (std::size_t i = 0; i < sources; ++i)
    for (std::size_t k = 0; k < destinations; ++k) {
      rule& made = into.push_back(one);
      if (!lists.sources.empty()) made.source.network = lists.sources[i];
      if (!lists.destinations.empty()) made.destination.network = lists.destinations[k];
      for (address_match* const address : {&made.source, &made.destination})
        if (address->given && !address->inverted && address->network.mask == 0) *address = {};
    }
}

/// Applies commands to the chains of one table. Each function returns what is wrong, or an empty text.
class table_edits {
 public:
  /// Of one table, which must outlive this.
  constexpr explicit table_edits(table_builder& table) : table_(table) {}

  /// Puts rules before the rule of that number (0 is 1), the last of them first, as iptables does with address lists.
  constexpr text insert(std::uint32_t chain, sequence<rule> made, std::uint32_t number) {
    if (number <= 1) {
      if (front_.size() < table_.chains().size()) front_.resize(table_.chains().size());
      front_[chain].append(std::move(made));
      return {};
    }
    if (!settle(chain)) return too_much();
    sequence<rule>& rules = table_.chains()[chain].rules;
    const std::size_t at = number - 1;
    if (at > rules.size())
      return join("the chain has ", decimal(rules.size()), " rules, so ", decimal(rules.size() + 1),
                  " is the last place for another");
    if (!afford(rules.size() - at)) return too_much();
    detail::reverse(made);
    rules.insert(rules.begin() + at, std::move(made));
    return {};
  }

  /// Takes out the rule of that number.
  constexpr text remove(std::uint32_t chain, std::uint32_t number) {
    sequence<rule>& rules = table_.chains()[chain].rules;
    if (!settle(chain) || !afford(rules.size())) return too_much();
    if (number > rules.size()) return too_few(rules);
    rules.erase(rules.begin() + (number - 1));
    return {};
  }

  /// Takes out the first rule that says the same, for each of `wanted`.
  constexpr text remove(std::uint32_t chain, const sequence<rule>& wanted) {
    sequence<rule>& rules = table_.chains()[chain].rules;
    for (const rule& one : wanted) {
      if (!settle(chain) || !afford(rules.size())) return too_much();
      std::size_t at = 0;
      while (at < rules.size() && !(rules[at] == one)) ++at;
      if (at == rules.size()) return "the chain has no such rule to delete";
      rules.erase(rules.begin() + at);
    }
    return {};
  }

  /// Puts a rule in the place of that of that number.
  constexpr text replace(std::uint32_t chain, rule made, std::uint32_t number) {
    if (!settle(chain)) return too_much();
    sequence<rule>& rules = table_.chains()[chain].rules;
    if (number > rules.size()) return too_few(rules);
    rules[number - 1] = std::move(made);
    return {};
  }

  /// Whether rules that say the same as `wanted` are there.
  constexpr text check(std::uint32_t chain, const sequence<rule>& wanted) {
    const sequence<rule>& rules = table_.chains()[chain].rules;
    for (const rule& one : wanted) {
      if (!settle(chain) || !afford(rules.size())) return too_much();
      if (!detail::has(rules, one)) return "the chain has no such rule";
    }
    return {};
  }

  /// Whether there is a rule of that number.
  constexpr text find(std::uint32_t chain, std::uint32_t number) {
    if (!settle(chain)) return too_much();
    const sequence<rule>& rules = table_.chains()[chain].rules;
    if (number > rules.size()) return too_few(rules);
    return {};
  }

  /// Takes all rules out of a chain.
  constexpr void clear(std::uint32_t chain) {
    table_.chains()[chain].rules.clear();
    if (chain < front_.size()) front_[chain].clear();
  }

  /// Brings all chains into their order. Whoever looks at rules, or takes chains away, does this before. It is refused
  /// if a text asks for it too often.
  constexpr text settle_all() {
    for (std::uint32_t chain = 0; chain < front_.size(); ++chain)
      if (!settle(chain)) return too_much();
    front_.clear();
    return {};
  }

  /// Refused if a text does too often what looks at `things` things.
  constexpr text pay_for(std::size_t things) {
    if (!afford(things)) return too_much();
    return {};
  }

 private:
  constexpr bool settle(std::uint32_t chain) {
    if (chain >= front_.size() || front_[chain].empty()) return true;
    sequence<rule>& rules = table_.chains()[chain].rules;
    sequence<rule>& front = front_[chain];
    // Once for each chain this is part of reading it.
    if (!afford(rules.size())) return false;
    detail::reverse(front);
    rules.insert(rules.begin(), std::move(front));
    front = {};
    return true;
  }

  constexpr bool afford(std::size_t moves) {
    spent_ += moves;
    return spent_ <= most;
  }
  static constexpr text too_few(const sequence<rule>& rules) {
    return join("the chain has only ", decimal(rules.size()), " rules");
  }
  static constexpr text too_much() { return "too much is moved one by one: write rules in their order, with -A"; }

  static constexpr std::uint64_t most = 50'000'000;

  table_builder& table_;
  sequence<sequence<rule>> front_;  // of each chain: the rules before all others, the last first
  std::uint64_t spent_ = 0;
};

}  // namespace cordon
