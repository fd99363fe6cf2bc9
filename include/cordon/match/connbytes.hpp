// -m connbytes: how much a connection has carried (net/netfilter/xt_connbytes.c, connbytes_mt). An atom.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/words.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace connbytes_option {
enum : std::uint8_t { amount, mode, direction };

inline constexpr std::array<std::string_view, 3> modes = {"packets", "bytes", "avgpkt"};
inline constexpr std::array<std::string_view, 3> directions = {"original", "reply", "both"};
inline constexpr std::uint64_t most = ~std::uint64_t{0};

// from, or from:to; the end is left out when there is none. "5:" has no end, ":5" begins at 0, and so does ":".
inline constexpr value_form amount_form{"from[:to]", 1,
                                        [](const std::string_view* words, const value_context&, option& into) {
                                          const auto colon = words[0].find(':');
                                          const bool is_range = colon != std::string_view::npos;
                                          const auto first = words[0].substr(0, colon);
                                          const auto last = is_range ? words[0].substr(colon + 1) : std::string_view{};
                                          const auto from = is_range && first.empty() ? 0 : read_c_number(first, most);
                                          const auto to = last.empty() ? most : read_c_number(last, most);
                                          if (!from || !to)
                                            return join("'", words[0], "' is no amount: write from or from:to");
                                          if (*from > *to)
                                            return join("the range '", words[0],
                                                        "' runs backwards: write the smaller number first");
                                          into.numbers = {{*from, *to}};
                                          return text();
                                        },
                                        [](const option& from, family, text& out) {
                                          out.append_number(from.numbers[0].low);
                                          if (from.numbers[0].high != most)
                                            out.append(':').append_number(from.numbers[0].high);
                                        },
                                        [](const choice_source& choices, family, option& into) {
                                          into.numbers = {forms::detail::draw_range(choices, most - 1)};
                                          if (choices.one_in(2)) into.numbers[0].high = most;
                                        }};

inline constexpr option_description table[] = {
    {.name = "--connbytes", .form = &amount_form, .least_count = 1, .meaning = "the amount"},
    {.name = "--connbytes-mode",
     .form = &forms::one_of<modes>,
     .invertible = false,
     .least_count = 1,
     .meaning = "what is counted"},
    {.name = "--connbytes-dir",
     .form = &forms::one_of<directions>,
     .invertible = false,
     .least_count = 1,
     .meaning = "which way"},
};
}  // namespace connbytes_option

namespace detail {
constexpr match_meaning connbytes_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("connbytes", connbytes_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m connbytes`: its options, and what a use of it means.
inline constexpr match_extension connbytes_match{
    .name = "connbytes", .options = connbytes_option::table, .meaning = detail::connbytes_meaning};

}  // namespace cordon
