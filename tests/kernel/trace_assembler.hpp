// From messages about packets to packets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "packet_log.hpp"
#include "trace.hpp"

namespace cordon::kernel {

/// Puts messages about packets together. REJECT's answer passes OUTPUT amid the packet that it answers, so
/// that a message belongs to the youngest packet that fits.
class trace_assembler {
 public:
  /// Takes what the log of a bookend said (watch.hpp); false if the report is none of a bookend.
  bool note_bookend(const log_report& report);

  /// The youngest packet with this start, whatever NAT, MARK or TTL made of it meanwhile; nullptr if there is
  /// none.
  traced_packet* find(std::span<const std::uint8_t> bytes);

  /// Says by which number a stream without packet bytes will speak of the oldest packet that has no such
  /// number yet, is of this family, and starts with `header` (empty: unknown). False if there is none.
  bool bind(std::uint32_t id, ip_family family, std::span<const std::uint8_t> header);
  traced_packet* find_bound(std::uint32_t id);

  /// What began since the last call, in that order.
  std::vector<traced_packet> take();

 private:
  struct entry {
    traced_packet packet;
    std::uint64_t key = 0;
    std::optional<std::uint32_t> id;
  };

  void begin(const log_report& report);

  std::vector<entry> entries_;
  std::size_t first_unbound_ = 0;  ///< all before it are bound
};

}  // namespace cordon::kernel
