#include "../catch.hpp"

#include <string>

#include <cordon/prove/enforce.hpp>
#include <cordon/render/commands.hpp>

#include "../prove/rules.hpp"
#include "sandbox_1001.hpp"
#include "shell.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

std::size_t count(const std::string& all, std::string_view part) {
  std::size_t found = 0;
  for (auto at = all.find(part); at != std::string::npos; at = all.find(part, at + 1)) ++found;
  return found;
}

std::string script_for(const egress_policy& policy, const firewall& host = {}) {
  return testing::shown(commands(enforce(policy, host)));
}

}  // namespace

TEST_CASE("both families get their chain at once, and then the jump first") {
  shell sh;
  REQUIRE(sh.run(script_for(sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443))) == 0);
  const std::string calls = sh.calls();
  CHECK(calls ==
        "four-restore -w --noflush\n*filter\n:CORDON-1001 - [0:0]\n"
        "-A CORDON-1001 -d 127.0.0.1/32 -o lo -p tcp -m tcp --dport 18443 -j ACCEPT\n"
        "-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset\n"
        "-A CORDON-1001 -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n"
        "four -w -C " +
            jump +
            "\n"
            "four-restore -w --noflush\n*filter\n-D " +
            jump + "\n-I OUTPUT 1" + jump.substr(6) +
            "\nCOMMIT\n"
            "four -w -S OUTPUT\n"
            "six-restore -w --noflush\n*filter\n:CORDON-1001 - [0:0]\n"
            "-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset\n"
            "-A CORDON-1001 -j REJECT --reject-with icmp6-port-unreachable\nCOMMIT\n"
            "six -w -C " +
            jump +
            "\n"
            "six-restore -w --noflush\n*filter\n-D " +
            jump + "\n-I OUTPUT 1" + jump.substr(6) +
            "\nCOMMIT\n"
            "six -w -S OUTPUT\n");
}

TEST_CASE("a jump that is not there is inserted first") {
  shell sh("case $* in *' -C '*) exit 1;; esac");
  REQUIRE(sh.run(script_for(sandbox(uid{1001}))) == 0);
  CHECK(has(sh.calls(), "four -w -C " + jump + "\nfour -w -I OUTPUT 1" + jump.substr(6) + "\n"));
}

TEST_CASE("where a command fails the script fails") {
  shell sh("exit 1");
  CHECK(sh.run(script_for(sandbox(uid{1001}))) != 0);
  CHECK_FALSE(has(sh.calls(), "six"));
}

TEST_CASE("a family that the host does not have is left alone") {
  firewall host;
  host.v6 = family_rules::none();
  shell sh;
  REQUIRE(sh.run(script_for(sandbox(uid{1001}), host)) == 0);
  CHECK(has(sh.calls(), "four-restore"));
  CHECK_FALSE(has(sh.calls(), "six"));
}

TEST_CASE("iptables may be a command with words before it") {
  shell sh;
  std::string script = script_for(sandbox(uid{1001}));
  REQUIRE(sh.run("IPTABLES='env X=y ./four' IP6TABLES='env ./six'\n" + script) == 0);
  CHECK(count(sh.calls(), "-restore -w --noflush") == 4);
}

TEST_CASE("nothing in a policy is taken by the shell for a command") {
  egress_policy policy = sandbox(uid{1001});
  for (const std::string_view name :
       {"$(touch a)", "`touch\tb`", "`>c`", "$(>d)", "';>e;'", "\n>f\n", "&>g&", "|>h", "RULES"})
    policy.allow({.destination = network{ipv4_address(192, 0, 2, 1), prefix_mask(family::ipv4, 32)},
                  .out = name,
                  .written = "x\ntouch i #"});
  shell sh;
  const std::string script = script_for(policy);
  CHECK(sh.run(script) == 0);
  CHECK(sh.other_files() == 0);
  CHECK(sh.output().empty());
  for (const std::string_view name : {"`>c`", "$(>d)", "';>e;'", "&>g&", "|>h", "RULES"})
    CHECK(has(sh.calls(), "-d 192.0.2.1/32 -o " + std::string(name) + " -j ACCEPT\n"));
}

TEST_CASE("the script says whom it confines to what") {
  const std::string script = script_for(sandbox(uid{1000, 1999}, gid{33}).may_reach(udp, address{family::ipv6, 1}, 53));
  CHECK(has(script, "# Confines what users 1000 to 1999 with group 33 may send."));
  CHECK(has(script, "# Allowed: udp:[::1]:53\n"));
}
