// -m comment: a text that decides nothing (net/netfilter/xt_comment.c, comment_mt). At most 255 bytes; iptables
// cuts off the rest without a word.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace comment_option {
enum : std::uint8_t { comment };

inline constexpr option_description table[] = {
    {.name = "--comment",
     .form = &forms::quoted<0, 255>,
     .invertible = false,
     .least_count = 1,
     .meaning = "a text for people"},
};
}  // namespace comment_option

namespace detail {
constexpr match_meaning comment_meaning(const sequence<option>&, const meaning_context&) { return {always()}; }
}  // namespace detail

/// `-m comment`: its options, and what a use of it means.
inline constexpr match_extension comment_match{
    .name = "comment", .options = comment_option::table, .meaning = detail::comment_meaning};

}  // namespace cordon
