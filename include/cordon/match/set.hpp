// -m set: whether a set holds the packet's addresses or ports (net/netfilter/xt_set.c, set_match_v4). What sets hold
// is not modelled: an atom. One that looks at counters, or changes them, has a value of its own each time.
#pragma once

#include <string_view>
#include <vector>

#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/set_directions.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace set_option {
enum : std::uint8_t {
  match_set,
  return_nomatch,
  update_counters,
  update_subcounters,
  packets_equal,
  packets_less,
  packets_greater,
  bytes_equal,
  bytes_less,
  bytes_greater,
};

inline constexpr std::uint64_t most = ~std::uint64_t{0};

inline constexpr option_description table[] = {
    {.name = "--match-set",
     .alias = "--set",
     .form = &forms::set_and_directions,
     .least_count = 1,
     .meaning = "the set holds the packet"},
    {.name = "--return-nomatch",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "its entry is marked nomatch"},
    {.name = "--update-counters", .form = &forms::nothing, .meaning = "a hit is counted in the set"},
    {.name = "--update-subcounters",
     .form = &forms::nothing,
     .meaning = "a hit is counted in a member of a list of sets"},
    {.name = "--packets-eq", .form = &forms::number<0, most>, .meaning = "the entry has counted as many packets"},
    {.name = "--packets-lt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... fewer packets"},
    {.name = "--packets-gt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... more packets"},
    {.name = "--bytes-eq", .form = &forms::number<0, most>, .meaning = "the entry has counted as many bytes"},
    {.name = "--bytes-lt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... fewer bytes"},
    {.name = "--bytes-gt", .form = &forms::number<0, most>, .invertible = false, .meaning = "... more bytes"},
};
}  // namespace set_option

namespace detail {
constexpr text set_check(const std::vector<option>& options, const meaning_context&) {
  using namespace set_option;
  if (count_of(options, {packets_equal, packets_less, packets_greater}) > 1)
    return "only one of --packets-eq, --packets-lt and --packets-gt can stand here";
  if (count_of(options, {bytes_equal, bytes_less, bytes_greater}) > 1)
    return "only one of --bytes-eq, --bytes-lt and --bytes-gt can stand here";
  return {};
}

// Both of these are only ever shown, and mean something, with a `!`.
constexpr void set_normalise(std::vector<option>& options, const meaning_context&) {
  std::erase_if(options, [](const option& one) {
    return (one.index == set_option::update_counters || one.index == set_option::update_subcounters) && !one.inverted;
  });
}

constexpr match_meaning set_meaning(const std::vector<option>& options, const meaning_context& context) {
  predicate holds = always();
  for (const option& one : options) {
    if (one.index == set_option::match_set || one.index >= set_option::packets_equal) {
      std::vector<option> asked = {one};
      if (const option* const nomatch = find_option(options, set_option::return_nomatch))
        if (one.index == set_option::match_set) asked.push_back(*nomatch);
      holds &= inverted_if(one.inverted, unknown(words_of("set", set_option::table, asked, context.family),
                                                 one.index >= set_option::packets_equal));
    }
  }
  return {holds};
}
}  // namespace detail

inline constexpr match_extension set_match{.name = "set",
                                           .options = set_option::table,
                                           .check = detail::set_check,
                                           .normalise = detail::set_normalise,
                                           .meaning = detail::set_meaning};

}  // namespace cordon
