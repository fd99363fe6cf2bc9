// Sets at random, for the rules that name them.
#pragma once

#include <string>

#include <cordon/testing/random.hpp>

#include "world.hpp"

namespace cordon::kernel {

/// Sets of one family, of every kind that is modelled, with a few members each, as `ipset restore -exist` takes them. They have the
/// names that drawn rules ask for. Now and then one is missing.
std::string draw_sets(const choice_source& choices, ip_family family);

}  // namespace cordon::kernel
