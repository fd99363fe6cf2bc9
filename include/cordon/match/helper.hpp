// -m helper: the helper that watches a connection (net/netfilter/xt_helper.c, helper_mt). An atom.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace helper_option {
enum : std::uint8_t { helper };

inline constexpr option_description table[] = {
    {.name = "--helper", .form = &forms::quoted<0, 29>, .least_count = 1, .meaning = "its name"},
};
}  // namespace helper_option

namespace detail {
constexpr match_meaning helper_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("helper", helper_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m helper`: its options, and what a use of it means.
inline constexpr match_extension helper_match{
    .name = "helper", .options = helper_option::table, .meaning = detail::helper_meaning};

}  // namespace cordon
