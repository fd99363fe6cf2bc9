// -m srh: the segment routing header of an IPv6 packet (net/ipv6/netfilter/ip6t_srh.c, srh1_mt6).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/extension_headers.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/host_network.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace srh_option {
enum : std::uint8_t {
  next_header,
  length_equal,
  length_greater,
  length_less,
  segments_left_equal,
  segments_left_greater,
  segments_left_less,
  last_entry_equal,
  last_entry_greater,
  last_entry_less,
  tag,
  previous,
  next,
  last,
};

// As `forms::host_network`, with the mask always shown.
inline constexpr value_form network_form{"address[/mask]", 1, forms::host_network.read,
                                         [](const option& from, family in, text& out) {
                                           forms::host_network.write(from, in, out);
                                           if (from.numbers[0].high == low_bits(128)) out.append("/128");
                                         },
                                         forms::host_network.draw};

inline constexpr option_description table[] = {
    {.name = "--srh-next-hdr", .form = &forms::number<0, 255>, .meaning = "the header behind it"},
    {.name = "--srh-hdr-len-eq", .form = &forms::number<0, 255>, .meaning = "its length is this"},
    {.name = "--srh-hdr-len-gt", .form = &forms::number<0, 255>, .meaning = "its length is greater"},
    {.name = "--srh-hdr-len-lt", .form = &forms::number<0, 255>, .meaning = "its length is less"},
    {.name = "--srh-segs-left-eq", .form = &forms::number<0, 255>, .meaning = "as many segments are left"},
    {.name = "--srh-segs-left-gt", .form = &forms::number<0, 255>, .meaning = "more segments are left"},
    {.name = "--srh-segs-left-lt", .form = &forms::number<0, 255>, .meaning = "fewer segments are left"},
    {.name = "--srh-last-entry-eq", .form = &forms::number<0, 255>, .meaning = "the last entry is this"},
    {.name = "--srh-last-entry-gt", .form = &forms::number<0, 255>, .meaning = "the last entry is greater"},
    {.name = "--srh-last-entry-lt", .form = &forms::number<0, 255>, .meaning = "the last entry is less"},
    {.name = "--srh-tag", .form = &forms::number<0, 65535>, .meaning = "the tag"},
    {.name = "--srh-psid", .form = &network_form, .meaning = "the previous segment"},
    {.name = "--srh-nsid", .form = &network_form, .meaning = "the next segment"},
    {.name = "--srh-lsid", .form = &network_form, .meaning = "the last segment"},
};
}  // namespace srh_option

namespace detail {
// iptables keeps one number for all comparisons of a length, of segments left and of a last entry: the last given.
constexpr void srh_normalise(sequence<option>& options, const meaning_context&) {
  const auto share = [&](std::uint8_t first, std::uint8_t end) {
    const option* latest = nullptr;
    for (const option& one : options)
      if (one.index >= first && one.index < end) latest = &one;
    if (latest == nullptr) return;
    const short_sequence<range> numbers = latest->numbers;
    for (option& one : options)
      if (one.index >= first && one.index < end) one.numbers = numbers;
  };
  share(srh_option::length_equal, srh_option::segments_left_equal);
  share(srh_option::segments_left_equal, srh_option::last_entry_equal);
  share(srh_option::last_entry_equal, srh_option::tag);
}

constexpr match_meaning srh_meaning(const sequence<option>& options, const meaning_context& context) {
  match_meaning made =
      extension_header_meaning(extension_header::routing, "srh", srh_option::table, options, context.family);
  // Other kinds of routing headers exist.
  made.holds &= unknown("srh well formed", /*stateful=*/false);
  return made;
}

constexpr bool srh_saved(sequence<option>& options, const meaning_context& context) {
  for (option& one : options)
    if (one.index >= srh_option::previous) forms::forget_mask_with_holes(one, context.family);
  return true;
}
}  // namespace detail

/// `-m srh`: its options, and what a use of it means.
inline constexpr match_extension srh_match{.name = "srh",
                                           .options = srh_option::table,
                                           .normalise = detail::srh_normalise,
                                           .meaning = detail::srh_meaning,
                                           .saved = detail::srh_saved,
                                           .ipv4 = false};

}  // namespace cordon
