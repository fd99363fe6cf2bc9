#include "command_line.hpp"

#include <string_view>
#include <utility>

namespace {

described_flag flag_from(const CLI::Option& from) {
  described_flag made;
  made.has_dashes = from.nonpositional();
  if (made.has_dashes) {
    for (const std::string& name : from.get_snames()) made.names.push_back("-" + name);
    for (const std::string& name : from.get_lnames()) made.names.push_back("--" + name);
  } else {
    made.names.push_back(from.get_name(/*positional=*/true));
  }
  if (from.get_items_expected_max() != 0) made.takes = from.get_type_name();
  made.description = from.get_description();
  made.group = from.get_group();
  made.is_repeatable = from.get_items_expected_max() > 1;
  return made;
}

bool takes_prefix(std::string_view& line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return false;
  line.remove_prefix(prefix.size());
  return true;
}

void read_footer(const std::string& footer, described_command& into) {
  bool is_example = false;
  for (const std::string& each : parts_of(footer, '\n')) {
    std::string_view line = each;
    if (line == "Example:")
      is_example = true;
    else if (is_example && takes_prefix(line, "  "))
      into.examples.emplace_back(line);
    else if (takes_prefix(line, "Exit status: "))
      into.exit_status = line;
    else if (!line.empty())
      into.about.emplace_back(line);
  }
}

}  // namespace

std::vector<std::string> described_flag::values() const {
  std::vector<std::string> made;
  if (takes.find('|') != std::string::npos) made = parts_of(takes, '|');
  return made;
}

described_command describe(const CLI::App& command) {
  described_command made;
  made.name = command.get_name();
  made.description = command.get_description();
  for (const CLI::Option* const one : command.get_options()) {
    if (one->get_group().empty()) continue;  // --help does not show it either
    described_flag flag = flag_from(*one);
    (flag.has_dashes ? made.flags : made.words).push_back(std::move(flag));
  }
  read_footer(command.get_footer(), made);
  return made;
}

std::vector<described_command> describe_commands(const CLI::App& app) {
  std::vector<described_command> made;
  for (const CLI::App* const one : app.get_subcommands(nullptr)) made.push_back(describe(*one));
  return made;
}

std::string names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const one : app.get_subcommands(nullptr)) names.push_back(one->get_name());
  return joined(names, ", ", " or ");
}

std::string joined(const std::vector<std::string>& words, const std::string& between, const std::string& last) {
  std::string made = words.empty() ? std::string() : words[0];
  for (std::size_t i = 1; i < words.size(); ++i) made += (i + 1 == words.size() ? last : between) + words[i];
  return made;
}

std::vector<std::string> parts_of(const std::string& words, char at) {
  std::vector<std::string> made;
  for (std::size_t begin = 0;;) {
    const std::size_t end = words.find(at, begin);
    made.push_back(words.substr(begin, end == std::string::npos ? end : end - begin));
    if (end == std::string::npos) return made;
    begin = end + 1;
  }
}
