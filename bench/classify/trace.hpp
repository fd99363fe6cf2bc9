// Packets as all sides get them, and what an exhaustive scan of the rules says of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../rule_set.hpp"

namespace cordon::bench {

/// What rules ask of a packet.
struct six_values {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t source_port = 0;
  std::uint32_t destination_port = 0;
  std::uint32_t protocol = 0;
  std::uint32_t user = 0;
};

/// `count` packets, each of some rule, drawn uniformly: any values that the rule takes.
std::vector<six_values> draw_trace(const std::vector<tuple_rule>& rules, std::size_t count);

/// The index of the first rule that takes a packet; their number if none does.
std::size_t first_rule(const std::vector<tuple_rule>& rules, const six_values& of);

}  // namespace cordon::bench
