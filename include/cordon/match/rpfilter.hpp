// -m rpfilter: whether an answer would go out where the packet came in (net/ipv4/netfilter/ipt_rpfilter.c,
// rpfilter_mt). Only in PREROUTING of raw and mangle.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace rpfilter_option {
enum : std::uint8_t { loose, valid_mark, accept_local, invert };

inline constexpr option_description table[] = {
    {.name = "--loose", .form = &forms::nothing, .invertible = false, .meaning = "by any interface"},
    {.name = "--validmark", .form = &forms::nothing, .invertible = false, .meaning = "routed with the packet's mark"},
    {.name = "--accept-local",
     .form = &forms::nothing,
     .invertible = false,
     .meaning = "from this machine's addresses"},
    {.name = "--invert", .form = &forms::nothing, .invertible = false, .meaning = "packets that failed the test"},
};
}  // namespace rpfilter_option

namespace detail {
constexpr text rpfilter_check(const sequence<option>&, const meaning_context& context) {
  if (context.table != "raw" && context.table != "mangle")
    return "-m rpfilter works in the tables raw and mangle alone";
  return {};
}

constexpr match_meaning rpfilter_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("rpfilter", rpfilter_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m rpfilter`: its options, and what a use of it means.
inline constexpr match_extension rpfilter_match{.name = "rpfilter",
                                                .options = rpfilter_option::table,
                                                .check = detail::rpfilter_check,
                                                .meaning = detail::rpfilter_meaning,
                                                .hooks = only_at<set_of(hook::prerouting)>};

}  // namespace cordon
