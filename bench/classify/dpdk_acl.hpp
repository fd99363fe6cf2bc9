// The same rules in DPDK's librte_acl.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "trace.hpp"

struct rte_acl_ctx;

namespace cordon::bench {

/// A packet as librte_acl reads it: in network order, and packed.
struct acl_packet {
  std::uint8_t protocol = 0;
  std::uint8_t unused[3] = {};
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t user = 0;
};

acl_packet packed(const six_values& of);

class dpdk_acl {
 public:
  /// Its environment is set up with the first one: without huge pages and devices.
  explicit dpdk_acl(const std::vector<tuple_rule>& rules);
  ~dpdk_acl();
  dpdk_acl(const dpdk_acl&) = delete;
  dpdk_acl& operator=(const dpdk_acl&) = delete;

  /// The ways to classify that this machine has: a name, and its number.
  static std::vector<std::pair<std::string, int>> methods();

  /// For each packet the index of the first rule that takes it, plus one; 0 if none does.
  void classify(const std::uint8_t* const* packets, std::uint32_t count, std::uint32_t* results, int method) const;

 private:
  rte_acl_ctx* context_ = nullptr;
};

}  // namespace cordon::bench
