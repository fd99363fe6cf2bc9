// Where real traffic is made and watched: each packet is named, traced through the rules, and compared with the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/packet/packet.hpp>
#include <cordon/simulate/program.hpp>

#include "comparison.hpp"
#include "real_socket.hpp"
#include "trace.hpp"
#include "world.hpp"

namespace cordon::kernel {

/// Who sends a packet, as a scene sees it: the one who opened the conversation, the other end, or the kernel (ICMP's
/// errors and echo replies). Ends are told apart by their ports.
enum class side : std::uint8_t { client, server, kernel };

/// A packet that a scene brings about, once or more often, and what the model is told of it.
struct expected_packet {
  std::string_view what;  ///< "the listener's SYN-ACK"
  side from = side::client;
  std::uint8_t mark = 0;  ///< TCP: the flags, without PSH, ECE and CWR; ICMP: the type; else 0
  cordon::owner owner = {};
  connection_state state = connection_state::fresh;
  connection_status_set status = 0;  ///< of its connection
  /// Whether connection tracking takes it for one that travels back; nothing: if it is not the client's.
  std::optional<bool> is_reply = std::nullopt;
};

/// The conversation that packets belong to, as connection tracking knows it.
struct conversation {
  cordon::protocol protocol = protocol::tcp;
  cordon::address client = {};
  cordon::address server = {};
  port_pair ports = {};  ///< for ICMP the identifier, twice; for protocols that conntrack does not know 0
};

constexpr owner by_kernel = {.socket = socket_kind::kernel};
constexpr owner by_nobody = {.socket = socket_kind::none};
constexpr owner by(owner_ids ids) { return {socket_kind::user, ids.uid, ids.gid}; }

class stage {
 public:
  /// `take` returns the packets that came to OUTPUT since it was last called. `written` are the rules, by their place
  /// (`filter:OUTPUT:rule:3`).
  stage(ip_family family, const program& rules, std::function<std::vector<traced_packet>()> take,
        std::function<std::string(std::string_view place)> written, comparison& results);

  ip_family family() const { return family_; }
  bool v4() const { return family_ == ip_family::v4; }
  /// Loopback's usual address.
  address loopback() const;

  /// A new scene begins: its name, and the conversation of its packets.
  void begin(std::string_view scene, const conversation& of);

  /// Waits until each of these packets was seen, a third of a second at most, and compares: that no other packet was
  /// seen, the connection's state, and which rules each packet matched.
  void saw(const std::vector<expected_packet>& expected);

  /// Whether a packet was looked at before the kernel had done with it (one that a timer sends, on another processor).
  /// What was compared is then worth nothing, and all must be played again, in another world.
  bool spoilt() const { return spoilt_; }
  /// For scenes that need something to happen before a timer of the kernel's, and were too slow.
  void spoil() { spoilt_ = true; }

 private:
  const expected_packet* find(const std::vector<expected_packet>& expected, const packet& seen) const;
  side side_of(const packet& seen) const;
  packet modelled(packet seen, const expected_packet& as) const;
  void judge(const traced_packet& seen, const packet& model, std::string_view what);

  ip_family family_;
  const program& rules_;
  std::function<std::vector<traced_packet>()> take_;
  std::function<std::string(std::string_view)> written_;
  comparison& results_;
  bool spoilt_ = false;
  std::size_t rule_count_ = 0;
  std::string scene_;
  conversation conversation_;
};

}  // namespace cordon::kernel
