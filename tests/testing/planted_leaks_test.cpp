#include "planted_leaks.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <cordon/prove/enforce.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>
#include <cordon/testing/simpler.hpp>

#include "incident_policy.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr std::size_t most_draws = 10000;

/// The incident's, with a proxy on IPv6 too: a port beside it is one packet in more than 2^150.
const egress_policy on_both = egress.may_reach(tcp, *read_address("::1"), 18443);

/// A firewall that keeps a policy, both drawn; with what no packet decides it would not be a leak that is
/// planted.
planted_leak drawn_leak() {
  const egress_policy policy = *testing::policies({.most_endpoints = 3});
  const firewall kept = *testing::firewalls_for(policy, {.most_rules = 3, .most_chains = 2, .most_matches = 2});
  RC_PRE(prove(kept, policy).proved());
  const sequence<testing::mutant> all = testing::mutants_of(kept);
  const testing::mutant& one = all[*rc::gen::inRange<std::size_t>(0, all.size())];
  firewall made = one.of(kept);
  proof answer = prove(made, policy);
  RC_PRE(answer.verdict() == answer::leak);
  return {one, std::move(made), policy, std::move(answer)};
}

/// The bounds of what a box allows in a field, and what of it is nearest to `plain`; nothing for a field that
/// it allows by bits.
std::vector<uint128> values_in(const box& of, field which, uint128 plain, unsigned width) {
  std::vector<uint128> all;
  for (const box_side& side : of.sides) {
    if (side.field != which) continue;
    if (side.shift != 0 || side.width != width) return {};
    for (const range& values : side.values)
      for (const uint128 value : {values.low, values.high, std::clamp(plain, values.low, values.high)})
        all.push_back(value);
  }
  if (all.empty()) all.push_back(plain);
  return all;
}

/// A packet of a leak that is simpler than `than` in one field alone, told from the exact region of the leak;
/// nothing found: `than` itself.
packet simpler_leak(const planted_leak& of, const leak_hunt& hunt, const packet& than) {
  const packet plain = testing::plain_packet(than.family);
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto which = static_cast<field>(i);
    for (const leak& each : of.answer.of(than.family).leaks)
      for (const box& one : each.region)
        for (const uint128 value : values_in(one, which, value_of(plain, which), width_of(which, than.family))) {
          // Names that an interface can have: none is empty.
          if (which == field::out && (value == 0 || number_of(interface_of(value)) != value)) continue;
          if (!hunt.domain(than.family)[which].contains(value)) continue;
          if (!testing::is_simpler(which, value, value_of(than, which), than.family)) continue;
          packet candidate = than;
          set_value(candidate, which, value);
          if (hunt.finds(candidate)) return candidate;
        }
  }
  return than;
}

void check_minimal(const planted_leak& of, std::uint64_t seed) {
  const leak_hunt hunt(of);
  packet found;
  INFO(testing::shown(of.by));
  REQUIRE(hunt.draws_until(seed, true, most_draws, &found) < most_draws);
  const family in = found.family;
  const packet least = testing::shrunk(
      found, [&](const packet& now) { return testing::simpler(now, hunt.domain(in), hunt.around(in)); },
      [&](const packet& sent) { return hunt.finds(sent); });
  CHECK(hunt.finds(least));
  CHECK(testing::shown(simpler_leak(of, hunt, least)) == testing::shown(least));
}

}  // namespace

TEST_CASE("within 10,000 packets near its edges each leak that a mutant plants in a mended firewall is found") {
  std::size_t rare = 0;
  std::uint64_t seed = 1;
  for (const egress_policy& policy : {egress, on_both})
    for (const planted_leak& one : planted_leaks(enforce(policy).firewall->rules(), policy)) {
      const leak_hunt hunt(one);
      INFO(testing::shown(one.by));
      int found = 0;
      for (int runs = 0; runs < 100; ++runs) found += hunt.draws_until(seed++, true, most_draws) < most_draws ? 1 : 0;
      CHECK(found >= 99);
      if (rarity_of(one) < 60) continue;
      // What no uniform packets would ever have shown.
      ++rare;
      CHECK(hunt.draws_until(seed++, false, most_draws) == most_draws);
    }
  CHECK(rare > 0);
}

TEST_CASE("packets near the edges find the leaks that mutants plant in any firewall") {
  rc::prop("within 10,000", [] {
    const planted_leak one = drawn_leak();
    const leak_hunt hunt(one);
    RC_LOG() << testing::shown(one.by) << "\n";
    RC_ASSERT(hunt.draws_until(*rc::gen::arbitrary<std::uint64_t>(), true, most_draws) < most_draws);
  });
}

TEST_CASE("the shrunk counterexample of every leak that is planted is minimal") {
  std::uint64_t seed = 1;
  for (const egress_policy& policy : {egress, on_both})
    for (const planted_leak& one : planted_leaks(enforce(policy).firewall->rules(), policy)) check_minimal(one, seed++);
}

TEST_CASE("the shrunk counterexample of a leak in any firewall is minimal") {
  rc::prop("whatever mutant planted it", [] { check_minimal(drawn_leak(), *rc::gen::arbitrary<std::uint64_t>()); });
}
