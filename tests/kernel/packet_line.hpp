// A packet written on a line, as for `cordon trace`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire_packet.hpp"

namespace cordon::kernel {

/// Reads a packet as `cordon trace` writes it, `uid=1001 proto=tcp dst=127.0.0.1 dport=8000 out=lo`, into
/// `packet`, which holds the defaults. Keys: family proto src dst sport dport flags icmp uid gid out mark len
/// ttl tos, and of the wire: id, df=1, frag=N (units of 8 bytes), more=1, fraghdr=1, bytes=N (transport bytes
/// present), payload=HEX, raw=HEX (the whole transport part), ext=TYPE:HEX (an IPv6 extension header; may be
/// repeated). Numbers are decimal or 0x. Returns what is wrong, or nothing. Without src a packet comes from
/// its destination (loopback) or 192.0.2.1 or 2001:db8::1.
std::optional<std::string> read_packet_line(std::string_view line, wire_packet& packet);

}  // namespace cordon::kernel
