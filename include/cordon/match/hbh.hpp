// -m hbh: the hop-by-hop options of an IPv6 packet (net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6).
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/options_header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace hbh_option {
enum : std::uint8_t { length, options };

inline constexpr option_description table[] = {
    {.name = "--hbh-len", .form = &forms::number<0, 0xffffffff>, .meaning = "the header's length in bytes"},
    {.name = "--hbh-opts", .form = &options_header::list_form, .invertible = false, .meaning = "the options in it"},
};
}  // namespace hbh_option

namespace detail {
constexpr match_meaning hbh_meaning(const sequence<option>& options, const meaning_context& context) {
  return extension_header_meaning(extension_header::hop_by_hop, "hbh", hbh_option::table, options, context.family);
}
}  // namespace detail

/// `-m hbh`: its options, and what a use of it means.
inline constexpr match_extension hbh_match{
    .name = "hbh", .options = hbh_option::table, .meaning = detail::hbh_meaning, .ipv4 = false};

}  // namespace cordon
