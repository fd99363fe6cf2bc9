// The flags that say how an answer is written, and where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <cordon/prove/proof.hpp>
#include <cordon/text/diagnostic.hpp>

/// `--json --format --output --color`.
struct output_arguments {
  bool json = false;
  std::string format;  // text if empty
  std::string file;
  std::string color = "auto";

  void add_to(CLI::App& command);
  /// The same for a command that has these formats beside text and json.
  void add_to(CLI::App& command, std::vector<std::string> more);
  /// The format that is asked for: text, json, or one of the others. Throws `unusable` if it is none.
  std::string chosen() const;
  /// Whether JSON is asked for. Throws `unusable` likewise.
  bool is_json() const;
  /// Writes a whole answer. Throws `unusable`.
  void write(std::string_view answer) const;
  /// The same for a report in lines of text, in colors where they are wanted.
  void write_text(std::string_view report) const;

 private:
  std::vector<std::string> formats_ = {"text", "json"};
};

/// Each of some remarks as one line, for the notes of a JSON object.
cordon::sequence<cordon::text> lines_of(const cordon::sequence<cordon::diagnostic>& said);

/// The exit status of a verdict: 0 proved, 1 leak, 2 unknown.
int exit_status_of(cordon::answer verdict);
