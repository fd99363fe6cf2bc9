// Who has sent a packet: users, sockets of nobody, the kernel's own.
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "counters.hpp"
#include "list.hpp"
#include "local_addresses.hpp"
#include "owner.hpp"
#include "ownerless.hpp"
#include "socket_address.hpp"
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

constexpr std::uint16_t multipath_port = 5000;

/// A connection of MPTCP from user 1001 to one address of this host, which announces another. Data goes to and fro until
/// `seen` says so, or two seconds have passed: what announces the address, and what opens the further subflow to it, are
/// workers of the kernel's.
void connect_by_two_paths(family of, const std::string& to, const std::string& announced,
                          const std::function<bool()>& seen) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"ip", "mptcp", "limits", "set", "subflow", "1", "add_addr_accepted", "1"},
        std::vector<std::string>{"ip", "mptcp", "endpoint", "add", announced, "signal"}})
    if (const tool_result made = run_program(command); !made.worked()) throw lacking("ip mptcp: " + made.errors);
  const auto opened = [of](owner_ids by) {
    try {
      return open_socket(of, SOCK_STREAM, IPPROTO_MPTCP, by);
    } catch (const std::system_error& error) {
      throw lacking("sockets of MPTCP: " + error.code().message());
    }
  };
  const descriptor listener = opened({});
  const descriptor client = opened(sandbox);
  const socket_address at(address_of(to), multipath_port);
  const socket_address any(address_of(of == family::ipv4 ? "0.0.0.0" : "::"), multipath_port);
  if (bind(listener.get(), any.get(), any.size()) != 0 || listen(listener.get(), 1) != 0 ||
      connect(client.get(), at.get(), at.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "a connection of MPTCP");
  const descriptor server(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  // So much at once that the kernel takes both paths.
  const std::string sent(256 * 1024, 'x');
  for (int i = 0; i < 100 && !seen(); ++i) {
    send(client.get(), sent.data(), sent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    usleep(20'000);
    read_all(server);
  }
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
    {"A further subflow of a user's MPTCP connection is opened by a socket of the kernel's, which `--uid-owner` never "
     "fits: behind a rule for ESTABLISHED he then sends to an address that no rule allows him.",
     everywhere,
     [](demonstration& on) {
       const std::string announced = on.v4() ? "192.0.2.1" : "2001:db8::1";
       const std::string rules = on.table_text("-A OUTPUT -d " + announced +
                                               " -m owner --uid-owner 1001\n"
                                               "-A OUTPUT -d " +
                                               announced +
                                               " -p tcp --syn -m owner --socket-exists ! --uid-owner 1001\n"
                                               "-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                                               "-A OUTPUT -d {own} -p tcp --dport 5000 -m owner --uid-owner 1001 -j "
                                               "ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP");
       if (on.read(rules) == nullptr) return;
       world here({.silence_replies = false});
       wait_for_local_addresses();
       on.load(here, rules);
       const family asked = on.v4() ? family::ipv4 : family::ipv6;
       packet_counts seen;
       connect_by_two_paths(asked, on.words("{own}"), announced, [&] {
         seen = on.counted(here);
         return seen["filter:OUTPUT:rule:1"] > 0;
       });
       on.equal("SYNs of the subflow without a user", std::to_string(seen["filter:OUTPUT:rule:2"]), "1");
       on.check(seen["filter:OUTPUT:rule:1"] > 0, "the user has sent nothing on the subflow");
       on.equal("stopped packets of the user", std::to_string(seen["filter:OUTPUT:rule:5"]), "0");
       const std::string to_it = "src={own} sport=40000 dport=5000 out=lo dst=" + announced;
       on.simulated("socket=kernel flags=SYN state=NEW " + to_it, "ACCEPT 2 policy:6");
       on.simulated("uid=1001 flags=ACK state=ESTABLISHED " + to_it, "ACCEPT 1 3");
       on.simulated("uid=1001 flags=SYN state=NEW " + to_it, "DROP 1 5");
       // No owner, no policy of his: what a proof does not see, and why flows count by default.
       on.proves("--flows new\n--allow tcp:{[own]}:5000", answer::proved);
       const proof any = on.proves("--allow tcp:{[own]}:5000", answer::leak);
       for (const leak& each : any.of(asked).leaks)
         on.check(each.needs == leak_need::established, "the leak does not say that it needs a connection");
     }},
};

}  // namespace

std::span<const trap> owner_traps() { return owner_list; }

}  // namespace cordon::kernel
