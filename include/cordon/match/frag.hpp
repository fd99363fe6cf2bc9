// -m frag: the fragment header of an IPv6 packet (net/ipv6/netfilter/ip6t_frag.c, frag_mt6).
#pragma once

#include <cstdint>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/extension_headers.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace frag_option {
enum : std::uint8_t { id, length, reserved, first, more, last };

inline constexpr option_description table[] = {
    {.name = "--fragid", .form = &forms::open_range<0xffffffff>, .meaning = "the identification"},
    {.name = "--fraglen", .form = &forms::number<0, 0xffffffff>, .meaning = "kept, and without effect"},
    {.name = "--fragres", .form = &forms::nothing, .invertible = false, .meaning = "the reserved fields are zero"},
    {.name = "--fragfirst", .form = &forms::nothing, .invertible = false, .meaning = "the first fragment"},
    {.name = "--fragmore", .form = &forms::nothing, .invertible = false, .meaning = "more fragments follow"},
    {.name = "--fraglast", .form = &forms::nothing, .invertible = false, .meaning = "no more fragments follow"},
};
}  // namespace frag_option

namespace detail {
constexpr text frag_check(const sequence<option>& options, const meaning_context&) {
  if (count_of(options, {frag_option::more, frag_option::last}) > 1)
    return "--fragmore and --fraglast cannot stand together: no packet is both";
  return {};
}

constexpr void frag_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) {
    return one.index == frag_option::id && !one.inverted && forms::is_whole<0xffffffff>(one);
  });
}

constexpr match_meaning frag_meaning(const sequence<option>& options, const meaning_context& context) {
  // The kernel does not compare the length.
  sequence<option> compared = options;
  erase_if(compared, [](const option& one) { return one.index == frag_option::length; });
  const option* const id = find_option(options, frag_option::id);
  if (id != nullptr && id->inverted && forms::is_whole<0xffffffff>(*id)) return {never()};
  return extension_header_meaning(extension_header::fragment, "frag", frag_option::table, compared, context.family);
}

constexpr bool frag_saved(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) { return one.index == frag_option::id && forms::is_whole<0xffffffff>(one); });
  return true;
}
}  // namespace detail

/// `-m frag`: its options, and what a use of it means.
inline constexpr match_extension frag_match{.name = "frag",
                                            .options = frag_option::table,
                                            .check = detail::frag_check,
                                            .normalise = detail::frag_normalise,
                                            .meaning = detail::frag_meaning,
                                            .saved = detail::frag_saved,
                                            .ipv4 = false};

}  // namespace cordon
