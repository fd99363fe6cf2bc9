#include "traffic_scenes.hpp"

#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <system_error>

#include "inject.hpp"
#include "owner.hpp"
#include "ownerless.hpp"
#include "socket_address.hpp"

namespace cordon::kernel {
namespace {

constexpr auto fresh = connection_state::fresh;
constexpr auto established = connection_state::established;
constexpr auto related = connection_state::related;
constexpr auto invalid = connection_state::invalid;
constexpr auto untracked = connection_state::untracked;

constexpr connection_status_set confirmed = connection_status::confirmed;
constexpr connection_status_set answered = connection_status::confirmed | connection_status::seen_reply;
constexpr connection_status_set assured = answered | connection_status::assured;

constexpr std::uint8_t syn = tcp_flag::syn;
constexpr std::uint8_t syn_ack = tcp_flag::syn | tcp_flag::ack;
constexpr std::uint8_t ack = tcp_flag::ack;
constexpr std::uint8_t fin_ack = tcp_flag::fin | tcp_flag::ack;
constexpr std::uint8_t rst = tcp_flag::rst;
constexpr std::uint8_t rst_ack = tcp_flag::rst | tcp_flag::ack;

constexpr int patience = 300;  // milliseconds

/// The RST for what no socket wants: tcp_v4_send_reset sends it by a socket of the kernel's, tcp_v6_send_response by none.
owner sender_of_reset(const stage& on) { return on.v4() ? by_kernel : by_nobody; }

std::uint8_t error_type(const stage& on) { return on.v4() ? 3 : 1; }
std::uint8_t echo_request(const stage& on) { return on.v4() ? 8 : 128; }
std::uint8_t echo_reply(const stage& on) { return on.v4() ? 0 : 129; }
protocol icmp_of(const stage& on) { return on.v4() ? protocol::icmp : protocol::icmpv6; }

void set_linger(const descriptor& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// A TCP connection on loopback.
struct tcp_connection {
  descriptor listener;
  descriptor client;
  descriptor server;
  conversation of;

  explicit tcp_connection(const stage& on) {
    const address here = on.loopback();
    const int segment = 536;
    listener = open_bound(SOCK_STREAM, here, 0, scene_listener);
    client = open_bound(SOCK_STREAM, here, 0, scene_client);
    // Small, so that data soon waits in the sender, in more than one packet.
    setsockopt(client.get(), IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    const int received = 2048;
    const int sent = 8192;
    setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &received, sizeof received);
    setsockopt(client.get(), SOL_SOCKET, SO_SNDBUF, &sent, sizeof sent);
    listen(listener.get(), 4);
    of = {protocol::tcp, here, here, {port_of(client), port_of(listener)}};
  }
  void open(stage& on, std::string_view scene) {
    on.begin(scene, of);
    connect_to(client, of.server, of.ports.server);
    result_of(client, patience);
    on.saw({{"SYN", side::client, syn, by(scene_client), fresh},
            {"the listener's SYN-ACK", side::server, syn_ack, by(scene_listener), established, answered},
            {"ACK", side::client, ack, by(scene_client), established, assured}});
  }
  void open_and_accept(stage& on, std::string_view scene) {
    open(on, scene);
    accept();
  }
  void accept() {
    readable(listener, patience);
    const socket_owner as(scene_accepter.uid, scene_accepter.gid);
    server = descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
};

void connection_from_open_to_close(stage& on) {
  tcp_connection tcp(on);
  tcp.open(on, "a TCP connection");
  send_on(tcp.client, "early");
  on.saw({{"data before accept()", side::client, ack, by(scene_client), established, assured},
          {"its ACK, of no socket yet", side::server, ack, by_nobody, established, assured}});
  tcp.accept();
  read_all(tcp.server);
  send_on(tcp.client, "data");
  on.saw({{"data", side::client, ack, by(scene_client), established, assured},
          {"its ACK, of the user that accepted", side::server, ack, by(scene_accepter), established, assured}});
  send_on(tcp.server, "answer");
  on.saw({{"answer", side::server, ack, by(scene_accepter), established, assured},
          {"ACK of the answer", side::client, ack, by(scene_client), established, assured}});
  read_all(tcp.client);
  read_all(tcp.server);
  tcp.client.reset();
  on.saw({{"FIN in close()", side::client, fin_ack, by(scene_client), established, assured},
          {"ACK of the FIN", side::server, ack, by(scene_accepter), established, assured}});
  tcp.server.reset();
  on.saw({{"FIN of the server", side::server, fin_ack, by(scene_accepter), established, assured},
          {"last ACK, of a socket that is closed", side::client, ack, by_nobody, established, assured}});
}

// How many bytes wait that have not been sent once.
int unsent(const descriptor& of) {
  int made = 0;
  if (ioctl(of.get(), SIOCOUTQNSD, &made) != 0) throw std::system_error(errno, std::generic_category(), "SIOCOUTQNSD");
  return made;
}

void data_after_close(stage& on) {
  tcp_connection tcp(on);
  tcp.open_and_accept(on, "close() with data that waits");
  const auto start = std::chrono::steady_clock::now();
  while (send_on(tcp.client, std::string(16 * 1024, 'x')) == 0) {
  }
  const int waiting = unsent(tcp.client);
  on.saw({{"data", side::client, ack, by(scene_client), established, assured},
          {"ACK", side::server, ack, by(scene_accepter), established, assured}});
  // What a late ACK has let out since then may be seen after the close() only, though it was sent before.
  if (unsent(tcp.client) != waiting) on.spoil();
  tcp.client.reset();
  // Data that waits for 200 milliseconds is sent without being asked for (TCP_RTO_MIN), and that was before the close().
  if (std::chrono::steady_clock::now() - start > std::chrono::milliseconds(150)) on.spoil();
  while (readable(tcp.server, 2 * patience) && read_all(tcp.server) > 0) {
  }
  on.saw({{"data after close()", side::client, ack, by_nobody, established, assured},
          {"FIN after close()", side::client, fin_ack, by_nobody, established, assured},
          {"ACK", side::server, ack, by(scene_accepter), established, assured}});
  tcp.server.reset();
  on.saw({{"FIN of the server", side::server, fin_ack, by(scene_accepter), established, assured},
          {"last ACK", side::client, ack, by_nobody, established, assured}});
}

void resets_of_connections(stage& on) {
  {
    tcp_connection tcp(on);
    tcp.open_and_accept(on, "close() with SO_LINGER 0");
    set_linger(tcp.client);
    tcp.client.reset();
    on.saw({{"RST in close()", side::client, rst_ack, by(scene_client), established, assured}});
  }
  {
    tcp_connection tcp(on);
    tcp.open_and_accept(on, "close() with data unread");
    send_on(tcp.server, "answer");
    on.saw({{"answer", side::server, ack, by(scene_accepter), established, assured},
            {"ACK of the answer", side::client, ack, by(scene_client), established, assured}});
    tcp.client.reset();
    on.saw({{"RST in close()", side::client, rst_ack, by(scene_client), established, assured}});
  }
  {
    tcp_connection tcp(on);
    tcp.open_and_accept(on, "data for a closed socket");
    tcp.client.reset();
    on.saw({{"FIN in close()", side::client, fin_ack, by(scene_client), established, assured},
            {"ACK of the FIN", side::server, ack, by(scene_accepter), established, assured}});
    send_on(tcp.server, "late");
    on.saw({{"data", side::server, ack, by(scene_accepter), established, assured},
            {"RST of a closed socket", side::client, rst, by_nobody, established, assured}});
  }
  {
    tcp_connection tcp(on);
    tcp.open(on, "a listener closed before accept()");
    tcp.listener.reset();
    on.saw({{"RST", side::server, rst_ack, by_nobody, established, assured}});
  }
}

void refused_connection(stage& on) {
  const address here = on.loopback();
  const std::uint16_t closed = port_of(open_bound(SOCK_STREAM, here, 0, {}));
  const descriptor client = open_bound(SOCK_STREAM, here, 0, scene_client);
  on.begin("a closed TCP port", {protocol::tcp, here, here, {port_of(client), closed}});
  connect_to(client, here, closed);
  on.saw({{"SYN", side::client, syn, by(scene_client), fresh},
          {"RST", side::server, rst_ack, sender_of_reset(on), established, answered}});
}

void datagrams(stage& on) {
  const address one = on.v4() ? address_of("10.9.0.1") : address_of("fd09::1");
  const address other = on.v4() ? address_of("127.0.0.2") : address_of("::1");
  const descriptor server = open_bound(SOCK_DGRAM, other, 0, scene_listener);
  const descriptor client = open_bound(SOCK_DGRAM, one, 0, scene_client);
  on.begin("UDP", {protocol::udp, one, other, {port_of(client), port_of(server)}});
  connect_to(client, other, port_of(server));
  connect_to(server, one, port_of(client));
  send_on(client, "first");
  on.saw({{"first datagram", side::client, 0, by(scene_client), fresh}});
  send_on(client, "second");
  on.saw({{"second datagram", side::client, 0, by(scene_client), fresh, confirmed}});
  send_on(server, "answer");
  on.saw({{"answer", side::server, 0, by(scene_listener), established, answered}});
  send_on(client, "third");
  on.saw({{"datagram after the answer", side::client, 0, by(scene_client), established, answered}});
}

void datagrams_to_oneself(stage& on) {
  const address here = on.loopback();
  const descriptor both = open_bound(SOCK_DGRAM, here, 0, scene_client);
  const std::uint16_t port = port_of(both);
  on.begin("UDP from a port to itself", {protocol::udp, here, here, {port, port}});
  send_to(both, here, port, "first");
  on.saw({{"first datagram", side::client, 0, by(scene_client), fresh}});
  send_to(both, here, port, "second");
  // Its addresses and ports are those of an answer to the first.
  on.saw({{"second datagram", side::client, 0, by(scene_client), established, answered, true}});
}

void refused_datagram(stage& on) {
  const address here = on.loopback();
  const std::uint16_t closed = port_of(open_bound(SOCK_DGRAM, here, 0, {}));
  const descriptor client = open_bound(SOCK_DGRAM, here, 0, scene_client);
  on.begin("a closed UDP port", {protocol::udp, here, here, {port_of(client), closed}});
  send_to(client, here, closed, "datagram");
  on.saw({{"datagram", side::client, 0, by(scene_client), fresh},
          {"ICMP error", side::kernel, error_type(on), by_kernel, related, confirmed}});
}

void rejected(stage& on) {
  const address here = on.loopback();
  {
    const descriptor client = open_bound(SOCK_STREAM, here, 0, scene_rejected);
    on.begin("TCP that is rejected", {protocol::tcp, here, here, {port_of(client), 9}});
    connect_to(client, here, 9);
    on.saw({{"SYN", side::client, syn, by(scene_rejected), fresh},
            {"RST of REJECT", side::server, rst_ack, by_nobody, related}});
  }
  {
    const descriptor client = open_bound(SOCK_DGRAM, here, 0, scene_rejected);
    on.begin("UDP that is rejected", {protocol::udp, here, here, {port_of(client), 9}});
    send_to(client, here, 9, "datagram");
    on.saw({{"datagram", side::client, 0, by(scene_rejected), fresh},
            {"ICMP error of REJECT", side::kernel, error_type(on), by_kernel, related}});
    send_to(client, here, 9, "datagram");
    on.saw({{"datagram again", side::client, 0, by(scene_rejected), fresh},
            {"ICMP error of REJECT", side::kernel, error_type(on), by_kernel, related}});
  }
}

void untracked_datagrams(stage& on) {
  const address here = on.loopback();
  const std::uint16_t closed = port_of(open_bound(SOCK_DGRAM, here, 0, {}));
  const descriptor client = open_bound(SOCK_DGRAM, here, 0, scene_untracked);
  on.begin("UDP that is not tracked", {protocol::udp, here, here, {port_of(client), closed}});
  send_to(client, here, closed, "datagram");
  on.saw({{"datagram", side::client, 0, by(scene_untracked), untracked},
          {"ICMP error", side::kernel, error_type(on), by_kernel, invalid}});
}

void pings(stage& on) {
  const address here = on.loopback();
  on.begin("ping on a raw socket", {icmp_of(on), here, here, {77, 77}});
  ping(on.family(), 77, scene_client);
  on.saw({{"echo request", side::client, echo_request(on), by(scene_client), fresh},
          {"echo reply", side::kernel, echo_reply(on), by_kernel, established, answered}});
  const descriptor socket =
      open_socket(here.family, SOCK_DGRAM, on.v4() ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}, scene_client);
  const socket_address identifier(here, 78);
  if (bind(socket.get(), identifier.get(), identifier.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "bind");
  on.begin("ping on a ping socket", {icmp_of(on), here, here, {78, 78}});
  const char request[] = {static_cast<char>(echo_request(on)), 0, 0, 0, 0, 0, 0, 1};
  send_to(socket, here, 0, {request, sizeof request});
  on.saw({{"echo request", side::client, echo_request(on), by(scene_client), fresh},
          {"echo reply", side::kernel, echo_reply(on), by_kernel, established, answered}});
}

wire_packet raw_packet(const stage& on, protocol of) {
  wire_packet made;
  made.family = on.family();
  made.source = kernel::read_address(on.v4() ? "127.0.0.1" : "::1", made.family).value();
  made.destination = made.source;
  made.protocol = number_of(of);
  made.uid = scene_client.uid;
  made.gid = scene_client.gid;
  made.identity = 4711;
  return made;
}

/// TCP packets of no connection, to a closed port.
void stray_tcp(stage& on, injector& sender) {
  struct stray {
    std::string_view name;
    std::uint8_t flags;
    connection_state state;
    std::uint8_t answer;  // flags of the RST; 0: none
  };
  constexpr stray all[] = {
      {"a stray ACK", ack, fresh, rst},
      {"a stray SYN-ACK", syn_ack, invalid, rst},
      {"a stray FIN-ACK", fin_ack, invalid, rst},
      {"a stray FIN", tcp_flag::fin, invalid, rst_ack},
      {"a stray RST", rst, invalid, 0},
      {"a stray RST-ACK", rst_ack, invalid, 0},
      {"a stray packet without flags", 0, invalid, rst_ack},
      {"a stray URG", tcp_flag::urg, invalid, rst_ack},
      {"a stray SYN-FIN", syn | tcp_flag::fin, invalid, rst_ack},
      {"a stray SYN-RST", syn | rst, invalid, 0},
  };
  const address here = on.loopback();
  std::uint16_t port = 41000;  // an own connection each
  for (const stray& one : all) {
    wire_packet made = raw_packet(on, protocol::tcp);
    made.source_port = ++port;
    made.destination_port = 9;
    made.tcp_flags = one.flags;
    on.begin(one.name, {protocol::tcp, here, here, {port, 9}});
    sender.send(made);
    std::vector<expected_packet> expected = {{"packet", side::client, one.flags, by(scene_client), one.state}};
    const bool known = one.state != invalid;
    if (one.answer != 0)
      expected.push_back({"RST", side::server, one.answer, sender_of_reset(on), known ? established : invalid,
                          known ? answered : connection_status_set{0}});
    on.saw(expected);
  }
}

/// ICMP that answers nothing. IPv6's neighbour discovery and group membership are never tracked
/// (noct_valid_new in net/netfilter/nf_conntrack_proto_icmpv6.c), with no NOTRACK rule.
void stray_icmp(stage& on, injector& sender) {
  struct stray {
    std::uint8_t type;
    connection_state state;
  };
  constexpr stray of_v4[] = {{0, invalid}, {42, invalid}, {5, invalid}};
  constexpr stray of_v6[] = {{129, invalid},   {200, invalid},   {130, untracked}, {131, untracked},
                             {132, untracked}, {133, untracked}, {134, untracked}, {135, untracked},
                             {136, untracked}, {137, invalid},   {143, untracked}};
  const std::span<const stray> all = on.v4() ? std::span<const stray>(of_v4) : std::span<const stray>(of_v6);
  const address here = on.loopback();
  for (const stray& one : all) {
    wire_packet made = raw_packet(on, icmp_of(on));
    made.icmp_type = one.type;
    made.echo_identifier = 4242;
    const std::string name = "ICMP of type " + std::to_string(one.type) + " that answers nothing";
    on.begin(name, {icmp_of(on), here, here, {}});
    sender.send(made);
    on.saw({{"packet", side::client, one.type, by(scene_client), one.state}});
  }
}

/// Who joins a group makes the kernel tell so, in a packet of the kernel's.
void group_membership(stage& on) {
  std::ofstream("/proc/sys/net/ipv4/igmp_qrv") << "1" << std::flush;  // it tells so once, and not again a second later
  std::ofstream("/proc/sys/net/ipv6/mld_qrv") << "1" << std::flush;
  descriptor member = open_socket(on.loopback().family, SOCK_DGRAM, 0, scene_client);
  on.begin("to join and to leave a group",
           {on.v4() ? static_cast<protocol>(IPPROTO_IGMP) : protocol::icmpv6, {}, {}, {}});
  const auto interface = static_cast<int>(if_nametoindex("v0"));
  int error = 0;
  if (on.v4()) {
    ip_mreqn group{};
    group.imr_multiaddr.s_addr = htonl(0xef010203);  // 239.1.2.3
    group.imr_ifindex = interface;
    error = setsockopt(member.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
  } else {
    ipv6_mreq group{};
    group.ipv6mr_multiaddr.s6_addr[0] = 0xff;
    group.ipv6mr_multiaddr.s6_addr[1] = 0x05;
    group.ipv6mr_multiaddr.s6_addr[15] = 0x77;
    group.ipv6mr_interface = static_cast<unsigned>(interface);
    error = setsockopt(member.get(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group);
  }
  if (error != 0) throw std::system_error(errno, std::generic_category(), "join a group");
  const expected_packet report = {"report", side::client, static_cast<std::uint8_t>(on.v4() ? 0 : 143),
                                  on.v4() ? by_nobody : by_kernel, on.v4() ? fresh : untracked};
  on.saw({report});
  member.reset();
  expected_packet again = report;
  if (on.v4()) again.status = confirmed;  // like all packets of a protocol that has no answers
  on.saw({again});
}

/// The user is the one who made the socket, whoever uses it.
void lent_socket(stage& on) {
  const address here = on.loopback();
  const descriptor server = open_bound(SOCK_DGRAM, here, 0, scene_listener);
  const descriptor client = open_bound(SOCK_DGRAM, here, 0, scene_client);
  on.begin("a socket that another user sends on", {protocol::udp, here, here, {port_of(client), port_of(server)}});
  const socket_owner as(scene_accepter.uid, scene_accepter.gid);
  send_to(client, here, port_of(server), "datagram");
  on.saw({{"datagram", side::client, 0, by(scene_client), fresh}});
}

/// A protocol that conntrack knows nothing of, and that nobody listens to.
void other_protocol(stage& on, injector& sender) {
  const address one = on.v4() ? address_of("10.9.0.1") : address_of("fd09::1");
  wire_packet made = raw_packet(on, static_cast<protocol>(253));
  made.source = kernel::read_address(on.v4() ? "10.9.0.1" : "fd09::1", made.family).value();
  made.payload = {1, 2, 3, 4, 5, 6, 7, 8};
  on.begin("protocol 253", {static_cast<protocol>(253), one, on.loopback(), {}});
  sender.send(made);
  std::vector<expected_packet> expected = {{"packet", side::client, 0, by(scene_client), fresh}};
  const expected_packet error = {"ICMP error", side::kernel, static_cast<std::uint8_t>(on.v4() ? 3 : 4),
                                 by_kernel,    related,      confirmed};
  expected.push_back(error);
  on.saw(expected);
  sender.send(made);
  on.saw({{"packet again", side::client, 0, by(scene_client), fresh, confirmed}, error});
}

void set_mtu(const char* interface, int bytes) {
  const descriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  request.ifr_mtu = bytes;
  if (ioctl(any.get(), SIOCSIFMTU, &request) != 0)
    throw std::system_error(errno, std::generic_category(), "SIOCSIFMTU");
}

/// OUTPUT meets a datagram whole, however small the interface's packets are: it is cut up behind POSTROUTING
/// (ip_finish_output, ip6_finish_output).
void big_datagram(stage& on) {
  const address here = on.loopback();
  const descriptor server = open_bound(SOCK_DGRAM, here, 0, scene_listener);
  const descriptor client = open_bound(SOCK_DGRAM, here, 0, scene_client);
  set_mtu("lo", 1500);
  on.begin("a datagram bigger than the interface's packets",
           {protocol::udp, here, here, {port_of(client), port_of(server)}});
  send_to(client, here, port_of(server), std::string(4000, 'x'));
  on.saw({{"datagram", side::client, 0, by(scene_client), fresh}});
  set_mtu("lo", 65536);
  if (!readable(server, patience) || read_all(server) != 4000) throw std::runtime_error("a big datagram was lost");
}

/// Fragments that a raw socket sends are put together before raw OUTPUT where conntrack is active (ipv4_conntrack_defrag,
/// ipv6_defrag): OUTPUT meets one packet, when the last of them is there.
void fragments(stage& on, injector& sender) {
  const address here = on.loopback();
  const descriptor server = open_bound(SOCK_DGRAM, here, 0, scene_listener);
  wire_packet whole = raw_packet(on, protocol::udp);
  whole.source_port = 42000;
  whole.destination_port = port_of(server);
  whole.payload.assign(24, 'x');
  const std::vector<std::uint8_t> bytes = wire_bytes(whole);
  const std::size_t header = on.v4() ? 20 : 40;
  const std::vector<std::uint8_t> datagram(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  wire_packet first = whole;
  first.payload.clear();
  first.transport_override = std::vector<std::uint8_t>(datagram.begin(), datagram.begin() + 16);
  first.more_fragments = true;
  wire_packet second = first;
  second.transport_override = std::vector<std::uint8_t>(datagram.begin() + 16, datagram.end());
  second.more_fragments = false;
  second.fragment_offset = 2;
  on.begin("fragments of a raw socket", {protocol::udp, here, here, {42000, whole.destination_port}});
  sender.send(first);
  on.saw({});
  sender.send(second);
  on.saw({{"the datagram", side::client, 0, by(scene_client), fresh}});
}

}  // namespace

void play_all(stage& on) {
  injector sender;
  connection_from_open_to_close(on);
  data_after_close(on);
  resets_of_connections(on);
  refused_connection(on);
  datagrams(on);
  lent_socket(on);
  datagrams_to_oneself(on);
  refused_datagram(on);
  rejected(on);
  untracked_datagrams(on);
  pings(on);
  stray_tcp(on, sender);
  stray_icmp(on, sender);
  other_protocol(on, sender);
  big_datagram(on);
  fragments(on, sender);
  group_membership(on);
}

}  // namespace cordon::kernel
