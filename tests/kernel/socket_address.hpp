// Sockets of a chosen owner, at chosen addresses of both families.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/packet/address.hpp>

#include "descriptor.hpp"
#include "real_socket.hpp"

namespace cordon::kernel {

/// Where a socket is bound or sends to, as the kernel takes it.
class socket_address {
 public:
  socket_address(const cordon::address& of, std::uint16_t port);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

/// The address of that text. Precondition: it is one.
address address_of(std::string_view written);

/// A socket that belongs to `owner`, bound to nothing; it blocks unless `type` has SOCK_NONBLOCK. What these functions
/// cannot do they report by std::system_error.
descriptor open_socket(family of, int type, int protocol, owner_ids owner);
/// One that does not block, bound to `at`; port 0 is any free one. The port may be used again at once.
descriptor open_bound(int type, const address& at, std::uint16_t port, owner_ids owner);

/// The errno of the call, 0 if there was none. For connect() that goes on, EINPROGRESS.
int connect_to(const descriptor& socket, const address& to, std::uint16_t port);
int send_to(const descriptor& socket, const address& to, std::uint16_t port, std::string_view bytes);
int send_on(const descriptor& socket, std::string_view bytes);

/// Reads what is there, and throws it away; how much it was.
std::size_t read_all(const descriptor& socket);

}  // namespace cordon::kernel
