// -m mac: the Ethernet address that a packet came from (net/netfilter/xt_mac.c, mac_mt). Only for packets that come
// in.
#pragma once

#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace mac_option {
enum : std::uint8_t { source };

inline constexpr value_form address_form{
    "XX:XX:XX:XX:XX:XX", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      uint128 bits = 0;
      unsigned parts = 0;
      forms::list_reader items{words[0], ':'};
      while (!items.last) {
        const auto byte = read_number(items.next(), 255, 16);
        if (!byte || ++parts > 6)
          return join("'", words[0], "' is no Ethernet address: write six bytes, XX:XX:XX:XX:XX:XX");
        bits = (bits << 8) | *byte;
      }
      if (parts != 6) return join("'", words[0], "' is no Ethernet address: write six bytes, XX:XX:XX:XX:XX:XX");
      into.numbers = {{bits, bits}};
      return text();
    },
    [](const option& from, family, text& out) {
      for (int shift = 40; shift >= 0; shift -= 8) {
        out.append_hexadecimal(from.numbers[0].low >> shift & 255, 2);
        if (shift > 0) out.append(':');
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 bits = choices.below(std::uint64_t{1} << 48);
      into.numbers = {{bits, bits}};
    }};

inline constexpr option_description table[] = {
    {.name = "--mac-source", .form = &address_form, .least_count = 1, .meaning = "the address"},
};
}  // namespace mac_option

namespace detail {
constexpr match_meaning mac_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("mac", mac_option::table, options, context, /*stateful=*/false);
}
}  // namespace detail

inline constexpr match_extension mac_match{
    .name = "mac", .options = mac_option::table, .meaning = detail::mac_meaning, .hooks = only_at<incoming_hooks>};

}  // namespace cordon
