// The flags that say how an answer is written, and where.
#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include <cordon/prove/proof.hpp>
#include <cordon/text/diagnostic.hpp>

/// `--json --format --output`.
struct output_arguments {
  bool json = false;
  std::string format;  // text if empty
  std::string file;

  void add_to(CLI::App& command);
  /// Whether JSON is asked for. Throws `unusable` if the format is none.
  bool is_json() const;
  /// Whether text is asked for, and is not only what is written where nothing is said. Throws `unusable` likewise.
  bool is_text() const;
  /// Writes a whole answer. Throws `unusable`.
  void write(std::string_view answer) const;
};

/// Each of some remarks as one line, for the notes of a JSON object.
cordon::sequence<cordon::text> lines_of(const cordon::sequence<cordon::diagnostic>& said);

/// The exit status of a verdict: 0 proved, 1 leak, 2 unknown.
int exit_status_of(cordon::answer verdict);
