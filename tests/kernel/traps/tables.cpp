// The tables one after the other, and what one shows the next.
#include <cerrno>

#include "list.hpp"
#include "tool.hpp"

namespace cordon::kernel {
namespace {

void ip(const demonstration& on, std::vector<std::string> words) {
  words.insert(words.begin(), {"ip", on.v4() ? "-4" : "-6"});
  if (const tool_result done = run_program(words); !done.worked()) throw std::runtime_error("ip: " + done.errors);
}

constexpr trap table_list[] = {
    {"A packet meets raw, mangle, nat, filter and security, in this order whatever the order in the file; ACCEPT "
     "ends one table, not the walk.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*security\n:OUTPUT ACCEPT\n-A OUTPUT -p tcp -j DROP\nCOMMIT\n*filter\n:OUTPUT ACCEPT\n-A OUTPUT -j "
           "ACCEPT\nCOMMIT\n"
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j ACCEPT\nCOMMIT\n*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j ACCEPT\nCOMMIT\n"
           "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -j ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 proto=tcp dst={host} dport=80",
                 "DROP raw:OUTPUT:rule:1 mangle:OUTPUT:rule:1 nat:OUTPUT:rule:1 1 security:OUTPUT:rule:1");
       on.packet("uid=1001 proto=udp dst={host} dport=80",
                 "ACCEPT raw:OUTPUT:rule:1 mangle:OUTPUT:rule:1 nat:OUTPUT:rule:1 1 security:OUTPUT:policy:2");
       on.proves("", answer::leak);
     }},
    {"DROP in any table is the end: filter is never asked.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -j ACCEPT\nCOMMIT\n");
       on.packet("uid=1001 dst={host} dport=80", "DROP mangle:OUTPUT:rule:1");
       on.proves("", answer::proved);
     }},
    {"raw comes before connection tracking: every packet is INVALID there, and its real state is seen from mangle "
     "on.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*raw\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack --ctstate INVALID\n-A OUTPUT -m conntrack ! --ctstate "
           "INVALID\nCOMMIT\n"
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack --ctstate INVALID\n-A OUTPUT -m conntrack --ctstate "
           "NEW\nCOMMIT\n");
       on.packet("uid=1001 dst={host} dport=80",
                 "ACCEPT raw:OUTPUT:rule:1 raw:OUTPUT:policy:3 mangle:OUTPUT:rule:2 mangle:OUTPUT:policy:3");
     }},
    {"A mark is seen by the rules below and by the tables behind; it becomes (mark & ~mask) ^ value.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j MARK --set-xmark 0x5/0xf\n-A OUTPUT -m mark --mark 0xf5\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m mark --mark 0xf0/0xf0 -j DROP\nCOMMIT\n");
       on.packet("uid=1001 dst={host} dport=80 mark=0xf3",
                 "DROP mangle:OUTPUT:rule:1 mangle:OUTPUT:rule:2 mangle:OUTPUT:policy:3 1");
       on.packet("uid=1001 dst={host} dport=80 mark=0x13",
                 "ACCEPT mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:3 policy:2");
     }},
    {"`--set-mark V/M` clears the bits of V too and is saved as `--set-xmark V/(M|V)`.", everywhere,
     [](demonstration& on) {
       on.prints("*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j MARK --set-mark 0x10/0xf\nCOMMIT\n",
                 "-A OUTPUT -j MARK --set-xmark 0x10/0x1f");
       on.rules(
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j MARK --set-mark 0x10/0xf\n-A OUTPUT -m mark --mark 0x10 -j "
           "DROP\nCOMMIT\n");
       on.packet("uid=1001 dst={host} dport=80 mark=0x13", "DROP mangle:OUTPUT:rule:1 mangle:OUTPUT:rule:2");
     }},
    {"`--mark 5/4` asks for bits that its mask has taken away, and never fits.", everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -m mark --mark 0x5/0x4 -j DROP\n-A OUTPUT -m mark ! --mark 0x5/0x4 -j ACCEPT");
       for (const char* const mark : {"0x0", "0x4", "0x5"})
         on.packet(std::string("uid=1001 dst={host} dport=80 mark=") + mark, "ACCEPT 2");
       on.rules(":OUTPUT DROP\n-A OUTPUT -m mark --mark 0x5/0x4 -j ACCEPT");
       on.proves("--attacker raw", answer::proved);
     }},
    {"A mark may change the route; the rules behind still see the interface that the packet was to leave by before.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j MARK --set-xmark 0x7/0xffffffff\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -o eth0 -j DROP\n-A OUTPUT -o v0 -j ACCEPT\nCOMMIT\n",
           [&] {
             ip(on, {"rule", "add", "fwmark", "7", "table", "77"});
             ip(on, {"route", "add", "default", "dev", "eth0", "table", "77"});
           });
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2 2");
     }},
    {"A packet whose mark leads to no route is lost behind mangle; cordon, which is told no routes, lets it out: an "
     "error on the safe side.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j MARK --set-xmark "
           "0x7/0xffffffff\nCOMMIT\n",
           [&] { ip(on, {"rule", "add", "fwmark", "7", "unreachable"}); });
       on.packet_fails("uid=1001 dst={host} dport=80", ENETUNREACH);
       on.simulated("uid=1001 dst={host} dport=80", "ACCEPT mangle:OUTPUT:rule:1 mangle:OUTPUT:policy:2");
     }},
    {"A target has its tables: DROP is refused in nat, REJECT outside filter, TOS outside mangle, CT outside raw, "
     "SNAT and MASQUERADE in all of OUTPUT.",
     everywhere,
     [](demonstration& on) {
       on.refused("*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j DROP\nCOMMIT\n");
       on.refused("*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j REJECT\nCOMMIT\n");
       on.refused("*mangle\n:OUTPUT ACCEPT\n:S -\n-A S -j REJECT\n-A OUTPUT -j S\nCOMMIT\n");
       on.refused("-A OUTPUT -j TOS --set-tos 0x10");
       on.refused("-A OUTPUT -j CT --notrack");
       on.refused("*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j MASQUERADE\nCOMMIT\n");
       on.refused(on.v4() ? "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j SNAT --to-source 10.9.0.1\nCOMMIT\n"
                          : "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -j SNAT --to-source fd09::1\nCOMMIT\n");
       on.prints("*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j TOS --set-tos 0x10\nCOMMIT\n",
                 "-A OUTPUT -j TOS --set-tos 0x10/0xff");
     }},
};

}  // namespace

std::span<const trap> table_traps() { return table_list; }

}  // namespace cordon::kernel
