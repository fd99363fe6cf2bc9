// How the traffic class (in IPv4: TOS) is written by the matches and targets about it: tos, dscp, TOS, DSCP.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/match/forms.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::traffic_class {

/// A name of a value of TOS, or of a code point.
struct named {
  std::string_view name;  ///< as iptables knows it
  std::uint8_t value;     ///< of the byte, or of its upper six bits for a code point
};

// RFC 1349: a name stands for these bits under the mask 0x3f.
inline constexpr named tos_names[] = {{"Minimize-Delay", 0x10},
                                      {"Maximize-Throughput", 0x08},
                                      {"Maximize-Reliability", 0x04},
                                      {"Minimize-Cost", 0x02},
                                      {"Normal-Service", 0x00}};
inline constexpr std::uint8_t name_mask = 0x3f;

// RFC 2474, RFC 2597, RFC 3246.
inline constexpr named dscp_classes[] = {
    {"CS0", 0x00},  {"CS1", 0x08},  {"CS2", 0x10},  {"CS3", 0x18},  {"CS4", 0x20},  {"CS5", 0x28},
    {"CS6", 0x30},  {"CS7", 0x38},  {"BE", 0x00},   {"AF11", 0x0a}, {"AF12", 0x0c}, {"AF13", 0x0e},
    {"AF21", 0x12}, {"AF22", 0x14}, {"AF23", 0x16}, {"AF31", 0x1a}, {"AF32", 0x1c}, {"AF33", 0x1e},
    {"AF41", 0x22}, {"AF42", 0x24}, {"AF43", 0x26}, {"EF", 0x2e},
};

/// value[/mask], or a name: {value, mask}. Without mask all bits count.
inline constexpr value_form masked_byte{
    "value[/mask]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      for (const named& known : tos_names) {
        if (!equal_ignoring_case(known.name, words[0])) continue;
        into.numbers = {{known.value, name_mask}};
        return text();
      }
      const auto slash = words[0].find('/');
      const auto value = read_c_number(words[0].substr(0, slash), 255);
      const auto mask = slash == std::string_view::npos ? 255 : read_c_number(words[0].substr(slash + 1), 255);
      if (!value || !mask)
        return join("'", words[0],
                    "' is no TOS: write value or value/mask of 0 to 255, or a name such as Minimize-Delay");
      into.numbers = {{*value, *mask}};
      return text();
    },
    [](const option& from, family, text& out) {
      out.append("0x").append_hexadecimal(from.numbers[0].low, 2);
      out.append("/0x").append_hexadecimal(from.numbers[0].high, 2);
    },
    [](const choice_source& choices, family, option& into) {
      constexpr std::uint8_t masks[] = {255, name_mask, 0xfc, 3, 0, 1};
      const uint128 mask = masks[choices.below(6)];
      const uint128 value = choices.below(256);
      into.numbers = {{choices.one_in(4) ? value : value & mask, mask}};
    }};

/// A code point, 0 to 63, printed in hexadecimal.
inline constexpr value_form dscp{
    "value", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto value = read_c_number(words[0], 63);
      if (!value) return join("'", words[0], "' is no code point: write a number of 0 to 63");
      into.numbers = {{*value, *value}};
      return text();
    },
    [](const option& from, family, text& out) { out.append("0x").append_hexadecimal(from.numbers[0].low, 2); },
    [](const choice_source& choices, family, option& into) {
      const uint128 value = forms::detail::draw_number(choices, 63);
      into.numbers = {{value, value}};
    }};

/// The name of a class of code points.
inline constexpr value_form dscp_class{"class", 1,
                                       [](const std::string_view* words, const value_context&, option& into) {
                                         for (const named& known : dscp_classes) {
                                           if (!equal_ignoring_case(known.name, words[0])) continue;
                                           into.numbers = {{known.value, known.value}};
                                           return text();
                                         }
                                         return join("'", words[0],
                                                     "' is no class: write BE, EF, CS0 to CS7, or AF11 to AF43");
                                       },
                                       dscp.write, dscp.draw};

}  // namespace cordon::traffic_class
