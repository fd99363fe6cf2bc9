// An address with a mask as the options write it that ask getaddrinfo: conntrack's, policy's tunnel ends. As a value:
// numbers[0] is {address, mask}; the bits behind the mask stay, and mean nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/match/addresses.hpp>
#include <cordon/rule/option.hpp>

namespace cordon::forms {

inline constexpr value_form host_network{
    "address[/mask]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto slash = words[0].find('/');
      const auto base = read_host_address(words[0].substr(0, slash), context.family);
      if (!base)
        return join("'", words[0], "' is no ", title_of(context.family),
                    " address or network: names are never looked up, write the address itself");
      const unsigned width = address_width(context.family);
      uint128 mask = low_bits(width);
      if (slash != std::string_view::npos) {
        const auto behind = words[0].substr(slash + 1);
        if (const auto length = read_c_number(behind, width))
          mask = prefix_mask(context.family, static_cast<unsigned>(*length));
        else if (const auto dotted = read_host_address(behind, context.family))
          mask = *dotted;
        else
          return join("'", behind, "' is no mask of an ", title_of(context.family), " address");
      }
      into.numbers = {{*base, mask}};
      return text();
    },
    [](const option& from, family in, text& out) {
      out.append(to_text(address{in, from.numbers[0].low}));
      const auto length = prefix_length(in, from.numbers[0].high);
      if (length && *length < address_width(in))
        out.append('/').append_number(*length);
      else if (!length)
        out.append('/').append(to_text(address{in, from.numbers[0].high}));
    },
    [](const choice_source& choices, family in, option& into) {
      const unsigned width = address_width(in);
      const uint128 base = in == family::ipv4 ? uint128{10} << 24 : uint128{0xfd09} << 112;
      const auto length = choices.one_in(2) ? width : static_cast<unsigned>(choices.below(width + 1));
      into.numbers = {{base | choices.below(256), prefix_mask(in, length)}};
    }};

/// iptables-save shows no mask that is no prefix.
constexpr void forget_mask_with_holes(option& of, family in) {
  if (!prefix_length(in, of.numbers[0].high)) of.numbers[0].high = low_bits(address_width(in));
}

}  // namespace cordon::forms
