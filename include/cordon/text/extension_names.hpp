// Names of targets that exist, in iptables or beside it, whether or not they are modelled. A name in this list is never
// taken for a chain that somebody forgot to declare.
#pragma once

#include <string_view>

namespace cordon {

namespace detail {
inline constexpr std::string_view target_names[] = {
    // iptables
    "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK", "CONNSECMARK", "CT", "DNAT", "DNPT", "DSCP", "ECN", "HL",
    "HMARK", "IDLETIMER", "LED", "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG", "NFQUEUE", "NOTRACK", "QUEUE",
    "RATEEST", "REDIRECT", "REJECT", "SECMARK", "SET", "SNAT", "SNPT", "SYNPROXY", "TCPMSS", "TCPOPTSTRIP", "TEE",
    "TOS", "TPROXY", "TRACE", "TTL", "ULOG",
    // xtables-addons, OpenWrt, Android
    "ACCOUNT", "CHAOS", "DELUDE", "DHCPMAC", "DNETMAP", "ECHO", "FLOWOFFLOAD", "FULLCONENAT", "IMQ", "IPMARK",
    "LOGMARK", "MIRROR", "NETFLOW", "PROTO", "RAWDNAT", "RAWSNAT", "STEAL", "SYSRQ", "TARPIT"};
}  // namespace detail

/// Whether a target of that name exists somewhere.
constexpr bool is_known_target_name(std::string_view name) {
  for (const std::string_view known : detail::target_names)
    if (known == name) return true;
  return false;
}

}  // namespace cordon
