// How surely packets show a leak: those that are drawn near the edges of the rules, next to uniform ones. The
// leaks are those that mutants plant in firewalls which keep a policy: what `enforce` makes for the
// incident's, and drawn ones.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <cordon/cordon.hpp>

#include "../../tests/testing/incident_policy.hpp"
#include "../../tests/testing/planted_leaks.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

constexpr std::size_t most_draws = 10000;
constexpr int runs = 100;
constexpr int uniform_runs = 2;  // each goes through all its draws for nothing

struct tally {
  double least_rarity;  // as rarity_of tells it
  std::size_t leaks = 0;
  std::size_t below_99 = 0;  // leaks that fewer than 99 of 100 runs found
  std::size_t near_found = 0;
  double near_draws = 0;
  std::size_t uniform_found = 0;
};

void hunt(const std::vector<planted_leak>& leaks, std::vector<tally>& tallies, std::uint64_t& seed) {
  for (const planted_leak& one : leaks) {
    const double rarity = rarity_of(one);
    tally& into =
        *std::find_if(tallies.rbegin(), tallies.rend(), [&](const tally& each) { return rarity >= each.least_rarity; });
    const leak_hunt ground(one);
    std::size_t found = 0;
    for (int i = 0; i < runs; ++i) {
      const std::size_t draws = ground.draws_until(seed++, true, most_draws);
      found += draws < most_draws ? 1U : 0U;
      into.near_draws += static_cast<double>(draws);
    }
    if (found < 99) {
      ++into.below_99;
      std::cout << found << " of " << runs << " runs: " << to_text(one.by) << '\n';
    }
    into.near_found += found;
    for (int i = 0; i < uniform_runs; ++i)
      into.uniform_found += ground.draws_until(seed++, false, most_draws) < most_draws ? 1U : 0U;
    ++into.leaks;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int firewalls = argc > 1 ? std::atoi(argv[1]) : 20;
  std::vector<tally> tallies;
  // Boxes may overlap, so that what many of them hold can seem to be more than all.
  for (const double least : {-1e9, 10.0, 20.0, 40.0, 60.0, 100.0}) tallies.push_back({.least_rarity = least});
  std::uint64_t seed = 1;
  const egress_policy on_both = egress.may_reach(tcp, "::1"_ip, 18443);
  for (const egress_policy& policy : {egress, on_both})
    hunt(planted_leaks(enforce(policy).firewall->rules(), policy), tallies, seed);
  testing::random_choices random(1);
  for (int made = 0; made < firewalls;) {
    const egress_policy policy = testing::draw_policy(random.source());
    const firewall kept = testing::draw_firewall_for(random.source(), policy);
    if (!prove(kept, policy).proved()) continue;
    hunt(planted_leaks(kept, policy), tallies, seed);
    ++made;
  }

  std::cout << "one packet in  leaks  found near edges  draws, mean  in < 99 of 100 runs  found uniformly\n"
            << std::fixed;
  for (const tally& one : tallies) {
    if (one.leaks == 0) continue;
    const auto share = [&](std::size_t found, int of) {
      return 100.0 * static_cast<double>(found) / static_cast<double>(one.leaks * static_cast<std::size_t>(of));
    };
    const auto least = static_cast<int>(std::max(one.least_rarity, 0.0));
    std::cout << "2^" << std::left << std::setw(13) << (std::to_string(least) + " and more") << std::right
              << std::setw(5) << one.leaks << std::setprecision(2) << std::setw(17) << share(one.near_found, runs)
              << '%' << std::setw(13) << one.near_draws / static_cast<double>(one.leaks * runs) << std::setw(22)
              << one.below_99 << std::setw(16) << share(one.uniform_found, uniform_runs) << "%\n";
  }
}
