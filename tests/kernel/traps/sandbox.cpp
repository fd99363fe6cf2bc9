// What a program without privileges can send.
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include <cordon/prove/prove.hpp>

#include "counters.hpp"
#include "inject.hpp"
#include "list.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "owner.hpp"
#include "packet_line.hpp"
#include "real_socket.hpp"
#include "socket_address.hpp"
#include "tool.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

/// The errno of what a program of user 1001, without any capability, does.
int errno_of_unprivileged(const std::function<int()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(sandbox.gid) != 0 || setuid(sandbox.uid) != 0) _exit(255);
    _exit(act() < 0 ? errno : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

int family_number(const demonstration& on) { return on.v4() ? AF_INET : AF_INET6; }

/// Sends a datagram to an address, from a socket bound to `interface` if there is one.
int send_datagram(const std::string& to, const std::string& interface = {}) {
  const address where = address_of(to);
  const descriptor made(socket(where.family == family::ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!interface.empty() && setsockopt(made.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.data(),
                                       static_cast<socklen_t>(interface.size())) != 0)
    return -1;
  const socket_address to_port_9(where, 9);
  return sendto(made.get(), "x", 1, 0, to_port_9.get(), to_port_9.size()) < 0 ? -1 : 0;
}

constexpr trap sandbox_list[] = {
    {"A program without privileges chooses the interface, the TOS and the port from which it sends, but no mark and "
     "no raw packets.",
     everywhere,
     [](demonstration& on) {
       const int family = family_number(on);
       const auto option = [&](int level, int name, const void* value, socklen_t size) {
         return errno_of_unprivileged(
             [&] { return setsockopt(socket(family, SOCK_DGRAM, 0), level, name, value, size); });
       };
       const int one = 1;
       const int tos = 0x20;
       on.rules(":OUTPUT DROP\n-A OUTPUT -m mark --mark 0x1 -j ACCEPT");  // the world in which the programs run
       on.equal("SO_BINDTODEVICE", std::to_string(option(SOL_SOCKET, SO_BINDTODEVICE, "eth0", 4)), "0");
       on.equal("TOS",
                std::to_string(on.v4() ? option(IPPROTO_IP, IP_TOS, &tos, sizeof tos)
                                       : option(IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos)),
                "0");
       on.equal("SO_MARK", std::to_string(option(SOL_SOCKET, SO_MARK, &one, sizeof one)), std::to_string(EPERM));
       on.equal("a raw socket",
                std::to_string(errno_of_unprivileged([&] { return socket(family, SOCK_RAW, IPPROTO_RAW); })),
                std::to_string(EPERM));
       on.proves("", answer::proved);
       const proof raw = on.proves("--attacker raw", answer::leak);
       for (const leak& each : raw.of(on.v4() ? family::ipv4 : family::ipv6).leaks)
         on.check(each.needs == leak_need::mark, "the leak does not say that it needs a mark");
       on.rules(":OUTPUT DROP\n-A OUTPUT -o eth0 -m tos --tos 0x20/0xff -p udp -m udp --sport 9 -j ACCEPT");
       on.proves("", answer::leak);
     }},
    {"`-d 127.0.0.1` does not mean that a packet stays on the host: a socket bound to another interface sends it "
     "there.",
     everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT DROP\n-A OUTPUT -d {lo} -o lo -j ACCEPT\n-A OUTPUT -d {lo} -o v0 -j ACCEPT");
       on.packet("uid=1001 src={own} dst={lo} dport=80 out=v0", "ACCEPT 2");
       if (on.v4())
         on.equal("a program bound to v0",
                  std::to_string(errno_of_unprivileged([&] { return send_datagram("127.0.0.1", "v0"); })), "0");
       on.proves("--allow any:{[lo]}:any@lo", answer::leak);
       on.rules(":OUTPUT DROP\n-A OUTPUT -d {lo} -o lo -j ACCEPT");
       on.packet("uid=1001 src={own} dst={lo} dport=80 out=v0", "DROP policy:2");
       on.proves("--allow any:{[lo]}:any@lo", answer::proved);
     }},
    {"A packet whose mark, TOS or destination a rule changes is routed anew, without the interface that its program asked for: "
     "what OUTPUT sees leave by one may leave by another.",
     everywhere,
     [](demonstration& on) {
       const std::string rules = on.words(
           "*mangle\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n-A OUTPUT -p udp -j TOS --set-tos 0x10\n-A POSTROUTING -o eth0 -p "
           "udp\n-A POSTROUTING -o v0 -p udp\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -o eth0 -j ACCEPT\nCOMMIT\n");
       if (on.read(rules) == nullptr) return;
       world here;
       wait_for_local_addresses();
       on.load(here, rules);
       on.equal("a datagram to leave by eth0", std::to_string(errno_of_unprivileged([&] {
                  const int made = socket(family_number(on), SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  const unsigned interface = htonl(if_nametoindex("eth0"));
                  if (on.v4() ? setsockopt(made, IPPROTO_IP, IP_UNICAST_IF, &interface, sizeof interface)
                              : setsockopt(made, IPPROTO_IPV6, IPV6_UNICAST_IF, &interface, sizeof interface))
                    return -1;
                  const socket_address to(address_of(on.words("{host}")), 9);
                  return sendto(made, "x", 1, 0, to.get(), to.size()) < 0 ? -1 : 0;
                })),
                "0");
       packet_counts seen = on.counted(here);
       on.equal("packets that OUTPUT saw leave by eth0", std::to_string(seen["filter:OUTPUT:rule:1"]), "1");
       on.equal("packets that left by eth0", std::to_string(seen["mangle:POSTROUTING:rule:1"]), "0");
       on.equal("packets that left by v0", std::to_string(seen["mangle:POSTROUTING:rule:2"]), "1");
       const std::string all = on.v4() ? "any:0.0.0.0/0:any@" : "any:[::]/0:any@";
       on.proves("--allow " + all + "eth0", answer::unknown);  // which routes there are no rule says
       on.proves("--allow " + all + "eth0\n--allow " + all + "v0", answer::unknown);
     }},
    {"An IPv6 routing header needs no privilege (IPV6_RTHDR, type 4): OUTPUT sees the first place that it names, and a host with "
     "seg6_enabled sends the packet on to the others.",
     in_v6,
     [](demonstration& on) {
       const std::string rules = on.table_text(
           ":OUTPUT DROP\n-A OUTPUT -d {lo} -o lo -p udp -m udp --dport 9 -j ACCEPT\n-A OUTPUT -d {own} -m owner --uid-owner 1001 -j "
           "DROP");
       if (on.read(rules) == nullptr) return;
       world here({.silence_replies = false});
       wait_for_local_addresses();
       for (const char* const interface : {"all", "lo"}) {
         std::ofstream setting("/proc/sys/net/ipv6/conf/" + std::string(interface) + "/seg6_enabled");
         if (!(setting << "1" << std::flush)) throw lacking("seg6_enabled");
       }
       on.load(here, rules);
       const address first = address_of(on.words("{lo}"));
       const address last = address_of(on.words("{own}"));
       const descriptor server = open_bound(SOCK_DGRAM | SOCK_NONBLOCK, last, 9, {});
       on.equal("a datagram with a routing header", std::to_string(errno_of_unprivileged([&] {
                  const int made = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  // Four units of eight bytes, type 4, one place left, the last first (RFC 8754).
                  std::array<std::uint8_t, 40> header = {0, 4, 4, 1, 1};
                  const socket_address to(last, 9);
                  const socket_address by(first, 9);
                  const auto put = [&](const socket_address& place, std::size_t at) {
                    std::memcpy(&header[at], &reinterpret_cast<const sockaddr_in6*>(place.get())->sin6_addr, 16);
                  };
                  put(to, 8);
                  put(by, 24);
                  if (setsockopt(made, IPPROTO_IPV6, IPV6_RTHDR, header.data(), header.size()) != 0) return -1;
                  return sendto(made, "x", 1, 0, to.get(), to.size()) < 0 ? -1 : 0;
                })),
                "0");
       on.check(readable(server, 200), "nothing comes to the last place");
       packet_counts seen = on.counted(here);
       on.equal("packets to the first place", std::to_string(seen["filter:OUTPUT:rule:1"]), "1");
       on.equal("packets to the last place", std::to_string(seen["filter:OUTPUT:rule:2"]), "0");
       on.proves("--allow udp:[{lo}]:9@lo", answer::proved);  // judged is where a packet is sent to next
     }},
    {"A program without privileges may send IPv6 packets from an address that is not the host's.", in_v6,
     [](demonstration& on) {
       on.rules("-A OUTPUT -s 2001:db8:7::7 -j ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP");
       on.equal("a datagram from a foreign address", std::to_string(errno_of_unprivileged([] {
                  const int made = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  const int yes = 1;
                  if (setsockopt(made, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof yes) != 0) return -1;
                  const socket_address from(address_of("2001:db8:7::7"), 40009);
                  if (bind(made, from.get(), from.size()) != 0) return -1;
                  const socket_address to(address_of("2001:db8:9::9"), 9);
                  return sendto(made, "x", 1, 0, to.get(), to.size()) < 0 ? -1 : 0;
                })),
                "0");
       const proof made = on.proves("", answer::leak);
       for (const leak& each : made.v6.leaks)
         on.check(each.witness.source_address() == address_of("2001:db8:7::7"), "the witness has another source");
     }},
    {"What is sent to 0.0.0.0 or :: comes to OUTPUT as a packet to loopback, and what is sent to ::ffff:127.0.0.1 "
     "comes to iptables.",
     everywhere,
     [](demonstration& on) {
       on.traffic("-A OUTPUT -d {lo} -o lo -j ACCEPT\n-A OUTPUT -j DROP",
                  [&] {
                    const socket_owner as(sandbox.uid, sandbox.gid);
                    send_datagram(on.v4() ? "0.0.0.0" : "::");
                  },
                  {{"the datagram", by(sandbox), "ACCEPT 1"}, {"the ICMP error", by_kernel, "ACCEPT 1"}});
       on.simulated(on.v4() ? "uid=1001 proto=udp dst=0.0.0.0 dport=9" : "uid=1001 proto=udp dst=:: dport=9",
                    "ACCEPT 1");
       if (on.v4()) {
         on.traffic("-A OUTPUT -d {lo} -o lo -j ACCEPT\n-A OUTPUT -j DROP",
                    [&] {
                      const socket_owner as(sandbox.uid, sandbox.gid);
                      send_datagram("::ffff:127.0.0.1");
                    },
                    {{"the datagram", by(sandbox), "ACCEPT 1"}, {"the ICMP error", by_kernel, "ACCEPT 1"}});
         on.simulated("uid=1001 proto=udp dst=::ffff:127.0.0.1 dport=9", "ACCEPT 1");
       }
     }},
    {"What has no route, or goes to everybody without SO_BROADCAST, never comes to OUTPUT; cordon judges it all the "
     "same, on the safe side.",
     in_v4,
     [](demonstration& on) {
       on.rules("-A OUTPUT -d 255.255.255.255 -j ACCEPT\n-A OUTPUT -d 198.18.0.0/15 -j ACCEPT",
                [] { run_program({"ip", "route", "add", "unreachable", "198.18.0.0/15"}); });
       on.equal("a datagram to 255.255.255.255",
                std::to_string(errno_of_unprivileged([] { return send_datagram("255.255.255.255"); })),
                std::to_string(EACCES));
       on.packet("uid=1001 proto=udp dst=255.255.255.255 dport=9", "ACCEPT 1");  // with SO_BROADCAST
       on.simulated("uid=1001 proto=udp dst=255.255.255.255 dport=9", "ACCEPT 1");
       on.equal("a datagram to where no route leads",
                std::to_string(errno_of_unprivileged([] { return send_datagram("198.18.0.1"); })),
                std::to_string(EHOSTUNREACH));
       on.simulated("uid=1001 proto=udp dst=198.18.0.1 dport=9", "ACCEPT 2");
     }},
    {"What is sent to the host's own address leaves by lo.", everywhere,
     [](demonstration& on) {
       on.traffic("-A OUTPUT -d {own} ! -o lo -j DROP\n-A OUTPUT -d {own} -o lo -j ACCEPT",
                  [&] {
                    const socket_owner as(sandbox.uid, sandbox.gid);
                    send_datagram(on.words("{own}"));
                  },
                  {{"the datagram", by(sandbox), "ACCEPT 2"}, {"the ICMP error", by_kernel, "ACCEPT 2"}});
     }},
    {"Rules for IPv4 say nothing of IPv6: a family without rules lets everything out.", in_v6,
     [](demonstration& on) {
       world here;
       firewall host;
       host.v4 = load_both(here, on.of().which, ip_family::v4, "*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n");
       const proof made = prove(host, cordon::sandbox(uid(1001)));
       on.check(made.v4.answer == answer::proved, "IPv4 is not proved");
       on.check(made.v6.answer == answer::leak, "IPv6 does not leak");
       for (const leak& each : made.v6.leaks) {
         wire_packet wire;
         wire.family = ip_family::v6;
         wire.uid = 1001;
         wire.destination = kernel::read_address("2001:db8:9::9", wire.family).value();
         wire.source = kernel::read_address("fd09::1", wire.family).value();
         on.equal("an IPv6 packet", std::to_string(injector().send(wire)), "0");
         on.check(each.blame.is_policy(), "the leak is blamed on a rule");
       }
     }},
};

}  // namespace

std::span<const trap> sandbox_traps() { return sandbox_list; }

}  // namespace cordon::kernel
