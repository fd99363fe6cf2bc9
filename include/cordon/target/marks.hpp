// How MARK and CONNMARK are told what to make of a mark: five ways to write one operation, (mark & ~mask) ^ value. As
// a value: {value, mask}.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/match/forms.hpp>

namespace cordon::marks {

inline constexpr std::uint32_t every_bit = 0xffffffff;

/// value[/mask]: the mask is always printed.
inline constexpr value_form set_xmark{"value[/mask]", 1, forms::masked_number.read,
                                      [](const option& from, family, text& out) {
                                        out.append("0x").append_hexadecimal(from.numbers[0].low);
                                        out.append("/0x").append_hexadecimal(from.numbers[0].high);
                                      },
                                      forms::masked_number.draw};

/// value[/mask]: the bits of the value are cleared too.
inline constexpr value_form set_mark{"value[/mask]", 1,
                                     [](const std::string_view* words, const value_context& context, option& into) {
                                       text wrong = forms::masked_number.read(words, context, into);
                                       if (wrong.empty()) into.numbers[0].high |= into.numbers[0].low;
                                       return wrong;
                                     },
                                     set_xmark.write, forms::masked_number.draw};

enum class operation : std::uint8_t { and_bits, or_bits, xor_bits };

/// One number of 32 bits.
template <operation What>
inline constexpr value_form bits{"bits", 1,
                                 [](const std::string_view* words, const value_context&, option& into) {
                                   const auto value = read_c_number(words[0], every_bit);
                                   if (!value)
                                     return join("'", words[0], "' will not do: write a number of 0 to 0xffffffff");
                                   switch (What) {
                                     case operation::and_bits: into.numbers = {{0, ~*value & every_bit}}; break;
                                     case operation::or_bits: into.numbers = {{*value, *value}}; break;
                                     case operation::xor_bits: into.numbers = {{*value, 0}}; break;
                                   }
                                   return text();
                                 },
                                 set_xmark.write, set_xmark.draw};

}  // namespace cordon::marks
