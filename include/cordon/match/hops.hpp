// What ttl and hl share: the number of hops that a packet has left, compared in one of three ways.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/header.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon::detail {

enum : std::uint8_t { hops_equal, hops_less, hops_greater };

constexpr text hops_check(const sequence<option>& options, const meaning_context&) {
  if (options.size() != 1) return "write exactly one comparison: equal, less or greater";
  return {};
}

constexpr match_meaning hops_meaning(const sequence<option>& options, const meaning_context&) {
  const uint128 value = options[0].numbers[0].low;
  switch (options[0].index) {
    case hops_equal: return {inverted_if(options[0].inverted, is(field::hops, value))};
    case hops_less:
      if (value == 0) return {never()};
      return {between(field::hops, 0, value - 1)};
    default: return {between(field::hops, value + 1, 255)};
  }
}

}  // namespace cordon::detail
