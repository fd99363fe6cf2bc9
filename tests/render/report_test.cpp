#include <sstream>
#include <string>
#include <string_view>

#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/stream.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include "../catch.hpp"
#include "../prove/rules.hpp"
#include "policies.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string report(const firewall& rules, const egress_policy& policy, bool require_usable = false) {
  return testing::shown(write_report(prove(rules, policy), {.rules = &rules, .require_usable = require_usable}));
}

std::string first_line(const std::string& of) { return of.substr(0, of.find('\n')); }

bool has_line(const std::string& all, const std::string& line) {
  return ("\n" + all).find("\n" + line + "\n") != std::string::npos;
}

constexpr std::string_view proxy_alone =
    "-A OUTPUT -d 127.0.0.1/32 -o lo -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -j ACCEPT\n"
    "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n";

}  // namespace

TEST_CASE("the first line is the verdict and what it covers") {
  const std::string proved = first_line(report(host_with(proxy_alone), policy_of({"tcp:127.0.0.1:18443"})));
  CHECK(proved.starts_with("proved: "));
  for (const char* const words :
       {"uid 1001", "IPv4 proved: filter (nft, rules)", "IPv6 absent", "attacker unprivileged", "flows any",
        "RST, ICMP errors, the last FIN of a closed socket, IGMP", "unix sockets"}) {
    INFO(words);
    CHECK(proved.find(words) != std::string::npos);
  }
  CHECK(proved.find("AF_PACKET") == std::string::npos);
}

TEST_CASE("with the raw attacker the verdict says what CAP_NET_RAW can do beside") {
  egress_policy policy = policy_of({"tcp:127.0.0.1:18443"});
  policy.attacker = attacker::raw;
  CHECK(first_line(report(host_with("-A OUTPUT -j DROP\n"), policy)).find("AF_PACKET") != std::string::npos);
}

TEST_CASE("a family without rules is a leak that says so") {
  firewall host;
  host.v4 = family_rules::none();
  host.v6 = read_rules("", family::ipv6);
  const std::string all = report(host, policy_of({}));
  CHECK(first_line(all).starts_with("leak: "));
  CHECK(first_line(all).find("IPv6 leak: rules holds no rules") != std::string::npos);
  CHECK(has_line(all, "leak: IPv6, which has no rules, and so lets out:"));
  CHECK(has_line(all, "  any protocol"));
}

TEST_CASE("a leak shows its region, its rule with file and line, a witness with its way, and a command") {
  const std::string all = report(host_with("-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n"
                                           "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n"),
                                 policy_of({}));
  CHECK(has_line(all, "leak: IPv4, let out by rule 1 of filter OUTPUT:"));
  CHECK(has_line(all, "  any protocol by lo"));
  CHECK(has_line(all, "  rule     rules:2: -A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT"));
  CHECK(all.find("\n  witness  uid=1001 proto=tcp src=127.0.0.1 dst=127.0.0.1 ") != std::string::npos);
  CHECK(has_line(all, "  way      filter:OUTPUT:rule:1"));
  CHECK(all.find("\n  try      setpriv --reuid=1001 ") != std::string::npos);
}

TEST_CASE("a policy of a chain is blamed as such") {
  const std::string all = report(host_with("-A OUTPUT -p udp -j DROP\n"), policy_of({}));
  CHECK(has_line(all, "leak: IPv4, let out by the policy of filter OUTPUT:"));
  CHECK(has_line(all, "  any protocol but udp"));
}

TEST_CASE("what only an existing connection can do is told apart") {
  const std::string all = report(host_with("-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                                           "-A OUTPUT -j DROP\n"),
                                 policy_of({}));
  CHECK(all.find("but only in a connection made from outside") != std::string::npos);
}

TEST_CASE("an answer that is unknown names the rule and the match that it hangs on") {
  const std::string all =
      report(host_with("-A OUTPUT -m nosuchmatch --at all -j ACCEPT\n-A OUTPUT -j DROP\n"), policy_of({}));
  CHECK(first_line(all).starts_with("unknown: "));
  CHECK(has_line(all, "unknown: IPv4, which hangs on"));
  CHECK(has_line(all, "  -m nosuchmatch --at all in rule 1 of filter OUTPUT"));
  CHECK(has_line(all, "    rules:2: -A OUTPUT -m nosuchmatch --at all -j ACCEPT"));
}

TEST_CASE("endpoints are told with their status, and counted as a leak only where they are asked for") {
  const firewall host = host_with("-A OUTPUT -m owner --uid-owner 1001 -j DROP\n");
  const egress_policy policy = policy_of({"tcp:127.0.0.1:18443"});
  CHECK(has_line(report(host, policy), "  blocked  tcp:127.0.0.1:18443"));
  CHECK(first_line(report(host, policy)).starts_with("proved: "));
  CHECK(first_line(report(host, policy, true)).starts_with("leak: "));
  CHECK(reported_verdict(prove(host, policy), {.require_usable = true}) == answer::leak);
}

TEST_CASE("a control character in a rule's text does not break a line") {
  firewall host = host_with("-A OUTPUT -m comment --comment x -j ACCEPT\n");
  table* const filter = host.v4.rulesets[0].find(table_name::filter);
  filter->find("OUTPUT")->rules[0].written = "-A OUTPUT -m comment --comment \"\x1b[2J\nproved\" -j ACCEPT";
  const std::string all = report(host, policy_of({}));
  CHECK(all.find('\x1b') == std::string::npos);
  CHECK(all.find("\nproved\"") == std::string::npos);
  CHECK(all.find("\\x1b[2J\\x0aproved") != std::string::npos);
}

TEST_CASE("streams show proofs, packets and verdicts") {
  std::ostringstream out;
  const proof answer = prove(host_with("-A OUTPUT -j DROP\n"), policy_of({}));
  out << answer;
  CHECK(out.str() == testing::shown(write_report(answer)));
  std::ostringstream short_ones;
  packet sent;
  sent.source = sent.destination = 0x7f000001;
  short_ones << verdict{} << ' ' << sent << ' ' << text("x");
  CHECK(short_ones.str() == "ACCEPT " + testing::shown(write_packet_line(sent)) + " x");
}
