#include "trace.hpp"

#include <algorithm>

namespace cordon::kernel {
namespace {

std::string_view word_of(step_kind kind) {
  switch (kind) {
    case step_kind::rule: return "rule";
    case step_kind::returned: return "return";
    case step_kind::policy: return "policy";
  }
  return "";
}

}  // namespace

std::string text(const trace_step& step) {
  return step.table + ":" + step.chain + ":" + std::string(word_of(step.kind)) + ":" + std::to_string(step.number);
}

std::string way(const traced_packet& packet) {
  std::string words;
  for (const trace_step& step : packet.steps) words += (words.empty() ? "" : " ") + text(step);
  return words;
}

rule_counts count_rules(std::string_view rules) {
  rule_counts counts;
  std::string table;
  while (!rules.empty()) {
    const std::size_t end = rules.find('\n');
    std::string_view line = rules.substr(0, end);
    rules.remove_prefix(end == std::string_view::npos ? rules.size() : end + 1);
    if (line.starts_with('*')) table = line.substr(1, line.find_first_of(" \t\r", 1) - 1);
    if (line.starts_with(':')) counts.try_emplace(table + ":" + std::string(line.substr(1, line.find(' ') - 1)), 0);
    if (line.starts_with('[')) line.remove_prefix(std::min(line.find("] ") + 2, line.size()));  // counters of -c
    if (!line.starts_with("-A ")) continue;
    line.remove_prefix(3);
    ++counts[table + ":" + std::string(line.substr(0, line.find(' ')))];
  }
  return counts;
}

}  // namespace cordon::kernel
