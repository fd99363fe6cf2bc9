#include <cordon/render/audit_report.hpp>

#include <string>
#include <string_view>

#include <cordon/audit/listener_text.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/text/address_text.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

audit_answer answer_for(const std::string& filter_v4, std::string_view sockets,
                        const egress_policy& policy = sandbox(uid{1001})) {
  firewall rules = host_with(filter_v4);
  rules.v6 = {};
  rules.host.addresses = *read_addresses("1: lo inet 127.0.0.1/8\n1: lo inet6 ::1/128\n3: v0 inet 10.9.0.1/24\n");
  return audit(rules, policy, *read_listeners(sockets));
}

std::string report_of(const audit_answer& of) { return testing::shown(write_report(of)); }

}  // namespace

TEST_CASE("the report has a line for each fate of a socket, with its addresses, rule and errno") {
  const audit_answer made =
      answer_for("-A OUTPUT -d 127.0.0.0/8 -m owner --uid-owner 1001 -j REJECT --reject-with icmp-host-unreachable\n",
                 "tcp LISTEN 0 1 *:8000 *:* users:((\"api\",pid=812,fd=3)) uid:33\n");
  CHECK(report_of(made) ==
        "open: 2 of 4 destinations of 1 socket let packets of uid 1001 in against its policy\n"
        "\n"
        "tcp *:8000   api (pid 812), uid 33\n"
        "  stopped   127.0.0.1, 0.0.0.0, the rest of 127.0.0.0/8\n"
        "            connect() fails with EHOSTUNREACH (113) after one second; a non-blocking one at once\n"
        "  OPEN      10.9.0.1\n"
        "            not in the policy: let out by rules: the policy ACCEPT of filter OUTPUT\n"
        "  OPEN      [::1], [::]\n"
        "            not in the policy: let out by IPv6, which has no rules\n"
        "\n"
        "An IPv4 address that is written ::ffff:A.B.C.D is the same destination.\n"
        "Not judged: connections that exist, what nat leads to these sockets from elsewhere, and what is "
        "sent to "
        "broadcast and multicast addresses; cordon "
        "check judges all "
        "packets.\n");
}

TEST_CASE("what is open as the policy allows does not stand out, and what it allows and is stopped is said") {
  const egress_policy policy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), port_range(80, 81));
  const std::string report =
      report_of(answer_for("-A OUTPUT -p tcp -m tcp --dport 81 -j DROP\n",
                           "tcp LISTEN 0 1 127.0.0.1:80 *:*\ntcp LISTEN 0 1 127.0.0.1:81 *:*\n", policy));
  CHECK(report.rfind(
            "kept: none of 2 destinations of 2 sockets lets packets of uid 1001 in, but as its policy allows\n", 0) ==
        0);
  CHECK(report.find("  open      127.0.0.1, 0.0.0.0\n\n") != std::string::npos);
  CHECK(report.find("            though the policy allows it, by rule 1 of filter OUTPUT: rules:2: -A OUTPUT "
                    "-p tcp -m tcp --dport 81 -j DROP\n"
                    "            connect() times out with ETIMEDOUT (110) after two minutes") != std::string::npos);
}

TEST_CASE("what hangs on a match, is partly open, led elsewhere or has no answers says so") {
  CHECK(report_of(answer_for("-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n-A OUTPUT -j DROP\n",
                             "udp UNCONN 0 0 127.0.0.1:53 *:*\n"))
            .find("  unknown   127.0.0.1, 0.0.0.0\n            not in the policy\n            hangs on limit "
                  "--limit 1/sec in rule 1 of filter OUTPUT\n") != std::string::npos);
  const std::string partly =
      report_of(answer_for("-A OUTPUT -p tcp -m tcp --sport 1024:65535 -j DROP\n", "tcp LISTEN 0 1 10.9.0.1:80 *:*\n"));
  CHECK(partly.find("  PARTLY OPEN  10.9.0.1\n") != std::string::npos);
  CHECK(partly.find("            for some packets, but not for all that may be sent there; for those with\n  "
                    "            source_port 0-1023\n") != std::string::npos);
  CHECK(report_of(answer_for(":OUTPUT DROP [0:0]\n-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT\n",
                             "tcp LISTEN 0 1 10.9.0.1:80 *:*\n"))
            .find("            but the rules stop the server's answers\n") != std::string::npos);
}

TEST_CASE("nothing that listens, and a socket that no address leads to, are said") {
  CHECK(report_of(answer_for("", "")).rfind("nothing listens that packets of uid 1001 could be sent to\n", 0) == 0);
  CHECK(report_of(answer_for("", "tcp LISTEN 0 1 0.0.0.0%w0:80 *:*\n"))
            .find("tcp 0.0.0.0%w0:80\n  reached at no address of this host\n") != std::string::npos);
}

TEST_CASE("a process's name stays in its line and changes no terminal") {
  const std::string report =
      report_of(answer_for("", "tcp LISTEN 0 1 127.0.0.1:80 *:* users:((\"\x1b[31m\nx\",pid=1,fd=1))\n"));
  CHECK(report.find("tcp 127.0.0.1:80   \\x1b[31m\\x0ax (pid 1)\n") != std::string::npos);
}

TEST_CASE("many addresses are told in many lines") {
  std::string addresses = "1: lo inet 127.0.0.1/8\n";
  for (int i = 1; i < 60; ++i) addresses += "3: v0 inet 10.9.0." + std::to_string(i) + "/24\n";
  firewall rules = host_with("-A OUTPUT -j DROP\n");
  rules.host.addresses = *read_addresses(addresses);
  const std::string report =
      report_of(audit(rules, sandbox(uid{1001}), *read_listeners("tcp LISTEN 0 1 0.0.0.0:80 *:*\n")));
  std::size_t lines = 0;
  for (std::size_t at = 0; at < report.size(); at = report.find('\n', at) + 1, ++lines) {
    const std::string line = report.substr(at, report.find('\n', at) - at);
    if (line.find("10.9.0.") != std::string::npos) CHECK(line.size() <= 79);
  }
  CHECK(lines > 12);
  CHECK(report.find("10.9.0.59\n") != std::string::npos);
}

TEST_CASE("the JSON says the same for programs") {
  const egress_policy policy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 80);
  const audit_answer made = answer_for("-A OUTPUT -p tcp -m owner --uid-owner 1001 -j REJECT\n",
                                       "tcp LISTEN 0 1 127.0.0.1:80 *:* users:((\"a\",pid=1,fd=1))\n", policy);
  CHECK(testing::shown(write_json(made, {"a note"})) ==
        "{\"verdict\": \"kept\", \"sandbox\": \"uid 1001\", \"addresses_known\": true, \"listeners\": "
        "[{\"protocol\": \"tcp\", \"address\": "
        "\"127.0.0.1\", \"port\": 80, \"uid\": null, \"processes\": [{\"name\": \"a\", \"pid\": 1}], "
        "\"destinations\": [{\"to\": \"127.0.0.1\", "
        "\"also\": [\"0.0.0.0\", \"::ffff:127.0.0.1\"], \"status\": \"stopped\", \"against_policy\": \"no\", "
        "\"allowed\": true, \"verdict\": "
        "\"REJECT:icmp-port-unreachable\", \"rule\": {\"family\": \"v4\", \"table\": \"filter\", \"chain\": "
        "\"OUTPUT\", \"rule\": 1, \"line\": 2, "
        "\"text\": \"-A OUTPUT -p tcp -m owner --uid-owner 1001 -j REJECT\", \"file\": \"rules\"}, "
        "\"errno\": \"ECONNREFUSED\", \"after\": \"one second\", \"program\": "
        "\"connect() fails with ECONNREFUSED (111) after one second; a non-blocking one at once\", "
        "\"packet\": \"uid=1001 proto=tcp "
        "src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=80 flags=SYN out=lo state=NEW\", \"reaches\": null, "
        "\"hangs_on\": []}]}], \"notes\": [\"a "
        "note\"]}\n");
  CHECK(testing::shown(write_json(answer_for("-A OUTPUT -p tcp -m tcp --sport 1 -j ACCEPT\n-A OUTPUT -j DROP\n",
                                             "tcp LISTEN 0 1 10.9.0.1:80 *:*\n")))
            .find("\"status\": \"partial\", \"against_policy\": \"surely\", \"allowed\": false, \"verdict\": "
                  "\"ACCEPT\"") != std::string::npos);
}
