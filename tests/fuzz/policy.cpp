// A policy file.
#include "fuzz.hpp"

#include <cordon/prove/enforce.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/report.hpp>

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
  const auto policy = make_policy(*read);
  fuzz::require_reason(policy);
  if (!policy) return 0;
  // Of some, for it takes longer than all the rest: rules that keep it are written, or it is said why there are none.
  if (size % 8 != 0) return 0;
  const enforcement kept = enforce(*policy);
  fuzz::require(kept.firewall || !kept.proof.proved() || !kept.said.empty(), "a policy is kept, or it is said why not");
  if (kept.firewall) commands(*kept.firewall);
  write_report(kept.proof);
  return 0;
}
