#include "real_socket.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "owner.hpp"

namespace cordon::kernel {
namespace {

struct loopback_address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  loopback_address(ip_family family, std::uint16_t port) {
    if (family == ip_family::v4) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      length = sizeof v4;
      std::memcpy(&storage, &v4, length);
    } else {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      v6.sin6_addr = in6addr_loopback;
      length = sizeof v6;
      std::memcpy(&storage, &v6, length);
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

}  // namespace

descriptor bound_socket(ip_family family, int type, owner_ids owner) {
  const socket_owner as(owner.uid, owner.gid);
  descriptor made(::socket(family == ip_family::v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) throw std::system_error(errno, std::generic_category(), "socket");
  const loopback_address address(family, 0);
  if (bind(made.get(), address.get(), address.length) != 0)
    throw std::system_error(errno, std::generic_category(), "bind");
  return made;
}

std::uint16_t port_of(const descriptor& socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "getsockname");
  }
  std::uint16_t port = 0;  // lies at the same place in both families
  std::memcpy(&port, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port), sizeof port);
  return ntohs(port);
}

std::uint16_t closed_port(ip_family family, int type) { return port_of(bound_socket(family, type, {})); }

int connect_to(const descriptor& socket, ip_family family, std::uint16_t port) {
  const loopback_address address(family, port);
  if (connect(socket.get(), address.get(), address.length) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}

bool readable(const descriptor& socket, int milliseconds) {
  pollfd wanted{socket.get(), POLLIN, 0};
  return poll(&wanted, 1, milliseconds) == 1;
}

int result_of(const descriptor& socket, int milliseconds) {
  pollfd wanted{socket.get(), POLLOUT, 0};
  if (poll(&wanted, 1, milliseconds) != 1) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

}  // namespace cordon::kernel
