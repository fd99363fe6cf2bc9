// Proved rules as bytes of the program: no code runs to make them. static/constant_text_check looks into the
// object.
#include <cordon/base/fixed_text.hpp>
#include <cordon/packet/literals.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/text/literals.hpp>

using namespace cordon;

namespace {

constexpr egress_policy egress = sandbox(uid{1001}).may_reach(icmp, "192.0.2.1"_ip);

constexpr auto v4 = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d 192.0.2.1/32 -p icmp -m owner --uid-owner 1001 -j ACCEPT
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)"_iptables;
constexpr auto v6 = R"(*filter
-A OUTPUT -m owner --uid-owner 1001 -j DROP
COMMIT
)"_ip6tables;

constexpr auto& sandbox_rules = constant_text<[] { return noflush_restore_text(enforce(egress), family::ipv6); }>;
constexpr auto& all_rules =
    constant_text<[] { return restore_text(*proved(firewall_with(v4, v6), egress), family::ipv4); }>;

static_assert(sandbox_rules.view().ends_with("-I OUTPUT 1 -m owner --uid-owner 1001 -j CORDON-1001\nCOMMIT\n"));
static_assert(all_rules.view() == v4.view());
static_assert(all_rules.c_str()[all_rules.size()] == '\0');

}  // namespace

// What a program would hand to iptables-restore. Constants all the way: `constinit` refuses anything else.
extern constinit const char* const rules_of_the_program[] = {sandbox_rules.c_str(), all_rules.c_str()};
