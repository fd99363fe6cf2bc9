#include "live_listeners.hpp"

#include <fstream>
#include <sstream>

#include <cordon/live/run_command.hpp>

#include "unusable.hpp"

live_listeners listening_sockets(cordon::sequence<cordon::diagnostic>& remarks) {
  const char* const command = "ss -lntup";
  const cordon::command_output told = cordon::run_command(command);
  if (told.status == 0) return {command, std::string(told.printed.view())};
  remarks.push_back({{},
                     {},
                     cordon::severity::warning,
                     cordon::join("--live: ", command, told.is_missing() ? " is not installed: " : " failed: ",
                                  "who listens is read from /proc/net, without processes")});
  live_listeners made{"/proc/net", {}};
  bool is_there = false;
  for (const char* const name : {"tcp", "tcp6", "udp", "udp6"}) {
    std::ifstream file(std::string("/proc/net/") + name);
    is_there = is_there || file.is_open();  // without IPv6 the kernel has no files of it
    std::ostringstream content;
    if (file.is_open()) content << file.rdbuf();
    made.content += content.str();
  }
  if (!is_there) throw unusable("--live: neither ss nor /proc/net tells who listens: give --listeners FILE");
  return made;
}
