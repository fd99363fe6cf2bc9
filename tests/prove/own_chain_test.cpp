#include "../catch.hpp"

#include <set>
#include <string>

#include <cordon/prove/own_chain.hpp>
#include <cordon/text/writer.hpp>

#include "rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

network host(const address& of) { return {of, prefix_mask(of.family, address_width(of.family))}; }

std::string lines_of(const egress_policy& policy, family of = family::ipv4, std::string* said = nullptr) {
  sequence<diagnostic> left_out;
  const own_chain made = own_chain_of(policy, of, left_out);
  std::string all;
  for (const rule& one : made.rules)
    all += testing::shown(write_rule(one, of, made.name)).substr(3 + made.name.size() + 1) + "\n";
  if (said != nullptr) *said = testing::shown(to_text(left_out));
  return all;
}

const std::string rest_of_v4 =
    "-p tcp -j REJECT --reject-with tcp-reset\n-j REJECT --reject-with icmp-port-unreachable\n";
const std::string rest_of_v6 =
    "-p tcp -j REJECT --reject-with tcp-reset\n-j REJECT --reject-with icmp6-port-unreachable\n";

egress_policy with(endpoint one) { return egress_policy(sandbox(uid{1001})).allow(one); }

}  // namespace

TEST_CASE("a sandbox's chain is named after its ids") {
  CHECK(own_chain_name(sandbox(uid{1001})) == "CORDON-1001");
  CHECK(own_chain_name(sandbox(uid{1000, 1999})) == "CORDON-1000-1999");
  CHECK(own_chain_name(sandbox(gid{33})) == "CORDON-G33");
  CHECK(own_chain_name(sandbox(gid{33, 40})) == "CORDON-G33-40");
  CHECK(own_chain_name(sandbox(uid{1001}, gid{33})) == "CORDON-1001-G33");
  CHECK(own_chain_name(egress_policy{}) == "CORDON-ALL");
}

TEST_CASE("long ranges have chain names that fit, and differ") {
  std::set<std::string> names;
  for (const std::uint32_t low : {4000000000U, 4000000001U})
    for (const std::uint32_t high : {4294967293U, 4294967294U}) {
      for (const egress_policy& one :
           {sandbox(uid{low, high}), sandbox(gid{low, high}), sandbox(uid{low, high}, gid{low, high}),
            sandbox(uid{low, high}, gid{low}), sandbox(uid{low}, gid{low, high})}) {
        const chain_name name = own_chain_name(one);
        CHECK(name.size() <= 28);
        CHECK(name.view().substr(0, 7) == "CORDON-");
        CHECK(own_jump(one).target.name == name.view());
        names.insert(std::string(name.view()));
      }
    }
  CHECK(names.size() == 20);
}

TEST_CASE("the jump fits the sandbox's ids and no packet without a process") {
  const auto own_jump_line = [](const egress_policy& of) {
    return testing::shown(write_rule(own_jump(of), family::ipv4, "OUTPUT"));
  };
  CHECK(own_jump_line(sandbox(uid{1001})) == "-A OUTPUT -m owner --uid-owner 1001 -j CORDON-1001");
  CHECK(own_jump_line(sandbox(uid{1, 2}, gid{3, 4})) ==
        "-A OUTPUT -m owner --uid-owner 1-2 --gid-owner 3-4 -j CORDON-1-2-G3-4");
  CHECK(own_jump_line(egress_policy{}) == "-A OUTPUT -m owner --uid-owner 0-4294967294 -j CORDON-ALL");
}

TEST_CASE("each endpoint is a rule for each of its protocols, and all else is rejected at once") {
  const egress_policy policy = sandbox(uid{1001})
                                   .may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443)
                                   .may_reach(udp | tcp, ipv4_address(192, 0, 2, 53), 53)
                                   .may_reach(icmp, ipv4_address(192, 0, 2, 1))
                                   .may_reach(sctp | udplite, ipv4_address(192, 0, 2, 2), {7, 9})
                                   .may_reach(tcp, address{family::ipv6, 1}, 18443);
  CHECK(lines_of(policy) ==
        "-d 127.0.0.1/32 -o lo -p tcp -m tcp --dport 18443 -j ACCEPT\n"
        "-d 192.0.2.53/32 -p tcp -m tcp --dport 53 -j ACCEPT\n"
        "-d 192.0.2.53/32 -p udp -m udp --dport 53 -j ACCEPT\n"
        "-d 192.0.2.1/32 -p icmp -j ACCEPT\n"
        "-d 192.0.2.2/32 -p sctp -m sctp --dport 7:9 -j ACCEPT\n"
        "-d 192.0.2.2/32 -p udplite -m multiport --dports 7:9 -j ACCEPT\n" +
            rest_of_v4);
  CHECK(lines_of(policy, family::ipv6) == "-d ::1/128 -o lo -p tcp -m tcp --dport 18443 -j ACCEPT\n" + rest_of_v6);
}

TEST_CASE("a family without endpoints is rejected as a whole") {
  CHECK(lines_of(sandbox(uid{1001})) == rest_of_v4);
  CHECK(lines_of(sandbox(uid{1001}), family::ipv6) == rest_of_v6);
}

TEST_CASE("an endpoint's own interface comes before lo") {
  CHECK(lines_of(with({.destination = host(ipv4_address(127, 0, 0, 1)), .out = "eth0"})) ==
        "-d 127.0.0.1/32 -o eth0 -j ACCEPT\n" + rest_of_v4);
}

TEST_CASE("only a network that is all loopback is kept to lo") {
  const network wide{ipv4_address(126, 0, 0, 0), prefix_mask(family::ipv4, 7)};
  CHECK(lines_of(with({.destination = wide})) == "-d 126.0.0.0/7 -j ACCEPT\n" + rest_of_v4);
  CHECK(lines_of(with({.destination = {ipv4_address(127, 1, 2, 3), prefix_mask(family::ipv4, 8)}})) ==
        "-d 127.0.0.0/8 -o lo -j ACCEPT\n" + rest_of_v4);
}

TEST_CASE("the whole internet needs no destination, all protocols with ports are named") {
  CHECK(lines_of(with({})) == "-j ACCEPT\n" + rest_of_v4);
  CHECK(lines_of(with({.ports = 443})) ==
        "-p tcp -m tcp --dport 443 -j ACCEPT\n-p udp -m udp --dport 443 -j ACCEPT\n"
        "-p dccp -m multiport --dports 443 -j ACCEPT\n-p sctp -m sctp --dport 443 -j ACCEPT\n"
        "-p udplite -m multiport --dports 443 -j ACCEPT\n" +
            rest_of_v4);
}

TEST_CASE("all protocols but one are one rule, and protocol 0 is left out where it has no name") {
  const auto all_but = [](unsigned which) {
    protocol_set made;
    for (unsigned i = 0; i < 256; ++i)
      if (i != which) made.add(static_cast<protocol>(static_cast<std::uint8_t>(i)));
    return made;
  };
  CHECK(lines_of(with({.protocols = all_but(6)})) == "! -p tcp -j ACCEPT\n" + rest_of_v4);
  sequence<diagnostic> left_out;
  CHECK(own_chain_of(with({.protocols = all_but(0)}), family::ipv4, left_out).rules.size() == 257);
  CHECK(left_out.empty());
  std::string said;
  CHECK(lines_of(with({.protocols = tcp | static_cast<protocol>(0)}), family::ipv4, &said) ==
        "-p tcp -j ACCEPT\n" + rest_of_v4);
  CHECK(said.find("protocol 0") != std::string::npos);
}

TEST_CASE("whoever can cut headers reaches a port only with a whole one") {
  egress_policy policy = sandbox(uid{1001}).may_reach(tcp | udp | sctp, ipv4_address(192, 0, 2, 1), 443);
  policy.attacker = attacker::raw;
  CHECK(lines_of(policy) ==
        "-d 192.0.2.1/32 -p tcp -m tcp -m multiport --dports 443 -j ACCEPT\n"
        "-d 192.0.2.1/32 -p udp -m udp -m multiport --dports 443 -j ACCEPT\n"
        "-d 192.0.2.1/32 -p sctp -m sctp --dport 443 -j ACCEPT\n" +
            rest_of_v4);
}

TEST_CASE("endpoints that say the same are one rule") {
  CHECK(lines_of(with({.ports = 80}).allow({.protocols = tcp, .ports = 80})) == lines_of(with({.ports = 80})));
}

TEST_CASE("what one rule for all protocols lets out needs none of its own, whichever comes first") {
  const endpoint all{.protocols = protocol_set::all()};
  const endpoint some{.protocols = tcp};
  CHECK(lines_of(with(some).allow(all)) == lines_of(with(all)));
  CHECK(lines_of(with(all).allow(some)) == lines_of(with(all)));
}

TEST_CASE("an interface that no rule can name alone stays closed, and is named") {
  for (const std::string_view name : {"eth+", "+", "a b", "a\tb", "a\nb", "a\"b", "a\\b", "a/b", "-x", "!x", "\x7f"}) {
    CAPTURE(name);
    std::string said;
    CHECK(lines_of(with({.out = name}), family::ipv4, &said) == rest_of_v4);
    CHECK(said.find("its interface") != std::string::npos);
    CHECK(said.find('\n') == said.size() - 1);
  }
}

TEST_CASE("an interface that means something to a shell stands in a rule as it is") {
  for (const std::string_view name : {"a;b", "$(x)", "`x`", "a'b", "x&y", "*", "a=b:c", "\xc3\xa9"})
    CHECK(lines_of(with({.out = name})) == "-o " + std::string(name) + " -j ACCEPT\n" + rest_of_v4);
}
