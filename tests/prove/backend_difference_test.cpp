#include <string>

#include <rapidcheck/catch.h>
#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../catch.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {
std::string difference_on(std::string_view lines) {
  const egress_policy policy = sandbox(uid(1001)).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80);
  const firewall on_nft = host_with(lines);
  return testing::shown(difference_on(prove(on_nft, policy), on_nft, host_with(lines, family::ipv4, backend::legacy)));
}
}  // namespace

TEST_CASE("rules on which both back ends agree have no difference") {
  CHECK(difference_on("-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j ACCEPT\n-A OUTPUT -j DROP\n").empty());
}

TEST_CASE("a rule that one back end takes for all packets and the other for none makes a difference") {
  // iptables-nft leaves out a port range that is everything, and with it the negation.
  CHECK(difference_on("-A OUTPUT -p tcp -m tcp ! --dport 0:65535 -j ACCEPT\n-A OUTPUT -j DROP\n") == "proved for IPv4");
}

namespace {

firewall on_other_backend(firewall rules) {
  for (const family of : both_families)
    for (ruleset& one : rules.of(of).rulesets)
      one.backend = one.backend == backend::nft ? backend::legacy : backend::nft;
  return rules;
}

// What is told apart, from two whole proofs.
std::string told_apart(const proof& judged, const proof& other) {
  for (const family of : both_families) {
    const family_proof& a = judged.of(of);
    const family_proof& b = other.of(of);
    bool same = a.answer == b.answer && a.leaks.size() == b.leaks.size();
    for (std::size_t i = 0; same && i < a.leaks.size(); ++i)
      same = a.leaks[i].blame == b.leaks[i].blame && a.leaks[i].needs == b.leaks[i].needs;
    if (!same)
      return std::string(name_of(b.answer)) + " for " + std::string(title_of(of)) +
             (a.answer == b.answer ? " too, but by other rules" : "");
  }
  for (std::size_t i = 0; i < judged.endpoints.size(); ++i)
    if (judged.endpoints[i].status != other.endpoints[i].status)
      return std::string(name_of(other.endpoints[i].status)) + " for the endpoint " +
             testing::shown(name_of(judged.endpoints[i].to));
  return {};
}

}  // namespace

TEST_CASE("the difference that back ends make is that between two whole proofs") {
  rc::prop("of random rules", [] {
    const egress_policy policy = *testing::policies();
    const firewall rules = *testing::firewalls_for(policy, {.with_opaque = *rc::gen::arbitrary<bool>()});
    const firewall other = on_other_backend(rules);
    const proof judged = prove(rules, policy);
    const std::string expected = told_apart(judged, prove(other, policy));
    RC_CLASSIFY(!expected.empty());
    RC_ASSERT(testing::shown(difference_on(judged, rules, other)) == expected);
  });
}
