#include "socket_address.hpp"

#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "owner.hpp"

namespace cordon::kernel {
namespace {

void require(bool worked, const char* what) {
  if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

socket_address::socket_address(const cordon::address& of, std::uint16_t port) {
  if (of.family == family::ipv4) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(port);
    made.sin_addr.s_addr = htonl(static_cast<std::uint32_t>(of.bits));
    size_ = sizeof made;
    std::memcpy(&storage_, &made, sizeof made);
  } else {
    sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_port = htons(port);
    for (unsigned i = 0; i < 16; ++i) made.sin6_addr.s6_addr[i] = static_cast<std::uint8_t>(of.bits >> (120 - 8 * i));
    size_ = sizeof made;
    std::memcpy(&storage_, &made, sizeof made);
  }
}

address address_of(std::string_view written) {
  const auto read = cordon::read_address(written);
  if (!read) throw std::invalid_argument("no address: " + std::string(written));
  return *read;
}

descriptor open_socket(family of, int type, int protocol, owner_ids owner) {
  const socket_owner as(owner.uid, owner.gid);
  descriptor made(::socket(of == family::ipv4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, protocol));
  require(static_cast<bool>(made), "socket");
  return made;
}

descriptor open_bound(int type, const address& at, std::uint16_t port, owner_ids owner) {
  descriptor made = open_socket(at.family, type | SOCK_NONBLOCK, 0, owner);
  const int yes = 1;
  setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const socket_address where(at, port);
  require(bind(made.get(), where.get(), where.size()) == 0, "bind");
  return made;
}

int connect_to(const descriptor& socket, const address& to, std::uint16_t port) {
  const socket_address where(to, port);
  return connect(socket.get(), where.get(), where.size()) == 0 ? 0 : errno;
}

int send_to(const descriptor& socket, const address& to, std::uint16_t port, std::string_view bytes) {
  const socket_address where(to, port);
  return sendto(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL, where.get(), where.size()) < 0 ? errno : 0;
}

int send_on(const descriptor& socket, std::string_view bytes) {
  return send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
}

std::size_t read_all(const descriptor& socket) {
  std::vector<char> buffer(64 * 1024);
  std::size_t total = 0;
  while (true) {
    const ssize_t got = recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return total;
    total += static_cast<std::size_t>(got);
  }
}

}  // namespace cordon::kernel
