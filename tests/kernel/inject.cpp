#include "inject.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "owner.hpp"

namespace cordon::kernel {
namespace {

/// Well below the usual limit of open files; beyond it the injector forgets all and starts again.
constexpr std::size_t most_sources = 500;

void set(int socket, int option, const void* value, std::size_t size, const char* what) {
  if (setsockopt(socket, SOL_SOCKET, option, value, static_cast<socklen_t>(size)) != 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
}

/// IPPROTO_RAW brings IP_HDRINCL and IPV6_HDRINCL with it.
descriptor raw_socket(const wire_packet& packet) {
  const socket_owner owner(packet.uid, packet.gid);
  descriptor made(::socket(packet.family == ip_family::v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!made) throw std::system_error(errno, std::generic_category(), "raw socket");
  const int on = 1;
  set(made.get(), SO_BROADCAST, &on, sizeof on, "SO_BROADCAST");
  if (!packet.out_interface.empty()) {
    set(made.get(), SO_BINDTODEVICE, packet.out_interface.data(), packet.out_interface.size(), "SO_BINDTODEVICE");
  }
  return made;
}

}  // namespace

injector::source& injector::source_of(const wire_packet& packet) {
  const origin wanted{packet.family, packet.uid, packet.gid, packet.out_interface};
  auto found = sources_.find(wanted);
  if (found == sources_.end()) {
    if (sources_.size() >= most_sources) sources_.clear();
    found = sources_.emplace(wanted, source{raw_socket(packet)}).first;
  }
  if (found->second.mark != packet.mark) {
    set(found->second.socket.get(), SO_MARK, &packet.mark, sizeof packet.mark, "SO_MARK");
    found->second.mark = packet.mark;
  }
  return found->second;
}

int injector::send(const wire_packet& packet) {
  const int socket = source_of(packet).socket.get();
  write_wire_bytes(packet, bytes_);
  sockaddr_storage address{};
  socklen_t length = 0;
  if (packet.family == ip_family::v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, packet.destination.data(), sizeof v4.sin_addr);
    length = sizeof v4;
    std::memcpy(&address, &v4, length);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, packet.destination.data(), sizeof v6.sin6_addr);
    const bool needs_scope =
        packet.destination[0] == 0xff || (packet.destination[0] == 0xfe && (packet.destination[1] & 0xc0) == 0x80);
    if (needs_scope && !packet.out_interface.empty()) v6.sin6_scope_id = if_nametoindex(packet.out_interface.c_str());
    length = sizeof v6;
    std::memcpy(&address, &v6, length);
  }
  const ssize_t sent =
      sendto(socket, bytes_.data(), bytes_.size(), 0, reinterpret_cast<const sockaddr*>(&address), length);
  return sent < 0 ? errno : 0;
}

}  // namespace cordon::kernel
