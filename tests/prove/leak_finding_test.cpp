#include <cordon/prove/leak_finding.hpp>

#include <cstddef>
#include <utility>

#include <cordon/packet/literals.hpp>
#include <cordon/prove/forbidden.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/testing/catch2.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

struct telling {
  sequence<leak> leaks;
  bool is_decided = false;  // the store held what the leaks are told from
  bool told_all = false;
  std::size_t edges = 0;  // that the store took by then
};

telling tell_within(const program& rules, const egress_policy& policy, std::size_t most_edges) {
  using namespace cordon::detail;
  layout levels = layout_for(packets_of(policy, rules.family, 0), rules, policy);
  levels.finish();
  packet_space space(std::move(levels), most_edges);
  const diagram exist = space.set_of(can_exist(policy, rules.family, fields_tested(rules), 0));
  decider walk(rules, space, detail_of_decision::by_rule, exist);
  const diagram forbidden = forbidden_part(space, walk, rules, walk.decide(), policy);
  telling made;
  leak_finder finder(rules, space, walk, forbidden, exist);
  const diagram surely = space.surely(walk.let_out(forbidden));
  made.is_decided = !walk.too_large();
  made.edges = space.store().size();
  if (!made.is_decided) return made;
  made.leaks = finder.find(surely);
  made.told_all = finder.told_all();
  return made;
}

}  // namespace

TEST_CASE("a store that fills while a leak is told is never taken for an answer") {
  const firewall host = host_with(
      "-A OUTPUT -m state --state ESTABLISHED -p udp --dport 1000:2000 -j ACCEPT\n"
      "-A OUTPUT -p tcp -d 10.0.0.0/8 -m multiport --dports 80,443,8000:9000 -j ACCEPT\n"
      "-A OUTPUT ! -d 192.168.0.0/16 -m ttl --ttl-gt 3 -o eth0 -j ACCEPT\n"
      "-A OUTPUT -j DROP\n");
  const program rules = compile(host, family::ipv4);
  const egress_policy policy = sandbox(uid{1001}).may_reach(tcp, "10.0.0.1"_ip, 80);
  const telling whole = tell_within(rules, policy, std::size_t{1} << 20);
  REQUIRE(whole.told_all);
  REQUIRE(whole.leaks.size() == 3);
  CHECK(whole.leaks[0].needs == leak_need::established);

  std::size_t cut_off = 0;
  for (std::size_t most_edges = whole.edges;; ++most_edges) {
    CAPTURE(most_edges);
    const telling found = tell_within(rules, policy, most_edges);
    REQUIRE(found.is_decided);
    if (found.told_all && found.leaks.size() == whole.leaks.size()) {
      bool is_whole = true;
      for (std::size_t i = 0; i < whole.leaks.size(); ++i)
        is_whole = is_whole && found.leaks[i].region_is_whole && found.leaks[i].region == whole.leaks[i].region;
      REQUIRE(is_whole);
      break;
    }
    ++cut_off;
    REQUIRE_FALSE(found.told_all);
    REQUIRE(found.leaks.size() <= whole.leaks.size());
    // What is told is so.
    for (std::size_t i = 0; i < found.leaks.size(); ++i) {
      CHECK(found.leaks[i].blame == whole.leaks[i].blame);
      CHECK(found.leaks[i].needs == whole.leaks[i].needs);
      CHECK(found.leaks[i].witness == whole.leaks[i].witness);
    }
  }
  CHECK(cut_off > 100);
}
