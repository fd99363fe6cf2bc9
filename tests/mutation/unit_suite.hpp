// The unit tests of tests/match and tests/target, run again and again in one process.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "meaning.hpp"

namespace cordon::mutation {

/// Is given each meaning that a test asks for, with the name of its extension as the tables of
/// tests/kernel/edges have it and the family of the rule, and may change it. Whether it has.
using meaning_change = std::function<bool(const std::string& extension, family in, meaning&)>;

/// The test that runs now.
std::string current_test();

/// Runs these tests, or all if none is named, until the first failure. Whether they all passed; false too if
/// none ran. `only_changed`: what would pass as before, since nothing was changed there, need not be asked.
bool tests_pass(const std::set<std::string>& tests, meaning_change listen, bool only_changed = false);

}  // namespace cordon::mutation
