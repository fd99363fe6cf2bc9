// What nfnetlink_log tells.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "netlink.hpp"

namespace cordon::kernel {

/// What one message of nfnetlink_log says; views into the message.
struct log_report {
  std::string_view prefix;
  std::uint8_t hook = 0;
  std::uint32_t mark = 0;
  std::uint32_t out_interface = 0;
  std::optional<std::uint32_t> uid;     ///< of the socket's file
  std::span<const std::uint8_t> bytes;  ///< the packet's start, from the IP header on
};

/// Listens to NFLOG group 0 of the world in which it is made. There go: the bookends of watch.hpp, the
/// reports of trace_packet (ip_tables.c, ip6_tables.c), and what `-j LOG` and `-j NFLOG` of the rule set
/// write. One world has one listener.
class packet_log {
 public:
  packet_log();
  packet_log(const packet_log&) = delete;
  packet_log& operator=(const packet_log&) = delete;

  /// Visits what was said since the last call about packets at the OUTPUT hook.
  void drain(const std::function<void(const log_report&)>& visit);

 private:
  netlink_socket socket_;
};

}  // namespace cordon::kernel
