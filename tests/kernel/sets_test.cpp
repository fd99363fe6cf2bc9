// What the host says beside its rules: real sets of every kind that is modelled, and the kinds of addresses. A world gets
// sets, addresses and one rule for each question; packets around what the rules' meanings tell apart are sent through it,
// and cordon, given `ipset save` and `ip -o addr` of that very world, must say what the kernel does.

#include <net/if.h>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/simulate/simulate.hpp>
#include <cordon/testing/draw.hpp>
#include <cordon/text/address_text.hpp>
#include <cordon/text/ipset_text.hpp>

#include "header_reading.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "session.hpp"
#include "wire_drawing.hpp"
#include "wire_line.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::uint32_t first_user = 50000;
constexpr std::size_t packets_a_rule = 150;
constexpr std::size_t most_shown = 20;

constexpr std::string_view v4_sets = R"(create ip hash:ip counters
add ip 10.9.0.2
add ip 10.9.0.4-10.9.0.9
add ip 127.0.0.1
create ip24 hash:ip netmask 24 timeout 1000
add ip24 10.9.0.77
add ip24 198.51.100.1
create net hash:net comment
add net 10.0.0.0/8 comment "all of it"
add net 10.9.0.0/24 nomatch
add net 10.9.0.128/25
add net 192.0.2.0/24 nomatch
add net 192.0.2.1
create ipport hash:ip,port
add ipport 10.9.0.2,tcp:80
add ipport 10.9.0.2,tcp:1000-1010
add ipport 10.9.0.2,udp:53
add ipport 10.9.0.2,udplite:53
add ipport 10.9.0.2,sctp:53
add ipport 10.9.0.2,icmp:echo-request
add ipport 10.9.0.2,icmp:3/7
add ipport 10.9.0.2,gre:0
add ipport 10.9.0.2,dccp:0
add ipport 10.9.0.2,tcp:0
add ipport 10.9.0.2,253:0
add ipport 10.9.0.3,tcp:80
create zero hash:ip,port
add zero 10.9.0.2,icmp:0/0
add zero 10.9.0.2,udp:0
create netport hash:net,port
add netport 10.0.0.0/8,tcp:80
add netport 10.9.0.0/24,tcp:80 nomatch
add netport 10.9.0.0/24,tcp:81
add netport 10.9.0.2,tcp:80
add netport 0.0.0.0/1,udp:53
add netport 10.9.0.0/16,udp:53 nomatch
create ipportip hash:ip,port,ip
add ipportip 10.9.0.2,tcp:80,10.9.0.1
add ipportip 10.9.0.2,tcp:80,10.9.0.3
add ipportip 10.9.0.3,udp:80,10.9.0.1
create ipportnet hash:ip,port,net
add ipportnet 10.9.0.2,tcp:80,10.9.0.0/24
add ipportnet 10.9.0.2,tcp:80,10.9.0.1 nomatch
add ipportnet 10.9.0.3,udp:80,10.0.0.0/8
create netiface hash:net,iface
add netiface 10.0.0.0/8,eth0
add netiface 10.9.0.0/24,v0
add netiface 10.9.0.0/24,wlan0 nomatch
add netiface 0.0.0.0/0,lo
add netiface 192.0.2.0/24,physdev:eth0
add netiface 192.0.0.0/16,eth0
create bip bitmap:ip range 10.9.0.0/24
add bip 10.9.0.2
add bip 10.9.0.8/29
create bip28 bitmap:ip range 10.9.0.0/16 netmask 28
add bip28 10.9.0.16
create bport bitmap:port range 0-1024
add bport 53
add bport 80-90
create list list:set
add list ip
add list netport
add list bport
create empty hash:ip
create nolist list:set
add nolist net
)";

constexpr std::string_view v6_sets = R"(create ip hash:ip family inet6
add ip fd09::2
add ip ::1
create ip64 hash:ip family inet6 netmask 64
add ip64 fd09::77
create net hash:net family inet6
add net fd00::/8
add net fd09::/64 nomatch
add net fd09::2
create ipport hash:ip,port family inet6
add ipport fd09::2,tcp:80
add ipport fd09::2,udp:53
add ipport fd09::2,icmpv6:echo-request
add ipport fd09::2,icmpv6:1/4
add ipport fd09::2,gre:0
add ipport fd09::2,59:0
add ipport fd09::2,tcp:0
create zero hash:ip,port family inet6
add zero fd09::2,icmpv6:0/0
add zero fd09::2,udp:0
create netport hash:net,port family inet6
add netport fd00::/8,tcp:80
add netport fd09::/64,tcp:80 nomatch
add netport fd09::2,tcp:80
create ipportip hash:ip,port,ip family inet6
add ipportip fd09::2,tcp:80,fd09::1
create ipportnet hash:ip,port,net family inet6
add ipportnet fd09::2,tcp:80,fd09::/64
add ipportnet fd09::2,tcp:80,fd09::1 nomatch
create netiface hash:net,iface family inet6
add netiface fd00::/8,eth0
add netiface fd09::/64,v0
add netiface ::/0,lo
create bport bitmap:port range 0-1024
add bport 53
add bport 80-90
create list list:set
add list ip
add list netport
add list bport
create empty hash:ip family inet6
create nolist list:set
add nolist net
)";

constexpr std::string_view set_rules[] = {
    "-m set --match-set ip dst",
    "-m set --match-set ip src",
    "-m set ! --match-set ip dst",
    "-m set --match-set ip dst,src,src",
    "-m set --match-set ip dst --return-nomatch",
    "-m set --match-set net dst",
    "-m set --match-set net src",
    "-m set --match-set net dst --return-nomatch",
    "-m set ! --match-set net dst --return-nomatch",
    "-m set --match-set ipport dst,dst",
    "-m set --match-set ipport dst,src",
    "-m set --match-set ipport src,dst",
    "-m set ! --match-set ipport dst,dst",
    "-m set --match-set ipport dst",
    "-m set --match-set zero dst,dst",
    "-m set --match-set netport dst,dst",
    "-m set --match-set netport src,dst",
    "-m set --match-set netport dst,dst --return-nomatch",
    "-m set --match-set ipportip dst,dst,src",
    "-m set --match-set ipportip dst,dst,dst",
    "-m set --match-set ipportip dst,dst",
    "-m set --match-set ipportnet dst,dst,src",
    "-m set --match-set ipportnet dst,dst,src --return-nomatch",
    "-m set --match-set netiface dst,dst",
    "-m set --match-set netiface src,dst",
    "-m set --match-set netiface dst,src",
    "-m set --match-set netiface dst,dst --return-nomatch",
    "-m set --match-set bport dst",
    "-m set --match-set bport src",
    "-m set --match-set list dst,dst",
    "-m set --match-set list dst",
    "-m set ! --match-set list dst,dst",
    "-m set --match-set nolist dst --return-nomatch",
    "-m set --match-set empty dst",
    "-m set ! --match-set empty dst",
    "-m set ! --match-set net dst --packets-gt 5",
    "-m policy --dir out --pol none",
    "-m policy --dir out --pol ipsec",
};
constexpr std::string_view v4_set_rules[] = {
    "-m set --match-set ip24 dst",
    "-m set --match-set bip dst",
    "-m set --match-set bip28 src",
};
constexpr std::string_view v6_set_rules[] = {"-m set --match-set ip64 dst"};

constexpr std::string_view v4_kinds[] = {"UNSPEC",   "UNICAST",   "LOCAL",          "BROADCAST",
                                         "ANYCAST",  "MULTICAST", "BLACKHOLE",      "UNREACHABLE",
                                         "PROHIBIT", "THROW",     "LOCAL,MULTICAST"};
constexpr std::string_view v6_kinds[] = {"UNSPEC",    "UNICAST",       "LOCAL",
                                         "MULTICAST", "LOCAL,UNICAST", "UNICAST,MULTICAST"};

/// Addresses of all the shapes that the local routing table tells apart, beside those of the world.
constexpr const char* more_addresses[] = {
    "addr add 10.9.0.7/24 dev v0",
    "addr add 10.8.0.1 peer 10.8.0.2 dev v1",
    "addr add 10.7.0.1 peer 10.6.0.0/16 dev v1",
    "addr add 10.20.0.1/24 brd 10.20.0.77 dev v1",
    "addr add 10.21.0.1/31 dev v1",
    "addr add 10.22.0.1/32 dev v1",
    "addr add 10.23.0.1/24 dev v1 noprefixroute",
    "addr add 127.9.9.9/32 dev v0",
    "addr add 172.16.0.1/12 dev lo",
    "addr add fd0a::1/128 dev v1 nodad",
    "addr add fd0b::1 peer fd0b::2 dev v1 nodad",
    "route add local 198.18.0.0/15 dev lo",
    "route add local 10.24.0.7 dev v1 proto 66",
    "route add local 10.25.0.0/24 dev v1 table 100",
    "-6 route add local fd0c::/48 dev lo",
    "-6 route add local fd0d::7 dev v1",
};

std::vector<std::string> rules_for(family in) {
  std::vector<std::string> all(std::begin(set_rules), std::end(set_rules));
  const bool v4 = in == family::ipv4;
  if (v4)
    all.insert(all.end(), std::begin(v4_set_rules), std::end(v4_set_rules));
  else
    all.insert(all.end(), std::begin(v6_set_rules), std::end(v6_set_rules));
  const auto ask = [&](std::string_view kinds) {
    for (const char* const side : {"--dst-type ", "--src-type ", "! --dst-type "})
      for (const char* const limit : {"", " --limit-iface-out"})
        all.push_back("-m addrtype " + std::string(side) + std::string(kinds) + limit);
  };
  if (v4)
    for (const std::string_view kinds : v4_kinds) ask(kinds);
  else
    for (const std::string_view kinds : v6_kinds) ask(kinds);
  return all;
}

std::string chain_of(std::size_t rule) { return "R" + std::to_string(rule); }

std::string text_of(const std::vector<std::string>& rules) {
  std::string chains = "*filter\n:OUTPUT ACCEPT [0:0]\n";
  std::string lines;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    chains += ":" + chain_of(i) + " - [0:0]\n";
    lines += "-A OUTPUT -m owner --uid-owner " + std::to_string(first_user + i) + " -g " + chain_of(i) + "\n";
  }
  for (std::size_t i = 0; i < rules.size(); ++i) lines += "-A " + chain_of(i) + " " + rules[i] + " -j DROP\n";
  return chains + lines + "COMMIT\n";
}

std::string printed_by(const std::vector<std::string>& words, std::string_view input = {}) {
  const tool_result made = run_tool(words, input);
  if (!made.worked()) throw std::runtime_error(words[0] + ": " + made.errors);
  return made.output;
}

template <class T>
T value_of_reading(read_result<T> read, const char* what) {
  if (!read)
    throw std::runtime_error(std::string(what) + " was not read: " + std::string(to_text(read.diagnostics()).view()));
  return std::move(*read);
}

const program_step& step_of(const program& rules, std::size_t rule) {
  for (const program_chain& chain : rules.tables[0].chains)
    if (chain.source->name.view() == chain_of(rule)) return chain.steps[0];
  throw std::runtime_error("the rule is not there");
}

/// Packets around what one rule's meaning tells apart, and some whose ports cannot be read.
std::vector<wire_packet> packets_for(const predicate& holds, family in, std::uint32_t user,
                                     testing::random_choices& choices) {
  testing::edges edges(in);
  edges.observe(holds);
  for (const char* const one : {"10.9.0.1",   "10.9.0.2",        "10.9.0.255",   "10.8.0.1",        "10.8.0.2",
                                "10.7.0.1",   "10.6.0.0",        "10.6.255.255", "10.20.0.77",      "10.20.0.255",
                                "10.20.0.0",  "10.21.0.0",       "10.21.0.1",    "10.22.0.1",       "10.23.0.255",
                                "127.9.9.9",  "127.255.255.255", "127.0.0.0",    "172.31.255.255",  "172.16.5.5",
                                "0.1.2.3",    "255.255.255.255", "224.0.0.1",    "239.255.255.255", "240.0.0.1",
                                "fd09::1",    "fd09::2",         "fd0a::1",      "fd0b::1",         "fd0b::2",
                                "::1",        "ff02::1",         "ff0e::9",      "::ffff:10.9.0.1", "::10.9.0.1",
                                "2001:db8::1"})
    if (const auto read = cordon::read_address(std::string_view(one)); read && read->family == in)
      for (const field side : {field::source, field::destination}) edges.observe(is(side, read->bits));
  edges.finish();
  field_set tested = 0;
  for (const predicate_step& test : holds.steps())
    if (test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked)
      tested |= set_of(test.field);
  const choice_source source = choices.source();
  const packet_domain domain = packet_domain::all(in);
  const testing::detail::aim aim(source, edges, domain);
  std::vector<wire_packet> all;
  for (std::size_t i = 0; i < packets_a_rule; ++i) {
    packet one = testing::draw_packet(source, edges);
    // Half of them fit but for what is cut off or broken about them.
    if (i % 2 == 0) {
      aim.at(one, holds, true);
      if (i % 10 == 2) one.transport = static_cast<transport_part>(i / 5 % 23);
      if (i % 10 == 4) one.protocol = static_cast<protocol>(i % 3 == 0 ? 58 : i % 3 == 1 ? 47 : 253);
    }
    one.owner = {socket_kind::user, user, 0};
    all.push_back(wire_near(one, tested | set_of(field::transport) | set_of(field::out), source));
    all.back().uid = user;
    all.back().mark = 0;
  }
  return all;
}

struct totals {
  std::size_t rules = 0;
  std::size_t packets = 0;
  std::size_t matched = 0;
  std::size_t skipped = 0;
  std::size_t unknown = 0;
  std::size_t failures = 0;
};

void compare(const sent_packet& sent, const program& compiled, const std::string& rule, back_end which, totals& into) {
  if (!sent.seen) {
    ++into.skipped;
    return;
  }
  const header_reading read = read_headers(sent.bytes, backend_of(which));
  char name[IF_NAMESIZE] = {};
  if (read.short_fragment || read.beyond == ~field_set{0} ||
      if_indextoname(sent.seen->out_interface, name) == nullptr) {
    ++into.skipped;
    return;
  }
  packet asked = read.made;
  asked.owner = {socket_kind::user, sent.packet.uid, sent.packet.gid};
  asked.out = interface_name(std::string_view(name));
  asked.mark = sent.packet.mark;
  const outcome said = simulate(compiled, asked, read.doubtful);
  ++into.packets;
  if (!sent.seen->passed) ++into.matched;
  if (said.possible.size() > 1) ++into.unknown;
  const bool possible = sent.seen->passed ? said.possible.may_accept() : said.possible.may_stop();
  if (possible) return;
  if (++into.failures > most_shown) return;
  std::cout << name_of(which) << ": " << rule << "\n  " << packet_line(sent.packet) << " out=" << name
            << "\n  kernel: " << (sent.seen->passed ? "no match" : "match")
            << ", cordon: " << to_text(said.verdict).view() << '\n';
}

void ask(back_end which, ip_family of, totals& into) {
  const family in = family_of(of);
  session asked(which, {.traced = true});
  for (const char* const words : more_addresses) {
    std::vector<std::string> command = {"ip"};
    std::string word;
    for (const char* at = words;; ++at) {
      if (*at != ' ' && *at != '\0') {
        word += *at;
        continue;
      }
      command.push_back(word);
      word.clear();
      if (*at == '\0') break;
    }
    printed_by(command);
  }
  wait_for_local_addresses();
  printed_by({"ipset", "restore"}, of == ip_family::v4 ? v4_sets : v6_sets);
  const std::vector<std::string> rules = rules_for(in);
  const std::string text = text_of(rules);
  const tool_result loaded = asked.load(of, text);
  if (!loaded.worked()) throw std::runtime_error("the rules were not loaded: " + loaded.errors);

  firewall known;
  known.of(in).rulesets.push_back(cordon::kernel::read_rules(which, of, text));
  known.host.without_ipsec = true;
  known.host.sets = value_of_reading(read_sets(printed_by({"ipset", "save"})), "ipset save");
  known.host.addresses =
      value_of_reading(read_addresses(printed_by({"ip", "-o", "addr"}) +
                                      printed_by({"ip", "-4", "route", "show", "table", "all", "type", "local"}) +
                                      printed_by({"ip", "-6", "route", "show", "table", "all", "type", "local"})),
                       "ip");
  const program compiled = compile(known, in);

  testing::random_choices choices(which == back_end::nft ? 1 : 2);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const predicate& holds = step_of(compiled, i).holds;
    for (const atom& one : holds.atoms()) {
      if (one.name.view().find(": the ports behind an authentication header,") != std::string_view::npos) continue;
      ++into.failures;
      std::cout << name_of(which) << ": " << rules[i] << " hangs on " << one.name.view() << '\n';
    }
    const std::vector<wire_packet> packets =
        packets_for(holds, in, first_user + static_cast<std::uint32_t>(i), choices);
    ++into.rules;
    for (const sent_packet& one : asked.send(packets)) compare(one, compiled, rules[i], which, into);
  }
}

}  // namespace

int main() {
  if (!run_tool({"ipset", "-v"}).worked()) {
    std::cout << "SKIP: ipset is not installed, or the kernel has none\n";
    return 77;
  }
  totals made;
  const int status = run_with_both([&](back_end which) {
    const std::size_t before = made.failures;
    for (const ip_family of : {ip_family::v4, ip_family::v6}) ask(which, of, made);
    return made.failures == before;
  });
  std::cout << made.rules << " rules, " << made.packets << " packets compared, of which rules matched " << made.matched
            << ", " << made.skipped << " not compared, " << made.unknown << " undecided, " << made.failures
            << " failures\n";
  return status == 0 && (made.matched == 0 || made.matched == made.packets) ? 1 : status;
}
