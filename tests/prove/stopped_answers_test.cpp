#include "../catch.hpp"

#include <string>

#include <cordon/prove/enforce.hpp>
#include <cordon/prove/stopped_answers.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string said_of(std::string_view host_lines, family of = family::ipv4,
                    const egress_policy& policy = sandbox(uid{1001})) {
  const enforcement made = enforce(policy, host_with(host_lines, of));
  REQUIRE(made.proved());
  return testing::shown(to_text(made.said));
}

bool has(const std::string& all, std::string_view part) { return all.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a host that lets its own packets out stops no answer") {
  CHECK(said_of(":OUTPUT ACCEPT\n").empty());
  CHECK(said_of(":OUTPUT DROP\n-A OUTPUT -o lo -j ACCEPT\n").empty());
  CHECK(said_of(":OUTPUT DROP\n-A OUTPUT -m conntrack --ctstate RELATED -j ACCEPT\n").empty());
  CHECK(said_of(":OUTPUT DROP\n-A OUTPUT -o lo -m owner ! --uid-owner 1000 -j ACCEPT\n").empty());
}

TEST_CASE("a policy of DROP stops answers, and the rule that helps is told") {
  for (const family of : both_families) {
    const std::string said = said_of(":OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 0 -j ACCEPT\n", of);
    CHECK(has(said, "rules:2: warning: the policy of OUTPUT in table filter stops what REJECT answers the sandbox"));
    CHECK(has(said, "TCP resets and ICMP errors"));
    CHECK(has(said, of == family::ipv4 ? ": iptables -I OUTPUT 2 " : ": ip6tables -I OUTPUT 2 "));
    const std::string rule = said.substr(said.find("-I OUTPUT 2 ") + 12);
    CHECK(said_of(":OUTPUT DROP\n-A OUTPUT " + rule, of).empty());
  }
}

TEST_CASE("the rule that helps is for no packet of a process") {
  const std::string said = said_of(":OUTPUT DROP\n");
  const std::string rule = said.substr(said.find("-I OUTPUT 2 ") + 12);
  const firewall rules = host_with(":OUTPUT DROP\n-A OUTPUT " + rule);
  CHECK(proved(rules, egress_policy{}));
}

TEST_CASE("a last rule that rejects all stops answers, and is named with its line") {
  CHECK(has(said_of("-A OUTPUT -p esp\n-A OUTPUT -j REJECT\n"),
            "rules:3: warning: rule 3 of OUTPUT in table filter stops"));
}

TEST_CASE("resets and errors are told apart") {
  const std::string said = said_of("-A OUTPUT -p icmp -j DROP\n");
  CHECK(has(said, "(ICMP errors)"));
  CHECK_FALSE(has(said, "resets"));
  CHECK(has(said_of("-A OUTPUT -p tcp --tcp-flags RST RST -j DROP\n"), "(TCP resets)"));
}

TEST_CASE("what no packet decides may stop answers") {
  CHECK(has(said_of("-A OUTPUT -m unheardof --of 1 -j DROP\n"), "may stop"));
}

TEST_CASE("another table that stops answers is named without a rule that could not help") {
  firewall host;
  host.v6 = family_rules::none();
  host.v4 = read_rules("*mangle\n-A OUTPUT -m owner ! --socket-exists -j DROP\nCOMMIT\n");
  const enforcement made = enforce(sandbox(uid{1001}), host);
  REQUIRE(made.said.size() == 1);
  const std::string said = testing::shown(to_text(made.said));
  CHECK(has(said, "rule 1 of OUTPUT in table mangle stops"));
  CHECK_FALSE(has(said, "-I OUTPUT"));
}

TEST_CASE("where nothing is rejected nothing is stopped") {
  CHECK(said_of(":OUTPUT DROP\n", family::ipv4, sandbox(uid{1001}).may_reach(protocol_set::all(), network{})).empty());
}
