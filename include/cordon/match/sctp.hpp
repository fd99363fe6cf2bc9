// -m sctp: the ports of an SCTP header, and the kinds of chunks behind it (net/netfilter/xt_sctp.c, sctp_mt).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace sctp_option {
enum : std::uint8_t { sport = port_option::sport, dport = port_option::dport, chunk_types };

/// A chunk type that iptables knows by name, and the letters of its flags from the highest bit to the lowest; `-` is
/// a bit without a letter.
struct chunk_type {
  std::uint8_t number;
  std::string_view name;
  std::string_view flags = {};
};

// RFC 9260 section 3.2, RFC 3758, RFC 4820, RFC 5061, RFC 6525, RFC 8260.
inline constexpr chunk_type chunk_types_known[] = {
    {0, "DATA", "----IUBE"},
    {1, "INIT"},
    {2, "INIT_ACK"},
    {3, "SACK"},
    {4, "HEARTBEAT"},
    {5, "HEARTBEAT_ACK"},
    {6, "ABORT", "-------T"},
    {7, "SHUTDOWN"},
    {8, "SHUTDOWN_ACK"},
    {9, "ERROR"},
    {10, "COOKIE_ECHO"},
    {11, "COOKIE_ACK"},
    {12, "ECN_ECNE"},
    {13, "ECN_CWR"},
    {14, "SHUTDOWN_COMPLETE", "-------T"},
    {64, "I_DATA", "----IUBE"},
    {128, "ASCONF_ACK"},
    {130, "RE_CONFIG"},
    {132, "PAD"},
    {192, "FORWARD_TSN"},
    {193, "ASCONF"},
    {194, "I_FORWARD_TSN"},
};

enum class chunk_mode : std::uint8_t { any, all, only };
inline constexpr std::string_view chunk_modes[] = {"any", "all", "only"};

// numbers[0].low is the mode. Each further entry is a chunk type: low its number, high the mask of the flags that are
// looked at * 256 + those of them that are set. All types at once: one entry of 256; none: no entry.
inline constexpr std::uint32_t every_chunk_type = 256;

constexpr text read_chunk_types(const std::string_view* words, const value_context&, option& into) {
  into.numbers.clear();
  for (unsigned mode = 0; mode < 3; ++mode)
    if (equal_ignoring_case(words[0], chunk_modes[mode])) into.numbers.push_back({mode, 0});
  if (into.numbers.empty()) return join("'", words[0], "' is none of all, any, only");
  if (equal_ignoring_case(words[1], "NONE")) return {};
  if (equal_ignoring_case(words[1], "ALL")) {
    into.numbers.push_back({every_chunk_type, 0});
    return {};
  }
  unsigned masks[256] = {};
  unsigned values[256] = {};
  bool present[256] = {};
  forms::list_reader items{words[1]};
  while (!items.last) {
    const auto item = items.next();
    const auto colon = item.find(':');
    const auto name = item.substr(0, colon);
    const chunk_type* type = nullptr;
    for (const chunk_type& known : chunk_types_known)
      if (equal_ignoring_case(known.name, name)) type = &known;
    // strtok_r, which iptables takes the list apart with, does not see empty items.
    if (item.empty()) continue;
    if (type == nullptr) return join("'", name, "' is no SCTP chunk type that iptables knows: write DATA, INIT, ...");
    present[type->number] = true;
    if (colon == std::string_view::npos) continue;
    for (const char letter : item.substr(colon + 1)) {
      std::size_t at = type->flags.size();
      for (std::size_t i = type->flags.size(); i > 0; --i)
        if (to_lower(type->flags[i - 1]) == to_lower(letter)) at = i - 1;
      if (at == type->flags.size())
        return join("'", item, "': this chunk type has no flag '", std::string_view(&letter, 1), "'");
      // A capital letter asks for a set bit, a small one for a clear bit, and of both the capital stays.
      const unsigned bit = 1U << (7 - at);
      masks[type->number] |= bit;
      if (letter >= 'A' && letter <= 'Z') values[type->number] |= bit;
    }
  }
  unsigned with_flags = 0;
  for (const unsigned mask : masks) with_flags += mask != 0;
  if (with_flags > 4) return "at most four chunk types can have flags";
  for (unsigned number = 0; number < 256; ++number)
    if (present[number]) into.numbers.push_back({number, masks[number] * 256 + values[number]});
  return {};
}

constexpr void write_chunk_types(const option& from, family, text& out) {
  out.append(chunk_modes[static_cast<unsigned>(from.numbers[0].low)]).append(' ');
  if (from.numbers.size() == 1) out.append("NONE");
  for (std::size_t i = 1; i < from.numbers.size(); ++i) {
    const range& entry = from.numbers[i];
    if (i > 1) out.append(',');
    if (entry.low == every_chunk_type) out.append("ALL");
    for (const chunk_type& known : chunk_types_known) {
      if (known.number != entry.low) continue;
      out.append(known.name);
      const auto mask = static_cast<unsigned>(entry.high >> 8);
      if (mask != 0) out.append(':');
      for (unsigned at = 0; at < known.flags.size(); ++at) {
        const unsigned bit = 1U << (7 - at);
        if ((mask & bit) == 0) continue;
        out.append((entry.high & bit) != 0 ? known.flags[at] : to_lower(known.flags[at]));
      }
    }
  }
}

constexpr void draw_chunk_types(const choice_source& choices, family, option& into) {
  into.numbers = {{choices.below(3), 0}};
  if (choices.one_in(4)) {
    if (choices.one_in(2)) into.numbers.push_back({every_chunk_type, 0});
    return;
  }
  for (const chunk_type& known : chunk_types_known) {
    if (!choices.one_in(8)) continue;
    unsigned bits = 0;
    for (unsigned at = 0; at < known.flags.size(); ++at)
      if (known.flags[at] != '-') bits |= 1U << (7 - at);
    const auto mask = static_cast<unsigned>(choices.below(256)) & bits;
    into.numbers.push_back({known.number, mask * 256 + (static_cast<unsigned>(choices.below(256)) & mask)});
  }
}

inline constexpr value_form chunk_types_form{"all|any|only type[:flags][,...]", 2, read_chunk_types, write_chunk_types,
                                             draw_chunk_types};

inline constexpr option_description table[] = {
    port_option::source,
    port_option::destination,
    {.name = "--chunk-types", .form = &chunk_types_form, .meaning = "which chunks the packet carries"},
};
}  // namespace sctp_option

namespace detail {
constexpr text sctp_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::sctp, "sctp", false);
}

// iptables-save forgets the flags of I_DATA.
constexpr bool sctp_saved(sequence<option>& options, const meaning_context&) {
  for (option& one : options)
    if (one.index == sctp_option::chunk_types)
      for (range& entry : one.numbers)
        if (entry.low == 64) entry.high = 0;
  return true;
}

/// Whether the chunks of a packet fit (match_packet in xt_sctp.c). Which flags they have no field says.
constexpr predicate chunks_fit(const option& wanted, family in) {
  const auto mode = static_cast<sctp_option::chunk_mode>(static_cast<unsigned>(wanted.numbers[0].low));
  uint128 low_listed = 0;
  uint128 high_listed = 0;
  predicate some = never();
  predicate each = always();
  predicate flags_fit = always();
  const auto add = [&](unsigned kind, std::uint64_t flags) {
    (kind < 128 ? low_listed : high_listed) |= uint128{1} << (kind & 127);
    predicate there = carries_kind(kind);
    if (flags >> 8 != 0) {
      option single = wanted;
      single.numbers = {wanted.numbers[0], {kind, flags}};
      text name("sctp chunks ");
      sctp_option::write_chunk_types(single, in, name);
      const predicate fits = unknown(name, /*stateful=*/false);
      flags_fit &= !there || fits;
      there &= fits;
    }
    some |= there;
    each &= there;
  };
  for (std::size_t i = 1; i < wanted.numbers.size(); ++i) {
    if (wanted.numbers[i].low != sctp_option::every_chunk_type) {
      add(static_cast<unsigned>(wanted.numbers[i].low), static_cast<std::uint64_t>(wanted.numbers[i].high));
      continue;
    }
    low_listed = high_listed = low_bits(128);
    some = !is(field::low_kinds, 0) || !is(field::high_kinds, 0);
    each = is(field::low_kinds, low_bits(128)) && is(field::high_kinds, low_bits(128));
  }
  switch (mode) {
    case sctp_option::chunk_mode::any: return some;
    case sctp_option::chunk_mode::all: return each;
    case sctp_option::chunk_mode::only:
      return masked(field::low_kinds, ~low_listed, 0) && masked(field::high_kinds, ~high_listed, 0) && flags_fit;
  }
  return never();
}

constexpr match_meaning sctp_meaning(const sequence<option>& options, const meaning_context& context) {
  match_meaning made{carries(12) && ports_fit(options), is_cut_before(12)};
  if (const option* const chunks = find_option(options, sctp_option::chunk_types)) {
    // A first chunk must be there, once the ports fit.
    made.drops |= made.holds && is(field::low_kinds, 0) && is(field::high_kinds, 0);
    made.holds &= inverted_if(chunks->inverted, chunks_fit(*chunks, context.family));
  }
  return made;
}
}  // namespace detail

/// `-m sctp`: its options, and what a use of it means.
inline constexpr match_extension sctp_match{.name = "sctp",
                                            .options = sctp_option::table,
                                            .check = detail::sctp_check,
                                            .meaning = detail::sctp_meaning,
                                            .saved = detail::sctp_saved,
                                            .implied_by = number_of(protocol::sctp)};

}  // namespace cordon
