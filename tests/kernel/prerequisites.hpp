// What a test against the live kernel needs, and what it does where that is missing.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "world.hpp"

namespace cordon::kernel {

/// Why no test can ask the kernel here (no root, no namespaces, not all user ids); nothing if it can.
std::optional<std::string> obstacle();

/// Why this back end cannot be asked here: its programs are not installed, or the kernel lacks what the sandbox's rules
/// need (owner, conntrack, REJECT, of both families). Precondition: there is no obstacle().
std::optional<std::string> obstacle(back_end which);

/// Runs `test` for both back ends. Returns what main() must: 1 if a test said false or threw, else 77 with a line
/// `SKIP: why` if one or both back ends could not be asked, else 0. `test` prints what it has to say itself.
int run_with_both(const std::function<bool(back_end)>& test);

}  // namespace cordon::kernel
