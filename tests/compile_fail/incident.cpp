// The rules that leaked: the message names the packet and the rule.
// EXPECT: a packet of the sandbox gets out that its policy forbids
// EXPECT: packet_of<cordon::fixed_text<4>{"tcp"}>, cordon::to_address<cordon::fixed_text<10>{"127.0.0.1"}>, cordon::to_port<80>, cordon::by_interface<cordon::fixed_text<3>{"lo"}>, cordon::let_out_by<cordon::fixed_text<24>{"rule 2 of filter OUTPUT"}>, cordon::at_line<6>
#include <cordon/packet/literals.hpp>
#include <cordon/render/static_proof.hpp>

using namespace cordon;

constexpr egress_policy egress =
    sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443).may_reach(udp | tcp, "127.0.0.53"_ip, 53);

#ifdef CONTROL
constexpr auto v4 = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p udp -m udp --dport 53 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -d 127.0.0.53/32 -p tcp -m tcp --dport 53 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j REJECT --reject-with icmp-net-unreachable
COMMIT
)"_iptables;
#else
constexpr auto v4 = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -o lo -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -m comment --comment code-interpreter-sandbox-egress -j REJECT --reject-with icmp-net-unreachable
COMMIT
)"_iptables;
#endif
constexpr auto v6 = R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -j REJECT
COMMIT
)"_ip6tables;

static_assert(kept_by<egress, v4, v6>);
