// What hbh and dst share: the two IPv6 headers that are lists of options (net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/match/extension_headers.hpp>
#include <cordon/match/forms.hpp>

namespace cordon::options_header {

inline constexpr std::size_t most_options = 16;  // IP6T_OPTS_OPTSNR

// type[:length], each cut off to a byte as iptables does. Each entry is {type, length}; without a length the second
// is `any_length`.
inline constexpr std::uint32_t any_length = 256;

inline constexpr value_form list_form{
    "type[:length][,type[:length]...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      into.numbers.clear();
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        const auto colon = item.find(':');
        const auto type = read_c_number(item.substr(0, colon), 0xffffffff);
        const auto length = colon == std::string_view::npos ? maybe<std::uint64_t>(any_length)
                                                            : read_c_number(item.substr(colon + 1), 0xffffffff);
        if (!type || !length) return join("'", item, "' is no option: write type or type:length, each of 0 to 255");
        if ((*type & 0xff) == 0 && colon != std::string_view::npos)
          return join("'", item, "': the option 0 is a single byte and has no length: write 0");
        into.numbers.push_back({*type & 0xff, colon == std::string_view::npos ? any_length : *length & 0xff});
      }
      if (into.numbers.size() > most_options) return text("at most 16 options can stand here");
      return text();
    },
    [](const option& from, family, text& out) {
      for (std::size_t i = 0; i < from.numbers.size(); ++i) {
        if (i > 0) out.append(',');
        out.append_number(from.numbers[i].low);
        if (from.numbers[i].high != any_length) out.append(':').append_number(from.numbers[i].high);
      }
    },
    [](const choice_source& choices, family, option& into) {
      into.numbers.clear();
      for (std::uint64_t left = 1 + choices.below(3); left > 0; --left)
        into.numbers.push_back({choices.below(256), choices.one_in(2) ? any_length : choices.below(256)});
      for (range& one : into.numbers)
        if (one.low == 0) one.high = any_length;
    }};

}  // namespace cordon::options_header
