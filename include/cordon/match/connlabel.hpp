// -m connlabel: labels on a connection (net/netfilter/xt_connlabel.c, connlabel_mt). An atom.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace connlabel_option {
enum : std::uint8_t { label, set };

inline constexpr value_form label_form{
    "number", 1, forms::number<0, 127>.read,
    [](const option& from, family, text& out) { out.append('"').append_number(from.numbers[0].low).append('"'); },
    forms::number<0, 127>.draw};

inline constexpr option_description table[] = {
    {.name = "--label", .form = &label_form, .least_count = 1, .meaning = "the connection has the label"},
    {.name = "--set", .form = &forms::nothing, .invertible = false, .meaning = "and gets it first"},
};
}  // namespace connlabel_option

namespace detail {
constexpr match_meaning connlabel_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("connlabel", connlabel_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m connlabel`: its options, and what a use of it means.
inline constexpr match_extension connlabel_match{
    .name = "connlabel", .options = connlabel_option::table, .meaning = detail::connlabel_meaning};

}  // namespace cordon
