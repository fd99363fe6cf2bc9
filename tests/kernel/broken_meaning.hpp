// Deliberate mistakes in what rules mean: a test that cannot see them sees nothing.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon::kernel {

/// A mistake that somebody could make.
struct broken_meaning {
  std::string_view name;
  std::string_view what;  ///< in words
  /// Makes the mistake in rules before they are compiled, or in their program; one of the two is null.
  void (*in_rules)(firewall&) = nullptr;
  void (*in_program)(program&) = nullptr;
};

std::span<const broken_meaning> all_broken_meanings();

/// The one of that name, or null.
const broken_meaning* find_broken_meaning(std::string_view name);

}  // namespace cordon::kernel
