// What iptables-restore makes of a text, and iptables-save of rules.
#include <string>

#include <cordon/prove/prove.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

#include "list.hpp"
#include "model.hpp"
#include "tool.hpp"

namespace cordon::kernel {
namespace {

std::string program(const demonstration& on, std::string_view what) {
  return std::string(on.v4() ? "iptables-" : "ip6tables-") + std::string(name_of(on.of().which)) + std::string(what);
}

bool reads(const demonstration& on, std::string_view text) {
  return bool(
      read_ruleset(text, {.family = family_of(on.of().family), .backend = backend_of(on.of().which), .file = "rules"}));
}

constexpr trap text_list[] = {
    {"A quote that opens inside a word swallows the rest of the line: `--comment a\"b -j DROP` is a comment, and "
     "drops nothing.",
     everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT -m comment --comment a\"b -j DROP\n-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT");
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT 1 2");
       on.warned("-A OUTPUT -m comment --comment a\"b -j DROP", "this quote is never closed");
       on.proves("", answer::leak);
       on.rules("-A OUTPUT -m comment --comment a\\\"b -j DROP\n-A OUTPUT -m owner --uid-owner 1001 -j ACCEPT");
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT 1 2");
     }},
    {"Single quotes are letters: `'a b'` is two words, and the second is refused.", everywhere,
     [](demonstration& on) {
       on.refused("-A OUTPUT -m comment --comment 'a b' -j DROP");
       on.prints(
           "-A OUTPUT -m comment --comment 'a' -j DROP\n-A OUTPUT -m comment --comment \"a \\\"b\\\" \\\\\" -j DROP\n"
           "-A OUTPUT -m comment --comment ab -j DROP\n-A OUTPUT -m comment --comment \"\" -j DROP",
           "-A OUTPUT -m comment --comment \"\\'a\\'\" -j DROP\n-A OUTPUT -m comment --comment \"a \\\"b\\\" \\\\\" "
           "-j DROP\n"
           "-A OUTPUT -m comment --comment ab -j DROP\n-A OUTPUT -m comment --comment \"\" -j DROP");
     }},
    {"The command takes a line feed in a comment, and what it saves then cannot be loaded: a rule could be hidden in "
     "it.",
     everywhere,
     [](demonstration& on) {
       world here;
       const std::string comment = "x\n-A OUTPUT -j ACCEPT";
       const tool_result made =
           run_program({program(on, ""), "-A", "OUTPUT", "-m", "comment", "--comment", comment, "-j", "DROP"});
       on.check(made.worked(), "the command refuses a line feed: " + made.errors);
       const std::string saved = here.save(on.of().which, on.of().family);
       on.check(saved.find("\n-A OUTPUT -j ACCEPT") != std::string::npos, "the save holds no second line:\n" + saved);
       on.check(!here.load(on.of().which, on.of().family, saved).worked(), "iptables-restore loads\n" + saved);
       on.check(!reads(on, saved), "cordon reads\n" + saved);
     }},
    {"Comments have up to 255 characters; what is longer is cut off.", everywhere,
     [](demonstration& on) {
       const std::string longest(255, 'x');
       on.prints("-A OUTPUT -m comment --comment " + longest + "yz -j DROP",
                 "-A OUTPUT -m comment --comment " + longest + " -j DROP");
     }},
    {"Save has an order of its own: -s -d -o -p, then the matches as they were written, with the `-m tcp` that "
     "`--dport` implied.",
     everywhere,
     [](demonstration& on) {
       on.prints(
           "-A OUTPUT -j DROP -m comment --comment z -p tcp --syn --dport 80 -m owner --uid-owner 7 -o lo -s {lo}",
           on.v4() ? "-A OUTPUT -s 127.0.0.1/32 -o lo -p tcp -m comment --comment z -m tcp --dport 80 --tcp-flags "
                     "FIN,SYN,RST,ACK SYN "
                     "-m owner --uid-owner 7 -j DROP"
                   : "-A OUTPUT -s ::1/128 -o lo -p tcp -m comment --comment z -m tcp --dport 80 --tcp-flags "
                     "FIN,SYN,RST,ACK SYN "
                     "-m owner --uid-owner 7 -j DROP");
     }},
    {"Names of protocols, ports and users are looked up where the rules are loaded; save prints numbers of ports and "
     "users, and names of protocols.",
     everywhere,
     [](demonstration& on) {
       on.prints("-A OUTPUT -p 17 --dport domain -m owner --uid-owner root -j DROP",
                 "-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 0 -j DROP");
       on.warned("-A OUTPUT -m owner --uid-owner root -j DROP", "was looked up on this machine");
     }},
    {"A host's name in `-d` is looked up when the rules are loaded, and may become several; cordon asks no one, and "
     "refuses it.",
     everywhere,
     [](demonstration& on) {
       const std::string text = on.table_text("-A OUTPUT -d localhost -j DROP");
       world here;
       // No name server is to be waited for: what is sent to one fails at once.
       for (const ip_family family : {ip_family::v4, ip_family::v6})
         here.load(on.of().which, family, "*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n");
       // `localhost` is in /etc/hosts; in which families differs from machine to machine.
       if (here.load(on.of().which, on.of().family, text).worked())
         on.check(here.save(on.of().which, on.of().family).find("localhost") == std::string::npos, "the name is kept");
       on.check(!reads(on, text), "cordon reads it");
     }},
    {"Counters before a rule and behind a chain are read, and count for nothing; `#` begins a comment at a line's "
     "start alone.",
     everywhere,
     [](demonstration& on) {
       on.prints("*filter\n:OUTPUT ACCEPT [7:70]\n[3:30] -A OUTPUT -j DROP\n# -A OUTPUT -j ACCEPT\nCOMMIT\n",
                 "-A OUTPUT -j DROP");
       on.refused("-A OUTPUT -j DROP # all of it");
     }},
    {"A table without COMMIT is not loaded, nor is one with a wrong line.", everywhere,
     [](demonstration& on) {
       on.refused("*filter\n:OUTPUT ACCEPT\n-A OUTPUT -j DROP\n");
       on.refused("*filter\n:OUTPUT ACCEPT\n-A OUTPUT -j DROP\n-A OUTPUT -j\nCOMMIT\n");
     }},
    {"`-4` and `-6` before a rule leave it to the other family's command; -I, -R, -D and -P stand in files too.",
     everywhere,
     [](demonstration& on) {
       on.prints(
           "-4 -A OUTPUT -p tcp -j DROP\n-6 -A OUTPUT -p udp -j DROP\n-I OUTPUT -p sctp -j DROP\n-A OUTPUT -p esp -j "
           "DROP\n"
           "-D OUTPUT -p esp -j DROP\n-P OUTPUT DROP",
           on.v4() ? ":OUTPUT DROP\n-A OUTPUT -p sctp -j DROP\n-A OUTPUT -p tcp -j DROP"
                   : ":OUTPUT DROP\n-A OUTPUT -p sctp -j DROP\n-A OUTPUT -p udp -j DROP");
     }},
    {"A file that deletes a rule which is not there is refused whole.", everywhere,
     [](demonstration& on) { on.refused("-A OUTPUT -p tcp -j DROP\n-D OUTPUT -p udp -j DROP"); }},
    {"Loaded without flushing, a file adds its rules once more each time, and `:OUTPUT ACCEPT` empties nothing.",
     everywhere,
     [](demonstration& on) {
       world here;
       const std::string text = "*filter\n:OUTPUT ACCEPT [0:0]\n-I OUTPUT -p tcp -j DROP\nCOMMIT\n";
       for (int i = 0; i < 2; ++i)
         on.check(run_program({program(on, "-restore"), "--noflush"}, text).worked(), "it is refused");
       const std::string saved = here.save(on.of().which, on.of().family);
       const auto first = saved.find("-A OUTPUT -p tcp -j DROP");
       on.check(first != std::string::npos && saved.find("-A OUTPUT -p tcp -j DROP", first + 1) != std::string::npos,
                "the rule is there once:\n" + saved);
       // What cordon renders for such a host takes the old jump out: loaded twice, it is there once.
       const auto host = read_rules(on.of().which, on.of().family, saved);
       on.check(host.find(table_name::filter)->find("OUTPUT")->rules.size() == 2, "cordon does not see two rules");
     }},
    {"A table without a `:OUTPUT` line leaves the policy as it is under legacy, and makes it ACCEPT under nft.",
     everywhere,
     [](demonstration& on) {
       world here;
       here.load(on.of().which, on.of().family, "*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n");
       const std::string text = "*filter\n-A OUTPUT -p tcp -j ACCEPT\nCOMMIT\n";
       on.check(here.load(on.of().which, on.of().family, text).worked(), "it is refused");
       const std::string saved = here.save(on.of().which, on.of().family);
       on.check(saved.find(on.either(":OUTPUT DROP", ":OUTPUT ACCEPT")) != std::string::npos,
                "the kernel's policy:\n" + saved);
       const auto made = read_ruleset(
           text, {.family = family_of(on.of().family), .backend = backend_of(on.of().which), .file = "rules"});
       if (!made) return on.check(false, "cordon refuses it");
       on.check(made->find(table_name::filter)->find("OUTPUT")->policy == chain_policy::accept,
                "cordon takes another policy than ACCEPT");
       on.check(made.diagnostics().empty() != on.legacy(), "cordon warns of a policy that is kept, and of no other");
     }},
    {"A host without rules saves nothing, an empty file is loaded without a word, and everything is accepted.",
     everywhere,
     [](demonstration& on) {
       world here;
       const std::string saved = here.save(on.of().which, on.of().family);
       on.check(saved.find('*') == std::string::npos, "the save of a new host:\n" + saved);
       on.check(here.load(on.of().which, on.of().family, "").worked(), "an empty file is refused");
       const auto made = read_ruleset(
           saved, {.family = family_of(on.of().family), .backend = backend_of(on.of().which), .file = "rules"});
       on.check(made && made->empty(), "cordon finds rules in it");
       firewall host;
       host.v4 = host.v6 = family_rules::none();
       host.of(family_of(on.of().family)) = family_rules(*made);
       on.check(prove(host, cordon::sandbox(uid(1001))).verdict() == answer::leak, "cordon sees no leak");
     }},
    {"`iptables-restore --test` asks the kernel nothing, and calls good what it then refuses.", everywhere,
     [](demonstration& on) {
       for (const char* const rules :
            {"*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j REJECT\nCOMMIT\n",
             "*filter\n:OUTPUT ACCEPT [0:0]\n:A - [0:0]\n-A OUTPUT -j A\n-A A -j A\nCOMMIT\n",
             "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m owner --uid-owner 9-3 -j DROP\nCOMMIT\n"}) {
         {
           world here;
           on.check(run_program({program(on, "-restore"), "--test"}, rules).worked(),
                    std::string("--test refuses\n") + rules);
         }
         on.refused(rules);
       }
     }},
    {"A chain line with a policy for a user chain is an error to legacy, and a chain without one to nft.", everywhere,
     [](demonstration& on) {
       constexpr std::string_view text = ":OUTPUT ACCEPT [0:0]\n:A DROP [0:0]\n-A OUTPUT -j A";
       if (on.legacy()) return on.refused(text);
       on.prints(text, ":A\n-A OUTPUT -j A");
       on.rules(text);
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT 1 A:return:1 policy:2");
       on.warned(text, "the policy of A is ignored");
     }},
};

}  // namespace

std::span<const trap> text_traps() { return text_list; }

}  // namespace cordon::kernel
