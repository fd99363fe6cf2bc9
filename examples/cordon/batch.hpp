// cordon check --batch: many firewalls, one answer a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <cordon/base/text.hpp>

#include "output_flags.hpp"

/// `--batch --jobs`.
struct batch_arguments {
  std::string list;
  std::string jobs;

  void add_to(CLI::App& command);
};

/// One line of a list: the files of one firewall's rules. An empty name: the family has no file, and so no rules.
struct batch_entry {
  std::uint32_t line = 0;  ///< in the list, from 1
  std::string v4, v6;
  std::string wrong;         ///< why the line is no entry; empty if it is one
  std::uint32_t column = 0;  ///< where that shows, from 1

  friend bool operator==(const batch_entry&, const batch_entry&) = default;
};

/// The entries of a list, `V4FILE<TAB>V6FILE` a line. A line without a tab names no IPv6 file; an empty line is none,
/// and neither is one that begins with '#'.
std::vector<batch_entry> read_batch_list(std::string_view content);

/// What is said of one firewall.
struct batch_answer {
  cordon::text object;  ///< as JSON, with a line feed
  int status = 0;       ///< the exit status of `check`, 0 to 3
};

/// Judges every entry of a list with `judge`, which many threads call at once and which may throw `unusable`. Writes
/// one JSON object a line, in the order of the list, and a summary to standard error. Returns the worst exit status, in
/// the order 3, 1, 2, 0. Throws `unusable` if there is no list, or the answers cannot be written.
int check_batch(const batch_arguments& from, const output_arguments& output,
                const std::function<batch_answer(const batch_entry&)>& judge);
