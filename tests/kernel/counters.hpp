// The rules' own counters, to check traces against.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "trace.hpp"

namespace cordon::kernel {

/// Packets by `filter:OUTPUT:rule:7` or `filter:OUTPUT:policy`.
using packet_counts = std::map<std::string, std::uint64_t>;

/// Reads what `world::save` with counters prints. nft counts the policy only of chains that the loaded text
/// declared.
packet_counts read_counters(std::string_view saved);

/// What grew from `before` to `after`, and by how much.
packet_counts growth(const packet_counts& before, const packet_counts& after);

/// Leaves out the base chains of the other hooks.
packet_counts at_output(packet_counts counts);

/// What the counters must have grown by if these packets are all that passed, and no user chain serves
/// another hook.
packet_counts count_steps(std::span<const traced_packet> packets);

}  // namespace cordon::kernel
