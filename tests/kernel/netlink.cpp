#include "netlink.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace cordon::kernel {
namespace {

constexpr std::size_t alignment = 4;

constexpr std::size_t aligned(std::size_t size) { return (size + alignment - 1) & ~(alignment - 1); }

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

void for_each_message(std::span<const std::uint8_t> bytes, const message_visitor& visit) {
  while (bytes.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) return;
    visit({header.nlmsg_type, bytes.subspan(sizeof header, header.nlmsg_len - sizeof header)});
    bytes = bytes.subspan(std::min(aligned(header.nlmsg_len), bytes.size()));
  }
}

int error_of(const netlink_message& message) {
  int error = 0;
  if (message.body.size() >= sizeof error) std::memcpy(&error, message.body.data(), sizeof error);
  return -error;
}

}  // namespace

void netlink_request::append(const void* data, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  bytes_.insert(bytes_.end(), first, first + size);
  align();
}

void netlink_request::align() { bytes_.resize(aligned(bytes_.size())); }

void netlink_request::begin(std::uint16_t type, std::uint16_t flags) {
  message_ = bytes_.size();
  nlmsghdr start{};
  start.nlmsg_type = type;
  start.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  if ((flags & NLM_F_ACK) != 0) ++acknowledgements_;
  header(start);
}

void netlink_request::end() {
  const auto length = static_cast<std::uint32_t>(bytes_.size() - message_);
  std::memcpy(bytes_.data() + message_, &length, sizeof length);
}

void netlink_request::begin_netfilter(std::uint8_t subsystem, std::uint8_t message, std::uint16_t flags,
                                      std::uint8_t family, std::uint16_t resource) {
  begin(static_cast<std::uint16_t>((subsystem << 8) | message), flags);
  header(nfgenmsg{family, NFNETLINK_V0, htons(resource)});
}

void netlink_request::attribute(std::uint16_t type, std::span<const std::uint8_t> value) {
  header(nlattr{static_cast<std::uint16_t>(sizeof(nlattr) + value.size()), type});
  append(value.data(), value.size());
}

void netlink_request::text(std::uint16_t type, std::string_view value) {
  std::vector<std::uint8_t> terminated(value.begin(), value.end());
  terminated.push_back(0);
  attribute(type, terminated);
}

void netlink_request::number8(std::uint16_t type, std::uint8_t value) { attribute(type, {&value, 1}); }

void netlink_request::number32(std::uint16_t type, std::uint32_t value) {
  std::uint8_t bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  attribute(type, bytes);
}

void netlink_request::big16(std::uint16_t type, std::uint16_t value) {
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value & 0xff)};
  attribute(type, bytes);
}

void netlink_request::big32(std::uint16_t type, std::uint32_t value) { number32(type, htonl(value)); }

std::size_t netlink_request::open(std::uint16_t type) {
  const std::size_t place = bytes_.size();
  attribute(static_cast<std::uint16_t>(type | NLA_F_NESTED), {});
  return place;
}

void netlink_request::close(std::size_t place) {
  const auto length = static_cast<std::uint16_t>(bytes_.size() - place);
  std::memcpy(bytes_.data() + place, &length, sizeof length);
}

std::string_view netlink_attribute::text() const {
  std::string_view whole(reinterpret_cast<const char*>(value.data()), value.size());
  return whole.substr(0, whole.find('\0'));
}

std::uint32_t netlink_attribute::big32() const {
  std::uint32_t number = 0;
  if (value.size() >= sizeof number) std::memcpy(&number, value.data(), sizeof number);
  return ntohl(number);
}

std::uint64_t netlink_attribute::big64() const {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : value) number = (number << 8) | byte;
  return number;
}

void for_each_attribute(std::span<const std::uint8_t> bytes,
                        const std::function<void(const netlink_attribute&)>& visit) {
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr start{};
    std::memcpy(&start, bytes.data(), sizeof start);
    if (start.nla_len < sizeof start || start.nla_len > bytes.size()) return;
    visit({static_cast<std::uint16_t>(start.nla_type & NLA_TYPE_MASK),
           bytes.subspan(sizeof start, start.nla_len - sizeof start)});
    bytes = bytes.subspan(std::min(aligned(start.nla_len), bytes.size()));
  }
}

netlink_socket::netlink_socket(int protocol)
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)), buffer_(256 * 1024) {
  if (!socket_) fail(errno, "netlink socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail(errno, "netlink bind");
}

void netlink_socket::send(const netlink_request& request) {
  if (::send(socket_.get(), request.bytes().data(), request.bytes().size(), 0) < 0) fail(errno, "netlink send");
}

bool netlink_socket::receive(bool wait) {
  const ssize_t size = recv(socket_.get(), buffer_.data(), buffer_.size(), wait ? 0 : MSG_DONTWAIT);
  if (size < 0) {
    if (!wait && errno == EAGAIN) return false;
    if (errno == ENOBUFS) throw std::runtime_error("netlink messages were lost: drain more often");
    fail(errno, "netlink receive");
  }
  received_ = std::span<const std::uint8_t>(buffer_).first(static_cast<std::size_t>(size));
  return true;
}

int netlink_socket::transact(const netlink_request& request, int forgiven) {
  send(request);
  int first_error = 0;
  std::size_t outstanding = request.acknowledgements();
  // A batch that nfnetlink refuses is answered by errors only, perhaps fewer than acknowledgements were asked
  // for.
  while (outstanding > 0 && receive(first_error == 0)) {
    for_each_message(received_, [&](const netlink_message& message) {
      if (message.type != NLMSG_ERROR) return;
      --outstanding;
      const int error = error_of(message);
      if (error != 0 && error != forgiven && first_error == 0) first_error = error;
    });
  }
  return first_error;
}

void netlink_socket::require(const netlink_request& request, const std::string& what) {
  if (const int error = transact(request); error != 0) fail(error, what);
}

void netlink_socket::dump(const netlink_request& request, const message_visitor& visit) {
  send(request);
  bool done = false;
  while (!done) {
    receive(true);
    for_each_message(received_, [&](const netlink_message& message) {
      if (message.type == NLMSG_DONE) {
        done = true;
      } else if (message.type == NLMSG_ERROR) {
        if (const int error = error_of(message); error != 0) fail(error, "netlink dump");
        done = true;
      } else {
        visit(message);
      }
    });
  }
}

void netlink_socket::drain(const message_visitor& visit) {
  while (receive(false)) for_each_message(received_, visit);
}

void netlink_socket::enlarge_receive_buffer(int bytes) {
  if (setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) fail(errno, "SO_RCVBUFFORCE");
}

void netlink_socket::join(unsigned group) {
  if (setsockopt(socket_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
    fail(errno, "NETLINK_ADD_MEMBERSHIP");
}

}  // namespace cordon::kernel
