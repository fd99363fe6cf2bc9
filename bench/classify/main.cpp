// classify [DIRECTORY] [Google Benchmark's flags]: which rule decides on a packet, in the compiled classifier and in DPDK's
// librte_acl, for the same rule sets and packets in the same run. DIRECTORY holds NAME.v4 and NAME.allow; without one, or
// where it is not there, rule sets of the benchmark's own are asked.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <cordon/classify/classifier.hpp>
#include <cordon/text/reader.hpp>

#include "../times.hpp"
#include "trace.hpp"
#ifdef CORDON_BENCH_DPDK
#include "dpdk_acl.hpp"
#endif

using namespace cordon;
using namespace cordon::bench;

namespace {

constexpr std::size_t packet_count = std::size_t{1} << 20;
constexpr std::size_t scanned_packets = std::size_t{1} << 14;
constexpr std::size_t batch_size = 256;
// Whole packets are asked for as a program has them that has just made or received them: in a cache.
constexpr std::size_t cached_packets = 4096;

packet packet_of(const six_values& from) {
  packet made;
  made.source = from.source;
  made.destination = from.destination;
  made.first_word = static_cast<std::uint16_t>(from.source_port);
  made.second_word = static_cast<std::uint16_t>(from.destination_port);
  made.protocol = static_cast<protocol>(from.protocol);
  made.owner.uid = from.user;
  return made;
}

double seconds_of_this_thread() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

using v4_key = packet_key<std::uint32_t>;

// One rule set and its packets, with whatever answers for them.
struct question {
  const rule_set* from = nullptr;
  firewall rules;
  std::vector<six_values> trace;
  std::vector<packet> packets;
  std::unique_ptr<classifier> ours;
  double our_seconds = 0;
  std::vector<v4_key> keys;
#ifdef CORDON_BENCH_DPDK
  std::unique_ptr<dpdk_acl> theirs;
  double their_seconds = 0;
  std::vector<acl_packet> packed_packets;
  std::vector<const std::uint8_t*> pointers;
#endif
};

[[noreturn]] void fail(const rule_set& of, const char* what) {
  std::cerr << "error: " << of.name << ": " << what << "\n";
  std::exit(1);
}

std::size_t rule_of(const question& in, const classification& answer) {
  if (!answer.has_place || answer.at.table != 0) fail(*in.from, "no rule of filter decides");
  return answer.at.step;
}

void make_ready(question& into, const rule_set& from) {
  into.from = &from;
  auto rules = read_ruleset(from.rules, {.family = family::ipv4});
  if (!rules) fail(from, "its rules cannot be read");
  into.rules.v4 = family_rules(std::move(*rules));
  into.trace = draw_trace(from.all, packet_count);
  double start = seconds_of_this_thread();
  into.ours = std::make_unique<classifier>(into.rules);
  into.our_seconds = seconds_of_this_thread() - start;
  for (const six_values& one : into.trace) into.packets.push_back(packet_of(one));
  for (const packet& one : into.packets) into.keys.push_back(into.ours->v4().key_of(one));
  std::vector<std::uint32_t> numbers(packet_count);
  into.ours->v4().find(into.keys.data(), packet_count, numbers.data());
  for (const std::uint32_t one : numbers)
    if (one == 0) fail(from, "the simulator is asked");
#ifdef CORDON_BENCH_DPDK
  start = seconds_of_this_thread();
  into.theirs = std::make_unique<dpdk_acl>(from.all);
  into.their_seconds = seconds_of_this_thread() - start;
  for (const six_values& one : into.trace) into.packed_packets.push_back(packed(one));
  for (const acl_packet& one : into.packed_packets)
    into.pointers.push_back(reinterpret_cast<const std::uint8_t*>(&one));
  std::vector<std::uint32_t> results(packet_count);
  for (const auto& [name, method] : dpdk_acl::methods()) {
    into.theirs->classify(into.pointers.data(), packet_count, results.data(), method);
    for (std::size_t i = 0; i < packet_count; ++i) {
      const std::size_t theirs = results[i] == 0 ? from.all.size() : results[i] - 1;
      if (theirs != rule_of(into, into.ours->v4().result(numbers[i]))) fail(from, "cordon and DPDK differ");
    }
  }
#endif
  for (std::size_t i = 0; i < scanned_packets; ++i)
    if (first_rule(from.all, into.trace[i]) != rule_of(into, into.ours->v4().result(numbers[i])))
      fail(from, "cordon and an exhaustive scan differ");
}

// Runs `ask(first, count)` over the trace again and again, `step` packets at a time.
template <class Ask>
void over_trace(benchmark::State& state, std::size_t step, const Ask& ask) {
  std::size_t at = 0;
  for (auto _ : state) {
    for (std::size_t done = 0; done < batch_size; done += step) ask(at + done);
    at = (at + batch_size) % packet_count;
  }
  state.counters["ns"] = benchmark::Counter(static_cast<double>(state.iterations()) * batch_size * 1e-9,
                                            benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void register_for(const question& of) {
  const std::string name = of.from->name;
  const auto& ours = of.ours->v4();
  benchmark::RegisterBenchmark((name + "/cordon single").c_str(), [&](benchmark::State& state) {
    over_trace(state, 1, [&](std::size_t at) { benchmark::DoNotOptimize(ours.find(of.keys[at])); });
  });
  benchmark::RegisterBenchmark((name + "/cordon batch").c_str(), [&](benchmark::State& state) {
    std::uint32_t numbers[batch_size];
    over_trace(state, batch_size, [&](std::size_t at) {
      ours.find(&of.keys[at], batch_size, numbers);
      benchmark::DoNotOptimize(numbers[0]);
      benchmark::ClobberMemory();
    });
  });
  benchmark::RegisterBenchmark((name + "/cordon packet").c_str(), [&](benchmark::State& state) {
    over_trace(state, 1,
               [&](std::size_t at) { benchmark::DoNotOptimize(of.ours->classify(of.packets[at % cached_packets])); });
  });
  benchmark::RegisterBenchmark((name + "/cordon packets").c_str(), [&](benchmark::State& state) {
    std::vector<classification> answers(batch_size);
    over_trace(state, batch_size, [&](std::size_t at) {
      of.ours->classify(view<packet>(&of.packets[at % cached_packets], batch_size), answers.data());
      benchmark::DoNotOptimize(answers[0]);
      benchmark::ClobberMemory();
    });
  });
#ifdef CORDON_BENCH_DPDK
  for (const auto& [method_name, method] : dpdk_acl::methods()) {
    const int how = method;
    if (method_name == "scalar")
      benchmark::RegisterBenchmark((name + "/DPDK single").c_str(), [&, how](benchmark::State& state) {
        over_trace(state, 1, [&](std::size_t at) {
          std::uint32_t result = 0;
          of.theirs->classify(&of.pointers[at], 1, &result, how);
          benchmark::DoNotOptimize(result);
        });
      });
    benchmark::RegisterBenchmark((name + "/DPDK batch " + method_name).c_str(), [&, how](benchmark::State& state) {
      std::uint32_t results[batch_size];
      over_trace(state, batch_size, [&](std::size_t at) {
        of.theirs->classify(&of.pointers[at], batch_size, results, how);
        benchmark::DoNotOptimize(results[0]);
        benchmark::ClobberMemory();
      });
    });
  }
#endif
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<rule_set> all = rule_sets_to_measure(argc > 1 ? argv[1] : "");
  std::cout
      << "| rule set | rules | cordon: s to compile, MiB | DPDK: s to build | single: cordon, ns | DPDK, ns | ratio | "
         "batch: "
         "cordon, ns | DPDK, ns, method | ratio | whole packets, in the cache: single, ns | batch, ns |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const rule_set& one : all) {
    question asked;
    make_ready(asked, one);
    benchmark::ClearRegisteredBenchmarks();
    register_for(asked);
    collector times;
    benchmark::RunSpecifiedBenchmarks(&times);
    const auto ours = [&](const char* what) { return times.of(one.name + "/cordon " + what) / batch_size; };
    double their_single = 0;
    double their_batch = 0;
    double their_seconds = 0;
    std::string best;
#ifdef CORDON_BENCH_DPDK
    their_seconds = asked.their_seconds;
    their_single = times.of(one.name + "/DPDK single") / batch_size;
    for (const auto& [name, method] : dpdk_acl::methods())
      if (const double now = times.of(one.name + "/DPDK batch " + name) / batch_size;
          now != 0 && (their_batch == 0 || now < their_batch)) {
        their_batch = now;
        best = name;
      }
#endif
    std::printf("| %s | %zu | %.3f, %.2f | %.2f | %.1f | %.1f | %.1f | %.1f | %.1f, %s | %.1f | %.1f | %.1f |\n",
                one.name.c_str(), one.all.size(), asked.our_seconds, static_cast<double>(asked.ours->bytes()) / 1048576,
                their_seconds, ours("single"), their_single, their_single / ours("single"), ours("batch"), their_batch,
                best.c_str(), their_batch / ours("batch"), ours("packet"), ours("packets"));
    std::fflush(stdout);
  }
}
