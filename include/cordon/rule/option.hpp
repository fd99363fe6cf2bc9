// One option of a match or target, as a value: what stands behind `--dport`, say. How such a value is written, printed
// and drawn at random is a `value_form`; the table of an extension names the form of each of its options.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/short_sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/rule/backend.hpp>

namespace cordon {

/// An option as it stands in a rule. Equal options mean the same and print the same.
struct option {
  std::uint8_t index = 0;         ///< its place in the extension's table
  bool inverted = false;          ///< `!` stood before it
  short_sequence<range> numbers;  ///< its numbers; for a masked value {value, mask}
  text words;                     ///< its text, where it is one

  friend constexpr bool operator==(const option&, const option&) = default;
};

/// Where names come from that the machine decides. Null functions know no names.
struct name_sources {
  ///@{
  /// The number that a name stands for, or nothing; of a service, the port for the protocol of that name.
  maybe<std::uint32_t> (*user)(std::string_view) = nullptr;
  maybe<std::uint32_t> (*group)(std::string_view) = nullptr;
  maybe<std::uint32_t> (*service)(std::string_view name, std::string_view protocol) = nullptr;
  ///@}
};

/// What a reader of values has to know.
struct value_context {
  cordon::family family = family::ipv4;    ///< of the rule
  cordon::backend backend = backend::nft;  ///< of the rule
  std::string_view option_name = {};       ///< as in the table, for messages
  std::string_view protocol_name = {};     ///< of the rule, "" without -p: service names depend on it
  const name_sources* names = nullptr;     ///< what the machine knows; null: nothing is looked up
};

/// A source of random choices, for drawing values: `below(n)` is uniform in 0 to n - 1.
struct choice_source {
  void* state = nullptr;  ///< handed to `next`
  /// gives a number below `bound`, uniformly
  std::uint64_t (*next)(void* state, std::uint64_t bound) = nullptr;

  ///@{
  /// A number below `bound`, which is not 0; true once in `n` times.
  constexpr std::uint64_t below(std::uint64_t bound) const { return next(state, bound); }
  constexpr bool one_in(std::uint64_t n) const { return below(n) == 0; }
  ///@}
};

/// One way to write a value.
struct value_form {
  std::string_view shown;       ///< for help and messages: "port[:port]"
  std::uint8_t word_count = 1;  ///< how many words its value has, 0 to 4
  /// Reads the option's words into `into`; returns what is wrong and what to write instead, or an empty text.
  text (*read)(const std::string_view* words, const value_context& context, option& into) = nullptr;
  /// Appends the canonical words, as iptables-save prints them.
  void (*write)(const option& from, family in, text& out) = nullptr;
  /// Draws a value, with the edges more often than the rest.
  void (*draw)(const choice_source& choices, family in, option& into) = nullptr;
  /// Its one word may be left out before another option; `read` then gets an empty one.
  bool optional = false;
};

/// One line of an extension's table: an option that it knows.
struct option_description {
  std::string_view name;             ///< as iptables-save prints it, with its dashes
  std::string_view alias = {};       ///< another spelling
  const value_form* form = nullptr;  ///< how its value is written
  bool invertible = true;            ///< whether `!` may stand before it
  std::uint8_t least_count = 0;      ///< 1 where the option must be given
  /// Read, and replaced by another option of the table on the way in (`--syn`).
  bool only_read = false;
  /// It may be given more than once; `normalise` then gives each use an index of its own.
  bool repeatable = false;
  /// An index that only `normalise` gives: no word is read as this line of the table.
  bool only_written = false;
  std::string_view meaning = {};  ///< one sentence, for descriptions
};

}  // namespace cordon
