// The answers for a table of rule sets, by the compiler, within its default limits.
#include "rule_sets.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// Each is a constant of its own: compilers count the steps of each.
constexpr bool is_as_expected(std::size_t i) {
  return prove(firewall_of(rule_sets[i]), rule_sets[i].policy).verdict() == rule_sets[i].expected;
}

static_assert(is_as_expected(0));
static_assert(is_as_expected(1));
static_assert(is_as_expected(2));
static_assert(is_as_expected(3));
static_assert(is_as_expected(4));
static_assert(is_as_expected(5));
static_assert(is_as_expected(6));
static_assert(is_as_expected(7));
static_assert(rule_set_count == 8);

}  // namespace
