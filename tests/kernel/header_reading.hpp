// From the bytes of a packet to cordon's packet, as either back end reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <cordon/packet/packet.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/rule/predicate.hpp>

#include "wire_packet.hpp"

namespace cordon::kernel {

/// What a packet's headers say.
struct header_reading {
  packet made = {};
  /// What about the packet the model has no words for; empty if there is nothing.
  std::string_view obstacle = {};
  /// The fields that `made` has no certain value for.
  field_set doubtful = 0;
  /// The fields that no rule may ask for: what it would come to has no words in the model.
  field_set beyond = 0;
  /// A fragment of any kind, as defragmentation sees it: there is more, or something before.
  bool fragment = false;
  /// A later IPv4 fragment that is shorter than a TCP header: comparisons of bytes and targets may find too few.
  bool short_fragment = false;
};

/// Reads the headers of a packet that begins with `bytes`; what lies behind the headers need not be there. The back ends
/// differ behind an IPv6 authentication header: ipv6_find_hdr stops there for nf_tables, and goes on for ip6_tables. In
/// later fragments the header words are the fragment's own bytes, or in IPv6 the packet's beginning. Owner, interface,
/// mark and connection are left to the caller.
header_reading read_headers(std::span<const std::uint8_t> bytes, backend of);

}  // namespace cordon::kernel
