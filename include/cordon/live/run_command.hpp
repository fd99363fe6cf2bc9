// Runs a command on this machine. The one header that needs POSIX's processes: the standard library has no
// way to read what a program prints. Run time only. Who has another way gives that to `read_live` and
// `verify_loaded` instead.
#pragma once

#include <sys/wait.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <cordon/live/command_output.hpp>

namespace cordon {

/// Runs a command of the shell, as this process' user and in its namespaces, and waits for it. What it says
/// on standard error goes nowhere. Programs are found by PATH: who runs this as root has to trust that.
inline command_output run_command(std::string_view command) {
  command_output made;
  made.status = 126;
  std::FILE* const pipe = popen(("{ " + std::string(command) + "\n} 2>/dev/null").c_str(), "re");
  if (pipe == nullptr) return made;
  char part[1 << 12];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe))
    made.printed.append(std::string_view(part, size));
  const bool is_whole = std::ferror(pipe) == 0;
  const int ended = pclose(pipe);
  if (ended != -1 && is_whole) made.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
  return made;
}

}  // namespace cordon
