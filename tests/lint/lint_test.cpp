#include <cordon/lint/lint.hpp>

#include <string>
#include <string_view>

#include <cordon/prove/enforce.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

/// "id:rule" of each finding, with blanks between; 0 is a chain or a file.
std::string found_in(const firewall& rules, const lint_options& options = {}) {
  std::string all;
  for (const finding& one : lint(rules, options)) {
    REQUIRE_FALSE(one.says.empty());
    REQUIRE_FALSE(one.todo.empty());
    all += (all.empty() ? "" : " ") + std::string(one.id) + ":" + std::to_string(one.at.number);
  }
  return all;
}

std::string found(const std::string& lines, family of = family::ipv4) { return found_in(host_with(lines, of)); }

const egress_policy to_proxy = sandbox(uid{1001})
                                   .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                   .may_reach(udp | tcp, ipv4_address(127, 0, 0, 53), 53);

std::string found_for(const egress_policy& policy, const std::string& lines) {
  return found_in(host_with(lines), {.policy = policy});
}

}  // namespace

TEST_CASE("of rules that decide, each for packets of its own, nothing is found") {
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -j ACCEPT\n") == "");
  CHECK(found("-A OUTPUT -p udp -j LOG\n-A OUTPUT -p udp -j DROP\n") == "");
}

TEST_CASE("a rule that never decides is found, with the reason") {
  CHECK(found("-A OUTPUT -j DROP\n-A OUTPUT -p tcp -j ACCEPT\n") == "behind-unconditional:2");
  CHECK(found("-A OUTPUT -p tcp -j DROP\n-A OUTPUT -d 192.0.2.1 -p tcp -j ACCEPT\n") == "covered:2");
  CHECK(found("-A OUTPUT -m mark --mark 0x5/0x4 -j DROP\n-A OUTPUT -j DROP\n") == "fits-nothing:1");
  CHECK(found(":A - [0:0]\n-A A -p tcp -j DROP\n-A A -j DROP\n-A OUTPUT -j DROP\n") == "chain-unreached:0");
  CHECK(found(":A - [0:0]\n-A OUTPUT -p tcp -j A\n-A A -p udp -j ACCEPT\n-A A -j DROP\n") == "kept-away:1");
  const firewall host = host_with(
      "-A OUTPUT -d 10.0.0.0/9 -j DROP\n-A OUTPUT -d 10.128.0.0/9 -j DROP\n-A OUTPUT -d 10.0.0.0/8 -j "
      "ACCEPT\n");
  const sequence<finding> all = lint(host);
  REQUIRE(all.size() == 1);
  CHECK(all[0].says == "every packet that this rule is for is taken by rules 1 and 2 of OUTPUT before");
  CHECK(all[0].at.line == 4);
}

TEST_CASE("nothing is said of chains that other hooks lead to") {
  CHECK(found(":A - [0:0]\n-A INPUT -j A\n-A A -i lo -j DROP\n-A OUTPUT -j DROP\n-A INPUT -j DROP\n-A INPUT "
              "-j DROP\n") == "");
  CHECK(found(":A - [0:0]\n-A INPUT -j A\n-A OUTPUT -p tcp -j A\n-A A -p udp -j DROP\n-A A -p tcp -j DROP\n") == "");
}

TEST_CASE("a rule that could be left out is found") {
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT ! -p udp -j ACCEPT\n") == "needless:1");
}

TEST_CASE("what is not looked for is said") {
  std::string many;
  for (int i = 0; i <= 1000; ++i)
    many += "-A OUTPUT -d 10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + " -j DROP\n";
  CHECK(found(many) == "not-looked-for:0");
}

TEST_CASE("a family that is left open beside one that is not") {
  firewall host = host_with("-A OUTPUT -p tcp -j DROP\n");
  CHECK(found_in(host) == "");
  host.v6 = family_rules{};
  CHECK(found_in(host) == "open-family:0");
  host.v6 = read_rules("*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n", family::ipv6);
  CHECK(found_in(host) == "");
  CHECK(found_in(firewall{}) == "");
}

TEST_CASE("what lets a sandbox out further than its policy") {
  const std::string own =
      "-A OUTPUT -d 127.0.0.1 -o lo -p tcp -m owner --uid-owner 1001 -m tcp --dport 18443 -j ACCEPT\n"
      "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n";
  CHECK(found_for(to_proxy, own) == "");
  CHECK(found_for(to_proxy,
                  "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n"
                  "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n") == "wide-accept:1");
  CHECK(found_for(to_proxy, "-A OUTPUT -o lo -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\n") ==
        "accept-above-sandbox:1");
  CHECK(found_for(to_proxy, "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n" + own) ==
        "established-accept:1");
  CHECK(found_for(to_proxy, "-A OUTPUT -p tcp -m owner --uid-owner 1001 -j DROP\n") == "open-policy:0");
}

TEST_CASE("traps") {
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -m owner ! --uid-owner 1001 -j ACCEPT\n") == "negated-owner:1");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -m owner --socket-exists ! --uid-owner 1001 -j ACCEPT\n") == "");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -m owner ! --uid-owner 0-4294967294 -j ACCEPT\n") == "");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -d 127.0.0.1 -j ACCEPT\n") == "loopback-by-wire:1");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -d ::1 -j ACCEPT\n", family::ipv6) == "loopback-by-wire:1");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -d 127.0.0.1 -o lo -j ACCEPT\n") == "");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -p icmp -j ACCEPT\n", family::ipv6) == "other-icmp:1");
  CHECK(found("-A OUTPUT -m comment --comment \"x -j DROP\"\n-A OUTPUT -p tcp -j DROP\n") ==
        "comment-swallows-target:1");
  CHECK(found("-A OUTPUT -p tcp -j NFQUEUE --queue-num 1 --queue-bypass\n-A OUTPUT -j DROP\n") == "queue-bypass:1");
  CHECK(found(":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp --dport 80 -j REJECT\n") == "unheard-reject:0");
}

TEST_CASE("text that the back ends read differently, and hosts that have both") {
  const std::string lines = ":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -m tcp ! --dport 0:65535 -j ACCEPT\n";
  const firewall other = host_with(lines, family::ipv4, backend::legacy);
  CHECK(found_in(host_with(lines), {.on_other_backend = &other}) == "back-ends-differ:1");
  // Fragments are read differently too, but seldom come so far.
  const std::string ports = ":OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -m tcp --dport 80 -j ACCEPT\n";
  const firewall same = host_with(ports, family::ipv4, backend::legacy);
  CHECK(found_in(host_with(ports), {.on_other_backend = &same}) == "");
  firewall both = host_with(ports);
  both.v4.rulesets.push_back(
      read_rules("*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -p tcp -j ACCEPT\nCOMMIT\n", family::ipv4, backend::legacy));
  CHECK(found_in(both) == "both-back-ends:0");
}

TEST_CASE("what the reader warned of is found") {
  const lint_options options{
      .read = {{"rules", {3, 1}, severity::warning, "a warning"}, {"rules", {}, severity::note, "a note"}}};
  CHECK(found_in(host_with(""), options) == "text:0");
}

TEST_CASE("of the incident the wide accept and the open family are found, of our own rules nothing") {
  for (const backend how : {backend::legacy, backend::nft}) {
    const lint_options options{.policy = to_proxy};
    CHECK(found_in(incident("before", how), options) == "wide-accept:2 loopback-by-wire:1 open-family:0");
    CHECK(found_in(incident("after", how), options) ==
          "loopback-by-wire:1 loopback-by-wire:2 loopback-by-wire:3 open-family:0");
    const enforcement ours = enforce(to_proxy, firewall{});
    REQUIRE(ours.proved());
    firewall made = ours.firewall->rules();
    firewall on_other = made;
    for (const family of : both_families)
      for (ruleset& one : on_other.of(of).rulesets)
        one.backend = one.backend == backend::nft ? backend::legacy : backend::nft;
    CHECK(found_in(made, {.policy = to_proxy, .on_other_backend = &on_other}) == "");
  }
  rc::prop("nothing in what is rendered for any policy", [] {
    const egress_policy policy = *testing::policies();
    const enforcement ours = enforce(policy, firewall{});
    RC_PRE(ours.proved());
    RC_ASSERT(found_in(ours.firewall->rules(), {.policy = policy}) == "");
  });
}

TEST_CASE("a leak of which no region could be told is found all the same") {
  const firewall rules = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -p udp -j ACCEPT\n");
  const program ready = compile(rules, family::ipv4);
  rule_survey survey(ready);
  proof judged = prove(rules, to_proxy);
  REQUIRE(judged.v4.leaks.size() == 1);
  judged.v4.leaks[0].region.clear();
  judged.v4.leaks[0].in_short = no_value;
  judged.v4.leaks[0].region_is_whole = false;
  sequence<finding> found;
  lint_detail::find_wide_accepts({.family = family::ipv4,
                                  .rules = &rules,
                                  .compiled = &ready,
                                  .survey = &survey,
                                  .proof = &judged.v4,
                                  .policy = &to_proxy},
                                 found);
  REQUIRE(found.size() == 1);
  CHECK(found[0].says == "lets the sandbox out further than its policy allows: packets in too many parts to show");
}

TEST_CASE("where it is not known which rules live, no family is called open that has one to stop packets") {
  std::string lines;
  for (int port = 1; port <= 4200; ++port)
    lines += "-A OUTPUT -p tcp --dport " + std::to_string(port) + " -m limit --limit 5/min -j ACCEPT\n";
  CHECK(found_for(to_proxy, lines + "-A OUTPUT -j DROP\n") == "not-looked-for:0");
  CHECK(found_for(to_proxy, lines) == "open-family:0 not-looked-for:0");
}
