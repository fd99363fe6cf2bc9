// A program behind NFQUEUE, as intrusion detection is one: it lets every packet pass, and gives it a mark.
#pragma once

#include <cstdint>
#include <thread>

#include "netlink.hpp"

namespace cordon::kernel {

/// Listens from its making to its end, in the network namespace in which it is made.
class queue_program {
 public:
  /// Throws std::system_error if there is no such queue to be had.
  queue_program(std::uint16_t queue, std::uint32_t mark);

 private:
  void answer(const netlink_message& one);

  netlink_socket socket_;
  std::uint16_t queue_;
  std::uint32_t mark_;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace cordon::kernel
