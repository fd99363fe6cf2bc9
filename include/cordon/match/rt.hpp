// -m rt: the routing header of an IPv6 packet (net/ipv6/netfilter/ip6t_rt.c, rt_mt6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/extension_headers.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace rt_option {
enum : std::uint8_t { type, segments_left, length, reserved, addresses, not_strict };

inline constexpr std::size_t most_addresses = 16;  // IP6T_RT_HOPS

inline constexpr value_form addresses_form{"address[,address...]", 1,
                                           [](const std::string_view* words, const value_context&, option& into) {
                                             into.numbers.clear();
                                             forms::list_reader items{words[0]};
                                             while (!items.last) {
                                               const auto item = items.next();
                                               const auto one = read_ipv6_address(item);
                                               if (!one) return join("'", item, "' is no IPv6 address");
                                               into.numbers.push_back({one->bits, one->bits});
                                             }
                                             if (into.numbers.size() > most_addresses)
                                               return text("at most 16 addresses can stand here");
                                             return text();
                                           },
                                           [](const option& from, family, text& out) {
                                             for (std::size_t i = 0; i < from.numbers.size(); ++i) {
                                               if (i > 0) out.append(',');
                                               out.append(to_text(address{family::ipv6, from.numbers[i].low}));
                                             }
                                           },
                                           [](const choice_source& choices, family, option& into) {
                                             into.numbers.clear();
                                             for (std::uint64_t left = 1 + choices.below(3); left > 0; --left) {
                                               const uint128 bits = (uint128{0xfd09} << 112) | choices.below(4);
                                               into.numbers.push_back({bits, bits});
                                             }
                                           }};

inline constexpr option_description table[] = {
    {.name = "--rt-type", .form = &forms::number<0, 0xffffffff>, .meaning = "the type"},
    {.name = "--rt-segsleft", .form = &forms::open_range<0xffffffff>, .meaning = "the segments left"},
    {.name = "--rt-len", .form = &forms::number<0, 0xffffffff>, .meaning = "the header's length in bytes"},
    {.name = "--rt-0-res", .form = &forms::nothing, .invertible = false, .meaning = "of type 0: reserved is zero"},
    {.name = "--rt-0-addrs", .form = &addresses_form, .invertible = false, .meaning = "of type 0: the addresses"},
    {.name = "--rt-0-not-strict", .form = &forms::nothing, .invertible = false, .meaning = "others may stand between"},
};
}  // namespace rt_option

namespace detail {
constexpr text rt_check(const sequence<option>& options, const meaning_context&) {
  bool type_0 = false;
  bool addresses = false;
  for (const option& one : options) {
    if (one.index == rt_option::type) type_0 = !one.inverted && one.numbers[0].low == 0;
    if (one.index == rt_option::addresses) addresses = true;
    if (one.index >= rt_option::reserved && !type_0)
      return join(rt_option::table[one.index].name, " needs --rt-type 0 before it");
    if (one.index == rt_option::not_strict && !addresses) return "--rt-0-not-strict needs --rt-0-addrs before it";
  }
  return {};
}

constexpr void rt_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) {
    return one.index == rt_option::segments_left && !one.inverted && forms::is_whole<0xffffffff>(one);
  });
}

constexpr match_meaning rt_meaning(const sequence<option>& options, const meaning_context& context) {
  sequence<option> compared;
  for (const option& one : options) {
    if (one.index == rt_option::segments_left && one.inverted && forms::is_whole<0xffffffff>(one)) return {never()};
    if (one.index != rt_option::not_strict) compared.push_back(one);
  }
  match_meaning made =
      extension_header_meaning(extension_header::routing, "rt", rt_option::table, compared, context.family);
  // Others between them or not makes another condition of the addresses.
  if (compared.size() != options.size()) made.holds &= unknown("rt addresses not strict", /*stateful=*/true);
  return made;
}

constexpr bool rt_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options,
           [](const option& one) { return one.index == rt_option::segments_left && forms::is_whole<0xffffffff>(one); });
  return true;
}
}  // namespace detail

/// `-m rt`: its options, and what a use of it means.
inline constexpr match_extension rt_match{.name = "rt",
                                          .options = rt_option::table,
                                          .check = detail::rt_check,
                                          .normalise = detail::rt_normalise,
                                          .meaning = detail::rt_meaning,
                                          .saved = detail::rt_saved,
                                          .ipv4 = false};

}  // namespace cordon
