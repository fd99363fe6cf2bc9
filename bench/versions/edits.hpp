// The second version of a rule set.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../rule_set.hpp"

namespace cordon::bench {

/// The lines of a rule set's text, of which those from `first_rule` on are its rules, in order.
struct rule_lines {
  std::vector<std::string> lines;
  std::size_t first_rule = 0;

  explicit rule_lines(const rule_set& of) {
    for (std::size_t at = 0; at < of.rules.size();) {
      const std::size_t end = of.rules.find('\n', at);
      lines.push_back(of.rules.substr(at, end - at));
      at = end + 1;
    }
    while (!lines.at(first_rule).starts_with("-A ")) ++first_rule;
  }
  std::string text() const {
    std::string all;
    for (const std::string& one : lines) all += one + "\n";
    return all;
  }
};

/// The rule of the sandbox in the middle, the other way round.
inline rule_set flipped(const rule_set& of) {
  rule_lines made(of);
  for (std::size_t i = of.all.size() / 2; i < of.all.size(); ++i) {
    if (!of.all[i].user.contains(1001)) continue;
    std::string& line = made.lines[made.first_rule + i];
    const std::size_t target = line.rfind("-j ");
    line = line.substr(0, target) + (of.all[i].accepts ? "-j DROP" : "-j ACCEPT");
    return with_rules(of, made.text());
  }
  throw std::runtime_error("no rule to flip");
}

/// Two neighbours in the middle that no packet fits both of, which changes nothing.
inline rule_set swapped(const rule_set& of) {
  const auto apart = [](const interval& a, const interval& b) { return a.high < b.low || b.high < a.low; };
  rule_lines made(of);
  for (std::size_t i = of.all.size() / 2; i + 1 < of.all.size(); ++i) {
    const tuple_rule& a = of.all[i];
    const tuple_rule& b = of.all[i + 1];
    if (!a.user.contains(1001) || !b.user.contains(1001) || a.accepts == b.accepts) continue;
    if (!apart(a.matches.source, b.matches.source) && !apart(a.matches.destination, b.matches.destination)) continue;
    std::swap(made.lines[made.first_rule + i], made.lines[made.first_rule + i + 1]);
    return with_rules(of, made.text());
  }
  throw std::runtime_error("no rules to swap");
}

}  // namespace cordon::bench
