// One line of /proc/net/tcp, tcp6, udp or udp6 (tcp4_seq_show in net/ipv4/tcp_ipv4.c, udp4_format_sock in
// net/ipv4/udp.c, and their like of IPv6):
//
//   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 17 1 ...
//
// An address is written as words of 32 bits, each as the machine has it in its memory: bytes are the wrong
// way round on the little-endian machines that this is read for. A port is written as a number. TCP that
// listens is in the state 0A, UDP that is bound and not connected in 07, in which TCP never stands here; so
// no line has to say which of the two it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/audit/listener.hpp>
#include <cordon/audit/listener_line.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>

namespace cordon::detail {

/// Whether a line looks like one of these files: it begins with a number and a colon, or is the line of
/// names.
constexpr bool is_proc_net_line(std::string_view line) {
  blank_words words(line);
  const std::string_view first = words.take();
  if (first == "sl") return true;
  return first.size() > 1 && first.back() == ':' &&
         read_number(first.substr(0, first.size() - 1), 0xffffffff).has_value();
}

/// An address of 8 or 32 hexadecimal digits.
constexpr maybe<address> read_proc_net_address(std::string_view written) {
  if (written.size() != 8 && written.size() != 32) return no_value;
  address made{written.size() == 8 ? family::ipv4 : family::ipv6, 0};
  for (std::size_t at = 0; at < written.size(); at += 8) {
    const auto word = read_number(written.substr(at, 8), 0xffffffff, 16);
    if (!word) return no_value;
    std::uint64_t turned = 0;
    for (unsigned byte = 0; byte < 4; ++byte) turned = (turned << 8) | ((*word >> (8 * byte)) & 255);
    made.bits = (made.bits << 32) | turned;
  }
  return made;
}

constexpr read_listener read_proc_net_line(std::string_view line) {
  blank_words words(line);
  read_listener made;
  if (words.take() == "sl") return made;
  const std::uint32_t local_column = words.column();
  const std::string_view local = words.take();
  const std::string_view remote = words.take();
  const std::uint32_t state_column = words.column();
  const std::string_view state = words.take();
  for (int i = 0; i < 3; ++i) words.take();  // queues, timer, retransmissions
  const std::uint32_t user_column = words.column();
  const std::string_view user = words.take();
  words.take();  // time-outs
  const std::string_view inode = words.take();
  if (inode.empty())
    return wrong_line(words.column(), "the line ends early: /proc/net writes up to the inode, and more");
  const std::size_t colon = local.find(':');
  const auto at = read_proc_net_address(local.substr(0, colon));
  const auto port = colon == std::string_view::npos || local.size() != colon + 5
                        ? no_value
                        : read_number(local.substr(colon + 1), 65535, 16);
  if (!at || !port)
    return wrong_line(local_column, join("'", local.substr(0, 40),
                                         "' is no address of /proc/net: 8 or 32 hexadecimal digits, a "
                                         "colon, and 4 for the port"));
  const auto number = state.size() == 2 ? read_number(state, 255, 16) : maybe<std::uint64_t>();
  if (!number || remote.empty())
    return wrong_line(state_column, join("'", state.substr(0, 40), "' is no state of a socket"));
  const auto whose = read_number(user, 0xffffffff);
  if (!whose) return wrong_line(user_column, join("'", user.substr(0, 40), "' is no user id"));
  constexpr unsigned listens = 0x0a, unconnected = 0x07;
  if ((*number != listens && *number != unconnected) || *port == 0) return made;
  listener found;
  found.protocol = *number == listens ? protocol::tcp : protocol::udp;
  found.at = without_mapping(*at);
  found.port = static_cast<std::uint16_t>(*port);
  found.ipv4 = at->family == family::ipv6 && at->bits == 0 ? takes_ipv4::not_told : takes_ipv4::no;
  found.user = static_cast<std::uint32_t>(*whose);
  made.found = std::move(found);
  return made;
}

}  // namespace cordon::detail
