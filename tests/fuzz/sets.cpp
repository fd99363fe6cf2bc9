// `ipset save` text, and a rule that asks each set of it.
#include "fuzz.hpp"

#include <cordon/prove/prove.hpp>
#include <cordon/render/report.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/ipset_text.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_sets(fuzz::text_of(data, size), "sets");
  fuzz::require_reason(read);
  if (!read) return 0;
  firewall made;
  made.host.sets = *read;
  for (const address_set& one : *read) {
    // Names that are no words of a rule are asked by no rule.
    const auto rules =
        fuzz::read_rules(join("*filter\n-A OUTPUT -m set --match-set ", one.name, " dst,dst,src -j DROP\nCOMMIT\n"),
                         one.family, backend::nft);
    if (!rules) continue;
    made.v4 = family_rules::none();
    made.v6 = family_rules::none();
    made.of(one.family) = *rules;
    packet sent;
    sent.family = one.family;
    sent.owner = {socket_kind::user, 1001, 1001};
    if (!one.members.empty()) sent.destination = one.members[0].addresses.low;
    const verdict_set possible = simulate(made, sent).possible;
    const egress_policy policy = sandbox(uid{1001});
    const proof answer = prove(made, policy);
    // Nothing else stops a packet, and nothing is allowed.
    fuzz::require(!answer.proved() || !possible.may_accept(), "where it is proved nothing gets out");
    for (const leak& leaking : answer.of(one.family).leaks)
      fuzz::require(!simulate(made, leaking.witness).possible.may_stop(), "a leak's witness gets out");
    write_report(answer, {.rules = &made});
  }
  return 0;
}
