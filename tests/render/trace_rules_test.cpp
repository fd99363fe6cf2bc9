#include <cordon/render/trace_rules.hpp>

#include <string>

#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/text/packet_line_reader.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

// "OUTPUT 1- 2> 3! .: ..." with - for passed, > for fits, ! for decides and . for not reached.
std::string trace_of(const firewall& rules, const std::string& packet_line) {
  const program compiled = compile(rules, family::ipv4);
  const auto sent = read_packet_line(packet_line);
  REQUIRE(sent);
  std::string all;
  for (const traced_chain& one : trace_beside_rules(compiled, simulate(compiled, *sent).way)) {
    all += testing::shown(one.name);
    for (const traced_rule& each : one.rules) {
      all += ' ' + (each.number == 0 ? std::string("end") : std::to_string(each.number));
      if (each.last > each.number) all += '-' + std::to_string(each.last);
      if (each.written.empty()) all += "left";
      all += ">-!."[each.what == traced_rule::kind::fits      ? 0
                    : each.what == traced_rule::kind::passed  ? 1
                    : each.what == traced_rule::kind::decides ? 2
                                                              : 3];
    }
    all += "; ";
  }
  return all;
}

}  // namespace

TEST_CASE("the rules beside a way are those that it passes, those that fit, the one that decides, and the rest") {
  const firewall rules = host_with(
      ":OUTPUT DROP [0:0]\n:A - [0:0]\n"
      "-A OUTPUT -p udp -j ACCEPT\n-A OUTPUT -p tcp -j A\n-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -j DROP\n"
      "-A A -o eth1 -j ACCEPT\n-A A -d 10.0.0.1/32 -j ACCEPT\n");
  CHECK(trace_of(rules, "dst=127.0.0.1 dport=80") == "OUTPUT 1- 2> 3! 4. end.; A 1- 2- end>; ");
  CHECK(trace_of(rules, "dst=10.0.0.1 dport=80") == "OUTPUT 1- 2> 3. 4. end.; A 1- 2! end.; ");
  CHECK(trace_of(rules, "proto=icmp dst=10.0.0.1") == "OUTPUT 1- 2- 3- 4! end.; ");
  const firewall by_policy = host_with(":OUTPUT ACCEPT [0:0]\n-A OUTPUT -p udp -j DROP\n");
  CHECK(trace_of(by_policy, "dst=10.0.0.1 dport=80") == "OUTPUT 1- end!; ");
  CHECK(trace_of(firewall{}, "dst=10.0.0.1 dport=80").empty());
}

TEST_CASE("of a long chain what stands around the rules that fit is shown, the rest is counted") {
  std::string many = ":OUTPUT DROP [0:0]\n";
  for (int i = 1; i <= 1000; ++i) many += "-A OUTPUT -p tcp -m tcp --dport " + std::to_string(i) + " -j ACCEPT\n";
  CHECK(trace_of(host_with(many), "dst=10.0.0.1 dport=500") ==
        "OUTPUT 1-497left- 498- 499- 500! 501. 502. 503-1000left. end.; ");
  std::string logged = ":OUTPUT DROP [0:0]\n";
  for (int i = 0; i < 1000; ++i) logged += "-A OUTPUT -j LOG\n";
  const firewall logs = host_with(logged);
  const program compiled = compile(logs, family::ipv4);
  const auto sent = read_packet_line("dst=10.0.0.1 dport=80");
  REQUIRE(sent);
  CHECK(trace_beside_rules(compiled, simulate(compiled, *sent).way)[0].rules.size() < 40);
}

TEST_CASE("a rule beside a way has its text and its line") {
  const firewall rules = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -o lo -j ACCEPT\n");
  const program compiled = compile(rules, family::ipv4);
  const auto sent = read_packet_line("dst=127.0.0.1 dport=80");
  REQUIRE(sent);
  const sequence<traced_chain> made = trace_beside_rules(compiled, simulate(compiled, *sent).way);
  REQUIRE(made.size() == 1);
  CHECK(made[0].table == table_name::filter);
  CHECK(testing::shown(made[0].rules[0].written) == "-A OUTPUT -o lo -j ACCEPT");
  CHECK(made[0].rules[0].line == 3);
  CHECK(testing::shown(made[0].rules[1].written) == "the policy DROP");
}
