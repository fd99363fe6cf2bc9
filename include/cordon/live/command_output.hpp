// What a command printed, for those who run commands and those who read it: this header runs none.
#pragma once

#include <cordon/base/text.hpp>

namespace cordon {

/// How a command ended, and what it printed on standard output.
struct command_output {
  /// Its exit status; 127 when there is no such program, as a shell says it; another number that is not 0
  /// when it could not be run, ended by a signal, or could not be read to its end.
  int status = 127;
  text printed = {};  ///< what it wrote to standard output

  /// Whether it ended with exit status 0.
  constexpr bool worked() const { return status == 0; }
  /// Whether there is no such program, as a shell says it.
  constexpr bool is_missing() const { return status == 127; }
};

}  // namespace cordon
