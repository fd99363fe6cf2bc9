// Which table a target belongs to: the kernel refuses it in any other, whether or not anything reaches the rule.
#pragma once

#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon::detail {

/// Wrong unless the rule is in `table`.
constexpr text needs_table(const meaning_context& context, std::string_view table, std::string_view target) {
  if (context.table == table) return {};
  return join(target, " works in the ", table, " table alone");
}

/// What a target does whose effect is not modelled.
constexpr effect unknown_effect(const sequence<option>&, const meaning_context&) {
  return {.what = effect::kind::unknown};
}

/// What a target does that no later rule can see.
constexpr effect no_effect(const sequence<option>&, const meaning_context&) { return {}; }

}  // namespace cordon::detail
