// Conversations at random: the packets of one TCP connection that come through OUTPUT, with the owner and the
// state that each has there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/packet/tcp_flags.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/space/layout.hpp>
#include <cordon/testing/draw_packet.hpp>
#include <cordon/testing/edges.hpp>
#include <cordon/testing/random.hpp>

namespace cordon::testing {

namespace detail {

/// A connection under way. A server of the host itself sends through OUTPUT too, and what it sends has its
/// own owner; of any other server only the client's packets are seen.
class connection {
 public:
  constexpr connection(const choice_source& choices, const packet& opening)
      : choices_(choices), opening_(opening), is_on_host_(opening.out == "lo") {
    server_.uid = draw_one(choices, usual_ids);
    server_.gid = draw_one(choices, usual_ids);
  }

  constexpr sequence<packet> talk() {
    seen_.push_back(opening_);
    constexpr connection_status_set known = connection_status::confirmed | connection_status::seen_reply;
    status_ = known;
    expires_ = 60;  // nf_conntrack_tcp_timeout_syn_recv
    // The answer to a SYN has the owner of the listening socket.
    from_server(tcp_flag::syn | tcp_flag::ack, server_, 0);
    status_ = known | connection_status::assured;
    expires_ = 432000;  // nf_conntrack_tcp_timeout_established
    from_client(tcp_flag::ack, opening_.owner, 0);
    for (std::uint64_t left = choices_.below(4); left > 0; --left) say_something();
    end();
    return std::move(seen_);
  }

 private:
  static constexpr owner nobody() { return {socket_kind::none, 0, 0}; }

  // Until a server has accepted a connection, the packets of it that the kernel sends have no socket with an
  // owner.
  constexpr owner server_now() {
    is_accepted_ = is_accepted_ || choices_.one_in(2);
    return is_accepted_ ? server_ : nobody();
  }

  constexpr void from_client(tcp_flags flags, const owner& by, std::uint16_t bytes) {
    packet made = opening_;
    made.owner = by;
    add(made, flags, bytes);
  }

  constexpr void from_server(tcp_flags flags, const owner& by, std::uint16_t bytes) {
    if (!is_on_host_) return;
    packet made = opening_;
    std::swap(made.source, made.destination);
    std::swap(made.first_word, made.second_word);
    made.connection_direction = 1;
    made.mark = 0;  // the client's socket has it
    made.owner = by;
    add(made, flags, bytes);
  }

  constexpr void add(packet made, tcp_flags flags, std::uint16_t bytes) {
    made.flags = flags;
    made.state = connection_state::established;
    made.connection_status = status_;
    made.connection_expires = expires_;
    made.length = static_cast<std::uint16_t>(opening_.length + bytes);
    seen_.push_back(made);
  }

  constexpr void say_something() {
    constexpr tcp_flags data = tcp_flag::psh | tcp_flag::ack;
    const auto bytes = static_cast<std::uint16_t>(1 + choices_.below(1400));
    if (choices_.one_in(2)) {
      from_client(data, opening_.owner, bytes);
      from_server(tcp_flag::ack, server_now(), 0);
    } else {
      is_accepted_ = true;
      from_server(data, server_, bytes);
      from_client(tcp_flag::ack, opening_.owner, 0);
    }
  }

  // It is closed by the client in good order, is cut off, or is left open. What is sent when a socket is
  // closed already has no owner.
  constexpr void end() {
    switch (choices_.below(3)) {
      case 0:
        expires_ = 120;  // nf_conntrack_tcp_timeout_fin_wait
        from_client(tcp_flag::fin | tcp_flag::ack, opening_.owner, 0);
        from_server(tcp_flag::fin | tcp_flag::ack, server_now(), 0);
        from_client(tcp_flag::ack, nobody(), 0);
        break;
      case 1:
        expires_ = 10;  // nf_conntrack_tcp_timeout_close
        if (is_on_host_ && choices_.one_in(2))
          from_server(tcp_flag::rst | tcp_flag::ack, nobody(), 0);
        else
          from_client(tcp_flag::rst, nobody(), 0);
        break;
      default: break;
    }
  }

  const choice_source& choices_;
  packet opening_;
  bool is_on_host_;
  owner server_;
  bool is_accepted_ = false;
  connection_status_set status_ = 0;
  std::uint32_t expires_ = 0;
  sequence<packet> seen_;
};

}  // namespace detail

/// The packets of a TCP connection that a policy's sandbox opens, in their order: around the edges of rules,
/// to a server of the host, whose packets are seen too, or to another by the wire.
constexpr sequence<packet> draw_conversation(const choice_source& choices, const edges& around,
                                             const egress_policy& sandbox) {
  packet_domain opening = packets_of(sandbox, around.of_family());
  constexpr auto only = [](auto value) { return range{static_cast<unsigned>(value), static_cast<unsigned>(value)}; };
  opening[field::protocol] = only(protocol::tcp);
  opening[field::transport] = only(transport_part::whole);
  opening[field::flags] = only(tcp_flag::syn);
  opening[field::state] = only(connection_state::fresh);
  for (const field which :
       {field::extension_headers, field::dccp_type, field::spi, field::connection_status, field::connection_expires,
        field::connection_protocol, field::original_source, field::original_destination, field::reply_source,
        field::reply_destination, field::original_source_port, field::original_destination_port,
        field::reply_source_port, field::reply_destination_port, field::low_kinds, field::high_kinds})
    opening[which] = {0, 0};
  opening[field::segment_size] = only(no_segment_size);
  packet first = draw_packet(choices, around, opening);
  const bool v4 = first.family == family::ipv4;
  first.length = v4 ? 40 : 60;
  // The host's own addresses, loopback's above all, are reached by lo alone, and nothing of loopback leaves
  // by the wire.
  if (first.destination_address().is_loopback()) first.out = "lo";
  if (first.out == "lo" && first.destination_address().is_loopback() != first.source_address().is_loopback())
    first.source = first.destination;
  if (first.out != "lo" && first.source_address().is_loopback())
    first.source = v4 ? detail::usual_ipv4[5] : detail::usual_ipv6[3];
  return detail::connection(choices, first).talk();
}

}  // namespace cordon::testing
