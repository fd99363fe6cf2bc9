// Jumps, returns, ends; targets that go on and targets that do not.
#include <chrono>
#include <string_view>
#include <thread>

#include "list.hpp"
#include "queue_program.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

constexpr trap chain_list[] = {
    {"A chain that OUTPUT has gone to does not come back: its end or RETURN is OUTPUT's policy, and the rules below "
     "the goto are skipped.",
     everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT DROP\n:S -\n-A OUTPUT -g S\n-A OUTPUT -j ACCEPT\n-A S -p tcp -j RETURN\n-A S -p udp");
       on.packet("uid=1001 proto=tcp dst={host} dport=80", "DROP 1 S:rule:1 policy:3");
       on.packet("uid=1001 proto=udp dst={host} dport=80", "DROP 1 S:rule:2 S:return:3 policy:3");
       on.proves("", answer::proved);
       on.rules(
           ":OUTPUT ACCEPT\n:S -\n-A OUTPUT -m owner --uid-owner 1001 -g S\n-A OUTPUT -j DROP\n-A S -d {lo} -j "
           "RETURN\n-A S -j DROP");
       on.proves("--allow any:{[host]}:any", answer::leak);
     }},
    {"RETURN in a chain that was gone to, not jumped to, leads behind the jump that came before.", everywhere,
     [](demonstration& on) {
       on.rules(
           ":OUTPUT ACCEPT\n:A -\n:B -\n-A OUTPUT -j A\n-A OUTPUT -j DROP\n-A A -g B\n-A A -j ACCEPT\n-A B -j "
           "RETURN");
       on.packet("uid=1001 dst={host} dport=80", "DROP 1 A:rule:1 B:rule:1 2");
     }},
    {"RETURN from a chain that was jumped to goes on behind the jump.", everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT ACCEPT\n:A -\n-A OUTPUT -j A\n-A OUTPUT -j DROP\n-A A -p tcp -j RETURN\n-A A -j ACCEPT");
       on.packet("uid=1001 proto=tcp dst={host} dport=80", "DROP 1 A:rule:1 2");
       on.packet("uid=1001 proto=udp dst={host} dport=80", "ACCEPT 1 A:rule:2");
     }},
    {"What comes back from a chain goes on once behind the jump, whatever mark it has then.", everywhere,
     [](demonstration& on) {
       on.rules(
           "*mangle\n:OUTPUT ACCEPT\n:A -\n:B -\n-A OUTPUT -j A\n-A A -j B\n-A A -m mark ! --mark 1 -j DROP\n"
           "-A A -j MARK --set-mark 0\n-A B -j MARK --set-mark 0\n-A B -p tcp -j MARK --or-mark 1\nCOMMIT\n");
       on.packet("uid=1001 proto=tcp dst={host} dport=8080",
                 "ACCEPT mangle:OUTPUT:rule:1 mangle:A:rule:1 mangle:B:rule:1 mangle:B:rule:2 mangle:B:return:3 "
                 "mangle:A:rule:3 mangle:A:return:4 mangle:OUTPUT:policy:2");
       on.packet("uid=1001 proto=udp dst={host} dport=8080",
                 "DROP mangle:OUTPUT:rule:1 mangle:A:rule:1 mangle:B:rule:1 mangle:B:return:3 mangle:A:rule:2");
       on.proves("--flows new", answer::leak);
     }},
    {"RETURN in OUTPUT itself is its policy.", everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 1001 -j RETURN\n-A OUTPUT -j ACCEPT");
       on.packet("uid=1001 dst={host} dport=80", "DROP 1 policy:3");
       on.packet("uid=1002 dst={host} dport=80", "ACCEPT 2");
       on.proves("", answer::proved);
     }},
    {"A user chain has no policy: an empty one returns.", everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT ACCEPT\n:A -\n-A OUTPUT -j A\n-A OUTPUT -j DROP");
       on.packet("uid=1001 dst={host} dport=80", "DROP 1 A:return:1 2");
     }},
    {"The policy of a built-in chain is ACCEPT or DROP and nothing else.", everywhere,
     [](demonstration& on) {
       for (const char* const policy : {"REJECT", "RETURN", "QUEUE", "accept"})
         on.refused(std::string("*filter\n:OUTPUT ") + policy + " [0:0]\nCOMMIT\n");
       on.prints("*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n", ":OUTPUT DROP");
     }},
    {"A rule without a target, and LOG, NFLOG, MARK, CONNMARK and AUDIT, let the packet go on.", everywhere,
     [](demonstration& on) {
       on.rules(
           "-A OUTPUT\n-A OUTPUT -j LOG --log-prefix x\n-A OUTPUT -j NFLOG --nflog-group 9\n-A OUTPUT -j MARK "
           "--set-mark 1\n"
           "-A OUTPUT -j CONNMARK --set-mark 1\n-A OUTPUT -j AUDIT --type accept\n-A OUTPUT -j DROP");
       on.packet("uid=1001 dst={host} dport=80", "DROP 1 2 3 4 5 6 7");
     }},
    {"NFQUEUE ends the walk: without a listener the packet is lost, or with --queue-bypass accepted, and the DROP "
     "below is not asked.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           "-A OUTPUT -m owner --uid-owner 1001 -j NFQUEUE --queue-num 7\n-A OUTPUT -m owner --uid-owner 1001 -j "
           "ACCEPT");
       on.undecided("uid=1001 dst={host} dport=80", "DROP");
       on.proves("", answer::unknown);
       on.rules(
           "-A OUTPUT -m owner --uid-owner 1001 -j NFQUEUE --queue-num 7 --queue-bypass\n-A OUTPUT -m owner "
           "--uid-owner 1001 -j DROP");
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.proves("", answer::unknown);
     }},
    {"A program behind NFQUEUE may give a packet that it accepts a mark, which the tables behind ask for.", everywhere,
     [](demonstration& on) {
       constexpr std::string_view rules =
           "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -j NFQUEUE --queue-num 7\nCOMMIT\n"
           "*filter\n:OUTPUT DROP\n-A OUTPUT -m mark --mark 0x5 -j ACCEPT\nCOMMIT\n";
       on.traffic(rules,
                  [family = on.of().family] {
                    const queue_program program(7, 5);
                    udp_pair pair(family, sandbox, other);
                    pair.send_from_client(1);
                    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the program has the word
                  },
                  {{"the datagram", by(sandbox), "ACCEPT", {}, true}});
       on.rules(rules);
       on.proves("", answer::unknown);
     }},
    {"A chain that is reached twice is asked twice, and may answer differently once a mark has changed between.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           ":OUTPUT ACCEPT\n:A -\n-A OUTPUT -j A\n-A OUTPUT -j MARK --set-mark 0x1\n-A OUTPUT -j A\n-A A -m mark "
           "--mark 0x1 -j DROP");
       on.packet("uid=1001 dst={host} dport=80", "DROP 1 A:return:2 2 3 A:rule:1");
       on.proves("", answer::proved);
     }},
    {"A rule of a user chain that drops everything is that rule's doing, though legacy's TRACE calls it the chain's "
     "return.",
     everywhere,
     [](demonstration& on) {
       on.rules(
           ":OUTPUT ACCEPT\n:S -\n-A OUTPUT -m owner --uid-owner 1001 -j S\n-A OUTPUT -j ACCEPT\n-A S -p udp\n-A S "
           "-j DROP");
       on.packet("uid=1001 dst={host} dport=80", "DROP 1 S:rule:2");
       on.packet("uid=1002 dst={host} dport=80", "ACCEPT 2");
     }},
    {"A chain may be called REJECT, and `-j REJECT` then jumps to it.", everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT ACCEPT\n:REJECT -\n-A OUTPUT -j REJECT\n-A REJECT -p udp -j DROP");
       on.packet("uid=1001 proto=tcp dst={host} dport=80", "ACCEPT 1 REJECT:return:2 policy:2");
       on.packet("uid=1001 proto=udp dst={host} dport=80", "DROP 1 REJECT:rule:1");
       on.proves("", answer::leak);
       on.warned(":OUTPUT ACCEPT\n:REJECT -\n-A OUTPUT -j REJECT", "hides the target of that name");
     }},
    {"A chain's name has at most 28 characters, is no verdict's, and `-g` leads to chains alone.", everywhere,
     [](demonstration& on) {
       on.prints(":OUTPUT ACCEPT\n:abcdefghijklmnopqrstuvwxyz12 -", ":abcdefghijklmnopqrstuvwxyz12");
       on.refused(":OUTPUT ACCEPT\n:abcdefghijklmnopqrstuvwxyz123 -");
       on.refused(":OUTPUT ACCEPT\n:ACCEPT -");
       on.refused("-A OUTPUT -g REJECT");
       on.refused("-A OUTPUT -j NOSUCH");
       on.refused("-A OUTPUT -j INPUT");
     }},
};

}  // namespace

std::span<const trap> chain_traps() { return chain_list; }

}  // namespace cordon::kernel
