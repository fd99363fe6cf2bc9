// The target extensions that cordon knows: one line each.
#pragma once

#include <string_view>

#include <cordon/base/view.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/audit.hpp>
#include <cordon/target/checksum.hpp>
#include <cordon/target/classify.hpp>
#include <cordon/target/connmark.hpp>
#include <cordon/target/connsecmark.hpp>
#include <cordon/target/ct.hpp>
#include <cordon/target/dnat.hpp>
#include <cordon/target/dnpt.hpp>
#include <cordon/target/dscp.hpp>
#include <cordon/target/ecn.hpp>
#include <cordon/target/hl.hpp>
#include <cordon/target/hmark.hpp>
#include <cordon/target/idletimer.hpp>
#include <cordon/target/log.hpp>
#include <cordon/target/mark.hpp>
#include <cordon/target/masquerade.hpp>
#include <cordon/target/netmap.hpp>
#include <cordon/target/nflog.hpp>
#include <cordon/target/nfqueue.hpp>
#include <cordon/target/notrack.hpp>
#include <cordon/target/queue.hpp>
#include <cordon/target/rateest.hpp>
#include <cordon/target/redirect.hpp>
#include <cordon/target/reject.hpp>
#include <cordon/target/secmark.hpp>
#include <cordon/target/set.hpp>
#include <cordon/target/snat.hpp>
#include <cordon/target/snpt.hpp>
#include <cordon/target/standard.hpp>
#include <cordon/target/synproxy.hpp>
#include <cordon/target/tcpmss.hpp>
#include <cordon/target/tcpoptstrip.hpp>
#include <cordon/target/tee.hpp>
#include <cordon/target/tos.hpp>
#include <cordon/target/tproxy.hpp>
#include <cordon/target/trace.hpp>
#include <cordon/target/ttl.hpp>

namespace cordon {

namespace detail {
inline constexpr const target_extension* target_extensions[] = {
    &accept_target,     &drop_target,        &return_target, &audit_target,       &checksum_target, &classify_target,
    &connmark_target,   &connsecmark_target, &ct_target,     &dnat_target,        &dnpt_target,     &dscp_target,
    &ecn_target,        &hl_target,          &hmark_target,  &idletimer_target,   &log_target,      &mark_target,
    &masquerade_target, &netmap_target,      &nflog_target,  &nfqueue_target,     &notrack_target,  &queue_target,
    &rateest_target,    &redirect_target,    &reject_target, &secmark_target,     &set_target,      &snat_target,
    &snpt_target,       &synproxy_target,    &tcpmss_target, &tcpoptstrip_target, &tee_target,      &tos_target,
    &tproxy_target,     &trace_target,       &ttl_target,
};
}  // namespace detail

/// All of them, of both families.
constexpr view<const target_extension*> all_target_extensions() { return detail::target_extensions; }

/// The extension of that name for a family, or null.
constexpr const target_extension* find_target_extension(std::string_view name, family of) {
  for (const target_extension* const known : all_target_extensions())
    if (known->name == name && (of == family::ipv4 ? known->ipv4 : known->ipv6)) return known;
  return nullptr;
}

}  // namespace cordon
