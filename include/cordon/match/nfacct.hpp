// -m nfacct: counts the packet in an accounting object, which the machine must have (net/netfilter/xt_nfacct.c,
// nfacct_mt). An atom, since with a quota it may fit or not.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace nfacct_option {
enum : std::uint8_t { name };

// iptables-save puts two blanks before the name.
inline constexpr value_form name_form{"name", 1, forms::quoted<1, 31>.read,
                                      [](const option& from, family, text& out) { out.append(' ').append(from.words); },
                                      [](const choice_source&, family, option& into) { into.words = "http-traffic"; }};

inline constexpr option_description table[] = {
    {.name = "--nfacct-name",
     .form = &name_form,
     .invertible = false,
     .least_count = 1,
     .meaning = "the object's name"},
};
}  // namespace nfacct_option

namespace detail {
constexpr match_meaning nfacct_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("nfacct", nfacct_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m nfacct`: its options, and what a use of it means.
inline constexpr match_extension nfacct_match{
    .name = "nfacct", .options = nfacct_option::table, .meaning = detail::nfacct_meaning};

}  // namespace cordon
