#include "departures.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace cordon::kernel {
namespace {

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

constexpr std::size_t transport_bytes = 8;  // as many as are read here

std::optional<std::pair<departure_key, departure>> read(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return std::nullopt;
  const bool v4 = bytes[0] >> 4 == 4;
  const std::size_t transport = v4 ? (bytes[0] & 15U) * 4 : 40;
  if (bytes.size() < transport + transport_bytes) return std::nullopt;
  const family of = v4 ? family::ipv4 : family::ipv6;
  uint128 to = 0;
  for (std::size_t i = v4 ? 16 : 24; i < (v4 ? 20U : 40U); ++i) to = (to << 8) | bytes[i];
  const auto by = static_cast<protocol>(bytes[v4 ? 9 : 6]);
  if (is_icmp(by, of)) {
    const bool is_request = bytes[transport] == (v4 ? 8 : 128);
    if (!is_request) return std::nullopt;
    return std::pair(departure_key{of, by, word_at(bytes, transport + 4)}, departure{{of, to}, 0, {}});
  }
  if (by != protocol::tcp && by != protocol::udp) return std::nullopt;
  return std::pair(departure_key{of, by, word_at(bytes, transport)},
                   departure{{of, to}, word_at(bytes, transport + 2), {}});
}

}  // namespace

departures::departures() : socket_(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL))) {
  if (!socket_) throw std::system_error(errno, std::generic_category(), "socket(AF_PACKET)");
}

std::map<departure_key, departure> departures::take() {
  std::map<departure_key, departure> all;
  while (true) {
    std::uint8_t bytes[128];
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(socket_.get(), bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return all;
    if (from.sll_pkttype != PACKET_OUTGOING) continue;
    auto one = read({bytes, static_cast<std::size_t>(got)});
    char name[IF_NAMESIZE] = {};
    if (!one || if_indextoname(static_cast<unsigned>(from.sll_ifindex), name) == nullptr) continue;
    one->second.out = interface_name(std::string_view(name));
    all.insert(*one);
  }
}

}  // namespace cordon::kernel
