// iptables-save text, and packets drawn near it: the prover's word, and the compiled classifier's, against the simulator's.
#include "fuzz.hpp"

#include <cordon/classify/classifier.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/draw.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const family of = (size & 1) != 0 ? family::ipv6 : family::ipv4;
  const auto read = fuzz::read_rules(fuzz::text_of(data, size), of, (size & 2) != 0 ? backend::legacy : backend::nft);
  if (!read) return 0;
  const firewall rules = fuzz::host_with(*read, of);
  // Nothing is allowed, so that where a packet goes does not matter.
  const egress_policy policy = sandbox(uid{1001});
  const proof answer = prove(rules, policy);
  const family_proof& here = answer.of(of);
  const program compiled = compile(rules, of);
  for (const leak& one : here.leaks)
    fuzz::require(!simulate(compiled, one.witness).possible.may_stop(), "a leak's witness gets out");
  const predicate exists = can_exist(policy, of, fields_tested(compiled));
  const packet_domain domain = packets_of(policy, of);
  testing::random_choices choices(size);
  const testing::edges around = testing::edges::of_firewall(rules, of);
  const classifier lookups(rules);
  for (int left = 32; left > 0; --left) {
    const packet sent = testing::draw_packet(choices.source(), around, domain);
    if (evaluate(exists, sent) != truth::yes) continue;
    const outcome simulated = simulate(compiled, sent);
    const verdict_set possible = simulated.possible;
    fuzz::require(lookups.classify(sent).verdict == simulated.verdict,
                  "the compiled classifier gives the simulator's verdict");
    if (here.answer == answer::proved) fuzz::require(!possible.may_accept(), "where it is proved nothing gets out");
    if (here.answer == answer::unknown && !here.too_large)
      fuzz::require(possible.may_stop() || !possible.may_accept(), "where it is unknown nothing surely gets out");
  }
  return 0;
}
