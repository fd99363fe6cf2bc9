// Which option a long name stands for, as getopt_long finds it for iptables: an option in full, or the beginning of one
// that fits no other, among iptables' own and those of the matches and the target that the rule has loaded so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/bytes.hpp>
#include <cordon/base/view.hpp>
#include <cordon/rule/rule.hpp>
#include <cordon/text/rule_options.hpp>

namespace cordon {

/// An option that was found.
struct found_option {
  enum class owner : std::uint8_t { none, several, iptables, match, target };
  owner of = owner::none;
  char letter = 0;          ///< of one of iptables' own
  std::uint8_t index = 0;   ///< in the table of an extension
  std::uint32_t match = 0;  ///< index of the match in the rule
};

/// Looks for options in one rule while it is read.
class option_finder {
 public:
  /// `matches_before_target`: how many matches the rule had when its target was loaded.
  constexpr option_finder(const rule& of, std::uint32_t matches_before_target)
      : rule_(of), matches_before_target_(matches_before_target) {}

  /// The option whose name is `name`, without its dashes. Of several extensions that have one the extension that was
  /// loaded last has it, and of several uses of that extension the last use.
  constexpr found_option find(std::string_view name) const {
    found_option found;
    std::uint32_t found_first = 0;
    for (auto i = static_cast<std::uint32_t>(rule_.matches.size()); i-- > 0;) {
      const match& one = rule_.matches.data()[i];
      if (one.extension == nullptr) continue;
      const std::uint8_t at = find_in(one.extension->options, name);
      if (at == nowhere) continue;
      const std::uint32_t first = first_use(i);
      if (found.of == found_option::owner::none || first > found_first) {
        found = {found_option::owner::match, 0, at, i};
        found_first = first;
      }
      if (first == i) break;  // all others were loaded before it
    }
    if (const target_extension* const of = rule_.target.extension; of != nullptr) {
      if (found.of == found_option::owner::none || found_first < matches_before_target_) {
        const std::uint8_t at = find_in(of->options, name);
        if (at != nowhere) return {found_option::owner::target, 0, at, 0};
      }
    }
    if (found.of != found_option::owner::none) return found;
    const char letter = rule_option_letter(name);
    if (letter != 0) return {found_option::owner::iptables, letter, 0, 0};
    return found;
  }

  /// The one option whose name begins with `beginning`.
  constexpr found_option find_abbreviated(std::string_view beginning) const {
    found_option found;
    for (const rule_option& own : detail::rule_options) {
      if (!own.name.starts_with(beginning)) continue;
      // Two names of one option are no two options.
      if (found.of != found_option::owner::none && found.letter != own.letter) return {found_option::owner::several};
      found = {found_option::owner::iptables, own.letter, 0, 0};
    }
    for (auto i = static_cast<std::uint32_t>(rule_.matches.size()); i-- > 0;) {
      const match& one = rule_.matches.data()[i];
      if (one.extension == nullptr || is_used_again(i)) continue;
      if (!look_in(one.extension->options, beginning, {found_option::owner::match, 0, 0, i}, found)) return found;
    }
    if (rule_.target.extension != nullptr)
      look_in(rule_.target.extension->options, beginning, {found_option::owner::target}, found);
    return found;
  }

 private:
  static constexpr std::uint8_t nowhere = 255;

  // Names in the tables stand with their two dashes.
  static constexpr std::uint8_t find_in(view<option_description> options, std::string_view name) {
    const option_description* const first = options.data();
    const std::size_t count = options.size();
    const std::size_t length = name.size() + 2;
    for (std::size_t k = 0; k < count; ++k) {
      const option_description& one = first[k];
      if (one.only_written) continue;
      if (one.name.size() == length && same_bytes({one.name.data() + 2, name.size()}, name))
        return static_cast<std::uint8_t>(k);
      if (one.alias.size() == length && same_bytes({one.alias.data() + 2, name.size()}, name))
        return static_cast<std::uint8_t>(k);
    }
    return nowhere;
  }

  // False: the beginning fits two options.
  static constexpr bool look_in(view<option_description> options, std::string_view beginning, found_option owner,
                                found_option& found) {
    for (std::uint8_t k = 0; k < options.size(); ++k) {
      const option_description& one = options[k];
      if (one.only_written) continue;
      if (!one.name.substr(2).starts_with(beginning) &&
          (one.alias.empty() || !one.alias.substr(2).starts_with(beginning)))
        continue;
      if (found.of != found_option::owner::none) {
        found = {found_option::owner::several};
        return false;
      }
      found = owner;
      found.index = k;
    }
    return true;
  }

  constexpr std::uint32_t first_use(std::uint32_t match) const {
    for (std::uint32_t i = 0; i < match; ++i)
      if (rule_.matches.data()[i].extension == rule_.matches.data()[match].extension) return i;
    return match;
  }
  constexpr bool is_used_again(std::uint32_t match) const {
    for (std::size_t i = match + 1; i < rule_.matches.size(); ++i)
      if (rule_.matches[i].extension == rule_.matches[match].extension) return true;
    return false;
  }

  const rule& rule_;
  std::uint32_t matches_before_target_;
};

}  // namespace cordon
