#include "../catch.hpp"

#include <string>

#include <cordon/prove/enforce.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"
#include "sandbox_1001.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy egress = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);

const std::string chain_lines =
    "*filter\n"
    ":CORDON-1001 - [0:0]\n"
    "-A CORDON-1001 -d 127.0.0.1/32 -o lo -p tcp -m tcp --dport 18443 -j ACCEPT\n"
    "-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset\n"
    "-A CORDON-1001 -j REJECT --reject-with icmp-port-unreachable\n";
const std::string insertion = "-I OUTPUT 1 -m owner --uid-owner 1001 -j CORDON-1001\n";

// What a host's rules become when `more` is loaded with --noflush.
ruleset after_loading(const ruleset& host, family of, const std::string& more) {
  std::string all = testing::shown(write_ruleset(host, of));
  const auto filter = all.find("*filter\n");
  if (filter == std::string::npos) return read_rules(all + more, of, host.backend);
  const auto end = all.find("COMMIT\n", filter);
  const auto lines = more.substr(more.find("*filter\n") + 8);
  return read_rules(all.substr(0, end) + lines + all.substr(end + 7), of, host.backend);
}

}  // namespace

TEST_CASE("for a host of which nothing is known the text is a first installation, and says so") {
  const std::string text = testing::shown(noflush_restore_text(enforce(egress), family::ipv4));
  CHECK(text.substr(0, text.find('*')).find("# For a first installation") == 0);
  CHECK(text.substr(text.find('*')) == chain_lines + insertion + "COMMIT\n");
}

TEST_CASE("for a known host each jump that is there is taken out, and one put in") {
  const auto text_for = [](const std::string& lines) {
    return testing::shown(noflush_restore_text(enforce(egress, host_with(lines)), family::ipv4));
  };
  CHECK(text_for(":OUTPUT DROP\n") == chain_lines + insertion + "COMMIT\n");
  CHECK(text_for(":CORDON-1001 -\n-A " + jump + "\n-A OUTPUT -j LOG\n-A " + jump + "\n") ==
        chain_lines + "-D " + jump + "\n-D " + jump + "\n" + insertion + "COMMIT\n");
}

TEST_CASE("the host's rules with the text are the rules that were proved") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const firewall host =
        *testing::firewalls({.tables = testing::only_filter, .most_rules = 3, .most_chains = 2, .most_matches = 1});
    const enforcement made = enforce(policy, host);
    RC_ASSERT(made.proved());
    for (const family of : both_families) {
      const ruleset& before = host.of(of).rulesets[0];
      if (!is_writable(before, of)) continue;
      const ruleset after = after_loading(before, of, testing::shown(noflush_restore_text(made, of)));
      RC_ASSERT(after == made.firewall->rules().of(of).rulesets[0]);
    }
  }));
}

TEST_CASE("the whole text of a firewall that was enforced reads back as it was proved") {
  CHECK(rc::check([] {
    const egress_policy policy = *testing::policies();
    const enforcement made = enforce(policy, *testing::firewalls({.tables = testing::only_filter, .most_rules = 3}));
    RC_ASSERT(made.proved());
    for (const family of : both_families) {
      const ruleset& wanted = made.firewall->rules().of(of).rulesets[0];
      if (!is_writable(wanted, of)) continue;
      RC_ASSERT(read_rules(restore_text(made, of), of, wanted.backend) == wanted);
    }
  }));
}

TEST_CASE("a firewall that was proved as it is has a text too") {
  const std::string lines =
      ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m owner --uid-owner 1001 "
      "-j DROP\n";
  const auto made = proved(host_with(lines), sandbox(uid{1001}));
  REQUIRE(made);
  CHECK(restore_text(*made, family::ipv4) == "*filter\n" + lines + "COMMIT\n");
}

TEST_CASE("of two rule sets the text is that of the back end asked for") {
  firewall host;
  host.v4.rulesets = {read_rules("*filter\n-A OUTPUT -o lo -j LOG\nCOMMIT\n", family::ipv4, backend::legacy),
                      read_rules("*filter\n-A OUTPUT -o eth0 -j LOG\nCOMMIT\n", family::ipv4, backend::nft)};
  host.v6 = family_rules::none();
  const enforcement made = enforce(egress, host);
  REQUIRE(made.proved());
  const std::string legacy = testing::shown(restore_text(made, family::ipv4, backend::legacy));
  const std::string nft = testing::shown(restore_text(made, family::ipv4, backend::nft));
  CHECK(legacy.find("-o lo -j LOG") != std::string::npos);
  CHECK(legacy.find("CORDON") == std::string::npos);
  CHECK(nft.find("-o eth0 -j LOG") != std::string::npos);
  CHECK(nft.find("CORDON") != std::string::npos);
}

TEST_CASE("rules that iptables-save cannot show as they are, or that would break their line, are not writable") {
  const auto writable = [](const std::string& line, backend how) {
    return is_writable(read_rules("*filter\n" + line + "\nCOMMIT\n", family::ipv4, how), family::ipv4);
  };
  CHECK(writable("-A OUTPUT ! -o lo -m comment --comment \"a 'b' \\\" c\" -j DROP", backend::legacy));
  CHECK_FALSE(writable("-A OUTPUT ! -o + -j DROP", backend::legacy));
  ruleset broken = read_rules("*filter\n-A OUTPUT -m comment --comment x -j DROP\nCOMMIT\n");
  broken.find(table_name::filter)->find("OUTPUT")->rules[0].matches[0].options[0].words = "x\n-A OUTPUT -j ACCEPT";
  CHECK_FALSE(is_writable(broken, family::ipv4));
  broken = read_rules("*filter\n-A OUTPUT -o eth0 -j DROP\nCOMMIT\n");
  broken.find(table_name::filter)->find("OUTPUT")->rules[0].out.name = "a b";
  CHECK_FALSE(is_writable(broken, family::ipv4));
}
