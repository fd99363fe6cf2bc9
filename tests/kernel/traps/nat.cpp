// Rewriting in nat, and who sees what of it.
#include <memory>
#include <optional>

#include "list.hpp"
#include "ownerless.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

constexpr trap nat_list[] = {
    {"filter sees the rewritten destination and port, but the old source and the old interface: what REDIRECT sends "
     "to loopback is not `-o lo`.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -d {host} -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -d {host} -j DROP\n-A OUTPUT -d {lo} -o lo -j ACCEPT\n"
           "-A OUTPUT -s {lo} -j ACCEPT\n"
           "-A OUTPUT -s {own} -d {lo} -o v0 -p tcp -m tcp --dport 3128 -m conntrack --ctstate DNAT -j "
           "ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 src={own} dst={host} dport=80", "ACCEPT nat:OUTPUT:rule:1 4");
       on.packet("uid=1001 src={own} dst={host} dport=81", "DROP nat:OUTPUT:policy:2 1");
     }},
    {"What DNAT sends from loopback to another host passes `-o lo -j ACCEPT` and leaves by the wire.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -d {lo} -p udp -m udp --dport 53 -j DNAT --to-destination "
           "{host}\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT ! -d {lo} -o lo -m conntrack ! --ctstate DNAT -j DROP\n-A OUTPUT -o lo "
           "-j ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 proto=udp src={own} dst={lo} dport=53 out=lo", "ACCEPT nat:OUTPUT:rule:1 2");
       on.packet("uid=1001 proto=udp src={own} dst={host} dport=53", "DROP nat:OUTPUT:policy:2 policy:3");
       const proof made = on.proves("--allow any:{[lo]}:any@lo\n--flows new", answer::leak);
       for (const leak& one : made.of(on.v4() ? family::ipv4 : family::ipv6).leaks)
         on.check(one.witness.destination_port() == 53 && one.witness.protocol == protocol::udp,
                  "the leak is not about what DNAT rewrites");
     }},
    {"What DNAT gives the destination that it has already is no DNAT to conntrack.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -j DNAT --to-destination {host}\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack --ctstate DNAT -j DROP\n-A OUTPUT ! -p udp -j DROP\nCOMMIT\n");
       on.packet("uid=1001 proto=udp dst={host} dport=5353", "ACCEPT nat:OUTPUT:rule:1 policy:3");
       on.packet("uid=1001 proto=udp dst={own} dport=5353", "DROP nat:OUTPUT:rule:1 1");
       on.proves("--flows new", answer::leak);
     }},
    {"REDIRECT in OUTPUT sends to 127.0.0.1 or ::1, whatever interface and address the packet was for.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p tcp -j REDIRECT\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -d {lo} -j ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n");
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT nat:OUTPUT:rule:1 1");
       on.packet("uid=1001 dst={own} dport=81", "ACCEPT nat:OUTPUT:rule:1 1");
       on.packet("uid=1001 proto=udp dst={own} dport=81", "DROP nat:OUTPUT:policy:2 2");
     }},
    {"Only the first packet of a connection meets nat: answers and what follows them do not.", everywhere,
     [](demonstration& on) {
       auto pair = std::make_shared<std::optional<tcp_pair>>();
       on.traffic("*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p tcp\nCOMMIT\n*filter\n:OUTPUT ACCEPT\n-A OUTPUT -p tcp\nCOMMIT\n",
                  [pair, family = on.of().family] { pair->emplace(family, sandbox, other); },
                  {{"the SYN", by(sandbox), "ACCEPT nat:OUTPUT:rule:1 nat:OUTPUT:policy:2 1 policy:2", "NEW"},
                   {"the SYN-ACK", by(other), "ACCEPT 1 policy:2", "ESTABLISHED"},
                   {"the ACK", by(sandbox), "ACCEPT 1 policy:2", "ESTABLISHED"}});
     }},
    {"An ICMP error is RELATED and meets no nat, like an answer.", everywhere,
     [](demonstration& on) {
       on.traffic(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p {icmp} -j REDIRECT\n-A OUTPUT -p udp\nCOMMIT\n*filter\n:OUTPUT "
           "ACCEPT\n-A OUTPUT -p {icmp}\nCOMMIT\n",
           [family = on.of().family] { refused_udp(family, sandbox); },
           {{"the datagram", by(sandbox), "ACCEPT nat:OUTPUT:rule:2 nat:OUTPUT:policy:3 policy:2", "NEW"},
            {"the ICMP error", by_kernel, "ACCEPT 1 policy:2", "RELATED"}});
     }},
    {"What NOTRACK in raw meets never comes to nat, so that a REDIRECT there passes it by.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -m udp --dport 53 -j NOTRACK\nCOMMIT\n"
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -d {host} -p udp -j REDIRECT --to-ports 5353\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -d {host} -j DROP\nCOMMIT\n");
       on.packet("uid=1001 proto=udp dst={host} dport=53", "DROP raw:OUTPUT:rule:1 raw:OUTPUT:policy:2 1");
       on.packet("uid=1001 proto=udp dst={host} dport=54", "ACCEPT raw:OUTPUT:policy:2 nat:OUTPUT:rule:1 policy:2");
       const std::string all_redirected =
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -j REDIRECT --to-ports 5353\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -p udp -j ACCEPT\nCOMMIT\n";
       on.rules(all_redirected);
       on.proves("--allow udp:{[lo]}:5353\n--flows new", answer::leak);  // INVALID packets meet no nat
       on.rules(all_redirected + "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack ! --ctstate NEW -j DROP\nCOMMIT\n");
       on.proves("--allow udp:{[lo]}:5353", answer::proved);
       on.rules("*raw\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -m udp --dport 53 -j NOTRACK\nCOMMIT\n" + all_redirected +
                "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack ! --ctstate NEW,UNTRACKED -j DROP\nCOMMIT\n");
       on.proves("--allow udp:{[lo]}:5353", answer::leak);
     }},
    {"ACCEPT in nat says that nothing is rewritten, not that the packet may go.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -j REDIRECT\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -d {host} -j DROP\nCOMMIT\n");
       on.packet("uid=1001 proto=udp dst={host} dport=53", "DROP nat:OUTPUT:rule:1 1");
       on.packet("uid=1002 proto=udp dst={host} dport=53", "ACCEPT nat:OUTPUT:rule:2 policy:2");
     }},
    {"A filter rule for port 53 of Docker's resolver never sees a query: nat has given it another port before.", in_v4,
     [](demonstration& on) {
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination "
           "127.0.0.11:40001\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 proto=udp dst=127.0.0.11 dport=53", "DROP nat:OUTPUT:rule:1 policy:2");
       const proof made = on.proves("--allow udp:127.0.0.11:53>127.0.0.11", answer::proved);
       on.check(made.endpoints[0].status != endpoint_status::open, "cordon calls the resolver open");
       on.rules(
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination "
           "127.0.0.11:40001\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 40001 -j ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 proto=udp dst=127.0.0.11 dport=53", "ACCEPT nat:OUTPUT:rule:1 1");
     }},
    {"`-P OUTPUT DROP` is refused in nat, but a chain line with that policy is loaded, and drops the first packet of "
     "a connection.",
     everywhere,
     [](demonstration& on) {
       on.refused("*nat\n:OUTPUT ACCEPT\n-P OUTPUT DROP\nCOMMIT\n");
       on.prints("*nat\n:OUTPUT DROP [0:0]\nCOMMIT\n", ":OUTPUT DROP");
       on.rules("*nat\n:OUTPUT DROP [0:0]\n-A OUTPUT -p udp -j ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 proto=tcp dst={host} dport=80", "DROP nat:OUTPUT:policy:2");
       on.packet("uid=1001 proto=udp dst={host} dport=80", "ACCEPT nat:OUTPUT:rule:1");
     }},
    {"DNAT and REDIRECT take a port only behind a `-p` that has ports.", everywhere,
     [](demonstration& on) {
       on.refused("*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j REDIRECT --to-ports 80\nCOMMIT\n");
       on.refused(on.v4() ? "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j DNAT --to-destination 127.0.0.1:80\nCOMMIT\n"
                          : "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j DNAT --to-destination [::1]:80\nCOMMIT\n");
       on.prints("*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p sctp -j REDIRECT --to-ports 80\nCOMMIT\n",
                 "-A OUTPUT -p sctp -j REDIRECT --to-ports 80");
     }},
};

}  // namespace

std::span<const trap> nat_traps() { return nat_list; }

}  // namespace cordon::kernel
