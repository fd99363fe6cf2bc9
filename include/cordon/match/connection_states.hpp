// Sets of connection states as conntrack and state write them, and which packets are in one (conntrack_mt in
// net/netfilter/xt_conntrack.c).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/match/forms.hpp>
#include <cordon/packet/connection_state.hpp>
#include <cordon/rule/option.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::connection_states {

// A set, as the bits of numbers[0].low: five states, then the two translations.
inline constexpr unsigned source_translated = 1U << 5;
inline constexpr unsigned destination_translated = 1U << 6;

constexpr unsigned bit_of(connection_state one) { return 1U << static_cast<unsigned>(one); }

/// A state, or a translation, and its bit in a set.
struct named {
  std::string_view name;  ///< as iptables prints it
  unsigned bit;           ///< of a set
};

// In the order in which iptables tries abbreviations.
inline constexpr named read_order[] = {
    {"INVALID", bit_of(connection_state::invalid)},
    {"NEW", bit_of(connection_state::fresh)},
    {"ESTABLISHED", bit_of(connection_state::established)},
    {"RELATED", bit_of(connection_state::related)},
    {"UNTRACKED", bit_of(connection_state::untracked)},
    {"SNAT", source_translated},
    {"DNAT", destination_translated},
};

// In the order in which iptables-save prints them: conntrack and state differ in nothing but the last two.
inline constexpr named print_order[] = {
    {"INVALID", bit_of(connection_state::invalid)},
    {"NEW", bit_of(connection_state::fresh)},
    {"RELATED", bit_of(connection_state::related)},
    {"ESTABLISHED", bit_of(connection_state::established)},
    {"UNTRACKED", bit_of(connection_state::untracked)},
    {"SNAT", source_translated},
    {"DNAT", destination_translated},
};

/// Reads a comma list of states, each of which may be cut short; SNAT and DNAT only where `translations` are allowed.
constexpr text read(std::string_view written, bool translations, option& into) {
  unsigned states = 0;
  forms::list_reader items{written};
  while (!items.last) {
    const auto item = items.next();
    const named* found = nullptr;
    for (const named& known : read_order) {
      if (item.empty() || found != nullptr || !forms::abbreviates(item, known.name)) continue;
      if (known.bit < source_translated || translations) found = &known;
    }
    if (found == nullptr)
      return join("'", item, "' is no connection state: write INVALID, NEW, ESTABLISHED, RELATED or UNTRACKED",
                  translations ? ", or SNAT or DNAT" : "", ", joined by commas");
    states |= found->bit;
  }
  into.numbers = {{states, states}};
  return {};
}

constexpr void write(const option& from, text& out) {
  bool first = true;
  for (const named& known : print_order) {
    if ((from.numbers[0].low & known.bit) == 0) continue;
    if (!first) out.append(',');
    out.append(known.name);
    first = false;
  }
}

constexpr void draw(const choice_source& choices, bool translations, option& into) {
  const unsigned most = translations ? 127 : 31;
  const auto states =
      choices.one_in(2) ? 1 + choices.below(most) : std::uint64_t{1} << choices.below(translations ? 7 : 5);
  into.numbers = {{states, states}};
}

/// Packets that belong to a connection that the kernel tracks: all but INVALID and UNTRACKED ones.
constexpr predicate is_tracked() {
  return between(field::state, 0, static_cast<unsigned>(connection_state::invalid) - 1);
}

/// Packets in one of the states of `states`; a translation counts for tracked packets alone.
constexpr predicate in_one_of(unsigned states) {
  predicate holds = never();
  for (unsigned state = 0; state < 5; ++state)
    if ((states & (1U << state)) != 0) holds |= is(field::state, state);
  if ((states & source_translated) != 0) holds |= is_tracked() && masked(field::nat_status, 1, 1);
  if ((states & destination_translated) != 0) holds |= is_tracked() && masked(field::nat_status, 2, 2);
  return holds;
}

}  // namespace cordon::connection_states
