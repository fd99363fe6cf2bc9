#include "application_probe.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <system_error>

#include "inject.hpp"

namespace cordon::kernel {
namespace {

using std::chrono::milliseconds;

// A SYN is sent again after one second (TCP_TIMEOUT_INIT), and then every second (tcp_syn_linear_timeouts).
constexpr milliseconds at_once_ends(850);
constexpr milliseconds second_ends(1850);
constexpr milliseconds patience(2500);
constexpr milliseconds answer_patience(150);

constexpr const char* no_answer = "no answer";

class stopwatch {
 public:
  milliseconds elapsed() const {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string ended(int error, const stopwatch& since) {
  if (error == 0) return "no error";
  const std::string name = strerrorname_np(error);
  const milliseconds took = since.elapsed();
  return name + (took < at_once_ends ? " at once" : took < second_ends ? " after a second" : " in the end");
}

bool wait_for(const descriptor& socket, short events, milliseconds most) {
  pollfd wanted{socket.get(), events, 0};
  return poll(&wanted, 1, static_cast<int>(most.count())) == 1;
}

int number_of_udp(protocol of) { return of == protocol::udp ? int{IPPROTO_UDP} : int{IPPROTO_UDPLITE}; }

void bind_to_interface(const descriptor& socket, const std::string& name) {
  if (!name.empty() &&
      setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(), static_cast<socklen_t>(name.size())) != 0)
    throw std::system_error(errno, std::generic_category(), "SO_BINDTODEVICE");
}

bool is_possible(family in, int type, int protocol) {
  return static_cast<bool>(descriptor(socket(in == family::ipv4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, protocol)));
}

constexpr const char* not_possible = "not possible";

}  // namespace

std::string prober::connect_blocking() const {
  const descriptor socket = open_socket(to.family, SOCK_STREAM, 0, owner);
  bind_to_interface(socket, by);
  const int attempts = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_SYNCNT, &attempts, sizeof attempts);
  const stopwatch since;
  return ended(connect_to(socket, to, port), since);
}

std::string prober::connect_nonblocking() const {
  const descriptor socket = open_socket(to.family, SOCK_STREAM | SOCK_NONBLOCK, 0, owner);
  bind_to_interface(socket, by);
  const stopwatch since;
  const int error = connect_to(socket, to, port);
  if (error != EINPROGRESS) return ended(error, since);
  if (!wait_for(socket, POLLOUT, patience)) return no_answer;
  return ended(result_of(socket, 0), since);
}

std::string prober::talk() const {
  const descriptor socket = open_socket(to.family, SOCK_STREAM, 0, owner);
  if (const int error = connect_to(socket, to, port); error != 0)
    return std::string("not connected: ") + strerrorname_np(error);
  const stopwatch since;
  if (const int error = send_on(socket, "x"); error != 0) return "send: " + ended(error, since);
  if (!wait_for(socket, POLLIN, patience)) return no_answer;
  char byte = 0;
  return ended(recv(socket.get(), &byte, 1, MSG_DONTWAIT) < 0 ? errno : 0, since);
}

std::string prober::send_datagram(protocol of) const {
  if (!is_possible(to.family, SOCK_DGRAM, number_of_udp(of))) return not_possible;
  const descriptor socket = open_socket(to.family, SOCK_DGRAM, number_of_udp(of), owner);
  const stopwatch since;
  return ended(send_to(socket, to, port, "x"), since);
}

std::string prober::receive_after_send(protocol of) const {
  if (!is_possible(to.family, SOCK_DGRAM, number_of_udp(of))) return not_possible;
  const descriptor socket = open_socket(to.family, SOCK_DGRAM, number_of_udp(of), owner);
  connect_to(socket, to, port);
  const stopwatch since;
  send_on(socket, "x");
  wait_for(socket, POLLIN, answer_patience);
  char byte = 0;
  const int error = recv(socket.get(), &byte, 1, MSG_DONTWAIT) < 0 ? errno : 0;
  return ended(error == EAGAIN ? 0 : error, since);
}

std::string prober::send_after_send(protocol of) const {
  if (!is_possible(to.family, SOCK_DGRAM, number_of_udp(of))) return not_possible;
  const descriptor socket = open_socket(to.family, SOCK_DGRAM, number_of_udp(of), owner);
  connect_to(socket, to, port);
  const stopwatch since;
  send_on(socket, "x");
  wait_for(socket, POLLERR, answer_patience);
  return ended(send_on(socket, "x"), since);
}

std::string prober::ping() const {
  const bool v4 = to.family == family::ipv4;
  const descriptor socket = open_socket(to.family, SOCK_DGRAM, v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}, owner);
  const char request[] = {static_cast<char>(v4 ? 8 : 128), 0, 0, 0, 0, 0, 0, 1};
  const stopwatch since;
  return ended(send_to(socket, to, 0, {request, sizeof request}), since);
}

std::string prober::send_raw(protocol of) const {
  wire_packet made;
  made.family = to.family == family::ipv4 ? ip_family::v4 : ip_family::v6;
  const std::size_t size = address_width(to.family) / 8;
  for (std::size_t i = 0; i < size; ++i)
    made.destination[i] = static_cast<std::uint8_t>(to.bits >> (8 * (size - 1 - i)));
  made.source = made.destination;
  made.protocol = cordon::number_of(of);
  made.source_port = 43000;
  made.destination_port = port;
  made.icmp_type = to.family == family::ipv4 ? 8 : 128;
  made.payload.assign(8, 0);
  made.uid = owner.uid;
  made.gid = owner.gid;
  const stopwatch since;
  return ended(injector().send(made), since);
}

std::string words_of(const call_result& predicted, bool is_blocking_connect) {
  switch (predicted.what) {
    case call_result::kind::not_made: return "not made";
    case call_result::kind::no_error: return "no error";
    case call_result::kind::error:
      return std::string(name_of(predicted.error)) + (predicted.after_a_second ? " after a second" : " at once");
    case call_result::kind::times_out:
      return is_blocking_connect ? std::string(name_of(predicted.error)) + " in the end" : no_answer;
    case call_result::kind::unknown: return "unknown";
  }
  return "";
}

}  // namespace cordon::kernel
