// What a host's interfaces lead to: a network namespace that is every address there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "descriptor.hpp"

namespace cordon::kernel {

/// Runs a command, given as its words with one blank between them. Throws std::runtime_error if it fails.
void run_command(const std::string& words);

/// The far ends of the interfaces of a host, which is the namespace that the calling thread is in when it
/// makes this. Every address but the host's own is here, behind each interface: pings are answered, and TCP
/// where `listen_on` was asked to.
class surroundings {
 public:
  /// Throws std::system_error where no namespace can be made.
  surroundings();

  /// Takes over the host's interface `far`, the other end of `near`; both are without neighbour resolution.
  /// The host's networks, like `192.0.2.0/24`, lie behind it.
  void take(const std::string& far, const std::string& near, const std::vector<std::string>& networks);

  /// Listens for TCP on a port of every address, of the host's too.
  void listen_on(std::uint16_t port);

 private:
  descriptor host_;
  descriptor here_;
  std::vector<descriptor> listeners_;
};

}  // namespace cordon::kernel
