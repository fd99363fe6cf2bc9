// Checksums of transport headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cordon::kernel {

/// The one's complement sum of RFC 1071, not yet folded, so that several ranges can be added up.
/// `bytes` is taken as big-endian 16-bit words; an odd last byte counts as the upper half of a word.
std::uint64_t ones_complement_sum(std::span<const std::uint8_t> bytes, std::uint64_t sum = 0);

/// Folds a sum of `ones_complement_sum` into the 16 bits that belong in a header.
std::uint16_t folded(std::uint64_t sum);

/// CRC-32C (Castagnoli) as SCTP uses it (RFC 9260, appendix A), in host order.
/// It goes into the header least significant byte first.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes);

}  // namespace cordon::kernel
