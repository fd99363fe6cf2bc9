// The times of a run of Google Benchmark, for the tables that the benchmarks print.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

namespace cordon::bench {

/// Shows a run on the console as usual, and keeps its times: the least where a benchmark is repeated.
class collector : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& one : runs) {
      if (one.error_occurred || one.run_type != Run::RT_Iteration) continue;
      double& least = nanoseconds_[one.run_name.function_name];
      const double now = one.cpu_accumulated_time * 1e9 / static_cast<double>(one.iterations);
      if (least == 0 || now < least) least = now;
    }
    ConsoleReporter::ReportRuns(runs);
  }
  /// CPU time of an iteration, in nanoseconds; 0 if that benchmark was not run.
  double of(const std::string& name) const {
    const auto found = nanoseconds_.find(name);
    return found == nanoseconds_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> nanoseconds_;
};

}  // namespace cordon::bench
