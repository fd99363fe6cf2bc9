// Chains of our own at the two ends of the OUTPUT hook, and one that silences the stack.
#pragma once

#include <string_view>

#include "netlink.hpp"

namespace cordon::kernel {

/// The bookends of a trace: nf_tables chains of our own around all others at the OUTPUT hook. The first,
/// before raw, turns on skb->nf_trace, which x_tables (ip_tables.c, trace_packet) and nf_tables
/// (nf_tables_trace.c) both obey; so `-j TRACE` need not be put among the rules under test. The last, after
/// security, is reached by packets that pass, and turns it off.
namespace watch {

inline constexpr std::string_view table = "cordon_watch";
inline constexpr std::string_view begin_chain = "begin";
inline constexpr std::string_view state_chain = "state";
inline constexpr std::string_view end_chain = "end";

/// What NFLOG's prefix starts with; the chain follows, in the state chain also a colon and the state.
inline constexpr std::string_view log_prefix = "cordon_watch:";

/// The bookends, and with `with_state` conntrack's state too, are told through NFLOG group 0
/// (packet_log.hpp). To ask for the state makes conntrack, and its defragmentation, active. `socket` speaks
/// NETLINK_NETFILTER in the namespace to watch. Throws std::system_error.
void start(netlink_socket& socket, bool with_state);
void stop(netlink_socket& socket);

}  // namespace watch

/// Drops every packet that arrives, before anything else sees it, so that the stack answers nothing.
void silence_replies(netlink_socket& socket);
void hear_replies(netlink_socket& socket);

}  // namespace cordon::kernel
