// A policy file.
#include "fuzz.hpp"

#include <cordon/prove/policy_text.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_policy(fuzz::text_of(data, size), "policy");
  fuzz::require_reason(read);
  if (!read) return 0;
  for (const endpoint& one : read->endpoints) {
    const auto again = read_endpoint(to_text(one));
    fuzz::require(static_cast<bool>(again), "an endpoint that was written is read");
    endpoint as_built = *again;
    as_built.written = one.written;
    fuzz::require(as_built == one, "an endpoint that was written is the same");
  }
  fuzz::require_reason(make_policy(*read));
  return 0;
}
