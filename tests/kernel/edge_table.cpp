#include "edge_table.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "rule_files.hpp"

namespace cordon::kernel {
namespace {

const std::filesystem::path folder = "tests/kernel/edges";

/// Takes a word off the line's front if it says where the rule can be loaded, or that it is open.
bool take_place(std::string& line, edge_rule& into) {
  const auto blank = line.find(' ');
  const std::string word = line.substr(0, blank);
  if (word == "v4" || word == "v6")
    into.family = word == "v4" ? ip_family::v4 : ip_family::v6;
  else if (word == "legacy" || word == "nft")
    into.which = word == "legacy" ? back_end::legacy : back_end::nft;
  else if (word.starts_with("table="))
    into.table = word.substr(6);
  else if (word == "open")
    into.open = true;
  else
    return false;
  line.erase(0, blank == std::string::npos ? blank : blank + 1);
  return true;
}

}  // namespace

std::optional<std::vector<edge_rule>> read_edge_table(const std::string& name) {
  const std::filesystem::path path = folder / (name + ".txt");
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::istringstream lines(content_of(path.string()));
  std::vector<edge_rule> all;
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    edge_rule made;
    made.line = number;
    if (line.starts_with("without ")) {
      made.left_out = line.substr(8);
      all.push_back(std::move(made));
      continue;
    }
    while (take_place(line, made)) {
    }
    made.words = line;
    all.push_back(std::move(made));
  }
  return all;
}

std::vector<edge_rule> rules_for(const std::vector<edge_rule>& table, const combination& of) {
  std::vector<edge_rule> rules;
  std::copy_if(table.begin(), table.end(), std::back_inserter(rules),
               [&](const edge_rule& one) { return one.is_for(of); });
  return rules;
}

std::vector<std::string> words_missing(const std::vector<edge_rule>& table, const std::vector<std::string>& names) {
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const bool negated = name.starts_with("! ");
    const std::string wanted = " " + name + " ";
    const bool there = std::any_of(table.begin(), table.end(), [&](const edge_rule& one) {
      if (one.left_out == name) return true;
      const std::string words = " " + one.words + " ";
      for (auto at = words.find(wanted); at != std::string::npos; at = words.find(wanted, at + 1))
        if (negated || at < 2 || words[at - 1] != '!') return true;
      return false;
    });
    if (!there) missing.push_back(name);
  }
  return missing;
}

}  // namespace cordon::kernel
