// The match extensions that cordon knows: one line each.
#pragma once

#include <span>
#include <string_view>

#include <cordon/match/comment.hpp>
#include <cordon/match/conntrack.hpp>
#include <cordon/match/icmp.hpp>
#include <cordon/match/icmp6.hpp>
#include <cordon/match/mark.hpp>
#include <cordon/match/multiport.hpp>
#include <cordon/match/owner.hpp>
#include <cordon/match/sctp.hpp>
#include <cordon/match/state.hpp>
#include <cordon/match/tcp.hpp>
#include <cordon/match/udp.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace detail {
inline constexpr const match_extension* match_extensions[] = {
    &comment_match,
    &conntrack_match,
    &icmp_match,
    &icmp6_match,
    &mark_match,
    &multiport_match,
    &owner_match,
    &sctp_match,
    &state_match,
    &tcp_match,
    &udp_match,
};
}  // namespace detail

constexpr std::span<const match_extension* const> all_match_extensions() { return detail::match_extensions; }

/// The extension of that name for a family, or null.
constexpr const match_extension* find_match_extension(std::string_view name, family of) {
  for (const match_extension* const known : all_match_extensions())
    if (known->name == name && (of == family::ipv4 ? known->ipv4 : known->ipv6)) return known;
  return nullptr;
}

}  // namespace cordon
