// -m mh: the type of a mobility header, its third byte (net/ipv6/netfilter/ip6t_mh.c, mh_mt6). A packet in which
// another header is said to follow is dropped.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/ports.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace mh_option {
enum : std::uint8_t { type };

struct named {
  std::string_view name;
  std::uint8_t type;
};

// RFC 6275 section 6.1, RFC 5568; in the order in which iptables tries abbreviations.
inline constexpr named names[] = {
    {"binding-refresh-request", 0},
    {"brr", 0},
    {"home-test-init", 1},
    {"hoti", 1},
    {"careof-test-init", 2},
    {"coti", 2},
    {"home-test", 3},
    {"hot", 3},
    {"careof-test", 4},
    {"cot", 4},
    {"binding-update", 5},
    {"bu", 5},
    {"binding-acknowledgement", 6},
    {"ba", 6},
    {"binding-error", 7},
    {"be", 7},
};

constexpr maybe<std::uint64_t> read_type(std::string_view written) {
  if (written.empty()) return no_value;
  for (const named& known : names)
    if (equal_ignoring_case(written, known.name)) return known.type;
  for (const named& known : names)
    if (forms::abbreviates(written, known.name)) return known.type;
  return read_c_number(written, 255);
}

inline constexpr value_form type_form{
    "type[:type]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto colon = words[0].find(':');
      const bool is_range = colon != std::string_view::npos;
      const auto first = words[0].substr(0, colon);
      const auto last = is_range ? words[0].substr(colon + 1) : first;
      const auto low = is_range && first.empty() ? 0 : read_type(first);
      const auto high = is_range && last.empty() ? 255 : read_type(last);
      if (!low || !high) return join("'", words[0], "' is no type of a mobility header: write 0 to 255, or a name");
      if (*low > *high) return join("the range '", words[0], "' runs backwards: write the smaller number first");
      into.numbers = {{*low, *high}};
      return text();
    },
    [](const option& from, family, text& out) { forms::detail::append_range(out, from.numbers[0], ':'); },
    [](const choice_source& choices, family, option& into) {
      into.numbers = {forms::detail::draw_range(choices, 255)};
    }};

inline constexpr option_description table[] = {
    {.name = "--mh-type", .form = &type_form, .meaning = "the type"},
};
}  // namespace mh_option

namespace detail {
constexpr text mh_check(const sequence<option>&, const meaning_context& context) {
  return needs_protocol(context, protocol::mobility_header, "mh", false);
}

constexpr void mh_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return !one.inverted && forms::is_whole<255>(one); });
}

constexpr match_meaning mh_meaning(const sequence<option>& options, const meaning_context&) {
  const predicate is_last = between(field::first_word, 59 * 256, 59 * 256 + 255);  // IPPROTO_NONE follows
  match_meaning made{carries(6) && is_last, is_cut_before(6) || (carries(6) && !is_last)};
  for (const option& one : options)
    made.holds &= inverted_if(one.inverted,
                              between(field::second_word, one.numbers[0].low * 256, one.numbers[0].high * 256 + 255));
  return made;
}

constexpr bool mh_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return forms::is_whole<255>(one); });
  return true;
}
}  // namespace detail

/// `-m mh`: its options, and what a use of it means.
inline constexpr match_extension mh_match{.name = "mh",
                                          .options = mh_option::table,
                                          .check = detail::mh_check,
                                          .normalise = detail::mh_normalise,
                                          .meaning = detail::mh_meaning,
                                          .saved = detail::mh_saved,
                                          .implied_by = number_of(protocol::mobility_header),
                                          .ipv4 = false};

}  // namespace cordon
