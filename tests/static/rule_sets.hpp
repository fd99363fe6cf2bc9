// Rule sets that are asked about while the program is compiled and while it runs: a table that both tests
// read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/packet/literals.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/text/reader.hpp>

namespace cordon::test {

/// Rules of both families, and a policy that they may keep.
struct rule_set {
  std::string_view v4;
  std::string_view v6;
  egress_policy policy;
  answer expected;
};

constexpr firewall firewall_of(const rule_set& from) {
  firewall made;
  made.v4 = *read_ruleset(from.v4);
  made.v6 = *read_ruleset(from.v6, {.family = family::ipv6});
  return made;
}

/// A sandbox with a proxy, resolvers and two services: forty rules in five chains of each family, ten
/// endpoints.
inline constexpr std::string_view forty_rules_v4 = R"(*nat
:OUTPUT ACCEPT [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:SANDBOX - [0:0]
:RESOLVER - [0:0]
:PROXY - [0:0]
:STOP - [0:0]
-A OUTPUT -o lo -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j SANDBOX
-A OUTPUT -p udp -m udp --dport 123 -j ACCEPT
-A OUTPUT -p icmp -j ACCEPT
-A SANDBOX -o lo -j PROXY
-A SANDBOX -p tcp -m tcp --dport 53 -j RESOLVER
-A SANDBOX -p udp -m udp --dport 53 -j RESOLVER
-A SANDBOX -d 10.20.0.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
-A SANDBOX -d 10.20.1.7/32 -p tcp -m multiport --dports 8080,8443 -j ACCEPT
-A SANDBOX -j STOP
-A RESOLVER -d 127.0.0.53/32 -j ACCEPT
-A RESOLVER -d 10.20.0.2/32 -j ACCEPT
-A RESOLVER -j RETURN
-A PROXY -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m comment --comment "egress proxy" -j ACCEPT
-A PROXY -d 127.0.0.1/32 -p tcp -m tcp --dport 18444 -j ACCEPT
-A PROXY -p icmp -j DROP
-A PROXY -j RETURN
-A STOP -p tcp -j REJECT --reject-with tcp-reset
-A STOP -j REJECT --reject-with icmp-port-unreachable
COMMIT
)";

inline constexpr std::string_view forty_rules_v6 = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:SANDBOX - [0:0]
:RESOLVER - [0:0]
:PROXY - [0:0]
:STOP - [0:0]
-A OUTPUT -o lo -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j SANDBOX
-A OUTPUT -p udp -m udp --dport 123 -j ACCEPT
-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT
-A OUTPUT -p ipv6-icmp -j ACCEPT
-A SANDBOX -o lo -j PROXY
-A SANDBOX -p tcp -m tcp --dport 53 -j RESOLVER
-A SANDBOX -p udp -m udp --dport 53 -j RESOLVER
-A SANDBOX -d 2001:db8:20::/64 -p tcp -m tcp --dport 443 -j ACCEPT
-A SANDBOX -j STOP
-A RESOLVER -d 2001:db8:20::2/128 -j ACCEPT
-A RESOLVER -d fd00::53/128 -j ACCEPT
-A RESOLVER -j RETURN
-A PROXY -d ::1/128 -p tcp -m tcp --dport 18443 -m comment --comment "egress proxy" -j ACCEPT
-A PROXY -d ::1/128 -p tcp -m tcp --dport 18444 -j ACCEPT
-A PROXY -p ipv6-icmp -j DROP
-A PROXY -j RETURN
-A STOP -p tcp -j REJECT --reject-with tcp-reset
-A STOP -j REJECT --reject-with icmp6-port-unreachable
COMMIT
)";

inline constexpr egress_policy ten_endpoints = sandbox(uid{1001})
                                                   .may_reach(tcp, "127.0.0.1"_ip, {18443, 18444})
                                                   .may_reach(udp | tcp, "127.0.0.53"_ip, 53)
                                                   .may_reach(udp | tcp, "10.20.0.2"_ip, 53)
                                                   .may_reach(tcp, "10.20.0.0/24"_net, 443)
                                                   .may_reach(tcp, "10.20.1.7"_ip, 8080)
                                                   .may_reach(tcp, "10.20.1.7"_ip, 8443)
                                                   .may_reach(tcp, "::1"_ip, {18443, 18444})
                                                   .may_reach(udp | tcp, "fd00::53"_ip, 53)
                                                   .may_reach(udp | tcp, "2001:db8:20::2"_ip, 53)
                                                   .may_reach(tcp, "2001:db8:20::/64"_net, 443);

inline constexpr std::string_view stops_all = R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)";

inline constexpr egress_policy proxy_and_resolver =
    sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443).may_reach(udp | tcp, "127.0.0.53"_ip, 53);

inline constexpr rule_set rule_sets[] = {
    {forty_rules_v4, forty_rules_v6, ten_endpoints, answer::proved},
    // The incident: as it was, as it was mended, and with rules of IPv6.
    {R"(*filter
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -o lo -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j REJECT --reject-with icmp-net-unreachable
COMMIT
)",
     stops_all, proxy_and_resolver, answer::leak},
    {R"(*filter
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p udp -m udp --dport 53 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p tcp -m tcp --dport 53 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j REJECT --reject-with icmp-net-unreachable
COMMIT
)",
     "", proxy_and_resolver, answer::leak},
    {R"(*filter
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p udp -m udp --dport 53 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p tcp -m tcp --dport 53 -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j REJECT --reject-with icmp-net-unreachable
COMMIT
)",
     stops_all, proxy_and_resolver, answer::proved},
    // Nat leads away what filter allows.
    {R"(*nat
-A OUTPUT -d 127.0.0.53 -p udp --dport 53 -j DNAT --to-destination 10.0.0.9:5353
COMMIT
*filter
-A OUTPUT -d 10.0.0.9 -p udp --dport 5353 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)",
     stops_all, proxy_and_resolver, answer::leak},
    // Masks that are no prefixes, a mark that a target sets, flags, a whole list of ports.
    {R"(*mangle
-A OUTPUT -m owner --uid-owner 1001 -p tcp -j MARK --set-xmark 0x4/0xff
COMMIT
*filter
:OUTPUT DROP [0:0]
-A OUTPUT -m mark --mark 0x4/0x6 -p tcp --tcp-flags SYN,ACK SYN -m multiport --dports 80,443,8000:8080 -d 10.0.0.0/255.0.0.255 -j ACCEPT
COMMIT
)",
     stops_all, sandbox(uid{1001}).may_reach(tcp, "10.0.0.0/8"_net, 443), answer::leak},
    // What no packet decides.
    {R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -m limit --limit 3/sec -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -m recent --name seen --rcheck -j RETURN
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)",
     stops_all, sandbox(uid{1001}), answer::unknown},
    // Connections from before the rules, an owner that is a group, endpoints that are shut.
    {R"(*raw
-A OUTPUT -p udp -j NOTRACK
COMMIT
*filter
:CALLED - [0:0]
-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A OUTPUT -m owner --gid-owner 7 -g CALLED
-A CALLED -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A CALLED -j DROP
COMMIT
)",
     stops_all, sandbox(gid{7}).may_reach(icmp, "192.0.2.0/24"_net).may_reach(udp, "192.0.2.1"_ip, {53, 54}),
     answer::leak},
};

inline constexpr std::size_t rule_set_count = std::size(rule_sets);

}  // namespace cordon::test
