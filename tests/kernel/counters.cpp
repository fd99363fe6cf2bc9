#include "counters.hpp"

#include <charconv>

namespace cordon::kernel {
namespace {

/// The first number of `[12:345]`.
std::uint64_t packets_in(std::string_view bracket) {
  std::uint64_t packets = 0;
  if (!bracket.empty()) std::from_chars(bracket.data() + 1, bracket.data() + bracket.size(), packets);
  return packets;
}

std::string_view word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view first = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return first;
}

}  // namespace

packet_counts read_counters(std::string_view saved) {
  packet_counts counts;
  std::map<std::string, std::uint32_t> rules;
  std::string table;
  while (!saved.empty()) {
    const std::size_t end = saved.find('\n');
    std::string_view line = saved.substr(0, end);
    saved.remove_prefix(end == std::string_view::npos ? saved.size() : end + 1);
    if (line.starts_with('*')) {
      table = line.substr(1);
    } else if (line.starts_with(':')) {
      line.remove_prefix(1);
      const std::string chain = table + ":" + std::string(word(line));
      if (word(line) != "-") counts[chain + ":policy"] = packets_in(line);
    } else if (line.starts_with('[')) {
      const std::uint64_t packets = packets_in(word(line));
      word(line);  // -A
      const std::string chain = table + ":" + std::string(word(line));
      counts[chain + ":rule:" + std::to_string(++rules[chain])] = packets;
    }
  }
  return counts;
}

packet_counts growth(const packet_counts& before, const packet_counts& after) {
  packet_counts grown;
  for (const auto& [where, packets] : after) {
    const auto found = before.find(where);
    const std::uint64_t old = found == before.end() ? 0 : found->second;
    if (packets != old) grown[where] = packets - old;
  }
  return grown;
}

packet_counts at_output(packet_counts counts) {
  std::erase_if(counts, [](const auto& item) {
    for (const char* chain : {":PREROUTING:", ":INPUT:", ":FORWARD:", ":POSTROUTING:"}) {
      if (item.first.find(chain) != std::string::npos) return true;
    }
    return false;
  });
  return counts;
}

packet_counts count_steps(std::span<const traced_packet> packets) {
  packet_counts counts;
  for (const traced_packet& packet : packets) {
    for (const trace_step& step : packet.steps) {
      if (step.kind == step_kind::rule) ++counts[text(step)];
      if (step.kind == step_kind::policy) ++counts[step.table + ":" + step.chain + ":policy"];
    }
  }
  return counts;
}

}  // namespace cordon::kernel
