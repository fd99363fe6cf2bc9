#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace {

double seconds(const timeval& of) { return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) * 1e-6; }

template <double cost::* Part>
double at(std::vector<cost>& runs, std::size_t rank) {
  std::sort(runs.begin(), runs.end(), [](const cost& a, const cost& b) { return a.*Part < b.*Part; });
  return runs[rank].*Part;
}

}  // namespace

cost run(const command& of) {
  std::vector<char*> words;
  for (const std::string& word : of.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, of.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  cost made;
  pid_t child = -1;
  const auto start = std::chrono::steady_clock::now();
  const bool is_started = posix_spawnp(&child, words[0], &files, nullptr, words.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&files);
  if (!is_started) return made;
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child) return made;
  made.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  made.cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
  if (WIFEXITED(status)) made.status = WEXITSTATUS(status);
  return made;
}

std::vector<costs> run_in_turns(const std::vector<command>& commands, int rounds, const std::vector<int>& statuses) {
  std::vector<std::vector<cost>> all(commands.size());
  std::vector<int> worst(commands.size(), 0);
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < commands.size(); ++i) {
      all[i].push_back(run(commands[i]));
      if (std::find(statuses.begin(), statuses.end(), all[i].back().status) == statuses.end()) worst[i] = -1;
    }
  std::vector<costs> made;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::size_t middle = all[i].size() / 2;
    const cost least{at<&cost::wall>(all[i], 0), at<&cost::cpu>(all[i], 0), worst[i]};
    made.push_back({least, {at<&cost::wall>(all[i], middle), at<&cost::cpu>(all[i], middle), worst[i]}});
  }
  return made;
}
