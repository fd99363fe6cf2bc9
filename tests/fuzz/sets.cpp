// `ipset save` text, and a rule that asks each set of it.
#include "fuzz.hpp"

#include <cordon/simulate/simulate.hpp>
#include <cordon/text/ipset_text.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_sets(fuzz::text_of(data, size), "sets");
  fuzz::require_reason(read);
  if (!read) return 0;
  for (const address_set& one : *read) {
    // Names that are no words of a rule are asked by no rule.
    const auto rules = fuzz::read_rules(join("*filter\n-A OUTPUT -m set --match-set ", one.name, " dst,dst,src -j DROP\nCOMMIT\n"),
                                        one.family, backend::nft);
    if (!rules) continue;
    firewall made;
    made.host.sets = *read;
    made.of(one.family) = *rules;
    packet sent;
    sent.family = one.family;
    simulate(made, sent);
  }
  return 0;
}
