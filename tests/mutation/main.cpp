// How many mistakes in what extensions mean would the tests notice? See README.md.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <cordon/match/list.hpp>
#include <cordon/target/list.hpp>

#include "../kernel/edge_rules.hpp"
#include "../kernel/model.hpp"
#include "kernel_suite.hpp"
#include "meaning.hpp"
#include "mutants.hpp"
#include "unit_suite.hpp"

namespace {

using namespace cordon;
using namespace cordon::mutation;

/// What a rule of one family says.
struct use {
  family in;
  meaning says;
};

/// What is known of one shape of an extension's meaning.
struct shape {
  std::map<std::string, use> uses = {};  // by how they are written: each once
  std::set<std::string> tests = {};      // the unit tests that ask for one
  std::string example = {};              // words of a rule, or the name of a test
};

using shapes = std::map<std::string, shape>;

void add(shapes& into, const meaning& says, family in, const std::string& example) {
  shape& of = into[shape_of(says)];
  of.uses.emplace(written(says) + (in == family::ipv4 ? "4" : "6"), use{in, says});
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

/// Whether one of them fits; that one is asked first the next time.
template <class Value, class Condition>
bool any_of(std::vector<Value>& all, const Condition& condition) {
  const auto found = std::find_if(all.begin(), all.end(), condition);
  if (found == all.end()) return false;
  std::rotate(all.begin(), found, found + 1);
  return true;
}

/// The mutants of a shape; of one that is a long list of data, as of an ipset's entries, those of the whole alone: one
/// loop makes all entries, of short lists as well.
std::vector<mutant> some_mutants_of(const meaning& shape) {
  constexpr std::size_t most_steps = 1000;
  std::vector<mutant> all = mutants_of(shape);
  const auto* const match = std::get_if<match_meaning>(&shape);
  if (match != nullptr && match->holds.steps().size() > most_steps)
    std::erase_if(all, [](const mutant& one) { return !one.in_drops && !one.is_of_the_whole(); });
  return all;
}

/// The mutants of a shape that some use of it tells from the original, each once.
std::vector<mutant> differing(const shape& of, sample& taken, score& into) {
  std::vector<mutant> all;
  std::set<std::string> known;
  std::vector<const use*> uses;
  for (const auto& [name, one] : of.uses) uses.push_back(&one);
  for (const mutant& one : some_mutants_of(of.uses.begin()->second.says)) {
    if (!taken.takes_next()) continue;
    std::string all_written;
    for (const auto& [name, in] : of.uses) all_written += written(one.of(in.says)) + '\n';
    if (!known.insert(all_written).second) continue;
    if (any_of(uses, [&](const use* in) { return !are_equivalent(in->says, one.of(in->says), in->in); }))
      all.push_back(one);
    else
      ++into.equivalent;
  }
  return all;
}

bool unit_tests_notice(const std::string& extension, const std::string& shape, std::vector<std::string>& tests,
                       const mutant& mistake) {
  const auto make_mistake = [&](const std::string& of, family, meaning& said) {
    if (of != extension || shape_of(said) != shape) return false;
    said = mistake.of(said);
    return true;
  };
  return any_of(tests, [&](const std::string& one) { return !tests_pass({one}, make_mistake, /*only_changed=*/true); });
}

void print(const std::string& name, const score& of, std::ostream& out) {
  out << std::left << std::setw(20) << name << std::right << std::setw(7) << of.shapes << std::setw(9) << of.mutants
      << std::setw(12) << of.equivalent << std::setw(12) << of.by_unit_tests << std::setw(8) << of.by_kernel
      << std::setw(10) << of.mutants - of.noticed() << std::setw(9) << std::fixed << std::setprecision(1)
      << of.percent() << " %\n";
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
    const bool passed = tests_pass({}, [&](const std::string& of, family in, meaning& said) {
      add(known_[of], said, in, current_test());
      known_[of][shape_of(said)].tests.insert(current_test());
      return false;
    });
    if (!passed)
      throw std::runtime_error("the unit tests fail as it is, so they would notice every mutant: mend that first");
  }

  /// Prints a line about the extension, and one for each of its mutants that nobody has noticed.
  template <class Extension>
  score measure(const Extension& subject, std::ostream& out) {
    const std::string name = kernel::edge_table_of(subject);
    shapes& all = known_[name];
    std::vector<edge_suite> tables;
    for (const kernel::combination& where : kernel::all_combinations)
      if (auto table = edge_suite::of(subject, where)) {
        for (const edge_use& one : table->uses()) add(all, one.says, kernel::family_of(where.family), one.words);
        tables.push_back(*std::move(table));
      }
    score made;
    std::vector<unnoticed> left;
    for (const auto& [words, of] : all) {
      ++made.shapes;
      std::vector<std::string> tests(of.tests.begin(), of.tests.end());
      for (const mutant& one : differing(of, taken_, made)) {
        ++made.mutants;
        if (unit_tests_notice(name, words, tests, one))
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
    print(name, made, out);
    for (const unnoticed& one : left)
      out << "    " << one.mistake.words() << ", of " << one.shape << "as in: " << one.example << '\n';
    return made;
  }

 private:
  bool with_kernel_;
  sample taken_;
  std::map<std::string, shapes> known_;
};

/// Measuring one extension, in a process of its own: it enters network namespaces, and leaves none.
class job {
 public:
  explicit job(const std::function<score(std::ostream&)>& measure) : answer_(std::tmpfile()) {
    if (answer_ == nullptr) throw std::runtime_error("no temporary file can be made");
    std::cout << std::flush;
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("fork() fails");
    if (process_ > 0) return;
    try {
      std::ostringstream said;
      const score made = measure(said);
      std::ostringstream all;
      all << made.shapes << ' ' << made.mutants << ' ' << made.equivalent << ' ' << made.by_unit_tests << ' '
          << made.by_kernel << '\n'
          << said.str();
      std::fputs(all.str().c_str(), answer_);
      _exit(std::fflush(answer_) == 0 ? 0 : 1);
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n' << std::flush;
      _exit(1);
    }
  }

  pid_t process() const { return process_; }

  /// What it has measured, printed. Precondition: the process has ended, and well.
  score read() const {
    std::rewind(answer_);
    std::string all;
    for (int one; (one = std::fgetc(answer_)) != EOF;) all += static_cast<char>(one);
    std::fclose(answer_);
    std::istringstream words(all.substr(0, all.find('\n')));
    score made;
    words >> made.shapes >> made.mutants >> made.equivalent >> made.by_unit_tests >> made.by_kernel;
    std::cout << all.substr(all.find('\n') + 1) << std::flush;
    return made;
  }

 private:
  std::FILE* answer_;
  pid_t process_;
};

struct wishes {
  std::vector<std::string> only = {};
  double least = 0;
  std::size_t every = 1;
  std::size_t at_once = 1;
};

/// Waits for one of the jobs, and takes it away.
std::pair<std::string, score> next_done(std::map<std::string, job>& under_way) {
  int status = 0;
  const pid_t done = wait(&status);
  const auto of =
      std::find_if(under_way.begin(), under_way.end(), [&](const auto& one) { return one.second.process() == done; });
  if (of == under_way.end()) throw std::runtime_error("wait() tells of nobody");
  if (status != 0) throw std::runtime_error(of->first + ": measuring it failed");
  std::pair<std::string, score> made{of->first, of->second.read()};
  under_way.erase(of);
  return made;
}

int run(const wishes& chosen) {
  const auto why = obstacle_to_kernel();
  if (why) std::cout << "SKIP: " << *why << ": what kernel.edges would notice is not counted\n";
  std::cout << std::left << std::setw(20) << "extension"
            << " shapes  mutants  equivalent  unit tests  kernel  unnoticed   score\n";
  measurement known(!why, chosen.every);
  score total;
  std::size_t count = 0;
  std::vector<std::string> not_asked;
  std::map<std::string, job> under_way;
  const auto finish_one = [&] {
    const auto [name, made] = next_done(under_way);
    if (made.shapes == 0) not_asked.push_back(name);
    total += made;
    ++count;
  };
  const auto measure = [&](const auto& subject) {
    const std::string name = kernel::edge_table_of(subject);
    if (!chosen.only.empty() && std::find(chosen.only.begin(), chosen.only.end(), name) == chosen.only.end()) return;
    if (under_way.size() >= chosen.at_once) finish_one();
    under_way.emplace(name, job([&](std::ostream& out) { return known.measure(subject, out); }));
  };
  for (const match_extension* const one : all_match_extensions()) measure(*one);
  for (const target_extension* const one : all_target_extensions()) measure(*one);
  while (!under_way.empty()) finish_one();
  print("all " + std::to_string(count), total, std::cout);
  for (const std::string& name : not_asked) std::cout << name << ": no test asks what it means\n";
  if (!not_asked.empty() || total.mutants == 0 || total.percent() < chosen.least) return 1;
  return why ? 77 : 0;
}

}  // namespace

int main(int count, char** values) {
  wishes chosen{.only = std::vector<std::string>(values + 1, values + count)};
  std::vector<std::string>& left = chosen.only;
  while (left.size() >= 2 && left[0].starts_with("--")) {
    const std::size_t number = std::max<std::size_t>(1, std::strtoul(left[1].c_str(), nullptr, 10));
    if (left[0] == "--least")
      chosen.least = std::strtod(left[1].c_str(), nullptr);
    else if (left[0] == "--every")
      chosen.every = number;
    else if (left[0] == "--jobs")
      chosen.at_once = number;
    else
      break;
    left.erase(left.begin(), left.begin() + 2);
  }
  try {
    return run(chosen);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
