// Connection tracking: states, and matches that need an entry.
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <cordon/prove/prove.hpp>

#include "counters.hpp"
#include "list.hpp"
#include "local_addresses.hpp"
#include "ownerless.hpp"
#include "socket_address.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

constexpr std::string_view state_rules =
    "-A OUTPUT -m conntrack --ctstate NEW\n-A OUTPUT -m conntrack --ctstate ESTABLISHED\n-A OUTPUT -m conntrack "
    "--ctstate RELATED\n"
    "-A OUTPUT -m conntrack --ctstate INVALID";

constexpr trap connection_list[] = {
    {"`--ctstate NEW,DNAT` is NEW or rewritten, not both; `-m state` knows no DNAT.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack --ctstate ESTABLISHED,DNAT -j DROP\n-A OUTPUT -m "
           "conntrack --ctstate NEW,SNAT -j ACCEPT\n"
           "-A OUTPUT -j DROP\nCOMMIT\n");
       on.packet("uid=1001 proto=udp dst={host} dport=54", "ACCEPT nat:OUTPUT:policy:2 2");
       on.packet("uid=1001 proto=udp dst={host} dport=53", "DROP nat:OUTPUT:rule:1 1");
       on.refused("-A OUTPUT -m state --state DNAT -j DROP");
     }},
    {"Without an entry, what fits `--ctstate` fits whatever else the match asks; without `--ctstate` nothing fits, "
     "not even negated.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -j NOTRACK\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack --ctstate UNTRACKED --ctorigdst {own}\n"
           "-A OUTPUT -m conntrack --ctorigdst {own}\n-A OUTPUT -m conntrack ! --ctorigdst {own}\n"
           "-A OUTPUT -m conntrack ! --ctstate NEW --ctproto 253\nCOMMIT\n");
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT raw:OUTPUT:rule:1 raw:OUTPUT:policy:2 1 4 policy:5");
     }},
    {"Behind `-j CT --zone` raw sees a connection with a state and a mark: the template that waits for conntrack.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*raw\n:OUTPUT DROP\n-A OUTPUT -j CT --zone 1\n-A OUTPUT -m connmark --mark 0x6 -j DROP\n-A OUTPUT -m "
           "conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n");
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.rules(
           "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -j MARK --set-xmark 0x5/0xffffffff\n-A OUTPUT -j CT --zone 1\n-A OUTPUT -j "
           "CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m mark --mark 0x5 -j DROP\nCOMMIT\n");
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
     }},
    {"A TCP packet need not be a SYN to be NEW: a stray ACK is; SYN-ACK, FIN, RST and no flags are INVALID.",
     everywhere,
     [](demonstration& on) {
       on.rules(state_rules);
       on.packet("uid=1001 dst={host} dport=80 sport=1001 flags=ACK", "ACCEPT 1 policy:5");
       on.packet("uid=1001 dst={host} dport=80 sport=1002 flags=ACK,PSH", "ACCEPT 1 policy:5");
       on.packet("uid=1001 dst={host} dport=80 sport=1003 flags=SYN,ACK", "ACCEPT 4 policy:5");
       on.packet("uid=1001 dst={host} dport=80 sport=1004 flags=FIN", "ACCEPT 4 policy:5");
       on.packet("uid=1001 dst={host} dport=80 sport=1005 flags=RST", "ACCEPT 4 policy:5");
       on.packet("uid=1001 dst={host} dport=80 sport=1006 flags=NONE", "ACCEPT 4 policy:5");
     }},
    {"Every UDP packet is NEW until the first answer, not the first one alone.", everywhere,
     [](demonstration& on) {
       auto pair = std::make_shared<std::optional<udp_pair>>();
       on.traffic(state_rules,
                  [pair, family = on.of().family] {
                    pair->emplace(family, sandbox, other);
                    (*pair)->send_from_client(1);
                    (*pair)->send_from_client(1);
                    (*pair)->send_from_server(1);
                    (*pair)->send_from_client(1);
                  },
                  {{"the first datagram", by(sandbox), "ACCEPT 1 policy:5", "NEW"},
                   {"the second datagram", by(sandbox), "ACCEPT 1 policy:5", "NEW"},
                   {"the answer", by(other), "ACCEPT 2 policy:5", "ESTABLISHED"},
                   {"the third datagram", by(sandbox), "ACCEPT 2 policy:5", "ESTABLISHED"}});
     }},
    {"A NEW packet may have a connection mark: what one before it on its connection, which had no answer yet, was given.",
     everywhere,
     [](demonstration& on) {
       constexpr std::string_view rules =
           "-A OUTPUT -m conntrack --ctstate NEW -m connmark --mark 0x5 -j ACCEPT\n-A OUTPUT -j CONNMARK --set-mark 0x5";
       auto pair = std::make_shared<std::optional<udp_pair>>();
       on.traffic(rules,
                  [pair, family = on.of().family] {
                    pair->emplace(family, sandbox, other);
                    (*pair)->send_from_client(1);
                    (*pair)->send_from_client(1);
                  },
                  {{"the first datagram", by(sandbox), "ACCEPT 2 policy:3", "NEW"},
                   {"the second datagram", by(sandbox), "ACCEPT 1", "NEW", true}});
       on.rules(":OUTPUT DROP\n" + std::string(rules));
       on.proves("--flows new", answer::leak);
     }},
    {"A NEW packet may be of a connection whose source is translated already: SNAT is behind OUTPUT, and one before it, of "
     "another user perhaps, had no answer yet.",
     everywhere,
     [](demonstration& on) {
       const std::string rules = on.words(
           "*nat\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n-A POSTROUTING -p udp -j SNAT --to-source {own}:5000\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 2001 -j ACCEPT\n"
           "-A OUTPUT -m conntrack --ctstate NEW -m conntrack --ctstate SNAT -j ACCEPT\nCOMMIT\n");
       if (on.read(rules) == nullptr) return;
       world here;
       wait_for_local_addresses();
       on.load(here, rules);
       const address own = address_of(on.words("{own}"));
       const address host = address_of(on.words("{host}"));
       for (const owner_ids by : {sandbox, other, sandbox})
         send_to(open_bound(SOCK_DGRAM, own, 4000, by), host, 9, "x");
       packet_counts seen = on.counted(here);
       on.equal("what the other user sends", std::to_string(seen["filter:OUTPUT:rule:1"]), "1");
       on.equal("what the sandbox sends after that, not before", std::to_string(seen["filter:OUTPUT:rule:2"]), "1");
       on.simulated("uid=1001 proto=udp dst={host} dport=9 state=NEW", "DROP nat:OUTPUT:policy:1 policy:3");
       on.simulated("uid=1001 proto=udp dst={host} dport=9 state=NEW nat=SNAT", "ACCEPT nat:OUTPUT:policy:1 2");
       firewall rest;
       rest.of(on.v4() ? family::ipv6 : family::ipv4) = family_rules::none();
       rest.of(on.v4() ? family::ipv4 : family::ipv6) = family_rules(*on.read(rules));
       for (const flows which : {flows::any, flows::fresh}) {
         egress_policy policy = cordon::sandbox(uid(1001));
         policy.flows = which;
         on.check(prove(rest, policy).verdict() == answer::leak, "it is proved");
       }
     }},
    {"On loopback the answers pass OUTPUT too: a RST is ESTABLISHED, an ICMP error RELATED, and neither has a user.",
     everywhere,
     [](demonstration& on) {
       const std::string rules = std::string(state_rules) + "\n-A OUTPUT -m owner --uid-owner 0-4294967294";
       on.traffic(rules, [family = on.of().family] { refused_tcp(family, sandbox); },
                  {{"the SYN", by(sandbox), "ACCEPT 1 5 policy:6", "NEW"},
                   {"the RST", on.v4() ? by_kernel : by_nobody, "ACCEPT 2 policy:6", "ESTABLISHED"}});
       on.traffic(rules, [family = on.of().family] { refused_udp(family, sandbox); },
                  {{"the datagram", by(sandbox), "ACCEPT 1 5 policy:6", "NEW"},
                   {"the ICMP error", by_kernel, "ACCEPT 3 policy:6", "RELATED"}});
     }},
    {"`ESTABLISHED -j ACCEPT` above the sandbox's rules lets out its answers on every connection made to it, and on "
     "those made before the rules.",
     everywhere,
     [](demonstration& on) {
       constexpr std::string_view rules =
           "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP";
       auto pair = std::make_shared<std::optional<tcp_pair>>();
       on.traffic(rules, [pair, family = on.of().family] { pair->emplace(family, other, sandbox); },
                  {{"the SYN from outside", by(other), "ACCEPT policy:3", "NEW"},
                   {"the sandbox's SYN-ACK", by(sandbox), "ACCEPT 1", "ESTABLISHED"},
                   {"the ACK", by(other), "ACCEPT 1", "ESTABLISHED"}});
       on.rules(rules);
       on.packet("uid=1001 dst={host} dport=80", "DROP 2");
       const proof any = on.proves("", answer::leak);
       for (const leak& one : any.of(on.v4() ? family::ipv4 : family::ipv6).leaks)
         on.check(one.needs == leak_need::established, "a leak does not say that it needs a connection");
       on.proves("--flows new", answer::proved);
     }},
    {"UDP from a port to itself, and protocols without ports from an address to itself, are answers to themselves: "
     "their second packet is ESTABLISHED.",
     everywhere,
     [](demonstration& on) {
       auto socket = std::make_shared<descriptor>();
       on.traffic(state_rules,
                  [socket, family = on.of().family] {
                    *socket = bound_socket(family, 2 /* SOCK_DGRAM */, sandbox);
                    connect_to(*socket, family, port_of(*socket));
                    for (int i = 0; i < 2; ++i) (void)!write(socket->get(), "x", 1);
                  },
                  {{"the first datagram", by(sandbox), "ACCEPT 1 policy:5", "NEW"},
                   {"the second datagram", by(sandbox), "ACCEPT 2 policy:5", "ESTABLISHED"}});
     }},
    {"A packet that is stopped leaves no connection: the next one is NEW again.", everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A OUTPUT -m conntrack --ctstate NEW -j DROP");
       for (int i = 0; i < 2; ++i) on.packet("uid=1001 proto=udp dst={host} dport=80", "DROP 2");
     }},
};

}  // namespace

std::span<const trap> connection_traps() { return connection_list; }

}  // namespace cordon::kernel
