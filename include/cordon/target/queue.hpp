// -j QUEUE: as NFQUEUE with queue 0 (net/ipv4/netfilter/ip_tables.c). iptables-nft does not know it.
#pragma once

#include <cordon/base/sequence.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/nfqueue.hpp>

namespace cordon {

namespace detail {
constexpr text queue_check(const sequence<option>&, const meaning_context& context) {
  if (context.backend == backend::nft) return "iptables-nft has no QUEUE: write NFQUEUE";
  return {};
}
}  // namespace detail

/// `-j QUEUE`: its options, and what a use of it means.
inline constexpr target_extension queue_target{
    .name = "QUEUE", .check = detail::queue_check, .meaning = detail::queue_effect};

}  // namespace cordon
