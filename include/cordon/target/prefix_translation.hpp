// What DNPT and SNPT share: the prefix of an IPv6 address is exchanged without connection tracking
// (net/ipv6/netfilter/ip6t_NPT.c). In mangle alone.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon::prefix_translation {

enum : std::uint8_t { from, to };

// A prefix of at most 64 bits: {address, mask}.
inline constexpr value_form prefix_form{
    "prefix/length", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      const auto slash = words[0].find('/');
      const auto base = read_host_address(words[0].substr(0, slash), context.family);
      const auto length = slash == std::string_view::npos ? no_value : read_c_number(words[0].substr(slash + 1), 64);
      if (!base || !length || context.family != family::ipv6)
        return join("'", words[0], "' is no IPv6 prefix: write prefix/length, of at most 64 bits");
      const uint128 mask = prefix_mask(family::ipv6, static_cast<unsigned>(*length));
      if ((*base & ~mask) != 0) return join("'", words[0], "' has bits behind its prefix: the kernel refuses that");
      into.numbers = {{*base, mask}};
      return text();
    },
    [](const option& of, family in, text& out) {
      out.append(to_text(network{{in, of.numbers[0].low}, of.numbers[0].high}));
    },
    [](const choice_source& choices, family, option& into) {
      into.numbers = {{(uint128{0xfd00} + choices.below(256)) << 112, prefix_mask(family::ipv6, 64)}};
    }};

inline constexpr option_description table[] = {
    {.name = "--src-pfx", .form = &prefix_form, .invertible = false, .least_count = 1, .meaning = "the prefix before"},
    {.name = "--dst-pfx", .form = &prefix_form, .invertible = false, .least_count = 1, .meaning = "the prefix after"},
};

constexpr text check(const sequence<option>&, const meaning_context& context) {
  return cordon::detail::needs_table(context, "mangle", "a change of prefixes");
}

}  // namespace cordon::prefix_translation
