// What the command line takes, as data: read from the definitions that parse it, so that manual and
// completions tell of what there is.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// A flag, or a word without one.
struct described_flag {
  std::vector<std::string> names;  ///< with their dashes; for a word without a flag what --help calls it
  std::string takes;               ///< what --help shows for its value; empty if it takes none
  std::string description;
  std::string group;
  bool has_dashes = true;
  bool is_repeatable = false;

  /// The words that the value can be, where --help tells them all, as text|json.
  std::vector<std::string> values() const;
  bool takes_file() const { return takes == "FILE" || takes == "LIST"; }
};

/// A command, or cordon itself. The footer of --help is in three parts: what there is to say, "Exit status:",
/// and last the lines of "Example:".
struct described_command {
  std::string name, description;
  std::vector<described_flag> flags;  ///< those with dashes
  std::vector<described_flag> words;  ///< those without
  std::vector<std::string> about;     ///< lines
  std::string exit_status;            ///< what stands behind "Exit status:"
  std::vector<std::string> examples;  ///< shell commands, a line each
};

described_command describe(const CLI::App& command);
/// The commands of cordon, in the order of --help.
std::vector<described_command> describe_commands(const CLI::App& app);
/// Their names alone, as a sentence lists them: "check, diff or render".
std::string names_of_commands(const CLI::App& app);

/// "a, b or c" for some words, `last` between the last two and `between` before.
std::string joined(const std::vector<std::string>& words, const std::string& between, const std::string& last);
/// The parts of `words` between the bytes `at`; one empty part if there is nothing.
std::vector<std::string> parts_of(const std::string& words, char at);
