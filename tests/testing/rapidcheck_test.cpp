#include <cordon/testing/rapidcheck.hpp>

#include <cstddef>
#include <sstream>
#include <string>

#include <cordon/prove/enforce.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/catch2.hpp>

#include "../prove/rules.hpp"
#include "incident_policy.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

template <class Value>
std::string shown_by_rapidcheck(const Value& of) {
  std::ostringstream out;
  rc::show(of, out);
  return out.str();
}

/// The least value that a property is shown to fail for: what shrinking comes to, step by step.
template <class Value, class Fails>
Value least_that_fails(const rc::Gen<Value>& of, const Fails& fails) {
  for (std::uint64_t seed = 1;; ++seed) {
    auto drawn = of(rc::Random(seed), 100);
    if (!fails(drawn.value())) continue;
    for (bool is_smaller = true; is_smaller;) {
      is_smaller = false;
      auto candidates = drawn.shrinks();
      while (auto next = candidates.next()) {
        if (!fails(next->value())) continue;
        drawn = *next;
        is_smaller = true;
        break;
      }
    }
    return drawn.value();
  }
}

}  // namespace

TEST_CASE("RapidCheck shows values as people write them") {
  const firewall live = host_with("-A OUTPUT -p tcp -j DROP\n");
  const ruleset& rules = live.v4.rulesets[0];
  CHECK(shown_by_rapidcheck(*read_packet_line("dst=127.0.0.1 dport=8000")) ==
        "uid=0 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=8000 flags=SYN out=lo state=NEW");
  CHECK(shown_by_rapidcheck(rules.tables[0].find("OUTPUT")->rules[0]) == "-A OUTPUT -p tcp -j DROP");
  CHECK(shown_by_rapidcheck(rules) == "# nft, IPv4\n" + testing::shown(write_ruleset(rules, family::ipv4)));
  CHECK(shown_by_rapidcheck(rules.tables[0]) == shown_by_rapidcheck(rules));
  CHECK(shown_by_rapidcheck(egress) == "--uid 1001 --allow tcp:127.0.0.1:18443 --allow tcp,udp:127.0.0.53:53");
}

TEST_CASE("the incident's leaks are found, and shrunk to the packet that a person would try") {
  const auto gets_out = [](const firewall& live) {
    return [&live](const packet& sent) { return simulate(live, sent).accepted() && !egress.allows(sent); };
  };
  const firewall before = incident("before", backend::nft);
  const firewall after = incident("after", backend::nft);
  const auto by_ipv4 = testing::packets_near(before).of(egress).only(family::ipv4).gen();
  CHECK(testing::shown(least_that_fails(by_ipv4, gets_out(before))) ==
        "uid=1001 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=80 flags=SYN out=lo state=NEW");
  const auto by_any = testing::packets_near(after).of(egress).gen();
  CHECK(testing::shown(least_that_fails(by_any, gets_out(after))) ==
        "uid=1001 proto=tcp src=::1 dst=::1 sport=40000 dport=80 flags=SYN out=lo state=NEW");
}

TEST_CASE("a firewall that fails is shrunk to the rules that it fails by") {
  const auto has_jump_to_drop = [](const firewall& live) {
    for (const ruleset& rules : live.v4.rulesets)
      for (const table& in : rules.tables)
        for (const chain& each : in.chains)
          for (const rule& one : each.rules)
            if (one.target.extension == &drop_target && !one.matches.empty()) return true;
    return false;
  };
  const firewall least = least_that_fails(testing::firewalls(), has_jump_to_drop);
  std::size_t rules = 0;
  for (const family in : both_families)
    for (const ruleset& each : least.of(in).rulesets)
      for (const table& one : each.tables)
        for (const chain& of : one.chains) rules += of.rules.size();
  INFO(testing::shown(least));
  CHECK(rules == 1);
  CHECK(least.v6.empty());
}

TEST_CASE("a conversation that fails is shrunk to the SYN and the packet that it fails by") {
  const firewall live = enforce(egress).firewall->rules();
  const auto is_cut_off = [](const sequence<packet>& seen) {
    for (const packet& one : seen)
      if ((one.flags & tcp_flag::rst) != 0) return true;
    return false;
  };
  const sequence<packet> least = least_that_fails(testing::conversations(live, egress, family::ipv4), is_cut_off);
  REQUIRE(least.size() == 2);
  CHECK(least[0].flags == tcp_flag::syn);
  CHECK((least[1].flags & tcp_flag::rst) != 0);
}

TEST_CASE("tables that are drawn have no loops, and are shrunk to such") {
  rc::prop("as their reader sees it", [] {
    const family in = *rc::gen::element(family::ipv4, family::ipv6);
    const table drawn = *testing::tables(table_name::filter, in, backend::nft);
    const auto again =
        read_ruleset(write_ruleset({backend::nft, {drawn}, {}}, in), {.family = in, .backend = backend::nft});
    if (!again) RC_FAIL(testing::shown(to_text(again.diagnostics())));
    RC_ASSERT(again->tables[0] == drawn);
    for (const table& one : testing::simpler(drawn, in, backend::nft)) {
      const auto read =
          read_ruleset(write_ruleset({backend::nft, {one}, {}}, in), {.family = in, .backend = backend::nft});
      if (!read) RC_FAIL(testing::shown(to_text(read.diagnostics())));
    }
  });
}

TEST_CASE("what other machines send is drawn and shrunk too") {
  egress_policy nowhere;
  nowhere.at = hook::forward;
  const firewall live = host_with("-A FORWARD -i eth12 -p tcp -j ACCEPT\n-A FORWARD -j DROP\n");
  const program rules = compile(live, family::ipv4, hook::forward);
  const packet least = least_that_fails(testing::packets_near(live).of(nowhere).gen(),
                                        [&](const packet& sent) { return simulate(rules, sent).accepted(); });
  CHECK(least.in == "eth12");
  CHECK(least.out == "lo");
  CHECK(least.owner.socket == socket_kind::none);
  CHECK(least.destination == 0x7f000001);
}
