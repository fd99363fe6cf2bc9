#include "checksum.hpp"

#include <array>

namespace cordon::kernel {
namespace {

constexpr std::array<std::uint32_t, 256> castagnoli_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1U) != 0 ? 0x82f63b78U : 0U);
    }
    table[byte] = remainder;
  }
  return table;
}();

}  // namespace

std::uint64_t ones_complement_sum(std::span<const std::uint8_t> bytes, std::uint64_t sum) {
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    sum += (static_cast<std::uint64_t>(bytes[at]) << 8) | bytes[at + 1];
  }
  if (at < bytes.size()) sum += static_cast<std::uint64_t>(bytes[at]) << 8;
  return sum;
}

std::uint16_t folded(std::uint64_t sum) {
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  std::uint32_t remainder = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    remainder = (remainder >> 8) ^ castagnoli_table[(remainder ^ byte) & 0xffU];
  }
  return ~remainder;
}

}  // namespace cordon::kernel
