// -j CONNMARK: changes the connection's mark, or copies it from or to the packet's (net/netfilter/xt_connmark.c,
// connmark_tg_v2). A packet without a connection is left as it is.
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/marks.hpp>

namespace cordon {

namespace connmark_target_option {
enum : std::uint8_t {
  set_xmark,
  save_mark,
  restore_mark,
  packet_mask,
  connection_mask,
  left_shift,
  right_shift,
  set_mark,
  and_mark,
  or_mark,
  xor_mark,
  mask,
};

inline constexpr value_form mask_form{
    "mask", 1, forms::number<0, 0xffffffff>.read,
    [](const option& from, family, text& out) { out.append("0x").append_hexadecimal(from.numbers[0].low); },
    forms::number<0, 0xffffffff>.draw};

inline constexpr option_description table[] = {
    {.name = "--set-xmark", .form = &marks::set_xmark, .invertible = false, .meaning = "(mark & ~mask) ^ value"},
    {.name = "--save-mark", .form = &forms::nothing, .invertible = false, .meaning = "the packet's mark is kept"},
    {.name = "--restore-mark", .form = &forms::nothing, .invertible = false, .meaning = "the packet gets the mark"},
    {.name = "--nfmask", .form = &mask_form, .invertible = false, .meaning = "of the packet's mark"},
    {.name = "--ctmask", .form = &mask_form, .invertible = false, .meaning = "of the connection's mark"},
    {.name = "--left-shift-mark", .form = &forms::number<0, 31>, .invertible = false, .meaning = "shifts it left"},
    {.name = "--right-shift-mark", .form = &forms::number<0, 31>, .invertible = false, .meaning = "shifts it right"},
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
    {.name = "--mask", .form = &mask_form, .invertible = false, .only_read = true, .meaning = "both masks at once"},
};
}  // namespace connmark_target_option

namespace detail {
constexpr text connmark_target_check(const sequence<option>& options, const meaning_context&) {
  using namespace connmark_target_option;
  const unsigned sets = count_of(options, {set_xmark, set_mark, and_mark, or_mark, xor_mark});
  const unsigned copies = count_of(options, {save_mark, restore_mark});
  if (sets + copies != 1)
    return "CONNMARK needs exactly one operation: --set-mark, --save-mark or --restore-mark, for one";
  if (count_of(options, {mask}) > 0 && count_of(options, {packet_mask, connection_mask}) > 0)
    return "--mask stands for --nfmask and --ctmask: write it or those";
  return {};
}

constexpr void connmark_target_normalise(sequence<option>& options, const meaning_context&) {
  using namespace connmark_target_option;
  const option* const both = find_option(options, mask);
  const bool copies = count_of(options, {save_mark, restore_mark}) > 0;
  const uint128 usual = both != nullptr ? both->numbers[0].low : uint128{marks::every_bit};
  const bool shortened = both != nullptr;
  for (option& one : options) {
    if (one.index < set_mark && one.index != set_xmark) continue;
    if (one.index == mask) continue;
    one.index = set_xmark;
    if (shortened) one.numbers[0].high = usual;
  }
  erase_if(options, [&](const option& one) {
    return one.index == mask || (!copies && (one.index == packet_mask || one.index == connection_mask)) ||
           ((one.index == left_shift || one.index == right_shift) && one.numbers[0].low == 0);
  });
  if (!copies) return;
  for (const std::uint8_t index : {packet_mask, connection_mask})
    if (find_option(options, index) == nullptr) options.push_back({index, false, {{usual, usual}}, {}});
}

constexpr effect connmark_effect(const sequence<option>& options, const meaning_context& context) {
  using namespace connmark_target_option;
  // raw comes before connection tracking, and without a connection connmark_tg does nothing (net/netfilter/xt_connmark.c).
  // That REJECT's answers have one there already is left out.
  if (context.table == "raw") return {};
  const bool shifts = count_of(options, {left_shift, right_shift}) > 0;
  if (const option* const set = find_option(options, set_xmark)) {
    if (shifts) return {.changes = {make_unknown(field::connection_mark)}, .needs_connection = true};
    return {.changes = {set_bits(field::connection_mark, set->numbers[0].low, set->numbers[0].high)},
            .needs_connection = true};
  }
  const bool restores = find_option(options, restore_mark) != nullptr;
  const field to = restores ? field::mark : field::connection_mark;
  if (shifts) return {.changes = {make_unknown(to)}, .needs_connection = true};
  const uint128 of_packet = find_option(options, packet_mask)->numbers[0].low;
  const uint128 of_connection = find_option(options, connection_mask)->numbers[0].low;
  alteration copied;
  copied.field = to;
  copied.keep = ~(restores ? of_packet : of_connection) & marks::every_bit;
  copied.from = restores ? field::connection_mark : field::mark;
  copied.from_mask = restores ? of_connection : of_packet;
  return {.changes = {copied}, .needs_connection = true};
}
}  // namespace detail

/// `-j CONNMARK`: its options, and what a use of it means.
inline constexpr target_extension connmark_target{.name = "CONNMARK",
                                                  .options = connmark_target_option::table,
                                                  .check = detail::connmark_target_check,
                                                  .normalise = detail::connmark_target_normalise,
                                                  .meaning = detail::connmark_effect};

}  // namespace cordon
