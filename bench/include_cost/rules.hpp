// Rule sets of 5, 20 and 40 rules, both families together; and 7: the incident's mended rules with those that cordon writes
// for IPv6.
#pragma once

#include "../../tests/static/rule_sets.hpp"

using namespace cordon;

constexpr std::string_view mended = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p udp -m udp --dport 53 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p tcp -m tcp --dport 53 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j REJECT --reject-with icmp-net-unreachable
COMMIT
)";
constexpr std::string_view written_by_cordon = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:CORDON-1001 - [0:0]
-A OUTPUT -m owner --uid-owner 1001 -j CORDON-1001
-A CORDON-1001 -p tcp -j REJECT --reject-with tcp-reset
-A CORDON-1001 -j REJECT --reject-with icmp6-port-unreachable
COMMIT
)";

constexpr std::string_view ten_of_v4 = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:SANDBOX - [0:0]
:STOP - [0:0]
-A OUTPUT -o lo -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j SANDBOX
-A OUTPUT -p icmp -j ACCEPT
-A SANDBOX -d 127.0.0.1/32 -o lo -p tcp -m tcp --dport 18443 -j ACCEPT
-A SANDBOX -d 127.0.0.53/32 -p udp -m udp --dport 53 -j ACCEPT
-A SANDBOX -d 127.0.0.53/32 -p tcp -m tcp --dport 53 -j ACCEPT
-A SANDBOX -j STOP
-A STOP -p tcp -j REJECT --reject-with tcp-reset
-A STOP -j REJECT --reject-with icmp-port-unreachable
COMMIT
)";
constexpr std::string_view ten_of_v6 = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:SANDBOX - [0:0]
:STOP - [0:0]
-A OUTPUT -o lo -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -m owner ! --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j SANDBOX
-A OUTPUT -p ipv6-icmp -j ACCEPT
-A SANDBOX -d ::1/128 -o lo -p tcp -m tcp --dport 18443 -j ACCEPT
-A SANDBOX -d fd00::53/128 -p udp -m udp --dport 53 -j ACCEPT
-A SANDBOX -d fd00::53/128 -p tcp -m tcp --dport 53 -j ACCEPT
-A SANDBOX -j STOP
-A STOP -p tcp -j REJECT --reject-with tcp-reset
-A STOP -j REJECT --reject-with icmp6-port-unreachable
COMMIT
)";

#if RULES == 40
constexpr std::string_view v4 = test::forty_rules_v4;
constexpr std::string_view v6 = test::forty_rules_v6;
constexpr egress_policy egress = test::ten_endpoints;
#elif RULES == 20
constexpr std::string_view v4 = ten_of_v4;
constexpr std::string_view v6 = ten_of_v6;
constexpr egress_policy egress = sandbox(uid{1001})
                                     .may_reach(tcp, "127.0.0.1"_ip, 18443)
                                     .may_reach(udp | tcp, "127.0.0.53"_ip, 53)
                                     .may_reach(tcp, "::1"_ip, 18443)
                                     .may_reach(udp | tcp, "fd00::53"_ip, 53);
#elif RULES == 7
constexpr std::string_view v4 = mended;
constexpr std::string_view v6 = written_by_cordon;
constexpr egress_policy egress = test::proxy_and_resolver;
#else
constexpr std::string_view v4 = mended;
constexpr std::string_view v6 = test::stops_all;
constexpr egress_policy egress = test::proxy_and_resolver;
#endif

constexpr firewall rules() { return test::firewall_of({v4, v6, egress, answer::proved}); }
