// -j MARK: changes the packet's mark (net/netfilter/xt_mark.c, mark_tg). In mangle the packet is then routed again.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/marks.hpp>

namespace cordon {

namespace mark_target_option {
enum : std::uint8_t { set_xmark, set_mark, and_mark, or_mark, xor_mark };

inline constexpr option_description table[] = {
    {.name = "--set-xmark", .form = &marks::set_xmark, .invertible = false, .meaning = "(mark & ~mask) ^ value"},
    {.name = "--set-mark",
     .form = &marks::set_mark,
     .invertible = false,
     .only_read = true,
     .meaning = "(mark & ~mask) | value"},
    {.name = "--and-mark",
     .form = &marks::bits<marks::operation::and_bits>,
     .invertible = false,
     .only_read = true,
     .meaning = "mark & bits"},
    {.name = "--or-mark",
     .form = &marks::bits<marks::operation::or_bits>,
     .invertible = false,
     .only_read = true,
     .meaning = "mark | bits"},
    {.name = "--xor-mark",
     .form = &marks::bits<marks::operation::xor_bits>,
     .invertible = false,
     .only_read = true,
     .meaning = "mark ^ bits"},
};
}  // namespace mark_target_option

namespace detail {
constexpr text mark_target_check(const sequence<option>& options, const meaning_context&) {
  if (options.size() != 1)
    return "MARK needs exactly one of --set-xmark, --set-mark, --and-mark, --or-mark and --xor-mark";
  return {};
}

constexpr void mark_target_normalise(sequence<option>& options, const meaning_context&) {
  for (option& one : options) one.index = mark_target_option::set_xmark;
}

constexpr effect mark_effect(const sequence<option>& options, const meaning_context&) {
  return {.changes = {set_bits(field::mark, options[0].numbers[0].low, options[0].numbers[0].high)}};
}
}  // namespace detail

/// `-j MARK`: its options, and what a use of it means.
inline constexpr target_extension mark_target{.name = "MARK",
                                              .options = mark_target_option::table,
                                              .check = detail::mark_target_check,
                                              .normalise = detail::mark_target_normalise,
                                              .meaning = detail::mark_effect};

}  // namespace cordon
