// Who listens on the host that the command runs on.
#pragma once

#include <string>

#include <cordon/text/diagnostic.hpp>

/// What a program, or files, said of who listens.
struct live_listeners {
  std::string source;  ///< its name, for messages
  std::string content;
};

/// What `ss -lntup` prints or, where that cannot be run, what is in /proc/net, with a warning in `remarks`. Throws
/// `unusable`.
live_listeners listening_sockets(cordon::sequence<cordon::diagnostic>& remarks);
