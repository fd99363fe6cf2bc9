// -m quota: fits until so many bytes have passed (net/netfilter/xt_quota.c, quota_mt). An atom.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace quota_option {
enum : std::uint8_t { quota };

inline constexpr option_description table[] = {
    {.name = "--quota", .form = &forms::number<0, ~std::uint64_t{0}>, .least_count = 1, .meaning = "bytes"},
};
}  // namespace quota_option

namespace detail {
constexpr match_meaning quota_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("quota", quota_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m quota`: its options, and what a use of it means.
inline constexpr match_extension quota_match{
    .name = "quota", .options = quota_option::table, .meaning = detail::quota_meaning};

}  // namespace cordon
