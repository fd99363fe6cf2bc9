// first_leak [DIRECTORY] [--benchmark_...]: how long one packet that leaks takes to find, ours and the solvers Z3's and
// cvc5's, on the same rule sets in the same run. DIRECTORY holds NAME.v4 and NAME.allow; without one, or where it is not
// there, rule sets of the benchmark's own are asked.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include <cordon/prove/first_leak.hpp>

#include "../question.hpp"
#include "../times.hpp"
#include "solvers.hpp"

using namespace cordon;
using namespace cordon::bench;

namespace {

// What a solver may take. More than a thousand times what we do.
constexpr unsigned most_seconds = 20;

void require_leak(const rule_set& through, const five_values& packet, const char* whose) {
  if (leaks(through, packet)) return;
  std::cerr << "error: what " << whose << " found in " << through.name << " is no leak\n";
  std::exit(1);
}

five_values values_of(const packet& sent) {
  return {static_cast<std::uint32_t>(sent.source), static_cast<std::uint32_t>(sent.destination), sent.first_word,
          sent.second_word, number_of(sent.protocol)};
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<rule_set> all = rule_sets_to_measure(argc > 1 ? argv[1] : "");
  struct solver {
    const char* name;
    solver_answer (*ask)(const rule_set&, unsigned);
  };
  constexpr solver solvers[] = {{"Z3", ask_z3}, {"cvc5", ask_cvc5}};
  std::map<std::string, question> asked;
  std::map<std::string, bool> gave_up;
  for (const rule_set& one : all) {
    asked.emplace(one.name, read_question(one));
    asked.at(one.name).rules.v6 = family_rules::none();
    benchmark::RegisterBenchmark((one.name + "/cordon").c_str(), [&](benchmark::State& state) {
      const question& here = asked.at(one.name);
      leak_search found;
      for (auto _ : state) found = first_leak(here.rules, here.policy);
      if (!found.witness) throw std::runtime_error("no leak in " + one.name);
      require_leak(one, values_of(*found.witness), "cordon");
    })->Unit(benchmark::kMillisecond);
    for (const solver& peer : solvers)
      benchmark::RegisterBenchmark(
          (one.name + "/" + peer.name).c_str(),
          [&, peer](benchmark::State& state) {
            solver_answer found;
            for (auto _ : state) found = peer.ask(one, most_seconds);
            if (found.what == solver_answer::kind::leak) require_leak(one, found.packet, peer.name);
            if (found.what == solver_answer::kind::none)
              throw std::runtime_error(std::string(peer.name) + " finds no leak in " + one.name);
            gave_up[one.name + peer.name] = found.what == solver_answer::kind::gave_up;
          })
          ->Unit(benchmark::kMillisecond)
          ->Iterations(1);
  }
  collector times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::cout
      << "\nCPU time for one packet that leaks, ms; each is looked up in the rules. A solver may take " << most_seconds
      << " s\n\n"
      << "| rule set | rules of uid 1001 | cordon, ms | Z3, ms | Z3 / cordon | cvc5, ms | cvc5 / cordon |\n|---|---|---|---|---|---|---|\n";
  for (const rule_set& one : all) {
    const double ours = times.of(one.name + "/cordon") / 1e6;
    if (ours == 0) continue;
    std::printf("| %s | %zu | %.3f |", one.name.c_str(), one.of_sandbox.size(), ours);
    for (const solver& peer : solvers) {
      const double theirs = times.of(one.name + "/" + peer.name) / 1e6;
      if (theirs == 0) {
        std::printf(" not measured | |");
        continue;
      }
      const char* const more = gave_up[one.name + peer.name] ? "more than " : "";
      std::printf(" %s%.1f | %s%.0f |", more, theirs, more, theirs / ours);
    }
    std::printf("\n");
  }
}
