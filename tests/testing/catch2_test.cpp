#include <cordon/testing/catch2.hpp>

#include <string>

#include <cordon/cordon.hpp>

#include "../prove/rules.hpp"
#include "incident_policy.hpp"

using namespace cordon;
using namespace cordon::literals;
using namespace cordon::test;

namespace {

template <class Value>
std::string printed(const Value& of) {
  return Catch::Detail::stringify(of);
}

bool holds(const std::string& words, const std::string& wanted) { return words.find(wanted) != std::string::npos; }

}  // namespace

TEST_CASE("values print as people write them") {
  const firewall live = host_with("-A OUTPUT -d 127.0.0.1 -p tcp --dport 80 -j ACCEPT\n-A OUTPUT -j DROP\n");
  const chain& output = *live.v4.rulesets[0].tables[0].find("OUTPUT");
  rule built = output.rules[0];
  built.written.clear();
  CHECK(printed(built) == "-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j ACCEPT");
  CHECK(printed(output.rules[1]) == "-A OUTPUT -j DROP");
  CHECK(printed(output) == ":OUTPUT ACCEPT\n" + printed(built) + "\n-A OUTPUT -j DROP");
  CHECK(printed(live) == "# nft, IPv4\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" +
                             printed(built) + "\n-A OUTPUT -j DROP\nCOMMIT\n# no IPv6\n");
  CHECK(printed(*read_packet_line("dst=127.0.0.1 dport=8000")) ==
        "uid=0 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=8000 flags=SYN out=lo state=NEW");
  CHECK(printed("10.0.0.1"_ip) == "10.0.0.1");
  CHECK(printed("10.0.0.0/8"_net) == "10.0.0.0/8");
  CHECK(printed(verdict{verdict::kind::reject, reject_type::tcp_reset}) == "REJECT:tcp-reset");
  CHECK(printed(egress) == "--uid 1001 --allow tcp:127.0.0.1:18443 --allow tcp,udp:127.0.0.53:53");
  CHECK(printed(egress[0]) == "tcp:127.0.0.1:18443");
  CHECK(printed(text("words")) == "words");
  CHECK(printed(chain_name("OUTPUT")) == "OUTPUT");
  CHECK(printed(answer::leak) == "leak");
  CHECK(printed(comparison::same) == "same");
  CHECK(printed(backend::legacy) == "legacy");
  CHECK(printed(connection_state::fresh) == "NEW");
  CHECK(holds(printed(prove(live, egress)), "leak: packets of uid 1001 get out"));
  CHECK(printed(testing::mutants_of(live)[0]) ==
        "IPv4: rule 1 of filter OUTPUT dropped: rules:2: -A OUTPUT -d 127.0.0.1 -p tcp --dport 80 -j ACCEPT");
}

TEST_CASE("rules of IPv6 print as ip6tables-save prints them") {
  const firewall live = host_with("-A OUTPUT -d ::1 -p tcp -j REJECT\n", family::ipv6);
  CHECK(holds(printed(live.v6.rulesets[0]), "# nft, IPv6\n"));
  CHECK(holds(printed(live.v6.rulesets[0]),
              "-A OUTPUT -d ::1/128 -p tcp -j REJECT --reject-with icmp6-port-unreachable"));
}

TEST_CASE("KeepsTo tells the leak, the rule to blame and a witness") {
  using testing::KeepsTo;
  CHECK_THAT(enforce(egress).firewall->rules(), KeepsTo(egress));
  CHECK_THAT(incident("before", backend::nft), !KeepsTo(egress));
  CHECK_THAT(incident("after", backend::nft), !KeepsTo(egress));

  const auto matcher = KeepsTo(egress);
  CHECK(matcher.describe() == "keeps to " + printed(egress));
  REQUIRE_FALSE(matcher.match(incident("before", backend::nft)));
  const std::string words = matcher.describe();
  CHECK(holds(words, "leak: IPv4, let out by rule 2 of filter OUTPUT:"));
  CHECK(holds(words, "rule     rules:7: -A OUTPUT -o lo -m owner --uid-owner 1001"));
  CHECK(holds(words, "witness  uid=1001 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=80 flags=SYN out=lo"));
}

TEST_CASE("KeepsTo takes nothing for proved that hangs on what no packet decides") {
  const firewall live = host_with("-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n-A OUTPUT -j DROP\n");
  CHECK_THAT(live, !testing::KeepsTo(egress));
}

TEST_CASE("KeepsToAndReaches wants every endpoint open") {
  const firewall closed = host_with("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n");
  CHECK_THAT(closed, testing::KeepsTo(egress));
  CHECK_THAT(closed, !testing::KeepsToAndReaches(egress));
  CHECK_THAT(enforce(egress).firewall->rules(), testing::KeepsToAndReaches(egress));
  const auto matcher = testing::KeepsToAndReaches(egress);
  REQUIRE_FALSE(matcher.match(closed));
  CHECK(holds(matcher.describe(), "blocked  tcp:127.0.0.1:18443"));
}

TEST_CASE("TreatsPacketsAs tells what is different") {
  const firewall before = incident("before", backend::nft);
  const firewall one_way = host_with("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -p udp -j ACCEPT\n-A OUTPUT -j DROP\n");
  const firewall other_way = host_with("-A OUTPUT -p udp -j ACCEPT\n-A OUTPUT ! -p tcp -j DROP\n");
  CHECK_THAT(one_way, testing::TreatsPacketsAs(other_way));
  CHECK_THAT(before, !testing::TreatsPacketsAs(incident("after", backend::nft)));
  // Its packets of other users are none of the question about the sandbox.
  const firewall for_all = host_with("-A OUTPUT -j DROP\n");
  const firewall for_one = host_with("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n");
  CHECK_THAT(for_one, testing::TreatsPacketsAs(for_all, egress));
  CHECK_THAT(for_one, !testing::TreatsPacketsAs(for_all));
  const auto matcher = testing::TreatsPacketsAs(incident("after", backend::nft));
  REQUIRE_FALSE(matcher.match(before));
  CHECK(holds(matcher.describe(), "rules:7: -A OUTPUT -o lo -m owner --uid-owner 1001"));
}
