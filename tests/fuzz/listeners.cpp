// Who listens, and which addresses a host has.
#include "fuzz.hpp"

#include <cordon/audit/audit.hpp>
#include <cordon/audit/listener_text.hpp>
#include <cordon/render/audit_report.hpp>
#include <cordon/text/address_text.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content = fuzz::text_of(data, size);
  const auto addresses = read_addresses(content, "addresses");
  fuzz::require_reason(addresses);
  auto read = read_listeners(content, "listeners");
  fuzz::require_reason(read);
  if (!read || read->size() > 20) return 0;
  firewall made;
  if (addresses) made.host.addresses = *addresses;
  write_report(audit(made, sandbox(uid{1001}), merged(*std::move(read))));
  return 0;
}
