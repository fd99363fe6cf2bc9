// -m osf: which operating system a TCP SYN looks like (net/netfilter/xt_osf.c, xt_osf_match_packet). Only for packets
// that come in, and IPv4 alone.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace osf_option {
enum : std::uint8_t { genre, ttl, log };

inline constexpr value_form genre_form{
    "genre", 1, forms::quoted<1, 31>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "Linux" : "Windows"; }};

inline constexpr option_description table[] = {
    {.name = "--genre", .form = &genre_form, .least_count = 1, .meaning = "the system's name"},
    {.name = "--ttl", .form = &forms::number<0, 2>, .invertible = false, .meaning = "how the TTL is compared"},
    {.name = "--log", .form = &forms::number<0, 2>, .invertible = false, .meaning = "what is logged"},
};
}  // namespace osf_option

namespace detail {
constexpr text osf_check(const sequence<option>&, const meaning_context& context) {
  if (!context.protocol.is_just(protocol::tcp)) return "-m osf needs -p tcp before it in the same rule";
  return {};
}

constexpr match_meaning osf_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("osf", osf_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m osf`: its options, and what a use of it means.
inline constexpr match_extension osf_match{.name = "osf",
                                           .options = osf_option::table,
                                           .check = detail::osf_check,
                                           .meaning = detail::osf_meaning,
                                           .hooks = only_at<incoming_hooks>,
                                           .ipv6 = false};

}  // namespace cordon
