#include "tool.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "descriptor.hpp"

extern char** environ;

namespace cordon::kernel {
namespace {

/// Files in memory instead of pipes: no side ever waits for the other.
descriptor memory_file(std::string_view content) {
  descriptor file(memfd_create("cordon", MFD_CLOEXEC));
  if (!file) throw std::system_error(errno, std::generic_category(), "memfd_create");
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0) throw std::system_error(errno, std::generic_category(), "write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string content_of(const descriptor& file) {
  const off_t size = lseek(file.get(), 0, SEEK_END);
  std::string content(static_cast<std::size_t>(size), '\0');
  const ssize_t got = pread(file.get(), content.data(), content.size(), 0);
  content.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return content;
}

/// Each run locks its own standard input instead of /run/xtables.lock: other namespaces' loads are no concern
/// of ours.
std::vector<std::string> environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("XTABLES_LOCKFILE=")) variables.emplace_back(*variable);
  }
  variables.emplace_back("XTABLES_LOCKFILE=/proc/self/fd/0");
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

tool_result run_tool(const std::vector<std::string>& words, std::string_view input) {
  const descriptor standard_input = memory_file(input);
  const descriptor standard_output = memory_file({});
  const descriptor standard_error = memory_file({});
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, standard_input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, standard_output.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, standard_error.get(), STDERR_FILENO);
  std::vector<std::string> arguments = words;
  std::vector<std::string> variables = environment();
  pid_t child = 0;
  const int error = posix_spawnp(&child, words.at(0).c_str(), &actions, nullptr, pointers(arguments).data(),
                                 pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return {127, "", words[0] + ": " + std::generic_category().message(error)};
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, content_of(standard_output), content_of(standard_error)};
}

}  // namespace cordon::kernel
