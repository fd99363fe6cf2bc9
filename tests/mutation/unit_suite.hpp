// The unit tests of tests/match and tests/target, run again and again in one process.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "meaning.hpp"

namespace cordon::mutation {

/// Is given each meaning that a test asks for, with the name of its extension as the tables of
/// tests/kernel/edges have it, and may change it.
using meaning_change = std::function<void(const std::string& extension, meaning&)>;

/// The test that runs now.
std::string current_test();

/// Runs these tests, or all if none is named, until the first failure. Whether they all passed; false too if
/// none ran.
bool tests_pass(const std::set<std::string>& tests, meaning_change listen);

}  // namespace cordon::mutation
