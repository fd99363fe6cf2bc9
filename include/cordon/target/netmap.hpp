// -j NETMAP: translates the network part of an address (net/netfilter/xt_NETMAP.c, netmap_tg4). In nat alone; before
// routing and for what this machine sends it is the destination's.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/nat_range.hpp>
#include <cordon/target/tables.hpp>

namespace cordon {

namespace netmap_option {
enum : std::uint8_t { to };

// A network: {address, mask}; a mask that is no prefix counts as the whole address.
inline constexpr value_form network_form{
    "address[/mask]", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto slash = words[0].find('/');
      const unsigned width = address_width(context.family);
      const auto base = read_host_address(words[0].substr(0, slash), context.family);
      if (!base) return join("'", words[0], "' is no ", title_of(context.family), " network: write it in numbers");
      uint128 mask = low_bits(width);
      if (slash != std::string_view::npos) {
        const auto behind = words[0].substr(slash + 1);
        const auto length = read_c_number(behind, width);
        const auto dotted = length ? no_value : read_host_address(behind, context.family);
        if (!length && !dotted) return join("'", behind, "' is no mask of an ", title_of(context.family), " address");
        mask = length ? prefix_mask(context.family, static_cast<unsigned>(*length)) : *dotted;
        if (!prefix_length(context.family, mask)) mask = low_bits(width);
      }
      into.numbers = {{*base & mask, mask}};
      return text();
    },
    [](const option& from, family in, text& out) {
      out.append(to_text(network{{in, from.numbers[0].low}, from.numbers[0].high}));
    },
    [](const choice_source& choices, family in, option& into) {
      const uint128 mask = prefix_mask(in, address_width(in) - static_cast<unsigned>(choices.below(17)));
      const uint128 base = in == family::ipv4 ? uint128{10} << 24 : uint128{0xfd09} << 112;
      into.numbers = {{(base | choices.below(65536)) & mask, mask}};
    }};

inline constexpr option_description table[] = {
    {.name = "--to", .form = &network_form, .invertible = false, .least_count = 1, .meaning = "the new network"},
};
}  // namespace netmap_option

namespace detail {
constexpr text netmap_check(const sequence<option>&, const meaning_context& context) {
  return needs_table(context, "nat", "NETMAP");
}

constexpr effect netmap_effect(const sequence<option>& options, const meaning_context& context) {
  effect made = nat_range::translated(no_value, no_value, context);
  made.changes.push_back(set_bits(field::destination, options[0].numbers[0].low, options[0].numbers[0].high));
  return made;
}

constexpr hook_set netmap_hooks(const sequence<option>&, const meaning_context&) {
  return static_cast<hook_set>(all_hooks & ~set_of(hook::forward));
}
}  // namespace detail

/// `-j NETMAP`: its options, and what a use of it means.
inline constexpr target_extension netmap_target{.name = "NETMAP",
                                                .options = netmap_option::table,
                                                .check = detail::netmap_check,
                                                .meaning = detail::netmap_effect,
                                                .hooks = detail::netmap_hooks};

}  // namespace cordon
