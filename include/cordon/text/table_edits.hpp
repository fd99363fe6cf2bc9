// The commands that change a chain which is there already: -I, -D, -R, -C. Where rules are put in or taken out one at a
// time, each move costs; a text that would cost too much is refused rather than read for hours.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <cordon/text/rule_reader.hpp>

namespace cordon {

namespace detail {
constexpr std::size_t count_of(const std::vector<network>& list) { return list.empty() ? 1 : list.size(); }
}  // namespace detail

/// Puts the rules that a line stands for behind `into`, one for each pair of addresses.
constexpr void append_rules(std::vector<rule>& into, const rule& one, const address_lists& lists) {
  const std::size_t sources = detail::count_of(lists.sources);
  const std::size_t destinations = detail::count_of(lists.destinations);
  for (std::size_t i = 0; i < sources; ++i)
    for (std::size_t k = 0; k < destinations; ++k) {
      rule& made = into.emplace_back(one);
      if (!lists.sources.empty()) made.source.network = lists.sources[i];
      if (!lists.destinations.empty()) made.destination.network = lists.destinations[k];
      for (address_match* const address : {&made.source, &made.destination})
        if (address->given && !address->inverted && address->network.mask == 0) *address = {};
    }
}

/// Applies commands to chains. Each function returns what is wrong, or an empty text.
class table_edits {
 public:
  /// Puts rules before the rule of that number, the last of them first, as iptables does with an address list.
  constexpr text insert(std::vector<rule>& rules, std::vector<rule> made, std::uint32_t number) {
    const std::size_t at = number == 0 ? 0 : number - 1;
    if (at > rules.size())
      return join("the chain has ", decimal(rules.size()), " rules, so ", decimal(rules.size() + 1),
                  " is the last place for another");
    if (!afford(rules.size() - at)) return too_much();
    rules.insert(rules.begin() + static_cast<std::ptrdiff_t>(at), std::make_move_iterator(made.rbegin()),
                 std::make_move_iterator(made.rend()));
    return {};
  }

  /// Takes out the rule of that number.
  constexpr text remove(std::vector<rule>& rules, std::uint32_t number) {
    if (number > rules.size()) return too_few(rules);
    if (!afford(rules.size() - number)) return too_much();
    rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(number - 1));
    return {};
  }

  /// Takes out the first rule that says the same, for each of `wanted`.
  constexpr text remove(std::vector<rule>& rules, const std::vector<rule>& wanted) {
    for (const rule& one : wanted) {
      if (!afford(rules.size())) return too_much();
      const auto found = std::find(rules.begin(), rules.end(), one);
      if (found == rules.end()) return "the chain has no such rule to delete";
      rules.erase(found);
    }
    return {};
  }

  /// Puts a rule in the place of that of that number.
  constexpr text replace(std::vector<rule>& rules, rule made, std::uint32_t number) {
    if (number > rules.size()) return too_few(rules);
    rules[number - 1] = std::move(made);
    return {};
  }

  /// Whether rules that say the same as `wanted` are there.
  constexpr text check(const std::vector<rule>& rules, const std::vector<rule>& wanted) {
    for (const rule& one : wanted) {
      if (!afford(rules.size())) return too_much();
      if (std::find(rules.begin(), rules.end(), one) == rules.end()) return "the chain has no such rule";
    }
    return {};
  }

 private:
  constexpr bool afford(std::size_t moves) {
    spent_ += moves;
    return spent_ <= most;
  }
  static constexpr text too_few(const std::vector<rule>& rules) {
    return join("the chain has only ", decimal(rules.size()), " rules");
  }
  static constexpr text too_much() {
    return "too many rules are moved one by one: write them in their order with -A";
  }

  static constexpr std::uint64_t most = 200'000'000;
  std::uint64_t spent_ = 0;
};

}  // namespace cordon
