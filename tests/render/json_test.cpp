#include <string>
#include <string_view>

#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/json.hpp>

#include "../catch.hpp"
#include "../prove/rules.hpp"
#include "policies.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::string json_of(const firewall& rules, const egress_policy& policy, bool require_usable = false) {
  return testing::shown(write_json(prove(rules, policy), {.rules = &rules, .require_usable = require_usable}));
}

bool holds(const std::string& json, std::string_view part) { return json.find(part) != std::string::npos; }

// Whether brackets and quotes close in the order in which they opened: on one line, with one line feed.
bool is_one_object(const std::string& json) {
  std::string open;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') open += c == '{' ? '}' : ']';
    if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) return false;
      open.pop_back();
      if (open.empty()) return json.substr(i + 1) == "\n";
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the members of a leak are those that scripts rely on") {
  const std::string json = json_of(host_with("-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n"
                                             "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n"),
                                   policy_of({}));
  INFO(json);
  CHECK(is_one_object(json));
  CHECK(json.starts_with(R"({"verdict": "leak", "usable": true, "families": {"v4": "leak", "v6": "absent"}, )"));
  CHECK(holds(json, R"("leaks": [{"family": "v4", "table": "filter", "chain": "OUTPUT", "rule": 1, "line": 2, )"
                    R"("text": "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT", "file": "rules", )"
                    R"("region": [{"out": "lo"}], "witness": "uid=1001 proto=tcp src=127.0.0.1 dst=127.0.0.1 )"));
  CHECK(holds(json, R"("trace": ["filter:OUTPUT:rule:1"], "needs": null}], "endpoints": [], "unknown": [])"));
}

TEST_CASE("a family without rules has a policy to blame, and neither line nor text") {
  firewall host;
  host.v4 = family_rules::none();
  const std::string json = json_of(host, policy_of({}));
  INFO(json);
  CHECK(holds(json, R"({"family": "v6", "table": "filter", "chain": "OUTPUT", "rule": "policy", "line": null, )"
                    R"("text": null, "file": null, "region": [{}], )"));
  CHECK(holds(json, R"("trace": ["filter:OUTPUT:policy:1"])"));
}

TEST_CASE("a policy of a chain is given by its name, with the line that sets it") {
  const std::string json = json_of(host_with(":OUTPUT ACCEPT [0:0]\n-A OUTPUT -p udp -j DROP\n"), policy_of({}));
  CHECK(holds(json, R"("rule": "policy", "line": 2, "text": null)"));
  CHECK(holds(json, R"("trace": ["filter:OUTPUT:policy:2"])"));
}

TEST_CASE("what a leak needs is established, mark, or null") {
  CHECK(holds(json_of(host_with("-A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n-A OUTPUT -j DROP\n"),
                      policy_of({})),
              R"("needs": "established")"));
  egress_policy raw = policy_of({});
  raw.attacker = attacker::raw;
  CHECK(holds(json_of(host_with("-A OUTPUT -m mark --mark 5 -j ACCEPT\n-A OUTPUT -j DROP\n"), raw),
              R"("needs": "mark")"));
}

TEST_CASE("an endpoint keeps the words of its user, and says what is blocked of it") {
  const firewall host = host_with(
      "-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j "
      "DROP\n");
  const std::string json = json_of(host, policy_of({"TCP:127.0.0.1:80", "tcp:127.0.0.1:80-81", "udp:127.0.0.1:80"}));
  INFO(json);
  CHECK(holds(json, R"({"allow": "TCP:127.0.0.1:80", "status": "open"})"));
  CHECK(holds(json, R"({"allow": "tcp:127.0.0.1:80-81", "status": "partial", "blocked": [{)"));
  CHECK(holds(json, R"("destination_port": "0-79,81-65535")") != holds(json, R"("destination_port": "81)"));
  CHECK(holds(json, R"({"allow": "udp:127.0.0.1:80", "status": "blocked"})"));
  CHECK(holds(json, R"("verdict": "proved", "usable": false)"));
  CHECK(holds(json_of(host, policy_of({"udp:127.0.0.1:80"}), true), R"("verdict": "leak", "usable": false)"));
}

TEST_CASE("an answer that is unknown names place and match") {
  const std::string json =
      json_of(host_with("-A OUTPUT -m nosuchmatch --at all -j ACCEPT\n-A OUTPUT -j DROP\n"), policy_of({}));
  INFO(json);
  CHECK(holds(json, R"("verdict": "unknown")"));
  CHECK(holds(json, R"("unknown": [{"family": "v4", "table": "filter", "chain": "OUTPUT", "rule": 1, "line": 2, )"
                    R"("text": "-A OUTPUT -m nosuchmatch --at all -j ACCEPT", "file": "rules", )"
                    R"("match": "-m nosuchmatch --at all"}])"));
}

TEST_CASE("a comment of any bytes leaves the object whole") {
  const std::string json =
      json_of(host_with("-A OUTPUT -m comment --comment \"say \\\"\\\\ \xff\" -j ACCEPT\n"), policy_of({}));
  INFO(json);
  CHECK(is_one_object(json));
  CHECK(holds(json, "\\ufffd"));
}

TEST_CASE("boxes with ports say whether all later fragments are in them, or those whose bytes fit") {
  const std::string json =
      json_of(host_with("-A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\n-A OUTPUT -j DROP\n"), policy_of({}));
  INFO(json);
  CHECK(holds(json, R"("region": [{"protocol": "udp", "destination_port": "53"}])"));
  const std::string whole =
      json_of(host_with("-A OUTPUT -p udp -m multiport --dports 53 -j ACCEPT\n-A OUTPUT -j DROP\n"), policy_of({}));
  INFO(whole);
  CHECK(holds(whole, R"("region": [{"protocol": "udp", "destination_port": "53", "transport": "whole"}])"));
}
