// A packet's line.
#include "fuzz.hpp"

#include <cordon/text/packet_line.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_packet_line(fuzz::text_of(data, size));
  fuzz::require_reason(read);
  if (!read) return 0;
  const auto again = read_packet_line(write_packet_line(*read));
  fuzz::require(static_cast<bool>(again), "what was written is read");
  fuzz::require(*again == *read, "what was written is the same packet");
  return 0;
}
