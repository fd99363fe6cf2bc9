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

/// The rules that a command stands for, one for each pair of addresses, put behind `into`.
constexpr void append_rules(std::vector<rule>& into, rule_command&& command) {
  const std::size_t sources = detail::count_of(command.sources);
  const std::size_t destinations = detail::count_of(command.destinations);
  if (sources == 1 && destinations == 1) {
    into.push_back(std::move(command.rule));
    return;
  }
  for (std::size_t i = 0; i < sources; ++i)
    for (std::size_t k = 0; k < destinations; ++k) {
      rule& made = into.emplace_back(command.rule);
      if (!command.sources.empty()) made.source.network = command.sources[i];
      if (!command.destinations.empty()) made.destination.network = command.destinations[k];
      for (address_match* const address : {&made.source, &made.destination})
        if (address->given && !address->inverted && address->network.mask == 0) *address = {};
    }
}

/// Applies commands to chains. Each function returns what is wrong, or an empty text.
class table_edits {
 public:
  /// Puts the rules of a command before the rule of its number, the last of a list first.
  constexpr text insert(std::vector<rule>& rules, rule_command&& command) {
    const std::size_t at = command.number ? *command.number - 1 : 0;
    if (at > rules.size())
      return join("the chain has ", decimal(rules.size()), " rules: a rule can be put at most at ", decimal(rules.size() + 1));
    if (!afford(rules.size() - at)) return too_much();
    std::vector<rule> made;
    append_rules(made, std::move(command));
    std::reverse(made.begin(), made.end());
    rules.insert(rules.begin() + static_cast<std::ptrdiff_t>(at), std::make_move_iterator(made.begin()),
                 std::make_move_iterator(made.end()));
    return {};
  }

  /// Takes out the rule of its number, or the first that says the same.
  constexpr text remove(std::vector<rule>& rules, rule_command&& command) {
    if (command.number) {
      if (*command.number > rules.size()) return join("the chain has ", decimal(rules.size()), " rules");
      if (!afford(rules.size())) return too_much();
      rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(*command.number - 1));
      return {};
    }
    std::vector<rule> wanted;
    append_rules(wanted, std::move(command));
    for (const rule& one : wanted) {
      if (!afford(rules.size())) return too_much();
      const auto found = std::find(rules.begin(), rules.end(), one);
      if (found == rules.end()) return "the chain has no such rule to delete";
      rules.erase(found);
    }
    return {};
  }

  /// Puts the rule of a command in the place of that of its number.
  constexpr text replace(std::vector<rule>& rules, rule_command&& command) {
    if (*command.number > rules.size()) return join("the chain has ", decimal(rules.size()), " rules");
    rules[*command.number - 1] = std::move(command.rule);
    return {};
  }

  /// Whether the rules of a command are there.
  constexpr text check(const std::vector<rule>& rules, rule_command&& command) {
    std::vector<rule> wanted;
    append_rules(wanted, std::move(command));
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
  static constexpr text too_much() {
    return "too many rules are moved one by one: write them in their order with -A";
  }

  static constexpr std::uint64_t most = 200'000'000;
  std::uint64_t spent_ = 0;
};

}  // namespace cordon
