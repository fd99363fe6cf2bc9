#include <cordon/render/explanation.hpp>

#include <string>
#include <string_view>

#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/reader.hpp>

#include "../catch.hpp"

using namespace cordon;

namespace {

std::string explained(std::string_view written, std::string_view line) {
  firewall host;
  host.v4 = *read_ruleset(written, {.family = family::ipv4, .file = "rules"});
  const auto sent = read_packet_line(line);
  REQUIRE(bool(sent));
  const text said = write_report(explain(host, compile(host, family::ipv4), *sent));
  // Without the packet itself and what its program sees.
  std::string all;
  for (std::string_view rest = said.view(); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
    const std::string_view one = rest.substr(0, rest.find('\n') + 1);
    if (!one.starts_with("packet ") && !one.starts_with("program ")) all += one;
  }
  return all;
}

constexpr std::string_view logged_and_rejected =
    "*filter\n:OUTPUT ACCEPT [0:0]\n:A - [0:0]\n"
    "-A OUTPUT -p udp -j DROP\n"
    "-A OUTPUT -p icmp -j DROP\n"
    "-A OUTPUT -j A\n"
    "-A OUTPUT -p tcp --dport 80 -j ACCEPT\n"
    "-A OUTPUT -p tcp --dport 80 -j REJECT\n"
    "-A A -j LOG\n"
    "COMMIT\n";

}  // namespace

TEST_CASE("a packet's way is told rule by rule, and what would stop it") {
  CHECK(explained(logged_and_rejected, "dst=192.0.2.1 dport=80") ==
        "ACCEPT\n"
        "way      rules 1 to 2 of OUTPUT do not fit; rule 3 of filter OUTPUT fits, and leads it to the chain "
        "A\n"
        "           rules:6: -A OUTPUT -j A\n"
        "way      rule 1 of filter A fits, and LOG only sees or changes it: it goes on\n"
        "           rules:9: -A A -j LOG\n"
        "way      the chain filter A ends, and leads it back to where it came from\n"
        "way      rule 4 of filter OUTPUT fits, and ACCEPT lets it out\n"
        "           rules:7: -A OUTPUT -p tcp --dport 80 -j ACCEPT\n"
        "but for  rule 4 of filter OUTPUT: rules:7: -A OUTPUT -p tcp --dport 80 -j ACCEPT\n"
        "stopped  it would be by rule 5 of filter OUTPUT (REJECT:icmp-port-unreachable): rules:8: -A OUTPUT "
        "-p tcp "
        "--dport 80 -j REJECT\n");
}

TEST_CASE("of a packet that is stopped nothing more is asked") {
  CHECK(explained(logged_and_rejected, "proto=icmp dst=192.0.2.1") ==
        "DROP\n"
        "way      rule 1 of OUTPUT does not fit; rule 2 of filter OUTPUT fits, and DROP stops it, without an "
        "answer\n"
        "           rules:5: -A OUTPUT -p icmp -j DROP\n");
}

TEST_CASE("where no rule would stop a packet, one is shown that does") {
  const std::string said = explained("*filter\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n", "uid=1001 dst=192.0.2.1 dport=80");
  CHECK(said ==
        "ACCEPT\n"
        "way      no rule of filter OUTPUT decides, and its policy ACCEPT lets it out\n"
        "stopped  it would be by no rule: add one\n"
        "           iptables -I OUTPUT 1 -d 192.0.2.1 -p tcp --dport 80 -m owner --uid-owner 1001 -j REJECT\n");
  // The rule does.
  CHECK(explained("*filter\n-A OUTPUT -d 192.0.2.1 -p tcp --dport 80 -m owner --uid-owner 1001 -j REJECT\nCOMMIT\n",
                  "uid=1001 dst=192.0.2.1 dport=80")
            .starts_with("REJECT:"));
}

TEST_CASE("what hangs on something that no packet decides is told so") {
  const std::string said = explained(
      "*filter\n-A OUTPUT -m limit --limit 5/sec -j ACCEPT\n-A OUTPUT -j REJECT --reject-with "
      "icmp-host-unreachable\nCOMMIT\n",
      "dst=192.0.2.1 dport=80");
  CHECK(said.find("UNKNOWN\n") == 0);
  CHECK(said.find("way      perhaps rule 1 of filter OUTPUT fits, and ACCEPT lets it out\n") != std::string::npos);
  CHECK(said.find("and REJECT stops it, with the answer icmp-host-unreachable\n") != std::string::npos);
  CHECK(said.find("unknown  rule 1 of filter OUTPUT, which hangs on limit --limit 5/sec\n") != std::string::npos);
}

TEST_CASE("a goto, a return, a rule without a target and the end of another table are told as what they do") {
  CHECK(explained("*mangle\n:OUTPUT ACCEPT [0:0]\n"
                  "-A OUTPUT -p tcp -j ACCEPT\n"
                  "COMMIT\n"
                  "*filter\n:OUTPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n"
                  "-A OUTPUT -p tcp -j A\n"
                  "-A OUTPUT -p tcp -j DROP\n"
                  "-A A -p tcp\n"
                  "-A A -g B\n"
                  "-A A -j DROP\n"
                  "-A B -j RETURN\n"
                  "COMMIT\n",
                  "dst=192.0.2.1 dport=80") ==
        "DROP\n"
        "way      rule 1 of mangle OUTPUT fits, and ACCEPT ends the table mangle: the next one goes on\n"
        "           rules:3: -A OUTPUT -p tcp -j ACCEPT\n"
        "way      rule 1 of filter OUTPUT fits, and leads it to the chain A\n"
        "           rules:9: -A OUTPUT -p tcp -j A\n"
        "way      rule 1 of filter A fits, and counts it, no more\n"
        "           rules:11: -A A -p tcp\n"
        "way      rule 2 of filter A fits, and sends it to the chain B, whose end does not lead back here\n"
        "           rules:12: -A A -g B\n"
        "way      rule 1 of filter B fits, and RETURN ends its chain\n"
        "           rules:14: -A B -j RETURN\n"
        "way      rule 2 of filter OUTPUT fits, and DROP stops it, without an answer\n"
        "           rules:10: -A OUTPUT -p tcp -j DROP\n");
}

TEST_CASE("a packet of a family without rules is let out, and no command is shown for one without a user") {
  firewall host;
  const auto sent = read_packet_line("socket=none dst=2001:db8::1 dport=80");
  REQUIRE(bool(sent));
  const std::string said(write_report(explain(host, compile(host, family::ipv6), *sent)).view());
  CHECK(said.find("way      no rules for IPv6: everything is let out\n") != std::string::npos);
  CHECK(said.find("iptables -I") == std::string::npos);
}
