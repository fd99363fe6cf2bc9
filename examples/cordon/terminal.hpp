// What is shown on a terminal and nowhere else: colors in an answer, and that work goes on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <cordon/base/text.hpp>

/// Whether `stream` is a terminal that understands more than plain lines: TERM is there, and not "dumb".
bool is_terminal(std::FILE* stream);

/// Whether an answer on standard output is colored: it is a terminal, and NO_COLOR is not set or is empty.
bool is_color_wanted();

/// A report (of check, diff, audit, lint, matrix, trace or why) with its verdicts, leaks, places and ways in
/// colors. Without the escape sequences it is byte by byte what it was.
cordon::text colored(std::string_view report);

/// While it lives, and once that takes over a second, a line on the standard error that tells what is done,
/// and for how long. `end`, or the end of its life, clears it. Where standard error is no terminal nothing is
/// ever shown.
class progress_line {
 public:
  /// `words` is called by another thread, about three times a second.
  explicit progress_line(std::function<cordon::text()> words);
  explicit progress_line(std::string_view words);
  ~progress_line() { end(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void end();
  /// From now on none is shown: a person types on this terminal.
  static void hush();

 private:
  void run();
  void show() const;

  std::function<cordon::text()> words_;
  std::chrono::steady_clock::time_point begin_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::thread thread_;
};
