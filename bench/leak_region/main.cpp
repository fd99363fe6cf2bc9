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

#include "../buddy_set.hpp"
#include "../times.hpp"
#include "cordon_leaks.hpp"

using namespace cordon;
using namespace cordon::bench;

namespace {

constexpr unsigned compared_packets = 20000;

void require_agreement(const rule_set& rules, const cordon_leaks& ours, const buddy_set& theirs) {
  bool agree = ours.is_empty() == theirs.is_empty();
  for (const five_values& one : packets_near(rules, compared_packets))
    agree = agree && ours.contains(one) == theirs.contains(one);
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
    for (const std::string& order : buddy_orders_for(one))
      benchmark::RegisterBenchmark((one.name + "/BuDDy " + order).c_str(), [&one, &asked,
                                                                            order](benchmark::State& state) {
        buddy_set theirs(order);
        for (auto _ : state) {
          theirs.build_leaks(one);
          state.PauseTiming();
          require_agreement(one, cordon_leaks(asked.at(one.name)), theirs);
          theirs.forget();
          state.ResumeTiming();
        }
      })->Unit(benchmark::kMillisecond);
  }
  collector times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::cout << "\nCPU time for the exact set of what leaks, ms; each pair agrees on " << compared_packets
            << " packets\n\n"
            << "| rule set | rules of uid 1001 | cordon | BuDDy, order | ratio |\n|---|---|---|---|---|\n";
  for (const rule_set& one : all) {
    const double ours = times.of(one.name + "/cordon") / 1e6;
    std::string best;
    for (const std::string& order : buddy_orders_for(one))
      if (const double theirs = times.of(one.name + "/BuDDy " + order);
          theirs != 0 && (best.empty() || theirs < times.of(one.name + "/BuDDy " + best)))
        best = order;
    if (ours == 0 || best.empty()) continue;
    const double theirs = times.of(one.name + "/BuDDy " + best) / 1e6;
    std::printf("| %s | %zu | %.2f | %.1f, %s | %.1f |\n", one.name.c_str(), one.of_sandbox.size(), ours, theirs,
                best.c_str(), theirs / ours);
  }
}
