// Running a program and keeping what it says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cordon::kernel {

/// How a program that was run ended.
struct tool_result {
  int status = -1;  ///< exit status; 128 + number when a signal ended it; 127 when there is no such program
  std::string output;
  std::string errors;

  bool worked() const { return status == 0; }
};

/// Runs `words[0]`, found in PATH, with the other words as its arguments and `input` as standard input, in
/// the network namespace of the calling thread, and waits for it.
tool_result run_tool(const std::vector<std::string>& words, std::string_view input = {});

}  // namespace cordon::kernel
