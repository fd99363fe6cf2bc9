// The match extensions that cordon knows: one line each.
#pragma once

#include <string_view>

#include <cordon/base/view.hpp>
#include <cordon/match/addrtype.hpp>
#include <cordon/match/ah.hpp>
#include <cordon/match/ah6.hpp>
#include <cordon/match/bpf.hpp>
#include <cordon/match/cgroup.hpp>
#include <cordon/match/cluster.hpp>
#include <cordon/match/comment.hpp>
#include <cordon/match/connbytes.hpp>
#include <cordon/match/connlabel.hpp>
#include <cordon/match/connlimit.hpp>
#include <cordon/match/connmark.hpp>
#include <cordon/match/conntrack.hpp>
#include <cordon/match/cpu.hpp>
#include <cordon/match/dccp.hpp>
#include <cordon/match/devgroup.hpp>
#include <cordon/match/dscp.hpp>
#include <cordon/match/dst.hpp>
#include <cordon/match/ecn.hpp>
#include <cordon/match/esp.hpp>
#include <cordon/match/eui64.hpp>
#include <cordon/match/frag.hpp>
#include <cordon/match/hashlimit.hpp>
#include <cordon/match/hbh.hpp>
#include <cordon/match/helper.hpp>
#include <cordon/match/hl.hpp>
#include <cordon/match/icmp.hpp>
#include <cordon/match/icmp6.hpp>
#include <cordon/match/ipcomp.hpp>
#include <cordon/match/iprange.hpp>
#include <cordon/match/ipv6header.hpp>
#include <cordon/match/length.hpp>
#include <cordon/match/limit.hpp>
#include <cordon/match/mac.hpp>
#include <cordon/match/mark.hpp>
#include <cordon/match/mh.hpp>
#include <cordon/match/multiport.hpp>
#include <cordon/match/nfacct.hpp>
#include <cordon/match/osf.hpp>
#include <cordon/match/owner.hpp>
#include <cordon/match/physdev.hpp>
#include <cordon/match/pkttype.hpp>
#include <cordon/match/policy.hpp>
#include <cordon/match/quota.hpp>
#include <cordon/match/rateest.hpp>
#include <cordon/match/realm.hpp>
#include <cordon/match/recent.hpp>
#include <cordon/match/rpfilter.hpp>
#include <cordon/match/rt.hpp>
#include <cordon/match/sctp.hpp>
#include <cordon/match/set.hpp>
#include <cordon/match/socket.hpp>
#include <cordon/match/srh.hpp>
#include <cordon/match/state.hpp>
#include <cordon/match/statistic.hpp>
#include <cordon/match/string.hpp>
#include <cordon/match/tcp.hpp>
#include <cordon/match/tcpmss.hpp>
#include <cordon/match/time.hpp>
#include <cordon/match/tos.hpp>
#include <cordon/match/ttl.hpp>
#include <cordon/match/u32.hpp>
#include <cordon/match/udp.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace detail {
inline constexpr const match_extension* match_extensions[] = {
    &addrtype_match, &ah_match,        &ah6_match,       &bpf_match,       &cgroup_match,   &cluster_match,
    &comment_match,  &connbytes_match, &connlabel_match, &connlimit_match, &connmark_match, &conntrack_match,
    &cpu_match,      &dccp_match,      &devgroup_match,  &dscp_match,      &dst_match,      &ecn_match,
    &esp_match,      &eui64_match,     &frag_match,      &hashlimit_match, &hbh_match,      &helper_match,
    &hl_match,       &icmp_match,      &icmp6_match,     &ipcomp_match,    &iprange_match,  &ipv6header_match,
    &length_match,   &limit_match,     &mac_match,       &mark_match,      &mh_match,       &multiport_match,
    &nfacct_match,   &osf_match,       &owner_match,     &physdev_match,   &pkttype_match,  &policy_match,
    &quota_match,    &rateest_match,   &realm_match,     &recent_match,    &rpfilter_match, &rt_match,
    &sctp_match,     &set_match,       &socket_match,    &srh_match,       &state_match,    &statistic_match,
    &string_match,   &tcp_match,       &tcpmss_match,    &time_match,      &tos_match,      &ttl_match,
    &u32_match,      &udp_match,
};
}  // namespace detail

/// All of them, of both families.
constexpr view<const match_extension*> all_match_extensions() { return detail::match_extensions; }

/// The extension of that name for a family, or null.
constexpr const match_extension* find_match_extension(std::string_view name, family of) {
  for (const match_extension* const known : all_match_extensions())
    if (known->name == name && (of == family::ipv4 ? known->ipv4 : known->ipv6)) return known;
  return nullptr;
}

}  // namespace cordon
