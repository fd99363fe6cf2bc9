// How many mistakes in what extensions mean would the tests notice? See README.md.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>

#include "../kernel/edge_rules.hpp"
#include "kernel_suite.hpp"
#include "meaning.hpp"
#include "mutants.hpp"
#include "unit_suite.hpp"

namespace {

using namespace cordon;
using namespace cordon::mutation;

/// What is known of one shape of an extension's meaning.
struct shape {
  std::map<std::string, meaning> uses = {};  // by how they are written: each once
  std::set<std::string> tests = {};          // the unit tests that ask for one
  std::string example = {};                  // words of a rule, or the name of a test
};

using shapes = std::map<std::string, shape>;

void add(shapes& into, const meaning& use, const std::string& example) {
  shape& of = into[shape_of(use)];
  of.uses.emplace(written(use), use);
  if (of.example.empty()) of.example = example;
}

struct score {
  std::size_t shapes = 0;
  std::size_t mutants = 0;  // without those that are equivalent
  std::size_t equivalent = 0;
  std::size_t by_unit_tests = 0;
  std::size_t by_kernel = 0;  // of those that no unit test noticed

  std::size_t noticed() const { return by_unit_tests + by_kernel; }
  double percent() const {
    return mutants == 0 ? 0 : 100.0 * static_cast<double>(noticed()) / static_cast<double>(mutants);
  }
  score& operator+=(const score& other) {
    shapes += other.shapes;
    mutants += other.mutants;
    equivalent += other.equivalent;
    by_unit_tests += other.by_unit_tests;
    by_kernel += other.by_kernel;
    return *this;
  }
};

/// Takes one of so many.
struct sample {
  std::size_t every = 1;
  std::size_t seen = 0;

  bool takes_next() { return seen++ % every == 0; }
};

/// The mutants of a shape that some use of it tells from the original, each once.
std::vector<mutant> differing(const shape& of, sample& taken, score& into) {
  std::vector<mutant> all;
  std::set<std::string> known;
  for (const mutant& one : mutants_of(of.uses.begin()->second)) {
    if (!taken.takes_next()) continue;
    std::string all_written;
    for (const auto& [name, use] : of.uses) all_written += written(one.of(use)) + '\n';
    if (!known.insert(all_written).second) continue;
    if (std::all_of(of.uses.begin(), of.uses.end(),
                    [&](const auto& use) { return are_equivalent(use.second, one.of(use.second)); }))
      ++into.equivalent;
    else
      all.push_back(one);
  }
  return all;
}

bool unit_tests_notice(const std::string& extension, const std::string& shape, const std::set<std::string>& tests,
                       const mutant& mistake) {
  if (tests.empty()) return false;
  return !tests_pass(tests, [&](const std::string& of, meaning& said) {
    if (of == extension && shape_of(said) == shape) said = mistake.of(said);
  });
}

void print(const std::string& name, const score& of) {
  std::cout << std::left << std::setw(20) << name << std::right << std::setw(7) << of.shapes << std::setw(9)
            << of.mutants << std::setw(12) << of.equivalent << std::setw(12) << of.by_unit_tests << std::setw(8)
            << of.by_kernel << std::setw(10) << of.mutants - of.noticed() << std::setw(9) << std::fixed
            << std::setprecision(1) << of.percent() << " %\n"
            << std::flush;
}

/// A mutant that no test has noticed so far.
struct unnoticed {
  mutant mistake;
  std::string shape;
  std::string example;
};

class measurement {
 public:
  measurement(bool with_kernel, std::size_t every) : with_kernel_(with_kernel), taken_{every} {
    // What each unit test asks for.
    const bool passed = tests_pass({}, [&](const std::string& of, meaning& said) {
      add(known_[of], said, current_test());
      known_[of][shape_of(said)].tests.insert(current_test());
    });
    if (!passed)
      throw std::runtime_error("the unit tests fail as it is, so they would notice every mutant: mend that first");
  }

  template <class Extension>
  void measure(const Extension& subject) {
    const std::string name = kernel::edge_table_of(subject);
    shapes& all = known_[name];
    std::vector<edge_suite> tables;
    for (const kernel::combination& where : kernel::all_combinations)
      if (auto table = edge_suite::of(subject, where)) {
        for (const edge_use& one : table->uses()) add(all, one.says, one.words);
        tables.push_back(*std::move(table));
      }
    score made;
    std::vector<unnoticed> left;
    for (const auto& [words, of] : all) {
      ++made.shapes;
      for (const mutant& one : differing(of, taken_, made)) {
        ++made.mutants;
        if (unit_tests_notice(name, words, of.tests, one))
          ++made.by_unit_tests;
        else
          left.push_back({one, words, of.example});
      }
    }
    // One after the other: a process is in one network namespace at a time.
    if (with_kernel_)
      while (!tables.empty()) {
        made.by_kernel +=
            std::erase_if(left, [&](const unnoticed& one) { return tables.back().notices(one.mistake, one.shape); });
        tables.pop_back();
      }
    print(name, made);
    for (const unnoticed& one : left)
      std::cout << "    " << one.mistake.words() << ", of " << one.shape << "as in: " << one.example << '\n';
    if (all.empty()) not_asked_.push_back(name);
    total_ += made;
  }

  const score& total() const { return total_; }
  /// Extensions for whose meaning no test asks.
  const std::vector<std::string>& not_asked() const { return not_asked_; }

 private:
  bool with_kernel_;
  sample taken_;
  std::map<std::string, shapes> known_;
  score total_;
  std::vector<std::string> not_asked_;
};

int run(const std::vector<std::string>& only, double least, std::size_t every) {
  const auto why = obstacle_to_kernel();
  if (why) std::cout << "SKIP: " << *why << ": what kernel.edges would notice is not counted\n";
  std::cout << std::left << std::setw(20) << "extension"
            << " shapes  mutants  equivalent  unit tests  kernel  unnoticed   score\n";
  measurement all(!why, every);
  const auto is_wanted = [&](const std::string& name) {
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
  };
  for (const match_extension* const one : all_match_extensions())
    if (is_wanted(kernel::edge_table_of(*one))) all.measure(*one);
  for (const target_extension* const one : all_target_extensions())
    if (is_wanted(kernel::edge_table_of(*one))) all.measure(*one);
  print("all", all.total());
  for (const std::string& name : all.not_asked()) std::cout << name << ": no test asks what it means\n";
  if (!all.not_asked().empty() || all.total().mutants == 0 || all.total().percent() < least) return 1;
  return why ? 77 : 0;
}

}  // namespace

int main(int count, char** values) {
  double least = 0;
  std::size_t every = 1;
  std::vector<std::string> only(values + 1, values + count);
  while (only.size() >= 2 && only[0].starts_with("--")) {
    if (only[0] == "--least")
      least = std::strtod(only[1].c_str(), nullptr);
    else if (only[0] == "--every")
      every = std::max<std::size_t>(1, std::strtoul(only[1].c_str(), nullptr, 10));
    else
      break;
    only.erase(only.begin(), only.begin() + 2);
  }
  try {
    return run(only, least, every);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
