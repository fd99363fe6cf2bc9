#include "live.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include <cordon/base/text.hpp>

#include "unusable.hpp"

namespace {

struct program_result {
  int status = 0;
  std::string printed;

  bool is_missing() const { return status == 127; }
};

program_result run(const std::string& command) {
  program_result made;
  std::FILE* const pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) throw unusable(cordon::join(command, " cannot be run"));
  char part[1 << 12];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe)) made.printed.append(part, size);
  const int ended = pclose(pipe);
  made.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128;
  return made;
}

void require_success(const program_result& result, const std::string& command) {
  if (result.status != 0)
    throw unusable(cordon::join("--live: ", command, " failed with exit status ",
                                cordon::decimal(static_cast<unsigned>(result.status)), ": are you root?"));
}

std::optional<std::string> printed_by(const char* command, std::string_view otherwise,
                                      cordon::sequence<cordon::diagnostic>& remarks) {
  program_result result = run(command);
  if (result.status == 0) return std::move(result.printed);
  const std::string_view why = result.is_missing() ? " is not installed: " : " failed: ";
  remarks.push_back({{}, {}, cordon::severity::warning, cordon::join("--live: ", command, why, otherwise)});
  return std::nullopt;
}

bool has_tables(std::string_view content) { return content.starts_with('*') || content.find("\n*") != content.npos; }

bool is_empty_file(const char* name) {
  std::ifstream file(name);
  return !file || file.peek() == std::ifstream::traits_type::eof();
}

// Words at which a rule of nft may drop a packet, change it, or send it to a chain that does.
bool may_drop_or_rewrite(const std::string& line) {
  static constexpr std::array<std::string_view, 16> words = {
      "drop",  "reject", "queue", "dnat",  "snat", "masquerade", "redirect", "tproxy", "jump",
      "goto",  "set",    "vmap",  "fwd",   "dup",  "notrack",    "synproxy"};
  std::istringstream stream(line);
  for (std::string word; stream >> word;) {
    while (!word.empty() && (word.back() == ';' || word.back() == ',')) word.pop_back();
    if (std::find(words.begin(), words.end(), word) != words.end()) return true;
  }
  return false;
}

bool belongs_to_iptables(const std::string& family, const std::string& table, const std::string& chain) {
  static constexpr std::array<std::string_view, 5> tables = {"raw", "mangle", "nat", "filter", "security"};
  return (family == "ip" || family == "ip6") && chain == "OUTPUT" &&
         std::find(tables.begin(), tables.end(), table) != tables.end();
}

}  // namespace

std::vector<live_rules> saved_rules(cordon::family of) {
  const bool v4 = of == cordon::family::ipv4;
  const std::string base = v4 ? "iptables" : "ip6tables";
  std::vector<live_rules> all;
  for (const cordon::backend which : {cordon::backend::legacy, cordon::backend::nft}) {
    std::string program = base + "-" + std::string(name_of(which)) + "-save";
    const program_result result = run(program);
    if (result.is_missing()) {
      const char* const names = v4 ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names";
      if (which == cordon::backend::legacy && !is_empty_file(names))
        throw unusable(cordon::join("--live: the kernel holds legacy tables, and ", program, " is not installed"));
      continue;
    }
    require_success(result, program);
    all.push_back({std::move(program), result.printed, which});
  }
  if (all.empty())
    throw unusable(cordon::join("--live: neither ", base, "-legacy-save nor ", base, "-nft-save is installed"));
  if (all.size() == 2) {
    const bool first = has_tables(all[0].content);
    const bool second = has_tables(all[1].content);
    if (!first || !second) all.erase(all.begin() + (first ? 1 : 0));
  }
  return all;
}

std::optional<std::string> saved_sets(cordon::sequence<cordon::diagnostic>& remarks) {
  return printed_by("ipset save", "what sets hold stays unknown", remarks);
}

std::optional<std::string> own_addresses(cordon::sequence<cordon::diagnostic>& remarks) {
  return printed_by("ip -o addr", "which addresses are the host's stays unknown", remarks);
}

std::vector<native_chain> native_chains_in(const std::string& listing) {
  std::vector<native_chain> found;
  std::istringstream lines(listing);
  std::string family, table, chain;
  bool is_output = false;
  bool harms = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, second, third;
    words >> first >> second >> third;
    if (first == "table") {
      family = second;
      table = third;
    } else if (first == "chain") {
      chain = second;
      is_output = harms = false;
    } else if (first == "type" && line.find(" hook output ") != std::string::npos) {
      is_output = !belongs_to_iptables(family, table, chain);
      harms = harms || line.find("policy drop") != std::string::npos;
    } else if (first == "}") {
      const bool ip = family == "ip" || family == "inet";
      const bool ip6 = family == "ip6" || family == "inet";
      if (is_output && harms && (ip || ip6)) found.push_back({family + " " + table + " " + chain, ip, ip6});
      is_output = false;
    } else if (is_output) {
      harms = harms || may_drop_or_rewrite(line);
    }
  }
  return found;
}

std::vector<native_chain> native_chains(cordon::sequence<cordon::diagnostic>& remarks) {
  const program_result result = run("nft list ruleset");
  if (result.is_missing()) {
    remarks.push_back({{}, {}, cordon::severity::warning,
                       "nft is not installed: whether there are rules of nft's own was not looked at"});
    return {};
  }
  require_success(result, "nft list ruleset");
  return native_chains_in(result.printed);
}
