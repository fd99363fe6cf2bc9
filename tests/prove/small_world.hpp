// A small world that can be enumerated whole: lists of rules from a small pool, and one packet of every kind that they tell
// apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <cordon/packet/packet.hpp>

#include "rules.hpp"

namespace cordon::test::small_world {

inline constexpr std::string_view pool[] = {
    "-A OUTPUT -j A\n",
    "-A OUTPUT -g A\n",
    "-A OUTPUT -d 127.0.0.1 -p tcp -m tcp --dport 80 -j ACCEPT\n",
    "-A OUTPUT -p udp -m udp ! --dport 80 -j ACCEPT\n",
    "-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT\n",
    "-A OUTPUT -m owner --uid-owner 1001 -j DROP\n",
    "-A OUTPUT -p tcp --syn -j RETURN\n",
    "-A OUTPUT -m conntrack ! --ctstate NEW -j ACCEPT\n",
};
inline constexpr std::string_view user_chain =
    "-A A ! -d 127.0.0.1 -j DROP\n"
    "-A A ! -f -j RETURN\n"
    "-A A -p tcp -j ACCEPT\n";

inline firewall firewall_of(const sequence<std::size_t>& rules, bool accepts, backend how) {
  std::string text = "*filter\n:OUTPUT ";
  text += accepts ? "ACCEPT" : "DROP";
  text += " [0:0]\n:A - [0:0]\n";
  for (const std::size_t one : rules) text += pool[one];
  text += user_chain;
  firewall made;
  made.v4 = read_rules(text + "COMMIT\n", family::ipv4, how);
  made.v6 = family_rules::none();
  return made;
}

// One packet of each kind. The other fields are asked for by nothing here.
inline sequence<packet> all_packets() {
  sequence<packet> all;
  packet one;
  for (const auto socket : {socket_kind::none, socket_kind::user})
    for (const std::uint32_t user : {0U, 1001U})
      for (const char* const out : {"lo", "eth0"})
        for (const protocol which : {protocol::tcp, protocol::udp, static_cast<protocol>(47)})
          for (const auto part : {transport_part::whole, transport_part::fragment_at_8, transport_part::later_fragment,
                                  static_cast<transport_part>(3)})
            for (const unsigned port : {80U, 81U})
              for (const unsigned destination : {0x7f000001U, 0x0a090001U})
                for (const tcp_flags flags : {tcp_flag::syn, tcp_flag::ack})
                  for (unsigned state = 0; state < 5; ++state) {
                    if (socket == socket_kind::none && user != 0) continue;
                    one.owner = {socket, user, 0};
                    one.out = out;
                    one.protocol = which;
                    one.transport = part;
                    one.second_word = static_cast<std::uint16_t>(port);
                    one.destination = destination;
                    one.source = destination == 0x7f000001U ? 0x7f000001U : 0xc0000201U;
                    one.flags = flags;
                    one.state = static_cast<connection_state>(state);
                    all.push_back(one);
                  }
  return all;
}

/// Every list of up to `most` rules of the pool.
inline sequence<sequence<std::size_t>> lists_of_rules(std::size_t most) {
  sequence<sequence<std::size_t>> lists = {{}};
  for (std::size_t done = 0; done < lists.size(); ++done) {
    if (lists[done].size() == most) continue;
    for (std::size_t next = 0; next < std::size(pool); ++next) {
      sequence<std::size_t> longer = lists[done];
      longer.push_back(next);
      lists.push_back(longer);
    }
  }
  return lists;
}

}  // namespace cordon::test::small_world
