// From cordon's packet to one that can be sent.
#pragma once

#include <cordon/packet/packet.hpp>
#include <cordon/rule/option.hpp>
#include <cordon/rule/predicate.hpp>

#include "wire_packet.hpp"

namespace cordon::kernel {

/// A packet that a raw socket of a `world` can send, as near to `drawn` as that goes: it has a user (nobody sends as
/// another kind of socket), leaves by an interface that is there, and its connection is new. What `drawn` leaves open
/// (payloads, offsets of fragments, first fragments) is chosen; fields that are not in `tested` are kept simple.
wire_packet wire_near(const packet& drawn, field_set tested, const choice_source& choices);

/// The interfaces of a world.
inline constexpr std::string_view world_interfaces[] = {"lo", "v0", "eth0", "wlan0", "v1"};

}  // namespace cordon::kernel
