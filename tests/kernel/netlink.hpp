// Netlink by hand: building requests, reading answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "descriptor.hpp"

namespace cordon::kernel {

/// One or more netlink messages, built front to back: begin, header, attributes, end.
class netlink_request {
 public:
  void begin(std::uint16_t type, std::uint16_t flags);
  void end();

  /// A nfnetlink message (begin, and the nfgenmsg header) of subsystem `subsystem`.
  void begin_netfilter(std::uint8_t subsystem, std::uint8_t message, std::uint16_t flags, std::uint8_t family,
                       std::uint16_t resource = 0);

  template <class Header>
  void header(const Header& value) {
    static_assert(std::is_trivially_copyable_v<Header>);
    append(&value, sizeof value);
  }
  void attribute(std::uint16_t type, std::span<const std::uint8_t> value);
  void text(std::uint16_t type, std::string_view value);  ///< with its terminating zero
  void number8(std::uint16_t type, std::uint8_t value);
  void number32(std::uint16_t type, std::uint32_t value);  ///< host order, as rtnetlink wants
  void big16(std::uint16_t type, std::uint16_t value);     ///< network order, as nfnetlink wants
  void big32(std::uint16_t type, std::uint32_t value);

  std::size_t open(std::uint16_t type);  ///< starts a nested attribute; give the result to `close`
  void close(std::size_t place);

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  std::size_t acknowledgements() const { return acknowledgements_; }

 private:
  void append(const void* data, std::size_t size);
  void align();

  std::vector<std::uint8_t> bytes_;
  std::size_t message_ = 0;
  std::size_t acknowledgements_ = 0;
};

struct netlink_attribute {
  std::uint16_t type = 0;
  std::span<const std::uint8_t> value;

  std::string_view text() const;  ///< without its terminating zero
  std::uint32_t big32() const;
  std::uint64_t big64() const;
};

/// Calls `visit` for each attribute that lies whole in `bytes`.
void for_each_attribute(std::span<const std::uint8_t> bytes,
                        const std::function<void(const netlink_attribute&)>& visit);

struct netlink_message {
  std::uint16_t type = 0;
  std::span<const std::uint8_t> body;  ///< after the nlmsghdr
};

using message_visitor = std::function<void(const netlink_message&)>;

class netlink_socket {
 public:
  /// `protocol` as NETLINK_ROUTE. Belongs to the network namespace in which it is made. Throws
  /// std::system_error.
  explicit netlink_socket(int protocol);

  /// Sends, and waits for every acknowledgement asked for. Returns the first errno that is not 0 nor
  /// `forgiven`.
  int transact(const netlink_request& request, int forgiven = 0);
  /// As transact, and throws std::system_error that names `what`.
  void require(const netlink_request& request, const std::string& what);
  /// Sends a dump request, and visits every message of the answer. Throws std::system_error.
  void dump(const netlink_request& request, const message_visitor& visit);
  /// Visits every message that has arrived, without waiting. Throws std::runtime_error when some were lost
  /// (ENOBUFS).
  void drain(const message_visitor& visit);

  void enlarge_receive_buffer(int bytes);
  void join(unsigned group);

 private:
  void send(const netlink_request& request);
  /// False when `wait` is off and nothing is there.
  bool receive(bool wait);

  descriptor socket_;
  std::vector<std::uint8_t> buffer_;
  std::span<const std::uint8_t> received_;
};

}  // namespace cordon::kernel
