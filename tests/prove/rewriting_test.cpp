#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/rewriting.hpp>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "judgement.hpp"
#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

firewall with_nat(const std::string& nat, family of = family::ipv4) {
  firewall live;
  live.of(of) = read_rules("*nat\n" + nat + "COMMIT\n", of, backend::nft);
  live.of(of == family::ipv4 ? family::ipv6 : family::ipv4) = family_rules::none();
  return live;
}

// The rewritings of the only leak behind a nat rule.
sequence<rewriting> rewritings(const std::string& nat, const egress_policy& policy, family of = family::ipv4) {
  sequence<rewriting> all;
  const proof answer = prove(with_nat(nat, of), policy);
  for (const leak& one : answer.of(of).leaks)
    for (const rewriting& each : one.rewritings) all.push_back(each);
  return all;
}

}  // namespace

TEST_CASE("a rewriting names its rule, where packets go, and the endpoint that permits it") {
  const auto docker =
      rewritings("-A OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:52147\n",
                 sandbox(uid{1001}));
  REQUIRE(docker.size() == 1);
  CHECK(docker[0].by.number == 1);
  CHECK(docker[0].reaches == "127.0.0.11:52147");
  REQUIRE(docker[0].would_allow.has_value());
  CHECK(name_of(*docker[0].would_allow) == "udp:127.0.0.11:53>127.0.0.11:52147");

  const auto tor =
      rewritings("-A OUTPUT -p tcp -m tcp --syn -j REDIRECT --to-ports 9040\n", sandbox(uid{1001}), family::ipv6);
  REQUIRE(tor.size() == 1);
  CHECK(tor[0].reaches == "[::1]:9040");
  REQUIRE(tor[0].would_allow.has_value());
  CHECK(name_of(*tor[0].would_allow) == "tcp:[::]/0:any>[::1]:9040");
}

TEST_CASE("the endpoint of a rewriting is the smallest network around what is rewritten") {
  const auto some = rewritings(
      "-A OUTPUT -p tcp -m tcp --dport 80 -m iprange --dst-range 10.0.0.5-10.0.0.9 -j DNAT --to-destination 192.0.2.1\n",
      sandbox(uid{1001}));
  REQUIRE(some.size() == 1);
  REQUIRE(some[0].would_allow.has_value());
  CHECK(name_of(*some[0].would_allow) == "tcp:10.0.0.0/28:80>192.0.2.1");
}

TEST_CASE("the endpoint of NETMAP is the network that it maps to") {
  const auto mapped = rewritings("-A OUTPUT -d 10.1.0.0/24 -p udp -j NETMAP --to 10.2.0.0/24\n", sandbox(uid{1001}));
  REQUIRE(mapped.size() == 1);
  REQUIRE(mapped[0].would_allow.has_value());
  CHECK(name_of(*mapped[0].would_allow) == "udp:10.1.0.0/24:any>10.2.0.0/24");
}

TEST_CASE("a rewriting to one of many addresses has no endpoint") {
  const auto spread = rewritings("-A OUTPUT -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.9\n", sandbox(uid{1001}));
  REQUIRE(spread.size() == 1);
  CHECK(spread[0].reaches == "10.0.0.1-10.0.0.9");
  CHECK_FALSE(spread[0].would_allow.has_value());
}

TEST_CASE("with the endpoint that a rewriting asks for, its packets leak no more") {
  rc::prop("for every rewriting", [] {
    const egress_policy policy = sandbox(uid{1001});
    const firewall live = *testing::firewalls({.with_both_backends = true});
    const proof before = prove(live, policy);
    for (const family in : both_families)
      for (const leak& one : before.of(in).leaks)
        for (const rewriting& each : one.rewritings) {
          if (!each.would_allow) continue;
          egress_policy wider = policy;
          wider.allow(*each.would_allow);
          RC_LOG() << std::string(name_of(*each.would_allow).view()) << "\n";
          const proof after = prove(live, wider);
          for (const leak& left : after.of(in).leaks)
            for (const rewriting& still : left.rewritings)
              RC_ASSERT(!(still.by == each.by && still.reaches == each.reaches && left.blame == one.blame &&
                          still.would_allow == each.would_allow));
        }
  });
}
