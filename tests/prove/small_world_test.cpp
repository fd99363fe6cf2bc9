// Small worlds, enumerated whole: every list of up to three rules from a small pool, and one packet of every kind that
// these rules, the policy and its clients tell apart. What holds for all of these packets holds for all packets.
#include <cordon/prove/prove.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include <cordon/testing/catch2.hpp>

#include "judgement.hpp"
#include "rules.hpp"
#include "small_world.hpp"

using namespace cordon;
using namespace cordon::test;
using namespace cordon::test::small_world;

namespace {

const egress_policy reach = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80);
const egress_policy nothing = sandbox(uid{1001});

struct world {
  sequence<packet> packets = all_packets();
  std::size_t wrong = 0;
  std::string first_wrong;

  void complain(const firewall& rules, const std::string& what) {
    if (wrong++ == 0) first_wrong = testing::shown(rules) + what;
  }

  void check_decider(const firewall& live) {
    const program rules = compile(live, family::ipv4);
    layout levels(packet_domain::all(family::ipv4));
    observe(levels, rules);
    levels.finish();
    packet_space space(std::move(levels));
    decider walk(rules, space);
    const diagram decision = walk.decide();
    for (const packet& sent : packets)
      if ((space.value_at(decision, sent) != 0) != verdict_of(rules, sent).accepted())
        complain(live, "decider and simulator differ on " + testing::shown(sent));
  }

  void check_proof(const firewall& live, const egress_policy& policy) {
    const program rules = compile(live, family::ipv4);
    const proof made = prove(live, policy);
    bool leaks = false;
    for (const packet& sent : packets) {
      if (!is_judged(rules, policy, sent)) continue;
      const bool escapes = verdict_of(rules, sent).accepted() && !policy.allows(sent);
      leaks = leaks || escapes;
      int regions = 0;
      for (const leak& one : made.v4.leaks) regions += holds(one.region, sent) ? 1 : 0;
      if (regions != (escapes ? 1 : 0)) complain(live, "regions are wrong about " + testing::shown(sent));
    }
    if (made.verdict() != (leaks ? answer::leak : answer::proved)) complain(live, "the verdict is wrong");
    for (const leak& one : made.v4.leaks)
      if (!verdict_of(rules, one.witness).accepted() || policy.allows(one.witness))
        complain(live, "no witness: " + testing::shown(one.witness));
    for (const endpoint_answer& one : made.endpoints) check_endpoint(live, rules, policy, one);
  }

  void check_endpoint(const firewall& live, const program& rules, const egress_policy& policy,
                      const endpoint_answer& said) {
    const client_packets client = client_of(said.to, family::ipv4);
    bool all_pass = true;
    bool some_pass = false;
    bool some_opens = false;
    for (const packet& sent : packets) {
      if (!is_judged(rules, policy, sent)) continue;
      const bool opens = evaluate(client.opening, sent) == truth::yes;
      if (!opens && evaluate(client.following, sent) != truth::yes) continue;
      const bool passes = verdict_of(rules, sent).accepted();
      all_pass = all_pass && passes;
      some_pass = some_pass || passes;
      some_opens = some_opens || (opens && passes);
      if (said.status == endpoint_status::partial && holds(said.blocked, sent) == passes)
        complain(live, "the blocked region is wrong about " + testing::shown(sent));
    }
    const endpoint_status right = all_pass      ? endpoint_status::open
                                  : !some_opens ? endpoint_status::blocked
                                                : endpoint_status::partial;
    if (said.status != right) complain(live, "the endpoint's status is wrong");
  }
};

}  // namespace

TEST_CASE("in small worlds the proof is right about every packet, for every list of up to three rules") {
  world here;
  const sequence<sequence<std::size_t>> lists = lists_of_rules(3);
  REQUIRE(lists.size() == 1 + 8 + 8 * 8 + 8 * 8 * 8);
  REQUIRE(here.packets.size() == 3 * 2 * 3 * 4 * 2 * 2 * 2 * 5);
  for (const auto& rules : lists)
    for (const bool accepts : {true, false})
      for (const backend how : {backend::legacy, backend::nft}) {
        const firewall live = firewall_of(rules, accepts, how);
        here.check_decider(live);
        here.check_proof(live, rules.size() % 2 == 0 ? reach : nothing);
        if (rules.size() < 3) here.check_proof(live, rules.size() % 2 == 0 ? nothing : reach);
      }
  INFO(here.first_wrong);
  CHECK(here.wrong == 0);
}
