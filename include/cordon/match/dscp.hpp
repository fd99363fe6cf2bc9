// -m dscp: the code point, the upper six bits of TOS or traffic class (net/netfilter/xt_dscp.c, dscp_mt and
// dscp_mt6).
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/traffic_class.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace dscp_option {
enum : std::uint8_t { dscp, named_class };

inline constexpr option_description table[] = {
    {.name = "--dscp", .form = &traffic_class::dscp, .meaning = "the code point"},
    {.name = "--dscp-class", .form = &traffic_class::dscp_class, .only_read = true, .meaning = "the class"},
};
}  // namespace dscp_option

namespace detail {
constexpr text dscp_check(const sequence<option>& options, const meaning_context&) {
  if (options.size() != 1) return "-m dscp needs exactly one of --dscp and --dscp-class";
  return {};
}

constexpr void dscp_normalise(sequence<option>& options, const meaning_context&) {
  for (option& one : options) one.index = dscp_option::dscp;
}

constexpr match_meaning dscp_meaning(const sequence<option>& options, const meaning_context&) {
  const uint128 value = options[0].numbers[0].low;
  return {inverted_if(options[0].inverted, between(field::traffic_class, value * 4, value * 4 + 3))};
}
}  // namespace detail

/// `-m dscp`: its options, and what a use of it means.
inline constexpr match_extension dscp_match{.name = "dscp",
                                            .options = dscp_option::table,
                                            .check = detail::dscp_check,
                                            .normalise = detail::dscp_normalise,
                                            .meaning = detail::dscp_meaning};

}  // namespace cordon
