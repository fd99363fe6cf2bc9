#include "rule_set.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <sstream>
#include <stdexcept>

namespace cordon::bench {
namespace {

constexpr unsigned sandbox_uid = 1001;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

interval network(const std::string& words) {
  unsigned bytes[4] = {};
  unsigned bits = 32;
  char mark = 0;
  std::istringstream in(words);
  in >> bytes[0] >> mark >> bytes[1] >> mark >> bytes[2] >> mark >> bytes[3];
  if (in >> mark) in >> bits;
  const std::uint32_t base = bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  const std::uint32_t rest = bits == 0 ? 0xffffffff : (std::uint32_t{1} << (32 - bits)) - 1;
  return {base & ~rest, base | rest};
}

interval ports(const std::string& words, char between) {
  const auto at = words.find(between);
  const auto low = static_cast<std::uint32_t>(std::stoul(words));
  return {low, at == std::string::npos ? low : static_cast<std::uint32_t>(std::stoul(words.substr(at + 1)))};
}

interval protocol(const std::string& word) {
  const std::uint32_t number = word == "tcp"     ? 6
                               : word == "udp"   ? 17
                               : word == "icmp"  ? 1
                               : word == "gre"   ? 47
                               : word == "esp"   ? 50
                               : word == "ah"    ? 51
                               : word == "ospf"  ? 89
                               : word == "eigrp" ? 88
                               : word == "igmp"  ? 2
                               : word == "ipip"  ? 94
                                                 : static_cast<std::uint32_t>(std::stoul(word));
  return {number, number};
}

void read_rules(rule_set& into) {
  std::istringstream lines(into.rules);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("-A OUTPUT")) continue;
    std::istringstream words(line);
    tuple_rule made;
    for (std::string word, value; words >> word;) {
      if (word == "-m" || word == "-A") words >> value;
      if (word == "-s" && words >> value) made.matches.source = network(value);
      if (word == "-d" && words >> value) made.matches.destination = network(value);
      if (word == "-p" && words >> value) made.matches.protocol = protocol(value);
      if (word == "--sport" && words >> value) made.matches.source_port = ports(value, ':');
      if (word == "--dport" && words >> value) made.matches.destination_port = ports(value, ':');
      if (word == "--uid-owner" && words >> value)
        made.user.low = made.user.high = static_cast<std::uint32_t>(std::stoul(value));
      if (word == "-j" && words >> value) made.accepts = value == "ACCEPT";
    }
    into.all.push_back(made);
    if (made.user.contains(sandbox_uid)) into.of_sandbox.push_back(made);
  }
}

// protocol:address/bits:port-port
void read_endpoints(rule_set& into) {
  std::istringstream lines(into.endpoints);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto last = line.rfind(':');
    five_tuple made;
    if (const std::string name = line.substr(0, first); name != "any") made.protocol = protocol(name);
    made.destination = network(line.substr(first + 1, last - first - 1));
    made.destination_port = ports(line.substr(last + 1), '-');
    into.allowed.push_back(made);
  }
}

}  // namespace

rule_set with_rules(const rule_set& like, std::string rules) {
  rule_set made = like;
  made.rules = std::move(rules);
  made.all.clear();
  made.of_sandbox.clear();
  read_rules(made);
  return made;
}

bool leaks(const rule_set& through, const five_values& packet) {
  for (const five_tuple& one : through.allowed)
    if (one.contains(packet)) return false;
  return lets_out(through, packet);
}

bool lets_out(const rule_set& through, const five_values& packet) {
  for (const tuple_rule& one : through.of_sandbox)
    if (one.matches.contains(packet)) return one.accepts;
  return false;
}

std::vector<five_values> packets_near(const rule_set& rules, unsigned count) {
  std::mt19937 random(1);
  const auto pick = [&](const interval& of) {
    switch (random() % 3) {
      case 0: return of.low;
      case 1: return of.high;
      default: return of.low + static_cast<std::uint32_t>(random() % (std::uint64_t{of.high} - of.low + 1));
    }
  };
  std::vector<five_values> made;
  for (unsigned i = 0; i < count; ++i) {
    const auto rule = [&]() -> const five_tuple& {
      return rules.of_sandbox[random() % rules.of_sandbox.size()].matches;
    };
    const five_tuple& one = rule();
    const five_tuple& other = random() % 2 == 0 ? one : rule();
    made.push_back({pick(one.source), pick(one.destination), pick(other.source_port), pick(other.destination_port),
                    pick(one.protocol)});
  }
  return made;
}

std::vector<rule_set> read_rule_sets(const std::string& directory) {
  std::vector<rule_set> all;
  if (!std::filesystem::is_directory(directory)) return all;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() != ".v4") continue;
    rule_set made;
    made.name = file.path().stem();
    made.rules = content_of(file.path());
    made.endpoints = content_of(std::filesystem::path(file.path()).replace_extension(".allow"));
    read_rules(made);
    read_endpoints(made);
    all.push_back(std::move(made));
  }
  std::sort(all.begin(), all.end(), [](const rule_set& a, const rule_set& b) {
    return a.rules.size() != b.rules.size() ? a.rules.size() < b.rules.size() : a.name < b.name;
  });
  return all;
}

rule_set make_rule_set(const std::string& name, unsigned count, bool wide) {
  std::mt19937 random(count + (wide ? 1 : 0));
  const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  const auto one_of = [&](std::initializer_list<const char*> words) {
    return *(words.begin() + below(static_cast<std::uint32_t>(words.size())));
  };
  // Networks of a few hundred hosts, half of them inside one another.
  const auto net = [&] {
    const unsigned bits =
        wide ? std::initializer_list<unsigned>{8, 16, 24, 28, 32, 32}.begin()[below(6)] : 32 - 4 * (below(4) / 3);
    const auto mask = static_cast<std::uint32_t>(~std::uint64_t{0} << (32 - bits));
    const std::uint32_t base = (10U << 24 | below(16) << 16 | below(count / 16 + 4) << 4 | below(16)) & mask;
    return std::to_string(base >> 24) + "." + std::to_string(base >> 16 & 255) + "." + std::to_string(base >> 8 & 255) +
           "." + std::to_string(base & 255) + "/" + std::to_string(bits);
  };
  rule_set made;
  made.name = name;
  made.rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n";
  for (unsigned i = 0; i < count; ++i) {
    const std::string by = one_of({"tcp", "tcp", "udp"});
    std::string line = "-A OUTPUT";
    if (!wide || below(3) != 0) line += " -s " + net();
    if (!wide || below(4) != 0) line += " -d " + net();
    line += " -p " + by;
    if (below(2) == 0)
      line += " -m owner --uid-owner " + std::to_string(below(2) == 0 ? sandbox_uid : 1002 + below(60));
    line += " -m " + by;
    if (wide && below(4) == 0) line += " --sport " + std::to_string(1024 * below(8)) + ":65535";
    if (below(4) != 0) line += " --dport " + std::to_string(below(64) * 100 + below(3));
    made.rules += line + " -j " + one_of({"ACCEPT", "DROP"}) + "\n";
  }
  made.rules += "COMMIT\n";
  for (unsigned i = 0; i < 20; ++i) made.endpoints += "tcp:" + net() + ":" + std::to_string(below(64) * 100) + "\n";
  read_rules(made);
  read_endpoints(made);
  return made;
}

std::vector<rule_set> rule_sets_to_measure(const std::string& directory) {
  std::vector<rule_set> all = read_rule_sets(directory);
  if (!all.empty()) return all;
  if (!directory.empty()) std::cerr << "no rule sets in " << directory << ": ";
  std::cerr << "rule sets of the benchmark's own\n";
  for (const unsigned count : {1000U, 10000U})
    for (const bool wide : {false, true})
      all.push_back(make_rule_set((wide ? "firewall." : "access_list.") + std::to_string(count), count, wide));
  return all;
}

}  // namespace cordon::bench
