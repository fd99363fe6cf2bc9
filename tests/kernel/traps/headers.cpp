// What a rule asks of addresses, interfaces, protocols, ports, and of headers that are not all there.
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include <cordon/prove/prove.hpp>

#include "counters.hpp"
#include "list.hpp"
#include "real_socket.hpp"
#include "socket_address.hpp"

namespace cordon::kernel {
namespace {

constexpr trap header_list[] = {
    {"`-p 0` and `-p all` ask for nothing, and cannot be negated; `-p 255` is a protocol like others.", everywhere,
     [](demonstration& on) {
       on.prints("-A OUTPUT -p 0 -j DROP\n-A OUTPUT -p all -j DROP\n-A OUTPUT -p 255 -j DROP",
                 "-A OUTPUT -j DROP\n-A OUTPUT -j DROP\n-A OUTPUT -p 255 -j DROP");
       on.refused("-A OUTPUT ! -p all -j DROP");
       on.refused("-A OUTPUT ! -p 0 -j DROP");
       on.rules("-A OUTPUT -p 255 -j ACCEPT\n-A OUTPUT -p 0 -j DROP");
       on.packet("uid=1001 proto=253 dst={host}", "DROP 2");
     }},
    {"In IPv6 `-p` is the protocol behind all extension headers: `-p tcp` fits through them, and `-p 60` fits "
     "nothing.",
     in_v6,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p 60 -j DROP\n-A OUTPUT ! -p 60\n-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -j DROP");
       on.packet("uid=1001 proto=tcp dst={host} dport=80 ext=60:0000010400000000", "ACCEPT 2 3");
       on.packet("uid=1001 proto=tcp dst={host} dport=80 ext=0:0000010400000000 ext=60:0000010400000000", "ACCEPT 2 3");
     }},
    {"`-p icmp` in ip6tables is IPv4's ICMP, number 1, which no ping6 has; IPv6's is `-p ipv6-icmp`.", in_v6,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p icmp -j DROP\n-A OUTPUT -p ipv6-icmp -j ACCEPT\n-A OUTPUT -j DROP");
       on.packet("uid=1001 proto=ipv6-icmp dst={host}", "ACCEPT 2");
       on.packet("uid=1001 proto=1 dst={host}", "DROP 1");
       on.rules(":OUTPUT DROP\n-A OUTPUT -p icmp -j ACCEPT");
       on.proves("--allow icmpv6:{[host]}", answer::leak);
     }},
    {"Legacy drops a TCP, UDP or ICMP packet whose header is cut off at the first rule that asks for ports, flags or "
     "types; nft reads the bytes that are there.",
     everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p tcp -m tcp --dport 80 -j ACCEPT\n-A OUTPUT -p udp -m udp --sport 1 -j ACCEPT");
       on.packet("uid=1001 proto=tcp dst={host} dport=80 bytes=8", on.either("DROP", "ACCEPT 1"));
       on.packet("uid=1001 proto=tcp dst={host} dport=81 bytes=8", on.either("DROP", "ACCEPT policy:3"));
       on.packet("uid=1001 proto=udp dst={host} dport=80 bytes=6", on.either("DROP", "ACCEPT policy:3"));
     }},
    {"multiport drops what is too short to have ports under both back ends, and `!` does not help.", everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p udp -m multiport ! --dports 80 -j ACCEPT");
       on.packet("uid=1001 proto=udp dst={host} dport=81 bytes=2", "DROP");
       on.packet("uid=1001 proto=udp dst={host} dport=81", "ACCEPT 1");
     }},
    {"Legacy drops a TCP fragment that begins at byte 8 where a rule asks for ports: it could overwrite the flags.",
     in_legacy_v4,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p tcp -m tcp --dport 80 -j ACCEPT");
       on.packet("uid=1001 proto=tcp dst={host} frag=1 raw=0000000000000000000000000000000000000000", "DROP");
       on.packet("uid=1001 proto=tcp dst={host} frag=2 raw=0000000000000000000000000000000000000000",
                 "ACCEPT policy:2");
     }},
    {"`-f` fits later fragments, which no match of ports does, not even a negated one.", in_legacy_v4,
     [](demonstration& on) {
       on.rules(
           "-A OUTPUT -p udp -m udp ! --dport 53 -j DROP\n-A OUTPUT -p udp -m multiport ! --dports 53 -j DROP\n-A "
           "OUTPUT -f -j DROP");
       on.packet("uid=1001 proto=udp dst={host} frag=3 raw=0000000000000000000000000000000000000000", "DROP 3");
       on.packet("uid=1001 proto=udp dst={host} dport=53", "ACCEPT policy:4");
     }},
    {"multiport holds fifteen ports, a range counting for two, of source or of destination; `!` negates the whole "
     "list; it needs a `-p` that is not negated.",
     everywhere,
     [](demonstration& on) {
       on.prints("-A OUTPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15 -j DROP",
                 "-A OUTPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15 -j DROP");
       on.refused("-A OUTPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 -j DROP");
       on.refused("-A OUTPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16 -j DROP");
       on.refused("-A OUTPUT -p tcp -m multiport --sports 1 --dports 2 -j DROP");
       on.refused("-A OUTPUT ! -p tcp -m multiport --dports 2 -j DROP");
       on.refused("-A OUTPUT -m multiport --dports 2 -j DROP");
       on.rules("-A OUTPUT -p tcp -m multiport ! --dports 80,443 -j DROP");
       on.packet("uid=1001 dst={host} dport=443", "ACCEPT policy:2");
       on.packet("uid=1001 dst={host} dport=444", "DROP 1");
       on.rules(":OUTPUT DROP\n-A OUTPUT -d {host} -p tcp -m multiport ! --dports 80,443 -j ACCEPT");
       on.proves("--allow tcp:{[host]}:1-79\n--allow tcp:{[host]}:81-442\n--allow tcp:{[host]}:444-65535",
                 answer::leak);
       on.proves("--allow tcp:{[host]}:0-79\n--allow tcp:{[host]}:81-442\n--allow tcp:{[host]}:444-65535",
                 answer::proved);
     }},
    {"A range of ports may lack either end, but not go down, and needs a `-p`; iprange takes one that goes down and "
     "never fits.",
     everywhere,
     [](demonstration& on) {
       on.prints(
           "-A OUTPUT -p tcp --dport :80 -j DROP\n-A OUTPUT -p tcp --sport 1024: -j DROP\n-A OUTPUT -p tcp --dport "
           "http -j DROP",
           "-A OUTPUT -p tcp -m tcp --dport 0:80 -j DROP\n-A OUTPUT -p tcp -m tcp --sport 1024:65535 -j DROP\n"
           "-A OUTPUT -p tcp -m tcp --dport 80 -j DROP");
       on.refused("-A OUTPUT -p tcp --dport 90:80 -j DROP");
       on.refused("-A OUTPUT --dport 80 -j DROP");
       on.rules(on.v4() ? "-A OUTPUT -m iprange --dst-range 203.0.113.20-203.0.113.1 -j DROP"
                        : "-A OUTPUT -m iprange --dst-range 2001:db8:9::20-2001:db8:9::1 -j DROP");
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT policy:2");
     }},
    {"`-s a,b -d c,d` makes four rules, by source first; a negated list is refused, and so is a second `-d`.",
     everywhere,
     [](demonstration& on) {
       if (on.v4())
         on.prints("-A OUTPUT -s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4 -j DROP",
                   "-A OUTPUT -s 1.1.1.1/32 -d 3.3.3.3/32 -j DROP\n-A OUTPUT -s 1.1.1.1/32 -d 4.4.4.4/32 -j DROP\n"
                   "-A OUTPUT -s 2.2.2.2/32 -d 3.3.3.3/32 -j DROP\n-A OUTPUT -s 2.2.2.2/32 -d 4.4.4.4/32 -j DROP");
       else
         on.prints("-A OUTPUT -s ::1,::2 -d ::3,::4 -j DROP",
                   "-A OUTPUT -s ::1/128 -d ::3/128 -j DROP\n-A OUTPUT -s ::1/128 -d ::4/128 -j DROP\n"
                   "-A OUTPUT -s ::2/128 -d ::3/128 -j DROP\n-A OUTPUT -s ::2/128 -d ::4/128 -j DROP");
       on.refused("-A OUTPUT ! -d {host},{lo} -j DROP");
       on.refused("-A OUTPUT -d {host} -d {lo} -j DROP");
     }},
    {"A mask may have holes and is then kept as it is; bits of the address beyond the mask are cut off.", in_v4,
     [](demonstration& on) {
       on.prints("-A OUTPUT -d 10.1.2.3/255.0.255.0 -j DROP\n-A OUTPUT -d 10.1.2.3/8 -j DROP",
                 "-A OUTPUT -d 10.0.2.0/255.0.255.0 -j DROP\n-A OUTPUT -d 10.0.0.0/8 -j DROP");
       on.rules("-A OUTPUT -d 10.1.2.3/255.0.255.0 -j DROP");
       on.packet("uid=1001 dst=10.77.2.9 dport=80", "DROP 1");
       on.packet("uid=1001 dst=10.1.3.3 dport=80", "ACCEPT policy:2");
     }},
    {"Addresses are read as C reads them: 010.0.0.1 is octal, 0x7f000001 is loopback, but 10.1 is 10.1.0.0 and 127.1 "
     "is 127.1.0.0.",
     in_v4,
     [](demonstration& on) {
       on.prints(
           "-A OUTPUT -d 10 -j DROP\n-A OUTPUT -d 10.1 -j DROP\n-A OUTPUT -d 127.1 -j DROP\n-A OUTPUT -d 010.0.0.1 "
           "-j DROP\n"
           "-A OUTPUT -d 0x7f000001 -j DROP\n-A OUTPUT -d 10/8 -j DROP",
           "-A OUTPUT -d 10.0.0.0/32 -j DROP\n-A OUTPUT -d 10.1.0.0/32 -j DROP\n-A OUTPUT -d 127.1.0.0/32 -j DROP\n"
           "-A OUTPUT -d 8.0.0.1/32 -j DROP\n-A OUTPUT -d 127.0.0.1/32 -j DROP\n-A OUTPUT -d 10.0.0.0/8 -j DROP");
       on.rules("-A OUTPUT -d 127.1 -j DROP");
       on.packet("uid=1001 dst=127.0.0.1 dport=80", "ACCEPT policy:2");
       on.packet("uid=1001 dst=127.1.0.0 dport=80", "DROP 1");
       on.warned("-A OUTPUT -d 127.1 -j DROP", "as 127.1.0.0/32");
       on.warned("-A OUTPUT -d 010.0.0.1 -j DROP", "as 8.0.0.1/32");
     }},
    {"`+` is any rest of an interface's name at its end alone: `lo+` is lo too, `+` is none asked, `v+0` is a name; "
     "16 characters are too many.",
     everywhere,
     [](demonstration& on) {
       on.prints("-A OUTPUT -o + -j DROP\n-A OUTPUT -o v+0 -j DROP\n-A OUTPUT -o abcdefghijklmno -j DROP",
                 "-A OUTPUT -j DROP\n-A OUTPUT -o v+0 -j DROP\n-A OUTPUT -o abcdefghijklmno -j DROP");
       on.refused("-A OUTPUT -o abcdefghijklmnop -j DROP");
       on.refused("-A OUTPUT -i lo -j DROP");
       on.rules("-A OUTPUT -o v+0\n-A OUTPUT -o v\n-A OUTPUT -o lo+ -j ACCEPT\n-A OUTPUT -o v+ -j DROP");
       on.packet("uid=1001 dst={lo} dport=80", "ACCEPT 3");
       on.packet("uid=1001 dst={host} dport=80", "DROP 4");
     }},
    {"`--syn` is SYN without ACK, RST and FIN, whatever PSH and URG are.", everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p tcp --syn -j DROP");
       on.packet("uid=1001 dst={host} dport=80 flags=SYN,PSH,URG,ECE", "DROP 1");
       on.packet("uid=1001 dst={host} dport=80 flags=SYN,FIN", "ACCEPT policy:2");
       on.packet("uid=1001 dst={host} dport=80 flags=SYN,ACK", "ACCEPT policy:2");
     }},
    {"`--icmp-type 255` is every type, 255 itself and those with a code.", in_v4,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p icmp -m icmp --icmp-type 255 -j DROP");
       on.packet("uid=1001 proto=icmp dst={host} icmp=8", "DROP 1");
       on.packet("uid=1001 proto=icmp dst={host} icmp=13/7", "DROP 1");
       on.packet("uid=1001 proto=tcp dst={host} dport=80", "ACCEPT policy:2");
     }},
    {"OUTPUT sees packets of more than 65535 bytes, which no `--length` fits: TCP's, which are cut up behind it, and datagrams of "
     "IPv6.",
     everywhere,
     [](demonstration& on) {
       const std::string rules = on.table_text(
           "-A OUTPUT -m owner --uid-owner 1001 -m length --length 0:65535 -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -p "
           "udp -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -p tcp -j ACCEPT");
       const cordon::ruleset* const read = on.read(rules);
       if (read == nullptr) return;
       firewall host;
       host.of(on.v4() ? family::ipv6 : family::ipv4) = family_rules::none();
       host.of(on.v4() ? family::ipv4 : family::ipv6) = family_rules(*read);
       world here({.silence_replies = false});
       on.load(here, rules);
       const std::string data(4'000'000, 'x');
       const address loopback = address_of(on.words("{lo}"));
       const descriptor datagrams = open_socket(loopback.family, SOCK_DGRAM, 0, sandbox);
       const int room = 1 << 20;
       setsockopt(datagrams.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
       send_to(datagrams, loopback, 9, std::string_view(data).substr(0, on.v4() ? 65'507 : 65'527));
       const descriptor listener = open_bound(SOCK_STREAM, loopback, 0, {});
       listen(listener.get(), 1);
       const descriptor client = open_socket(loopback.family, SOCK_STREAM, 0, sandbox);
       connect_to(client, loopback, port_of(listener));
       const descriptor server(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
       packet_counts seen;
       for (int i = 0; i < 100 && seen["filter:OUTPUT:rule:3"] == 0; ++i) {
         send(client.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
         usleep(5'000);
         read_all(server);
         seen = on.counted(here);
       }
       on.equal("the datagram, which is too long", std::to_string(seen["filter:OUTPUT:rule:2"]), on.v4() ? "0" : "1");
       on.check(seen["filter:OUTPUT:rule:3"] > 0, "no packet of TCP is too long");
       on.simulated("uid=1001 proto=udp dst={lo} dport=9 len=65535", "ACCEPT 1");
       on.simulated("uid=1001 proto=udp dst={lo} dport=9 len=65536", "ACCEPT 2");
       on.simulated("uid=1001 proto=tcp dst={lo} dport=9 flags=ACK state=ESTABLISHED len=65536", "ACCEPT 3");
       const auto leaks = [&](std::string_view protocol) {
         const cordon::ruleset* const other = on.read(on.table_text(
             ":OUTPUT DROP\n-A OUTPUT -p " + std::string(protocol) + " -m length ! --length 0:65535 -j ACCEPT"));
         if (other == nullptr) return answer::absent;
         host.of(on.v4() ? family::ipv4 : family::ipv6) = family_rules(*other);
         const proof made = prove(host, cordon::sandbox(uid(1001)));
         return made.of(on.v4() ? family::ipv4 : family::ipv6).answer;
       };
       on.check(leaks("tcp") == answer::leak, "TCP is proved");
       on.check(leaks("udp") == (on.v4() ? answer::proved : answer::leak), "UDP's proof is another");
     }},
    {"`--length` counts the IP header, IPv6's too.", everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -m length --length 48 -j DROP\n-A OUTPUT -m length --length 28 -j DROP");
       on.packet("uid=1001 proto=udp dst={host} dport=80", on.v4() ? "DROP 2" : "DROP 1");
     }},
    {"nft stops at an IPv6 authentication header: `-p ah` fits there and `-p tcp` does not; legacy looks behind it.",
     in_v6,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT -p ah -j DROP");
       on.packet("uid=1001 proto=tcp dst={host} dport=80 ext=51:000100000000000100000001",
                 on.either("ACCEPT 1", "DROP 2"));
     }},
};

}  // namespace

std::span<const trap> header_traps() { return header_list; }

}  // namespace cordon::kernel
