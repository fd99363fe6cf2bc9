// Who has sent a packet: users, sockets of nobody, the kernel's own.
#include <grp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <system_error>

#include "list.hpp"
#include "owner.hpp"
#include "ownerless.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

/// The owner of the RST that answers a SYN to a closed port.
owner sender_of_reset(const demonstration& on) { return on.v4() ? by_kernel : by_nobody; }

/// Sends a datagram to another socket on loopback, whose user is root.
struct datagram_sender {
  descriptor server;
  descriptor client;

  datagram_sender(ip_family family, owner_ids of)
      : server(bound_socket(family, SOCK_DGRAM, {})), client(bound_socket(family, SOCK_DGRAM, of)) {
    connect_to(client, family, port_of(server));
  }
  void send_one() const { send(client.get(), "x", 1, 0); }
};

/// The supplementary groups of this thread alone; setgroups() of the C library is for all.
void set_groups(std::optional<gid_t> only) {
  const gid_t value = only.value_or(0);
  if (syscall(SYS_setgroups, only ? 1 : 0, &value) != 0)
    throw std::system_error(errno, std::generic_category(), "setgroups");
}

constexpr trap owner_list[] = {
    {"A socket's user is who made it, for ever: neither setuid() nor handing the socket to another user changes the "
     "packets' owner.",
     everywhere,
     [](demonstration& on) {
       auto sockets = std::make_shared<std::optional<datagram_sender>>();
       on.traffic("-A OUTPUT -m owner --uid-owner 1001\n-A OUTPUT -m owner --uid-owner 2001",
                  [sockets, family = on.of().family] {
                    sockets->emplace(family, sandbox);
                    const socket_owner as(other.uid, other.gid);
                    (*sockets)->send_one();
                  },
                  {{"a datagram that 2001 sends on the socket of 1001", by(sandbox), "ACCEPT 1 policy:3"}});
     }},
    {"A packet without a user fits `! --uid-owner` of every id and `--uid-owner` of none, not even of 0.", everywhere,
     [](demonstration& on) {
       on.traffic(
           "-A OUTPUT -m owner --uid-owner 0\n-A OUTPUT -m owner --uid-owner 0-4294967294\n"
           "-A OUTPUT -m owner ! --uid-owner 0-4294967294\n-A OUTPUT -m owner ! --uid-owner 1001\n"
           "-A OUTPUT -m owner --gid-owner 0-4294967294\n-A OUTPUT -m owner ! --gid-owner 0",
           [family = on.of().family] { refused_tcp(family, sandbox); },
           {{"the SYN", by(sandbox), "ACCEPT 2 5 6 policy:7"},
            {"the RST", sender_of_reset(on), "ACCEPT 3 4 6 policy:7"}});
     }},
    {"The kernel's own packets have a socket (ICMP errors, IPv4's RST: `--socket-exists` fits), IPv6's RST has none.",
     everywhere,
     [](demonstration& on) {
       constexpr std::string_view rules =
           "-A OUTPUT -m owner --socket-exists\n-A OUTPUT -m owner ! --socket-exists\n"
           "-A OUTPUT -m owner --socket-exists ! --uid-owner 1001\n-A OUTPUT -m owner ! --socket-exists ! "
           "--uid-owner 1001";
       on.traffic(rules, [family = on.of().family] { refused_tcp(family, sandbox); },
                  {{"the SYN", by(sandbox), "ACCEPT 1 policy:5"},
                   {"the RST", sender_of_reset(on), on.v4() ? "ACCEPT 1 3 policy:5" : "ACCEPT 2 4 policy:5"}});
       on.traffic(
           rules, [family = on.of().family] { refused_udp(family, sandbox); },
           {{"the datagram", by(sandbox), "ACCEPT 1 policy:5"}, {"the ICMP error", by_kernel, "ACCEPT 1 3 policy:5"}});
     }},
    {"`! --uid-owner A ! --gid-owner B` is neither A nor B, not everything but the two together.", everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT DROP [0:0]\n-A OUTPUT -m owner ! --uid-owner 1001 ! --gid-owner 1002 -j ACCEPT");
       on.packet("uid=1001 gid=1002 dst={host} dport=80", "DROP policy:2");
       on.packet("uid=1001 gid=5 dst={host} dport=80", "DROP policy:2");
       on.packet("uid=5 gid=1002 dst={host} dport=80", "DROP policy:2");
       on.packet("uid=5 gid=5 dst={host} dport=80", "ACCEPT 1");
       on.proves("", answer::proved);
       on.rules(
           "-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT\n-A OUTPUT -m owner ! --uid-owner 1001 ! --gid-owner 1002 "
           "-j DROP");
       on.proves("", answer::leak);
     }},
    {"Two `-m owner` in one rule must both fit, so that the rule may fit nobody.", everywhere,
     [](demonstration& on) {
       on.rules(
           "-A OUTPUT -m owner --uid-owner 1001 -m owner --uid-owner 1002 -j DROP\n"
           "-A OUTPUT -m owner --uid-owner 1000-1001 -m owner --uid-owner 1001-1002 -j DROP");
       on.packet("uid=1001 dst={host} dport=80", "DROP 2");
       on.packet("uid=1002 dst={host} dport=80", "ACCEPT policy:3");
       on.refused("-A OUTPUT -m owner --uid-owner 1001 --uid-owner 1002 -j DROP");
       on.rules(":OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 1001 -m owner --uid-owner 1002 -j ACCEPT");
       on.proves("", answer::proved);
     }},
    {"`--uid-owner` takes names of the loading host and ranges with `-` or `:`, but neither 4294967295 nor a range "
     "that goes down.",
     everywhere,
     [](demonstration& on) {
       on.prints(
           "-A OUTPUT -m owner --uid-owner nobody -j DROP\n-A OUTPUT -m owner --uid-owner 0:10 -j DROP\n"
           "-A OUTPUT -m owner --uid-owner 4294967294 -j DROP",
           "-A OUTPUT -m owner --uid-owner 65534 -j DROP\n-A OUTPUT -m owner --uid-owner 0-10 -j DROP\n"
           "-A OUTPUT -m owner --uid-owner 4294967294 -j DROP");
       on.refused("-A OUTPUT -m owner --uid-owner 4294967295 -j DROP");
       on.refused("-A OUTPUT -m owner --uid-owner 10-5 -j DROP");
     }},
    {"`--suppl-groups` makes a rule of `--gid-owner` fit who has the group besides his own, which no packet tells; "
     "it needs `--gid-owner`.",
     everywhere,
     [](demonstration& on) {
       on.refused("-A OUTPUT -m owner --suppl-groups -j DROP");
       on.rules("-A OUTPUT -m owner --gid-owner 4321 --suppl-groups -j DROP");
       set_groups(4321);
       on.undecided("uid=1001 gid=1001 dst={host} dport=80", "DROP");
       set_groups(std::nullopt);
       on.undecided("uid=1002 gid=1002 dst={host} dport=80", "ACCEPT");
       on.proves("", answer::unknown);  // nobody says who does not have the group
       on.rules(":OUTPUT DROP [0:0]\n-A OUTPUT -m owner --gid-owner 4321 --suppl-groups -j ACCEPT");
       on.proves("--gid 1001", answer::unknown);
     }},
    {"A chain that asks for an owner cannot be reached from INPUT: the jump is refused, not the rule.", everywhere,
     [](demonstration& on) {
       on.refused(":INPUT ACCEPT\n:OUTPUT ACCEPT\n:S -\n-A S -m owner --uid-owner 1001 -j DROP\n-A INPUT -j S");
       on.prints(":INPUT ACCEPT\n:OUTPUT ACCEPT\n:S -\n-A S -m owner --uid-owner 1001 -j DROP\n-A OUTPUT -j S",
                 ":S\n-A OUTPUT -j S\n-A S -m owner --uid-owner 1001 -j DROP");
     }},
    {"A server's SYN-ACK belongs to who listens, its data to who has called accept().", everywhere,
     [](demonstration& on) {
       auto pair = std::make_shared<std::optional<tcp_pair>>();
       on.traffic(
           "-A OUTPUT -m owner --uid-owner 1001\n-A OUTPUT -m owner --uid-owner 2001\n-A OUTPUT -m owner --uid-owner "
           "3001",
           [pair, family = on.of().family] {
             pair->emplace(family, sandbox, other);
             (*pair)->accept(third);
             (*pair)->send_from_server(4);
           },
           {{"the SYN", by(sandbox), "ACCEPT 1 policy:4"},
            {"the SYN-ACK", by(other), "ACCEPT 2 policy:4"},
            {"the ACK", by(sandbox), "ACCEPT 1 policy:4"},
            {"the answer", by(third), "ACCEPT 3 policy:4"},
            {"the ACK of the answer", by(sandbox), "ACCEPT 1 policy:4"}});
     }},
    {"Once its program has closed it or died, a socket's last packets belong to nobody.", everywhere,
     [](demonstration& on) {
       auto pair = std::make_shared<std::optional<tcp_pair>>();
       on.traffic(
           "-A OUTPUT -m owner --uid-owner 1001\n-A OUTPUT -m owner --uid-owner 2001\n-A OUTPUT -m owner ! "
           "--socket-exists",
           [pair, family = on.of().family] {
             pair->emplace(family, sandbox, other);
             (*pair)->accept(other);
             (*pair)->close_client();
             usleep(20'000);
             (*pair)->close_server();
           },
           {{"the SYN", by(sandbox), "ACCEPT 1 policy:4"},
            {"the SYN-ACK", by(other), "ACCEPT 2 policy:4"},
            {"the ACK", by(sandbox), "ACCEPT 1 policy:4"},
            {"the FIN in close()", by(sandbox), "ACCEPT 1 policy:4"},
            {"its ACK", by(other), "ACCEPT 2 policy:4"},
            {"the other FIN", by(other), "ACCEPT 2 policy:4"},
            {"the last ACK", by_nobody, "ACCEPT 3 policy:4"}});
     }},
};

}  // namespace

std::span<const trap> owner_traps() { return owner_list; }

}  // namespace cordon::kernel
