// One rule set in a world of its own, packets sent through it, and what became of each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "counters.hpp"
#include "inject.hpp"
#include "trace.hpp"
#include "trace_legacy.hpp"
#include "trace_nft.hpp"
#include "world.hpp"

namespace cordon::kernel {

/// A packet that was sent, and what the kernel said of it.
struct sent_packet {
  wire_packet packet = {};
  std::vector<std::uint8_t> bytes = {};     ///< as it was sent
  int error = 0;                            ///< errno of sendto()
  bool traced = false;                      ///< it would have been seen at OUTPUT
  std::optional<traced_packet> seen = {};   ///< nothing where it was not traced, or did not come to OUTPUT
  std::vector<traced_packet> answers = {};  ///< what else came to OUTPUT before the next packet: REJECT's answers
};

class session {
 public:
  struct options {
    bool traced = true;            ///< false: only errno is learnt, which is faster
    bool conntrack_state = false;  ///< learn the state too; makes conntrack active
  };

  /// Throws as `world` does. Nothing is loaded yet.
  session(back_end which, options chosen) : which_(which), chosen_(chosen) {}

  /// Loads rules into the world, and before that makes the sets and accounting objects that they name: as
  /// `make_host_objects`, and throws as that does. Once a family; all loading comes before all sending.
  tool_result load(ip_family family, std::string_view rules, std::string_view sets = {});

  /// Sends packets, each under a number of its own (but for later IPv6 fragments: see packet_line).
  std::vector<sent_packet> send(std::span<const wire_packet> packets);

  /// Lets packets arrive while `make` makes real traffic, and returns what came to OUTPUT. Traced sessions only.
  std::vector<traced_packet> watch(const std::function<void()>& make);

  /// The rules' counters at OUTPUT, of both families, and what they should have counted by the traces so far.
  packet_counts counted();
  const packet_counts& traced_counts() const { return traced_counts_; }

 private:
  void start();
  std::vector<traced_packet> take();
  /// Finds the packets that were seen among those that were sent: from `next` on, or told late.
  void match(std::span<sent_packet> sent, std::size_t next, std::vector<traced_packet> seen);

  back_end which_;
  options chosen_;
  world world_;
  injector injector_;
  std::unique_ptr<legacy_tracer> legacy_;
  std::unique_ptr<nft_tracer> nft_;
  bool started_ = false;
  std::uint32_t number_ = 0;
  packet_counts traced_counts_;
};

}  // namespace cordon::kernel
