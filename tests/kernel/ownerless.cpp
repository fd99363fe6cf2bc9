#include "ownerless.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "inject.hpp"
#include "owner.hpp"

namespace cordon::kernel {
namespace {

constexpr int patience = 100;  // milliseconds

/// Reads all that is there; how much it was.
std::size_t read_all(const descriptor& socket) {
  std::vector<char> buffer(64 * 1024);
  std::size_t total = 0;
  for (;;) {
    const ssize_t got = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return total;
    total += static_cast<std::size_t>(got);
  }
}

int send_bytes(const descriptor& socket, std::size_t bytes) {
  const std::string data(bytes, 'x');
  return send(socket.get(), data.data(), data.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
}

}  // namespace

port_pair refused_tcp(ip_family family, owner_ids client) {
  const std::uint16_t server = closed_port(family, SOCK_STREAM);
  const descriptor socket = bound_socket(family, SOCK_STREAM, client);
  if (connect_to(socket, family, server) == 0) result_of(socket, patience);
  return {port_of(socket), server};
}

port_pair refused_udp(ip_family family, owner_ids client) {
  const std::uint16_t server = closed_port(family, SOCK_DGRAM);
  const descriptor socket = bound_socket(family, SOCK_DGRAM, client);
  if (connect_to(socket, family, server) == 0 && send_bytes(socket, 8) == 0) readable(socket, patience);
  return {port_of(socket), server};
}

void ping(ip_family family, std::uint16_t identifier, owner_ids client) {
  wire_packet request;
  request.family = family;
  const bool v4 = family == ip_family::v4;
  request.destination = read_address(v4 ? "127.0.0.1" : "::1", request.family).value();
  request.source = request.destination;
  request.protocol = v4 ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6};
  request.icmp_type = v4 ? std::uint8_t{8} : std::uint8_t{128};
  request.uid = client.uid;
  request.gid = client.gid;
  request.identity = identifier;
  request.echo_identifier = identifier;
  injector().send(request);
}

tcp_pair::tcp_pair(ip_family family, owner_ids client, owner_ids listener)
    : listener_(bound_socket(family, SOCK_STREAM, listener)), client_(bound_socket(family, SOCK_STREAM, client)) {
  // Small, so that data waits in the sender soon. The accepted socket inherits the listener's.
  const int buffer = 2048;
  setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  setsockopt(client_.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  listen(listener_.get(), 1);
  ports_ = {port_of(client_), port_of(listener_)};
  connected_ = connect_to(client_, family, ports_.server) == 0 && result_of(client_, patience) == 0;
}

void tcp_pair::accept(owner_ids owner) {
  if (!connected_ || !readable(listener_, patience)) return;
  const socket_owner as(owner.uid, owner.gid);
  server_ = descriptor(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

void tcp_pair::send_from_client(std::size_t bytes) {
  if (!connected_) return;
  send_bytes(client_, bytes);
  if (server_ && readable(server_, patience)) read_all(server_);
}

void tcp_pair::send_from_server(std::size_t bytes) {
  if (!server_) return;
  send_bytes(server_, bytes);
  if (readable(client_, patience)) read_all(client_);
}

std::size_t tcp_pair::close_client_with_pending_data() {
  if (!server_ || !client_) return 0;
  while (send_bytes(client_, 16 * 1024) == 0) {
  }
  client_.reset();
  std::size_t total = 0;
  while (readable(server_,
                  4 * patience)) {  // a window that opened a little is used after a probe only, 200 ms later
    const std::size_t got = read_all(server_);
    if (got == 0) break;  // the FIN
    total += got;
  }
  return total;
}

udp_pair::udp_pair(ip_family family, owner_ids client, owner_ids server)
    : client_(bound_socket(family, SOCK_DGRAM, client)),
      server_(bound_socket(family, SOCK_DGRAM, server)),
      ports_{port_of(client_), port_of(server_)} {
  connect_to(client_, family, ports_.server);
  connect_to(server_, family, ports_.client);
}

int udp_pair::send_from_client(std::size_t bytes) { return send_bytes(client_, bytes); }

int udp_pair::send_from_server(std::size_t bytes) { return send_bytes(server_, bytes); }

bool make_real_traffic(std::string_view what, ip_family family, owner_ids client, owner_ids server) {
  if (what == "rst") {
    refused_tcp(family, client);
  } else if (what == "unreachable") {
    refused_udp(family, client);
  } else if (what == "ping") {
    ping(family, 77, client);
  } else if (what == "udp") {
    udp_pair pair(family, client, server);
    pair.send_from_client(8);
    pair.send_from_client(8);
    pair.send_from_server(8);
    pair.send_from_client(8);
    pair.send_from_server(8);
  } else if (what == "tcp") {
    tcp_pair pair(family, client, server);
    pair.send_from_client(5);
    pair.accept(server);
    pair.send_from_client(6);
    pair.send_from_server(7);
    pair.close_client();
    pair.close_server();
  } else if (what == "orphan") {
    tcp_pair pair(family, client, server);
    pair.accept(server);
    pair.close_client_with_pending_data();
  } else {
    return false;
  }
  return true;
}

}  // namespace cordon::kernel
