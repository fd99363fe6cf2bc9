// -j LOG: a line in the kernel's log; the packet goes on (net/netfilter/xt_LOG.c).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace log_option {
enum : std::uint8_t { prefix, level, tcp_sequence, tcp_options, ip_options, uid, mac_decode };

struct level_name {
  std::string_view name;
  unsigned level;
};

// The names of syslog that iptables reads; the usual level is 4 and is not printed.
inline constexpr level_name levels[] = {{"emerg", 0},   {"panic", 0},  {"alert", 1}, {"crit", 2}, {"error", 3},
                                        {"warning", 4}, {"notice", 5}, {"info", 6},  {"debug", 7}};
inline constexpr unsigned usual_level = 4;

inline constexpr value_form level_form{
    "level", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      auto level = read_c_number(words[0], 7);
      for (const level_name& known : levels)
        if (known.name == words[0]) level = known.level;
      if (!level) return join("'", words[0], "' is no log level: write 0 to 7, or a name such as info");
      into.numbers = {{*level, *level}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family, option& into) {
      const uint128 level = choices.below(8);
      into.numbers = {{level, level}};
    }};

inline constexpr option_description table[] = {
    {.name = "--log-prefix", .form = &forms::quoted<1, 29>, .invertible = false, .meaning = "how the line begins"},
    {.name = "--log-level", .form = &level_form, .invertible = false, .meaning = "the line's level"},
    {.name = "--log-tcp-sequence", .form = &forms::nothing, .invertible = false, .meaning = "with sequence numbers"},
    {.name = "--log-tcp-options", .form = &forms::nothing, .invertible = false, .meaning = "with TCP options"},
    {.name = "--log-ip-options", .form = &forms::nothing, .invertible = false, .meaning = "with IP options"},
    {.name = "--log-uid", .form = &forms::nothing, .invertible = false, .meaning = "with the socket's user"},
    {.name = "--log-macdecode", .form = &forms::nothing, .invertible = false, .meaning = "with decoded MAC addresses"},
};
}  // namespace log_option

namespace detail {
constexpr void log_normalise(sequence<option>& options, const meaning_context&) {
  erase_if(options, [](const option& one) {
    return one.index == log_option::level && one.numbers[0].low == log_option::usual_level;
  });
}

constexpr effect log_meaning(const sequence<option>&, const meaning_context&) { return {}; }
}  // namespace detail

/// `-j LOG`: its options, and what a use of it means.
inline constexpr target_extension log_target{
    .name = "LOG", .options = log_option::table, .normalise = detail::log_normalise, .meaning = detail::log_meaning};

}  // namespace cordon
