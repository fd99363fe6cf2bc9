// kernel_differential: the kernel's word on packets against the model's. differential_flags.cpp has its usage.

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

int run(differential_flags chosen) {
  if (!leave_out_what_is_missing(chosen)) return skipped;
  campaign made(chosen);
  if (!chosen.v4.empty() || !chosen.v6.empty()) {
    if (!chosen.v4.empty()) made.run_own(chosen.v4, chosen.packets, ip_family::v4);
    if (!chosen.v6.empty()) made.run_own(chosen.v6, chosen.packets, ip_family::v6);
  } else {
    std::cout << "seed " << chosen.seed << " (again with --seed " << chosen.seed << ")\n";
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
