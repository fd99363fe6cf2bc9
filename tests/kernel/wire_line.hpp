// A packet as a line of words, the opposite of packet_line.hpp.
#pragma once

#include <string>

#include "wire_packet.hpp"

namespace cordon::kernel {

/// The line from which `read_packet_line` makes this packet again, but for its identity where that means nothing (it
/// means something in a later IPv6 fragment: nf_tables takes the flow label for ports).
std::string packet_line(const wire_packet& packet);

}  // namespace cordon::kernel
