// leak_region [DIRECTORY] [--benchmark_...]: how long the exact set of what leaks takes, ours and BuDDy's, on the same rule
// sets in the same run. DIRECTORY holds NAME.v4 and NAME.allow; without one, or where it is not there, rule sets of the
// benchmark's own are asked.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>

#include "../times.hpp"
#include "buddy_leaks.hpp"
#include "cordon_leaks.hpp"

using namespace cordon;
using namespace cordon::bench;

namespace {

constexpr unsigned compared_packets = 20000;

// Orders of fields that are not hopeless for a rule set: firewalls with wide addresses want protocol and destination
// first, others the addresses. The best of them counts.
std::vector<std::string> orders_for(const std::string& name) {
  if (name.starts_with("fw")) return {"pdDsS"};
  if (name.starts_with("acl") || name.starts_with("ipc")) return {"dspDS", "spdDS"};
  return {"pdDsS", "dspDS"};
}

// Packets at the corners of rules, where sets differ if they do.
std::vector<five_values> packets_near(const rule_set& rules) {
  std::mt19937 random(1);
  const auto pick = [&](const interval& of) {
    switch (random() % 3) {
      case 0: return of.low;
      case 1: return of.high;
      default: return of.low + static_cast<std::uint32_t>(random() % (std::uint64_t{of.high} - of.low + 1));
    }
  };
  std::vector<five_values> made;
  for (unsigned i = 0; i < compared_packets; ++i) {
    const auto rule = [&]() -> const five_tuple& { return rules.of_sandbox[random() % rules.of_sandbox.size()].matches; };
    const five_tuple& one = rule();
    const five_tuple& other = random() % 2 == 0 ? one : rule();
    made.push_back({pick(one.source), pick(one.destination), pick(other.source_port), pick(other.destination_port), pick(one.protocol)});
  }
  return made;
}

void require_agreement(const rule_set& rules, const cordon_leaks& ours, const buddy_leaks& theirs) {
  bool agree = ours.is_empty() == theirs.is_empty();
  for (const five_values& one : packets_near(rules)) agree = agree && ours.contains(one) == theirs.contains(one);
  if (agree) return;
  std::cerr << "error: the two sides differ on " << rules.name << "\n";
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<rule_set> all = rule_sets_to_measure(argc > 1 ? argv[1] : "");
  std::map<std::string, question> asked;
  for (const rule_set& one : all) {
    asked.emplace(one.name, read_question(one));
    benchmark::RegisterBenchmark((one.name + "/cordon").c_str(), [&](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(cordon_leaks(asked.at(one.name)).is_empty());
    })->Unit(benchmark::kMillisecond);
    for (const std::string& order : orders_for(one.name))
      benchmark::RegisterBenchmark((one.name + "/BuDDy " + order).c_str(), [&one, &asked, order](benchmark::State& state) {
        buddy_leaks theirs(order);
        for (auto _ : state) {
          theirs.build(one);
          state.PauseTiming();
          require_agreement(one, cordon_leaks(asked.at(one.name)), theirs);
          theirs.forget();
          state.ResumeTiming();
        }
      })->Unit(benchmark::kMillisecond);
  }
  collector times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::cout << "\nCPU time for the exact set of what leaks, ms; each pair agrees on " << compared_packets << " packets\n\n"
            << "| rule set | rules of uid 1001 | cordon | BuDDy, order | ratio |\n|---|---|---|---|---|\n";
  for (const rule_set& one : all) {
    const double ours = times.of(one.name + "/cordon") / 1e6;
    std::string best;
    for (const std::string& order : orders_for(one.name))
      if (const double theirs = times.of(one.name + "/BuDDy " + order);
          theirs != 0 && (best.empty() || theirs < times.of(one.name + "/BuDDy " + best)))
        best = order;
    if (ours == 0 || best.empty()) continue;
    const double theirs = times.of(one.name + "/BuDDy " + best) / 1e6;
    std::printf("| %s | %zu | %.2f | %.1f, %s | %.1f |\n", one.name.c_str(), one.of_sandbox.size(), ours, theirs, best.c_str(), theirs / ours);
  }
}
