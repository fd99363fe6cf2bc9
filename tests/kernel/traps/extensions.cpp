// Matches that no packet decides, sets, and what extensions take.
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

#include "counters.hpp"
#include "list.hpp"
#include "ownerless.hpp"
#include "socket_address.hpp"
#include "tool.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

constexpr trap extension_list[] = {
    {"ACCEPT behind `limit` may accept and DROP behind it may not drop: the same packet twice has two fates.",
     everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT DROP\n-A OUTPUT -m limit --limit 1/hour --limit-burst 1 -j ACCEPT");
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.undecided("uid=1001 dst={host} dport=80", "DROP");
       on.proves("", answer::unknown);
       on.rules(
           "-A OUTPUT -m owner --uid-owner 1001 -m limit --limit 1/hour --limit-burst 1 -j DROP\n-A OUTPUT -p udp -j "
           "DROP");
       on.undecided("uid=1001 dst={host} dport=80", "DROP");
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
     }},
    {"hashlimit, recent, quota, statistic and connlimit have a memory: what they say of a packet is not the "
     "packet's.",
     everywhere,
     [](demonstration& on) {
       for (const char* const match :
            {"-m quota --quota 60", "-m statistic --mode nth --every 2 --packet 0", "-m recent --name x ! --rcheck",
             "-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-name h"}) {
         on.rules(":OUTPUT DROP\n-A OUTPUT " + std::string(match) + " -m recent --name x --set -j ACCEPT");
         on.undecided("uid=1001 dst={host} dport=80 len=60", "ACCEPT");
         on.undecided("uid=1001 dst={host} dport=80 len=60", "DROP");
         on.proves("", answer::unknown);
       }
     }},
    {"A set decides who is in it: without its members, cordon calls its match open; what a rule asks of a set beyond "
     "its dimensions is not asked.",
     everywhere,
     [](demonstration& on) {
       const std::string create = "create cordon hash:ip family " + std::string(on.v4() ? "inet" : "inet6") +
                                  "\nadd cordon " + on.words("{host}") + "\n";
       on.rules(
           ":OUTPUT DROP\n-A OUTPUT -m set --match-set cordon dst -j ACCEPT\n-A OUTPUT -m set --match-set cordon "
           "dst,src,src -m owner --uid-owner 1002 -j ACCEPT",
           [&] {
             if (const tool_result done = run_program({"ipset", "restore"}, create); !done.worked())
               throw std::runtime_error(done.errors);
           });
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.undecided("uid=1001 dst={own} dport=80", "DROP");
       on.undecided("uid=1002 dst={host} dport=80", "ACCEPT");
       on.proves("", answer::unknown);
     }},
    {"A match of the packet's bytes asks for them as they are by then: u32 finds the TOS that a rule has set since it was "
     "asked before, and a packet that it let pass as another is accepted.",
     everywhere,
     [](demonstration& on) {
       const std::string match =
           "-A OUTPUT -m u32 --u32 " + std::string(on.v4() ? "0x0>>0x10&0xff=0x10" : "0x0>>0x14&0xff=0x10");
       const std::string drops = "*raw\n:OUTPUT ACCEPT\n" + match + " -j DROP\nCOMMIT\n";
       const std::string accepts = "*filter\n:OUTPUT DROP\n" + match + " -j ACCEPT\nCOMMIT\n";
       on.rules(drops + "*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -j TOS --set-tos 0x10\nCOMMIT\n" + accepts);
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.proves("", answer::unknown);
       on.rules(drops + accepts);
       on.packet("uid=1001 dst={host} dport=80", "DROP");
       on.proves("", answer::proved);
     }},
    {"A BPF program may say something else at each rule, for it may ask for a random number: of the packets that it does not let "
     "one rule drop another accepts some.",
     everywhere,
     [](demonstration& on) {
       // Loads SKF_AD_RANDOM, and lets half of all packets fit.
       const std::string match =
           "-A OUTPUT -m bpf --bytecode \"4,32 0 0 4294963256,53 0 1 2147483648,6 0 0 65535,6 0 0 0\"";
       const std::string rules = on.table_text(":OUTPUT DROP\n" + match + " -j DROP\n" + match + " -j ACCEPT");
       if (on.read(rules) == nullptr) return;
       world here;
       on.load(here, rules);
       const address to = address_of(on.words("{host}"));
       const descriptor datagrams = open_socket(to.family, SOCK_DGRAM, 0, sandbox);
       for (int i = 0; i < 300; ++i) send_to(datagrams, to, 9, "x");
       packet_counts seen = on.counted(here);
       on.check(seen["filter:OUTPUT:rule:1"] > 0, "the first rule drops nothing");
       on.check(seen["filter:OUTPUT:rule:2"] > 0, "the second rule accepts nothing");
       on.proves("", answer::unknown);
     }},
    {"A program may share the memory of what it sends with the kernel, and change it on its way (MSG_ZEROCOPY): of one packet "
     "`--string` says that a word is there, and a rule later that it is not.",
     everywhere,
     [](demonstration& on) {
       if (std::thread::hardware_concurrency() < 2) throw lacking("a second processor");
       const std::string match = " -p udp -m string --string AAAAAAAA --algo kmp --from 28 --to 64 -j DROP\n";
       std::string rules = "-A OUTPUT" + match;
       for (int i = 0; i < 2000; ++i) rules += "-A OUTPUT -o none -j DROP\n";
       rules +=
           "-A OUTPUT -p udp -m string ! --string AAAAAAAA --algo kmp --from 28 --to 64 -j DROP\n-A OUTPUT ! -p udp -j DROP";
       rules = on.table_text(rules);
       if (on.read(rules) == nullptr) return;
       world here;
       on.load(here, rules);
       const address to = address_of(on.words("{host}"));
       const descriptor datagrams = open_socket(to.family, SOCK_DGRAM, 0, sandbox);
       const int yes = 1;
       if (setsockopt(datagrams.get(), SOL_SOCKET, SO_ZEROCOPY, &yes, sizeof yes) != 0) throw lacking("SO_ZEROCOPY");
       connect_to(datagrams, to, 9);
       alignas(16) static std::atomic<std::uint64_t> word;  // beside nothing, where what is sent lies
       std::atomic<bool> ends = false;
       std::thread changes([&] {
         while (!ends) word = word == 0 ? 0x4141414141414141U : 0;
       });
       int sent = 0;
       const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
       while (sent == 0 && std::chrono::steady_clock::now() < end)
         for (int i = 0; i < 100; ++i) sent += send(datagrams.get(), &word, sizeof word, MSG_ZEROCOPY) > 0 ? 1 : 0;
       ends = true;
       changes.join();
       on.check(sent > 0, "no datagram has passed both rules");
       on.proves("", answer::unknown);
     }},
    {"A set is asked for what it holds by then: behind `SET --add-set` it holds what an earlier rule did not find there.",
     everywhere,
     [](demonstration& on) {
       const std::string create = "create cordon hash:ip family " + std::string(on.v4() ? "inet" : "inet6") + "\n";
       on.rules(
           ":OUTPUT DROP\n-A OUTPUT -m set --match-set cordon dst -j DROP\n-A OUTPUT -j SET --add-set cordon dst\n"
           "-A OUTPUT -m set --match-set cordon dst -j ACCEPT",
           [&] {
             if (const tool_result done = run_program({"ipset", "restore"}, create); !done.worked())
               throw std::runtime_error(done.errors);
           });
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.undecided("uid=1001 dst={host} dport=80", "DROP");
       on.proves("", answer::unknown);
     }},
    {"A set is asked about the address that nat has given a packet: where it was not found before it may be now.",
     everywhere,
     [](demonstration& on) {
       const std::string create = "create cordon hash:ip family " + std::string(on.v4() ? "inet" : "inet6") +
                                  "\nadd cordon " + on.words("{own}") + "\n";
       const std::string match = "-A OUTPUT -m set --match-set cordon dst -j ";
       on.rules("*mangle\n:OUTPUT ACCEPT\n" + match +
                    "DROP\nCOMMIT\n*nat\n:OUTPUT ACCEPT\n-A OUTPUT -d {host} -j DNAT "
                    "--to-destination {own}\nCOMMIT\n*filter\n:OUTPUT DROP\n" +
                    match + "ACCEPT\nCOMMIT\n",
                [&] {
                  if (const tool_result done = run_program({"ipset", "restore"}, create); !done.worked())
                    throw std::runtime_error(done.errors);
                });
       on.undecided("uid=1001 dst={host} dport=80", "ACCEPT");
       on.packet("uid=1001 dst={own} dport=80", "DROP");
       on.proves("", answer::unknown);
     }},
    {"addrtype asks the routing tables: every address of the host is LOCAL; no packet says which those are. "
     "`--limit-iface-in` is refused, and BROADCAST in IPv6.",
     everywhere,
     [](demonstration& on) {
       on.rules(":OUTPUT DROP\n-A OUTPUT -m addrtype --dst-type LOCAL -j ACCEPT");
       on.undecided("uid=1001 dst={own} dport=80", "ACCEPT");
       on.undecided("uid=1001 dst={lo} dport=80", "ACCEPT");
       on.undecided("uid=1001 dst={host} dport=80", "DROP");
       on.proves("", answer::unknown);
       on.refused("-A OUTPUT -m addrtype --dst-type LOCAL --limit-iface-in -j DROP");
       constexpr std::string_view broadcast = "-A OUTPUT -m addrtype --dst-type BROADCAST -j DROP";
       if (on.v4())
         on.prints(broadcast, broadcast);
       else
         on.refused(broadcast);
     }},
    {"cgroup fits nothing where there is no socket (IPv6's RST), not even negated, which is the opposite of owner; "
     "the kernel's own sockets are in the root's group.",
     everywhere,
     [](demonstration& on) {
       on.traffic("-A OUTPUT -m cgroup ! --cgroup 1 -j DROP",
                  [family = on.of().family] { refused_tcp(family, {1001, 1001}); },
                  {{"the SYN", by({1001, 1001}), "DROP", {}, true}});
       on.traffic("-A OUTPUT -m cgroup ! --cgroup 1 -m owner ! --uid-owner 0-4294967294 -j DROP",
                  [family = on.of().family] { refused_tcp(family, {1001, 1001}); },
                  {{"the SYN", by({1001, 1001}), "ACCEPT policy:2"},
                   {"the RST", on.v4() ? by_kernel : by_nobody, on.v4() ? "DROP" : "ACCEPT", {}, true}});
     }},
    {"A match that needs what only INPUT has is refused in OUTPUT: mac, socket, rpfilter, policy --dir in, devgroup "
     "--src-group, physdev --physdev-out.",
     everywhere,
     [](demonstration& on) {
       for (const char* const match :
            {"-m mac --mac-source 00:11:22:33:44:55", "-m socket", "-m policy --dir in --pol none",
             "-m devgroup --src-group 1", "-m physdev --physdev-out eth0"})
         on.refused("-A OUTPUT " + std::string(match) + " -j ACCEPT");
       on.refused("*raw\n:OUTPUT ACCEPT\n-A OUTPUT -m rpfilter -j ACCEPT\nCOMMIT\n");
     }},
    {"REJECT's types have short names that are saved as the long ones; tcp-reset needs `-p tcp`, and `! -p udp` will "
     "not do.",
     everywhere,
     [](demonstration& on) {
       if (on.v4())
         on.prints(
             "-A OUTPUT -j REJECT --reject-with net-unreach\n-A OUTPUT -j REJECT\n-A OUTPUT -p tcp -j REJECT "
             "--reject-with tcp-rst",
             "-A OUTPUT -j REJECT --reject-with icmp-net-unreachable\n-A OUTPUT -j REJECT --reject-with "
             "icmp-port-unreachable\n"
             "-A OUTPUT -p tcp -j REJECT --reject-with tcp-reset");
       else
         on.prints(
             "-A OUTPUT -j REJECT --reject-with no-route\n-A OUTPUT -j REJECT\n-A OUTPUT -p tcp -j REJECT "
             "--reject-with tcp-reset",
             "-A OUTPUT -j REJECT --reject-with icmp6-no-route\n-A OUTPUT -j REJECT --reject-with "
             "icmp6-port-unreachable\n"
             "-A OUTPUT -p tcp -j REJECT --reject-with tcp-reset");
       on.refused("-A OUTPUT -j REJECT --reject-with tcp-reset");
       on.refused("-A OUTPUT ! -p udp -j REJECT --reject-with tcp-reset");
       on.refused("-A OUTPUT -j REJECT --reject-with echo-reply");
     }},
    {"A log prefix of more than 29 characters is cut off in silence.", everywhere,
     [](demonstration& on) {
       on.prints("-A OUTPUT -j LOG --log-prefix 123456789012345678901234567890",
                 "-A OUTPUT -j LOG --log-prefix 12345678901234567890123456789");
     }},
};

}  // namespace

std::span<const trap> extension_traps() { return extension_list; }

}  // namespace cordon::kernel
