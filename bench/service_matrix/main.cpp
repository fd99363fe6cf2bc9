// service_matrix DIRECTORY [PORT ...]: for each rule set in DIRECTORY, as iptables-save prints them, which addresses may open TCP
// connections to which others through FORWARD, for ports 22 and 80 or those that are given; and what that took.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <set>
#include <string>

#include <cordon/simulate/simulate.hpp>
#include <cordon/text/reader.hpp>

#include "service_matrix.hpp"

using namespace cordon;
using namespace cordon::bench;

namespace {

constexpr int runs = 5;
constexpr int compared_pairs = 300;

double milliseconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// The corpus has its MAC addresses made unreadable; iptables refuses them too.
std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string content(std::istreambuf_iterator<char>(in), {});
  for (std::size_t at = 0; (at = content.find("XX:XX:XX:XX:XX:XX", at)) != std::string::npos;)
    content.replace(at, 17, "02:00:00:00:00:01");
  return content;
}

std::vector<interface_name> interfaces_of(const firewall& rules) {
  std::set<std::string> names{"other0"};
  for (const ruleset& one : rules.v4.rulesets)
    for (const table& each : one.tables)
      for (const chain& inside : each.chains)
        for (const rule& of : inside.rules)
          for (const interface_match* const side : {&of.in, &of.out})
            if (side->given) names.insert(std::string(side->name.view()));
  std::vector<interface_name> made;
  for (const std::string& one : names) made.push_back(interface_name(std::string_view(one)));
  return made;
}

// The simulator's word on addresses drawn from pairs of groups, by each pair of interfaces.
void require_agreement(const service_matrix& said, const program& rules, const std::vector<interface_name>& interfaces,
                       std::uint16_t port) {
  std::mt19937 random(1);
  const auto drawn_from = [&](std::size_t group) {
    const range& one = said.groups[group].addresses[random() % said.groups[group].addresses.size()];
    return one.low + random() % static_cast<std::uint64_t>(one.high - one.low + 1);
  };
  for (int i = 0; i < compared_pairs; ++i) {
    const std::size_t from = random() % said.groups.size();
    const std::size_t to = random() % said.groups.size();
    packet sent = opening(port);
    sent.source = drawn_from(from);
    sent.destination = drawn_from(to);
    bool surely = false;
    bool perhaps = false;
    for (const interface_name& in : interfaces)
      for (const interface_name& out : interfaces) {
        sent.in = in;
        sent.out = out;
        const verdict_set possible = possible_verdicts(rules, sent);
        perhaps = perhaps || possible.may_accept();
        surely = surely || (possible.may_accept() && !possible.may_stop());
      }
    if ((surely && !said.reaches[from][to]) || (!perhaps && said.reaches[from][to])) {
      std::cerr << "error: the matrix and the simulator differ from " << to_text(sent.source_address()).view() << " to "
                << to_text(sent.destination_address()).view() << "\n";
      std::exit(1);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path directory = argc > 1 ? argv[1] : "";
  if (!std::filesystem::is_directory(directory)) {
    std::cerr << "usage: service_matrix DIRECTORY [PORT ...]\n";
    return 3;
  }
  std::vector<std::uint16_t> ports;
  for (int i = 2; i < argc; ++i) ports.push_back(static_cast<std::uint16_t>(std::atoi(argv[i])));
  if (ports.empty()) ports = {22, 80};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::printf(
      "CPU time, the least of %d runs; each matrix agrees with the simulator on %d pairs of addresses, by every pair of interfaces\n\n"
      "| rule set | lines | read, ms | port | groups | pairs that may connect | matrix, ms |\n|---|---|---|---|---|---|---|\n",
      runs, compared_pairs);
  for (const std::filesystem::path& file : files) {
    const std::string content = content_of(file);
    firewall rules;
    double reading = 1e9;
    for (int i = 0; i < runs; ++i) {
      const double before = milliseconds();
      auto read = read_ruleset(content, {.file = file.filename().string()});
      if (!read) {
        std::cerr << to_text(read.diagnostics()).view() << "\n";
        return 3;
      }
      rules.v4 = *std::move(read);
      reading = std::min(reading, milliseconds() - before);
    }
    const std::vector<interface_name> interfaces = interfaces_of(rules);
    for (const std::uint16_t port : ports) {
      double asking = 1e9;
      service_matrix made;
      for (int i = 0; i < runs; ++i) {
        const double before = milliseconds();
        made = service_question(compile(rules, family::ipv4, hook::forward), port).answer();
        asking = std::min(asking, milliseconds() - before);
      }
      require_agreement(made, compile(rules, family::ipv4, hook::forward), interfaces, port);
      std::size_t pairs = 0;
      for (const auto& row : made.reaches) pairs += static_cast<std::size_t>(std::count(row.begin(), row.end(), true));
      std::printf("| %s | %td | %.1f | %u | %zu | %zu | %.1f |\n", file.filename().c_str(),
                  std::count(content.begin(), content.end(), '\n'), reading, port, made.groups.size(), pairs, asking);
    }
  }
}
