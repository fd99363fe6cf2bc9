// From what the kernel is given and says to cordon's model: rules that were loaded, packets that were seen.
#pragma once

#include <string>
#include <string_view>

#include <cordon/packet/packet.hpp>
#include <cordon/rule/firewall.hpp>

#include "trace.hpp"
#include "world.hpp"

namespace cordon::kernel {

family family_of(ip_family of);
backend backend_of(back_end of);

/// What the library reads from rules; throws std::runtime_error with its diagnostics if it cannot.
ruleset read_rules(back_end which, ip_family family, std::string_view rules);

/// Whether two rulesets hold the same; tables that hold nothing make no difference.
bool is_same(const ruleset& a, const ruleset& b);

/// Has the kernel load these rules and the library read them. Throws std::runtime_error if either refuses.
ruleset load_both(world& into, back_end which, ip_family family, std::string_view rules);

/// The packet that OUTPUT met, as far as its headers and conntrack say: addresses, protocol, ports or ICMP type, flags,
/// length, TTL, TOS, mark, and the state if that was asked for. TCP's options are left out, and of IPv6's extension
/// headers all but hop-by-hop options. The interface is `out`; nobody has told the owner, which is left to the caller. Throws std::runtime_error if
/// the packet is cut off before its transport header.
packet packet_of(const traced_packet& seen, std::string_view out);

}  // namespace cordon::kernel
