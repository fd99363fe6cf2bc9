// -m mac: the Ethernet address that a packet came from (net/netfilter/xt_mac.c, mac_mt). Only for packets that come
// in.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/packet/ethernet_address.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace mac_option {
enum : std::uint8_t { source };

inline constexpr value_form address_form{
    "XX:XX:XX:XX:XX:XX", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto address = read_ethernet_address(words[0]);
      if (!address) return join("'", words[0], "' is no Ethernet address: write six bytes, XX:XX:XX:XX:XX:XX");
      into.numbers = {{*address, *address}};
      return text();
    },
    [](const option& from, family, text& out) {
      append_ethernet_address(out, static_cast<std::uint64_t>(from.numbers[0].low));
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
  if (!contains(incoming_hooks, context.hook))
    return opaque("mac", mac_option::table, options, context, /*stateful=*/false);
  // What has no Ethernet header fits neither the address nor its negation.
  const uint128 address = options[0].numbers[0].low;
  if (!options[0].inverted) return {is(field::mac, address)};
  return {between(field::mac, 0, low_bits(48)) && !is(field::mac, address)};
}
}  // namespace detail

/// `-m mac`: its options, and what a use of it means.
inline constexpr match_extension mac_match{
    .name = "mac", .options = mac_option::table, .meaning = detail::mac_meaning, .hooks = only_at<incoming_hooks>};

}  // namespace cordon
