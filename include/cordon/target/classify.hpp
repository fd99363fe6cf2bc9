// -j CLASSIFY: the class of traffic control that the packet is queued in; no rule asks for it
// (net/netfilter/xt_CLASSIFY.c, classify_tg). Only for packets on their way out.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/number.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace classify_option {
// Two hexadecimal numbers, of which iptables keeps 16 bits each.
inline constexpr value_form class_form{
    "major:minor", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto colon = words[0].find(':');
      const auto one = [](std::string_view item) {
        if (item.size() > 2 && item[0] == '0' && to_lower(item[1]) == 'x') item.remove_prefix(2);
        return read_number(item, 0xffffffff, 16);
      };
      const auto major = one(words[0].substr(0, colon));
      const auto minor = colon == std::string_view::npos ? no_value : one(words[0].substr(colon + 1));
      if (!major || !minor) return join("'", words[0], "' is no class: write two hexadecimal numbers, major:minor");
      const std::uint64_t handle = (*major & 0xffff) << 16 | (*minor & 0xffff);
      into.numbers = {{handle, handle}};
      return text();
    },
    [](const option& from, family, text& out) {
      out.append_hexadecimal(from.numbers[0].low >> 16, 4)
          .append(':')
          .append_hexadecimal(from.numbers[0].low & 0xffff, 4);
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 handle = choices.below(0xffffffff);
      into.numbers = {{handle, handle}};
    }};

inline constexpr option_description table[] = {
    {.name = "--set-class", .form = &class_form, .invertible = false, .least_count = 1, .meaning = "the class"},
};
}  // namespace classify_option

/// `-j CLASSIFY`: its options, and what a use of it means.
inline constexpr target_extension classify_target{.name = "CLASSIFY",
                                                  .options = classify_option::table,
                                                  .meaning = detail::no_effect,
                                                  .hooks = only_at < set_of(hook::forward) | outgoing_hooks > };

}  // namespace cordon
