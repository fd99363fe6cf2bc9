// -m state: the connection's state. iptables loads conntrack under this name, without SNAT and DNAT
// (net/netfilter/xt_conntrack.c, conntrack_mt).
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace state_option {
enum : std::uint8_t { state };

inline constexpr value_form states_form{
    "state[,state...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      return connection_states::read(words[0], /*translations=*/false, into);
    },
    [](const option& from, family, text& out) { connection_states::write(from, out); },
    [](const choice_source& choices, family, option& into) { connection_states::draw(choices, false, into); }};

inline constexpr option_description table[] = {
    {.name = "--state", .form = &states_form, .least_count = 1, .meaning = "the connection is in one of these states"},
};
}  // namespace state_option

namespace detail {
constexpr match_meaning state_meaning(const sequence<option>& options, const meaning_context&) {
  return {
      inverted_if(options[0].inverted, connection_states::in_one_of(static_cast<unsigned>(options[0].numbers[0].low)))};
}
}  // namespace detail

/// `-m state`: its options, and what a use of it means.
inline constexpr match_extension state_match{
    .name = "state", .options = state_option::table, .meaning = detail::state_meaning};

}  // namespace cordon
