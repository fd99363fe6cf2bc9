// Compile time and run time are one engine: all that a report says of a rule set is the same in both.
#include <cordon/render/report.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "../catch.hpp"
#include "../static/rule_sets.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// Of a whole report, which no constant can hold.
struct digest {
  answer verdict = answer::absent;
  std::size_t size = 0;
  std::uint64_t hash = 0;
  friend constexpr bool operator==(const digest&, const digest&) = default;
};

constexpr digest digest_of(const rule_set& about) {
  const proof answered = prove(firewall_of(about), about.policy);
  const text report = write_report(answered);
  digest made{answered.verdict(), report.size(), 0};
  for (const char c : report.view()) made.hash = made.hash * 1099511628211U + static_cast<unsigned char>(c);
  return made;
}

template <std::size_t Which>
constexpr digest at_compile_time = digest_of(rule_sets[Which]);

template <std::size_t... Which>
void compare_all(std::index_sequence<Which...>) {
  const digest compiled[] = {at_compile_time<Which>...};
  for (std::size_t i = 0; i < rule_set_count; ++i) {
    INFO("rule set " << i);
    // Not known to the optimiser: this one runs.
    const rule_set* volatile about = &rule_sets[i];
    const digest run = digest_of(*about);
    CHECK(run == compiled[i]);
    CHECK(run.verdict == rule_sets[i].expected);
    CHECK(run.size > 0);
  }
}

}  // namespace

TEST_CASE("a report made by the compiler is the one that is made when the program runs") {
  compare_all(std::make_index_sequence<rule_set_count>());
}
