// Traced packets in words.
#pragma once

#include <string>

#include "trace.hpp"

namespace cordon::kernel {

/// For people: what a traced packet was when it came, `proto=6 src=127.0.0.1 dst=127.0.0.1 sport=...
/// dport=... flags=0x12`.
std::string packet_text(const traced_packet& packet);

/// For people: conntrack's state if known, the way, and what had changed when it passed.
std::string outcome_text(const traced_packet& packet);

}  // namespace cordon::kernel
