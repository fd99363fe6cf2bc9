// The table of edge packets for owner and conntrack: real traffic, packet by packet, and who has sent it in what state.
#pragma once

#include "traffic_stage.hpp"

namespace cordon::kernel {

// Users that scenes' sockets have; rules are written about them.
constexpr owner_ids scene_client = {3000, 3001};
constexpr owner_ids scene_listener = {4000, 4001};
constexpr owner_ids scene_accepter = {5000, 5001};
// What these send is rejected at the end of filter: with a TCP RST if it is TCP, else with an ICMP error.
constexpr owner_ids scene_rejected = {6000, 6001};
// What this one sends is not tracked.
constexpr owner_ids scene_untracked = {7000, 7001};

/// Plays all scenes.
void play_all(stage& on);

}  // namespace cordon::kernel
