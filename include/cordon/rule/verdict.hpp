// A packet's fate.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>

namespace cordon {

/// How REJECT answers (net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c).
enum class reject_type : std::uint8_t {
  icmp_net_unreachable,
  icmp_host_unreachable,
  icmp_proto_unreachable,
  icmp_port_unreachable,
  icmp_net_prohibited,
  icmp_host_prohibited,
  icmp_admin_prohibited,
  icmp6_no_route,
  icmp6_adm_prohibited,
  icmp6_addr_unreachable,
  icmp6_port_unreachable,
  icmp6_policy_fail,
  icmp6_reject_route,
  tcp_reset,
};

namespace detail {
inline constexpr std::string_view reject_type_names[] = {"icmp-net-unreachable",   "icmp-host-unreachable",
                                                         "icmp-proto-unreachable", "icmp-port-unreachable",
                                                         "icmp-net-prohibited",    "icmp-host-prohibited",
                                                         "icmp-admin-prohibited",  "icmp6-no-route",
                                                         "icmp6-adm-prohibited",   "icmp6-addr-unreachable",
                                                         "icmp6-port-unreachable", "icmp6-policy-fail",
                                                         "icmp6-reject-route",     "tcp-reset"};
}  // namespace detail

/// The name that iptables prints behind --reject-with.
constexpr std::string_view name_of(reject_type of) { return detail::reject_type_names[static_cast<unsigned>(of)]; }

/// What --reject-with is when it is left out.
constexpr reject_type usual_reject_type(family of) {
  return of == family::ipv4 ? reject_type::icmp_port_unreachable : reject_type::icmp6_port_unreachable;
}

/// What becomes of a packet. `unknown`: it hangs on a match or target that no packet decides.
struct verdict {
  /// How a packet's way ends.
  enum class kind : std::uint8_t { accept, drop, reject, unknown };
  kind what = kind::accept;                                 ///< the one of these
  reject_type answer = reject_type::icmp_port_unreachable;  ///< for reject alone

  /// Whether it gets out.
  constexpr bool accepted() const { return what == kind::accept; }
  friend constexpr bool operator==(const verdict& a, const verdict& b) {
    return a.what == b.what && (a.what != kind::reject || a.answer == b.answer);
  }
};

/// ACCEPT, DROP, REJECT:type, UNKNOWN.
constexpr text to_text(const verdict& of) {
  switch (of.what) {
    case verdict::kind::accept: return "ACCEPT";
    case verdict::kind::drop: return "DROP";
    case verdict::kind::reject: return join("REJECT:", name_of(of.answer));
    case verdict::kind::unknown: return "UNKNOWN";
  }
  return {};
}

}  // namespace cordon
