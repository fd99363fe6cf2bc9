// -m dst: the destination options of an IPv6 packet (net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6).
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/options_header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace dst_option {
enum : std::uint8_t { length, options };

inline constexpr option_description table[] = {
    {.name = "--dst-len", .form = &forms::number<0, 0xffffffff>, .meaning = "the header's length in bytes"},
    {.name = "--dst-opts", .form = &options_header::list_form, .invertible = false, .meaning = "the options in it"},
};
}  // namespace dst_option

namespace detail {
constexpr match_meaning dst_meaning(const sequence<option>& options, const meaning_context& context) {
  return extension_header_meaning(extension_header::destination, "dst", dst_option::table, options, context.family);
}
}  // namespace detail

/// `-m dst`: its options, and what a use of it means.
inline constexpr match_extension dst_match{
    .name = "dst", .options = dst_option::table, .meaning = detail::dst_meaning, .ipv4 = false};

}  // namespace cordon
