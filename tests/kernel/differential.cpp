// kernel_differential: the kernel's word on packets against the model's. differential_flags.cpp has its usage.

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "campaign.hpp"
#include "differential_flags.hpp"
#include "prerequisites.hpp"

namespace {

using namespace cordon::kernel;

constexpr int differs = 1;
constexpr int wrong_flags = 2;
constexpr int skipped = 77;
constexpr unsigned seconds_for_broken = 60;

void list_broken_meanings() {
  for (const broken_meaning& one : all_broken_meanings()) std::cout << one.name << ": " << one.what << '\n';
}

/// Takes out what this machine cannot ask; false if nothing is left.
bool leave_out_what_is_missing(differential_flags& chosen) {
  if (const auto why = obstacle()) {
    std::cout << "SKIP: " << *why << '\n';
    return false;
  }
  for (const back_end which : {back_end::legacy, back_end::nft}) {
    const auto why = obstacle(which);
    if (!why) continue;
    std::erase_if(chosen.combinations, [&](const combination& one) { return one.which == which; });
    std::cout << "SKIP: " << *why << '\n';
  }
  return !chosen.combinations.empty();
}

/// Each broken meaning until it is found. Exit status.
int run_broken(const differential_flags& chosen) {
  using clock = std::chrono::steady_clock;
  std::cout << "seed " << chosen.seed << " (again with --seed " << chosen.seed << ")\n";
  std::size_t found = 0;
  for (const broken_meaning& one : all_broken_meanings()) {
    differential_flags broken = chosen;
    broken.broken = &one;
    broken.most_differences = 1;
    broken.seconds = chosen.seconds.value_or(seconds_for_broken);
    broken.rule_sets = ~std::uint64_t{0};
    const auto start = clock::now();
    campaign made(broken);
    made.run_random();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - start).count();
    if (made.found_broken_meaning()) ++found;
    std::cout << one.name << " (" << one.what << "): " << (made.found_broken_meaning() ? "found" : "NOT FOUND")
              << " after " << made.numbers().rule_sets() << " rule sets, " << made.numbers().compared() << " packets, "
              << took << " ms\n";
  }
  std::cout << found << " of " << all_broken_meanings().size() << " broken meanings found\n";
  return found == all_broken_meanings().size() ? 0 : differs;
}

int run(differential_flags chosen) {
  if (!leave_out_what_is_missing(chosen)) return skipped;
  if (chosen.all_broken) return run_broken(chosen);
  campaign made(chosen);
  if (!chosen.v4.empty() || !chosen.v6.empty()) {
    if (!chosen.v4.empty()) made.run_own(chosen.v4, chosen.packets, ip_family::v4);
    if (!chosen.v6.empty()) made.run_own(chosen.v6, chosen.packets, ip_family::v6);
  } else {
    std::cout << "seed " << chosen.seed << " (again with --seed " << chosen.seed << ")\n" << std::flush;
    if (chosen.files) made.run_files();
    if (chosen.random) made.run_random();
  }
  const tally& numbers = made.numbers();
  numbers.print(std::cout);
  std::cout << numbers.rule_sets() << " rule sets, " << numbers.compared() << " packets compared, "
            << numbers.differences() << " differences\n";
  if (numbers.compared() < chosen.least_packets) {
    std::cout << "too few packets were compared: at least " << chosen.least_packets << " were asked for\n";
    return differs;
  }
  if (numbers.rule_sets() < chosen.least_rule_sets) {
    std::cout << "too few rule sets were loaded: at least " << chosen.least_rule_sets << " were asked for\n";
    return differs;
  }
  return numbers.differences() == 0 ? 0 : differs;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  if (words == std::vector<std::string>{"--broken", "list"}) {
    list_broken_meanings();
    return 0;
  }
  std::string wrong;
  const auto chosen = read_flags(words, wrong);
  if (!chosen) {
    std::cerr << "kernel_differential: " << wrong << "\n" << differential_usage;
    return wrong_flags;
  }
  if (chosen->help) {
    std::cout << differential_usage;
    return 0;
  }
  try {
    return run(*chosen);
  } catch (const std::exception& error) {
    std::cerr << "kernel_differential: " << error.what() << '\n';
    return differs;
  }
}
