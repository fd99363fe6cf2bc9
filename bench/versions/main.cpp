// versions [DIRECTORY] [--benchmark_...]: how long the exact set takes of the packets that two versions of a rule set treat
// differently, ours and BuDDy's, on the same rule sets in the same run. DIRECTORY holds NAME.v4 and NAME.allow; without one, or
// where it is not there, rule sets of the benchmark's own are asked.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include <cordon/prove/difference.hpp>

#include "../buddy_set.hpp"
#include "../times.hpp"
#include "cordon_difference.hpp"
#include "edits.hpp"

using namespace cordon;
using namespace cordon::bench;

namespace {

constexpr unsigned compared_packets = 2000;

struct versions {
  std::string name;
  rule_set before;
  rule_set after;
  firewall rules_before;
  firewall rules_after;
  egress_policy policy = sandbox(uid{1001});

  versions(const rule_set& of, const char* edit, const rule_set& edited)
      : name(of.name + " " + edit), before(of), after(edited) {
    rules_before = read_question(before).rules;
    rules_after = read_question(after).rules;
    rules_before.v6 = rules_after.v6 = family_rules::none();
  }
};

// Both sides and each rule looked at, on packets near all rules and near those that are changed.
void require_agreement(const versions& of, const cordon_difference& ours, const buddy_set& theirs) {
  rule_set changed = of.after;
  changed.of_sandbox.clear();
  for (std::size_t i = 0; i < of.before.all.size(); ++i)
    for (const rule_set* const side : {&of.before, &of.after})
      if (const tuple_rule& one = side->all[i]; !(one == of.before.all[i]) || !(one == of.after.all[i]))
        changed.of_sandbox.push_back(one);
  bool agree = ours.is_empty() == theirs.is_empty();
  for (const rule_set* const near : {&of.before, static_cast<const rule_set*>(&changed)})
    for (const five_values& one : packets_near(*near, compared_packets)) {
      const bool differs = lets_out(of.before, one) != lets_out(of.after, one);
      agree = agree && ours.contains(one) == differs && theirs.contains(one) == differs;
    }
  if (agree) return;
  std::cerr << "error: the two sides differ on " << of.name << "\n";
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<versions> all;
  for (const rule_set& one : rule_sets_to_measure(argc > 1 ? argv[1] : "")) {
    all.emplace_back(one, "flipped", flipped(one));
    all.emplace_back(one, "swapped", swapped(one));
  }
  for (const versions& one : all) {
    benchmark::RegisterBenchmark((one.name + "/cordon").c_str(), [&one](benchmark::State& state) {
      for (auto _ : state)
        benchmark::DoNotOptimize(cordon_difference(one.rules_before, one.rules_after, one.policy).is_empty());
    })->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark((one.name + "/told").c_str(), [&one](benchmark::State& state) {
      for (auto _ : state)
        benchmark::DoNotOptimize(differences(one.rules_before, one.rules_after, one.policy).answer());
    })->Unit(benchmark::kMillisecond);
    for (const std::string& order : buddy_orders_for(one.before))
      benchmark::RegisterBenchmark((one.name + "/BuDDy " + order).c_str(), [&one, order](benchmark::State& state) {
        buddy_set theirs(order);
        for (auto _ : state) {
          theirs.build_difference(one.before, one.after);
          state.PauseTiming();
          require_agreement(one, cordon_difference(one.rules_before, one.rules_after, one.policy), theirs);
          theirs.forget();
          state.ResumeTiming();
        }
      })->Unit(benchmark::kMillisecond);
  }
  collector times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::cout
      << "\nCPU time for the exact set of what two versions treat differently, ms; each pair agrees, with the rules looked at\n"
      << "one by one too, on " << 2 * compared_packets << " packets\n\n"
      << "| rule set | cordon, ms | told, ms | BuDDy, ms, order | ratio |\n|---|---|---|---|---|\n";
  for (const versions& one : all) {
    const double ours = times.of(one.name + "/cordon") / 1e6;
    double theirs = 0;
    std::string best;
    for (const std::string& order : buddy_orders_for(one.before))
      if (const double now = times.of(one.name + "/BuDDy " + order) / 1e6; now != 0 && (theirs == 0 || now < theirs)) {
        theirs = now;
        best = order;
      }
    if (ours == 0 || theirs == 0) continue;
    std::printf("| %s | %.2f | %.2f | %.1f, %s | %.1f |\n", one.name.c_str(), ours, times.of(one.name + "/told") / 1e6,
                theirs, best.c_str(), theirs / ours);
  }
}
