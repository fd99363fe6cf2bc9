// Whole processes, and what they cost.
#pragma once

#include <string>
#include <vector>

/// A program with its arguments, and where its standard input comes from and its output goes.
struct command {
  std::vector<std::string> words;  ///< the first is the program's path, or its name in PATH
  std::string output = "/dev/null";
};

/// What one run took, in seconds.
struct cost {
  double wall = 0;  ///< until it has ended, its start included
  double cpu = 0;   ///< of user and system together
  int status = -1;  ///< how it exited; -1 if it did not, or could not be started
};

/// Runs it once, without standard input, its errors unseen.
cost run(const command& of);

/// The least and the middle of several runs, in which the commands take turns so that what else the machine does meets
/// all of them alike. In the order of the commands. A run with another exit status than `statuses` allow has status -1.
struct costs {
  cost least, middle;
};
std::vector<costs> run_in_turns(const std::vector<command>& commands, int rounds, const std::vector<int>& statuses);
