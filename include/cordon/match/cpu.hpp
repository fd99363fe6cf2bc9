// -m cpu: the processor that handles the packet (net/netfilter/xt_cpu.c, cpu_mt). An atom with a value of its
// own at each rule: what a program sends may go on by another processor between two tables.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace cpu_option {
enum : std::uint8_t { cpu };

inline constexpr option_description table[] = {
    {.name = "--cpu", .form = &forms::number<0, 0xffffffff>, .least_count = 1, .meaning = "its number"},
};
}  // namespace cpu_option

namespace detail {
constexpr match_meaning cpu_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("cpu", cpu_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m cpu`: its options, and what a use of it means.
inline constexpr match_extension cpu_match{.name = "cpu", .options = cpu_option::table, .meaning = detail::cpu_meaning};

}  // namespace cordon
