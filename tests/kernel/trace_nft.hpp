// The way through the tables of iptables-nft.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "netlink.hpp"
#include "packet_log.hpp"
#include "trace.hpp"
#include "trace_assembler.hpp"
#include "world.hpp"

namespace cordon::kernel {

/// The same as legacy_tracer for tables that iptables-nft made: nf_tables reports on netlink itself
/// (nf_tables_trace.c), by the handles of rules, which are looked up once a load. It tells nothing of the
/// headers of some packets (an IPv6 fragment but the first: ipv6_find_hdr gives no transport offset, and
/// nf_trace_fill_pkt_info copies nothing), and nothing at all of others (an IPv6 extension header that
/// reaches beyond the packet). So the bookends' logs say what a packet was and whether it passed.
///
/// A rule one of whose matches asks for a hotdrop (nft_compat.c) is reported as a rule that dropped, though
/// it is not counted; legacy reports no rule then. See trace_step::dropped.
class nft_tracer {
 public:
  struct options {
    bool conntrack_state = false;  ///< also learn conntrack's state; makes conntrack active in this world
  };

  explicit nft_tracer(world& where) : nft_tracer(where, options{}) {}
  nft_tracer(world& where, options chosen);
  nft_tracer(const nft_tracer&) = delete;
  nft_tracer& operator=(const nft_tracer&) = delete;

  /// Asks the kernel for its rules. Must be called after each load or change.
  void read_rules();

  std::vector<traced_packet> take();

 private:
  /// What one message says.
  struct event {
    std::string_view table;
    std::string_view chain;
    std::uint64_t handle = 0;  ///< 0: of no rule
    std::uint32_t type = 0;
    std::int32_t verdict = 0;
    std::uint32_t id = 0;  ///< the same for all events of one packet
    std::uint32_t protocol_family = 0;
    std::uint32_t mark = 0;
    std::vector<std::uint8_t> bytes;
    std::size_t network_header = 0;  ///< how many of the bytes are the IP header's
  };
  /// Protocol family (NFPROTO_IPV4, ...), `table:chain`, and handle, which is unique within a table only.
  using place = std::tuple<std::uint32_t, std::string, std::uint64_t>;

  std::uint32_t number_of(const place& where) const;
  static event event_of(const netlink_message& message);
  void read(const netlink_message& message);
  void read_log();
  void bind(const event& found);
  void note_step(event& found);

  world& world_;
  packet_log log_;
  netlink_socket socket_;
  trace_assembler assembler_;
  std::map<place, std::uint32_t> numbers_;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> counts_;
};

}  // namespace cordon::kernel
