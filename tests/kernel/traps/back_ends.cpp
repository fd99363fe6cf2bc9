// What iptables-legacy and iptables-nft do differently with the same rule.
#include <string>

#include <cordon/base/algorithm.hpp>
#include <cordon/lint/lint.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/packet_line_reader.hpp>

#include "inject.hpp"
#include "list.hpp"
#include "model.hpp"
#include "ownerless.hpp"
#include "packet_line.hpp"
#include "tool.hpp"
#include "traffic_stage.hpp"

namespace cordon::kernel {
namespace {

/// Chains C1 to C<depth>, each jumping to the next, from OUTPUT on.
std::string nested(unsigned depth) {
  std::string chains = ":OUTPUT ACCEPT [0:0]\n";
  std::string rules = "-A OUTPUT -j C1\n";
  for (unsigned i = 1; i <= depth; ++i) {
    chains += ":C" + std::to_string(i) + " - [0:0]\n";
    rules += "-A C" + std::to_string(i) + (i == depth ? " -j DROP\n" : " -j C" + std::to_string(i + 1) + "\n");
  }
  return "*filter\n" + chains + rules + "COMMIT\n";
}

/// A world with rules of both back ends.
class doubled {
 public:
  /// `first` are loaded before the others.
  doubled(demonstration& on, std::string_view legacy, std::string_view nft, back_end first = back_end::legacy)
      : on_(on) {
    if (first == back_end::legacy) load(back_end::legacy, legacy);
    load(back_end::nft, nft);
    if (first == back_end::nft) load(back_end::legacy, legacy);
  }
  const firewall& rules() const { return rules_; }
  void packet(std::string_view line, std::string_view expected) {
    const std::string about = on_.words(line);
    kernel_packet(line, expected);
    const auto asked = cordon::read_packet_line(about);
    if (!asked) throw std::runtime_error(about);
    const cordon::outcome said = simulate(compile(rules_, family_of(on_.of().family)), *asked);
    on_.equal(about + ", cordon", std::string(to_text(said.verdict).view()), std::string(expected));
  }
  /// Of a packet that the kernel lets out or stops by the order in which the rules were loaded: cordon says that it is
  /// unknown, and names the table.
  void undecided(std::string_view line, cordon::table_name by) {
    const std::string about = on_.words(line);
    const auto asked = cordon::read_packet_line(about);
    if (!asked) throw std::runtime_error(about);
    const cordon::outcome said = simulate(rules_, *asked);
    on_.equal(about + ", cordon", std::string(to_text(said.verdict).view()), "UNKNOWN");
    const bool is_named = cordon::detail::any_of(said.hangs_on, [&](const cordon::open_question& one) {
      return one.table == by && one.because == cordon::which_is_first;
    });
    on_.check(is_named, about + ": cordon does not say that it hangs on which back end is asked first");
  }
  /// How often a rule of one back end was met, as its save tells: `[1:`.
  bool was_met(back_end which, std::string_view rule) const {
    const bool v4 = on_.v4();
    const char* const save = which == back_end::legacy ? (v4 ? "iptables-legacy-save" : "ip6tables-legacy-save")
                                                       : (v4 ? "iptables-nft-save" : "ip6tables-nft-save");
    const std::string saved = run_program({save, "-c"}).output;
    const auto at = saved.find(rule);
    const auto line = saved.rfind('\n', at);
    if (at == std::string::npos || line == std::string::npos) throw std::runtime_error("no such rule in " + saved);
    return saved.compare(line + 1, 3, "[0:") != 0;
  }
  void kernel_packet(std::string_view line, std::string_view expected) {
    const std::string about = on_.words(line);
    wire_packet wire;
    wire.family = on_.of().family;
    if (const auto wrong = kernel::read_packet_line(about, wire)) throw std::runtime_error(about + ": " + *wrong);
    on_.equal(about + ", the kernel", sender_.send(wire) == 0 ? "ACCEPT" : "DROP", std::string(expected));
  }

 private:
  void load(back_end which, std::string_view text) {
    family_rules& into = rules_.of(family_of(on_.of().family));
    into.absent = false;
    into.rulesets.push_back(load_both(here_, which, on_.of().family, on_.table_text(text)));
  }

  demonstration& on_;
  world here_;
  injector sender_;
  firewall rules_ = {.v4 = family_rules::none(), .v6 = family_rules::none()};
};

constexpr trap back_end_list[] = {
    {"`-p udp ! --dport :` fits nothing under legacy, whose save looks as if it fitted every port, and everything "
     "under nft.",
     everywhere,
     [](demonstration& on) {
       constexpr std::string_view rule = "-A OUTPUT -p udp ! --dport : -j DROP";
       on.rules(rule);
       on.packet("uid=1001 proto=udp dst={host} dport=53", on.either("ACCEPT policy:2", "DROP 1"));
       on.packet("uid=1001 proto=tcp dst={host} dport=53", "ACCEPT policy:2");
       on.prints(rule, on.either("-A OUTPUT -p udp -m udp -j DROP", "-A OUTPUT -p udp -j DROP"));
       on.rules(":OUTPUT DROP\n-A OUTPUT -p udp ! --dport : -j ACCEPT");
       on.proves("", on.legacy() ? answer::proved : answer::leak);
       on.warned(rule, on.either("what it prints fits every packet", "makes a rule of it that fits every packet"));
     }},
    {"`! -o +` fits nothing, and legacy saves nothing of it, so that the rule fits everything when it is loaded "
     "again.",
     everywhere,
     [](demonstration& on) {
       on.rules("-A OUTPUT ! -o + -j DROP");
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT policy:2");
       on.packet("uid=1001 dst={lo} dport=80", "ACCEPT policy:2");
       on.prints("-A OUTPUT ! -o + -j DROP", on.either("-A OUTPUT -j DROP", "-A OUTPUT ! -o + -j DROP"));
       on.warned("-A OUTPUT ! -o + -j DROP", "fits no packet");
       on.rules(":OUTPUT DROP\n-A OUTPUT ! -o + -j ACCEPT");
       on.proves("", answer::proved);
     }},
    {"`! -p tcp -m tcp --dport 80` is refused by legacy; nft takes it for port 80 of every other protocol, UDP's "
     "too.",
     everywhere,
     [](demonstration& on) {
       constexpr std::string_view rule = "-A OUTPUT ! -p tcp -m tcp --dport 80 -j DROP";
       if (on.legacy()) return on.refused(rule);
       on.rules(rule);
       on.packet("uid=1001 proto=udp dst={host} dport=80", "DROP 1");
       on.packet("uid=1001 proto=udp dst={host} dport=81", "ACCEPT policy:2");
       on.packet("uid=1001 proto=tcp dst={host} dport=80", "ACCEPT policy:2");
       on.rules(":OUTPUT DROP\n-A OUTPUT ! -p tcp -m tcp --dport 80 -j ACCEPT");
       on.proves("--allow udp:{[host]}:80", answer::leak);
     }},
    {"`! -d 0.0.0.0/0` and `! -d ::/0` fit nothing under legacy, and are refused by nft.", everywhere,
     [](demonstration& on) {
       const std::string_view rule = on.v4() ? "-A OUTPUT ! -d 0.0.0.0/0 -j DROP" : "-A OUTPUT ! -d ::/0 -j DROP";
       if (!on.legacy()) return on.refused(rule);
       on.rules(rule);
       on.packet("uid=1001 dst={host} dport=80", "ACCEPT policy:2");
       on.prints(rule, rule);
     }},
    {"nft reads the bytes of a later fragment as if they were ports; legacy's port matches fit no later fragment.",
     in_v4,
     [](demonstration& on) {
       on.rules("-A OUTPUT -p udp ! --dport 81 -j DROP");
       on.packet("uid=1001 proto=udp dst={host} frag=2 raw=9c40003500080000000000000000000000000000",
                 on.either("ACCEPT policy:2", "DROP 1"));
       on.packet("uid=1001 proto=udp dst={host} frag=2 raw=9c40005100080000000000000000000000000000",
                 "ACCEPT policy:2");
       on.rules(":OUTPUT DROP\n-A OUTPUT -p udp --dport 53:54 -j ACCEPT");
       on.packet("uid=1001 proto=udp dst={host} frag=2 raw=9c40003500080000000000000000000000000000",
                 on.either("DROP policy:2", "ACCEPT 1"));
       on.proves("--allow udp:0.0.0.0/0:53", answer::leak);
       on.proves("--allow udp:0.0.0.0/0:53-54", answer::proved);
     }},
    {"Legacy has TRACE in raw alone, TCPMSS only behind a test of SYN, and QUEUE; nft has the first two everywhere, "
     "and no QUEUE.",
     everywhere,
     [](demonstration& on) {
       const auto loads = [&](bool it_does, std::string_view rule) {
         if (it_does)
           on.prints(rule, rule);
         else
           on.refused(rule);
       };
       loads(!on.legacy(), "-A OUTPUT -j TRACE");
       loads(!on.legacy(), "-A OUTPUT -p tcp -j TCPMSS --set-mss 1400");
       loads(on.legacy(), "-A OUTPUT -j QUEUE");
       on.prints("*raw\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j TRACE\nCOMMIT\n", "-A OUTPUT -j TRACE");
     }},
    {"nft loads no more than sixteen chains deep, the built-in one counted; legacy runs a thousand.", everywhere,
     [](demonstration& on) {
       if (on.legacy()) {
         on.rules(nested(1100));
         on.packet("uid=1001 dst={host} dport=80", "DROP");
         return;
       }
       on.refused(nested(16));
       on.rules(nested(15));
       on.packet("uid=1001 dst={host} dport=80", "DROP");
     }},
    {"A chain that leads to itself is loaded as long as OUTPUT does not reach it, and refused when it does.",
     everywhere,
     [](demonstration& on) {
       constexpr std::string_view loop = ":OUTPUT ACCEPT\n:A -\n:B -\n-A A -j B\n-A B -g A";
       on.prints(loop, ":A\n:B\n-A A -j B\n-A B -g A");
       on.refused(std::string(loop) + "\n-A OUTPUT -j A");
       on.refused(std::string(loop) + "\n-A OUTPUT -p tcp -m tcp --dport 80 -j A");
     }},
    {"Rules of legacy and of nft are both active, and a packet must pass both.", in_nft,
     [](demonstration& on) {
       doubled both(on, "-A OUTPUT -p tcp --dport 80 -j ACCEPT\n-A OUTPUT -p tcp --dport 81 -j DROP",
                    "-A OUTPUT -p tcp --dport 80 -j DROP\n-A OUTPUT -p tcp --dport 81 -j ACCEPT");
       both.packet("uid=1001 proto=tcp dst={host} dport=80", "DROP");
       both.packet("uid=1001 proto=tcp dst={host} dport=81", "DROP");
       both.packet("uid=1001 proto=tcp dst={host} dport=82", "ACCEPT");
       doubled halves(on, ":OUTPUT DROP\n-A OUTPUT -p tcp -j ACCEPT", ":OUTPUT DROP\n-A OUTPUT -p udp -j ACCEPT");
       halves.packet("uid=1001 proto=tcp dst={host} dport=80", "DROP");
       halves.packet("uid=1001 proto=udp dst={host} dport=80", "DROP");
       on.check(prove(halves.rules(), cordon::sandbox(uid(1001))).proved(),
                "cordon does not prove that nothing passes both");
     }},
    {"Of one table of both back ends the one that was made last is asked first, and no dump tells which that was.",
     in_nft,
     [](demonstration& on) {
       constexpr std::string_view marks = "*mangle\n-A OUTPUT -m owner --uid-owner 1001 -j MARK --set-mark 1\nCOMMIT\n";
       constexpr std::string_view drops = "*mangle\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n";
       for (const back_end first : {back_end::legacy, back_end::nft}) {
         doubled both(on, marks, drops, first);
         both.kernel_packet("uid=1001 proto=udp dst={host} dport=53", first == back_end::legacy ? "ACCEPT" : "DROP");
         both.undecided("uid=1001 proto=udp dst={host} dport=53", table_name::mangle);
         on.check(
             prove(both.rules(), cordon::sandbox(uid(1001))).of(family_of(on.of().family)).answer == answer::unknown,
             "cordon takes one order for granted");
         firewall open = both.rules();
         open.of(family_of(on.of().family)).rulesets.pop_back();
         on.check(differences(both.rules(), open, cordon::sandbox(uid(1001))).of(family_of(on.of().family)).answer ==
                      cordon::comparison::unknown,
                  "cordon compares in one order");
       }
     }},
    {"What one back end drops and the other rejects meets the one whose table was made last, and the other's rule sees "
     "nothing of it.",
     in_nft,
     [](demonstration& on) {
       constexpr std::string_view sandbox = "-A OUTPUT -m owner --uid-owner 1001 -j ";
       for (const back_end first : {back_end::legacy, back_end::nft}) {
         doubled both(on, std::string(sandbox) + "DROP", std::string(sandbox) + "REJECT", first);
         both.kernel_packet("uid=1001 proto=udp dst={host} dport=53", "DROP");
         on.check(both.was_met(back_end::nft, "-j REJECT") == (first == back_end::legacy), "REJECT's counter");
         on.check(both.was_met(back_end::legacy, "-j DROP") == (first == back_end::nft), "DROP's counter");
         both.undecided("uid=1001 proto=udp dst={host} dport=53", table_name::filter);
         for (const cordon::finding& one : lint(both.rules()))
           on.check(one.id == "both-back-ends", "cordon lint: " + std::string(one.says.view()));
       }
     }},
    {"Of two nat tables that both lead a packet elsewhere the one does that was made last.", in_nft,
     [](demonstration& on) {
       constexpr std::string_view by_legacy =
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 5301\nCOMMIT\n";
       constexpr std::string_view by_nft =
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 5302\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -p udp --dport 5301 -j DROP\nCOMMIT\n";
       for (const back_end first : {back_end::legacy, back_end::nft}) {
         doubled both(on, by_legacy, by_nft, first);
         both.kernel_packet("uid=1001 proto=udp dst={lo} dport=53", first == back_end::legacy ? "ACCEPT" : "DROP");
         both.undecided("uid=1001 proto=udp dst={lo} dport=53", table_name::nat);
       }
     }},
    {"Of two security tables legacy's is asked first, whichever was made last: the other's chains have another priority.",
     in_nft,
     [](demonstration& on) {
       constexpr std::string_view marks = "*security\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -j MARK --set-mark 1\nCOMMIT\n";
       constexpr std::string_view drops = "*security\n:OUTPUT ACCEPT\n-A OUTPUT -m mark --mark 1 -j DROP\nCOMMIT\n";
       for (const back_end first : {back_end::legacy, back_end::nft}) {
         doubled(on, marks, drops, first).packet("uid=1001 proto=udp dst={host} dport=53", "DROP");
         doubled(on, drops, marks, first).packet("uid=1001 proto=udp dst={host} dport=53", "ACCEPT");
       }
     }},
    {"What nat of one back end leads to where it goes already, the other's is not asked about.", in_nft,
     [](demonstration& on) {
       constexpr std::string_view same =
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -d {host} -j DNAT --to-destination {host}\nCOMMIT\n";
       constexpr std::string_view elsewhere =
           "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp --dport 53 -j DNAT --to-destination {own}\nCOMMIT\n"
           "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -d {own} -j DROP\nCOMMIT\n";
       for (const back_end first : {back_end::legacy, back_end::nft}) {
         doubled both(on, same, elsewhere, first);
         both.kernel_packet("uid=1001 proto=udp dst={host} dport=53", first == back_end::legacy ? "DROP" : "ACCEPT");
         both.undecided("uid=1001 proto=udp dst={host} dport=53", table_name::nat);
       }
     }},
    {"What legacy's nat rewrites, the rules of nft see rewritten, though nothing that nft saves says so.", in_nft,
     [](demonstration& on) {
       doubled both(
           on, "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -d {host} --dport 53 -j DNAT --to-destination {lo}\nCOMMIT\n",
           "-A OUTPUT -d {host} -j ACCEPT\n-A OUTPUT -d {lo} -j DROP");
       both.packet("uid=1001 proto=udp dst={host} dport=53", "DROP");
       both.packet("uid=1001 proto=udp dst={host} dport=54", "ACCEPT");
     }},
    {"nf_tables' own `skuid != N`, into which iptables-translate turns `! --uid-owner N`, fits no packet without a "
     "user; iptables-nft's rule does.",
     everywhere,
     [](demonstration& on) {
       const char* const translate = on.v4() ? "iptables-translate" : "ip6tables-translate";
       const tool_result words = run_program({translate, "-A", "OUTPUT", "-m", "owner", "!", "--uid-owner", "1001"});
       on.check(words.output.find("skuid != 1001") != std::string::npos,
                "iptables-translate says " + words.output + words.errors);
       // The native rule is watched beside legacy's: the tracer of nft would report it too.
       const bool native = on.legacy();
       std::string counted;
       on.traffic("-A OUTPUT -m owner ! --uid-owner 1001",
                  [&] {
                    if (native)
                      run_program(
                          {"nft", "-f", "-"},
                          "table inet own {\n chain out {\n  type filter hook output priority 10;\n  meta skuid "
                          "!= 1001 counter\n }\n}\n");
                    refused_tcp(on.of().family, {1001, 1001});
                    if (native) counted = run_program({"nft", "list", "table", "inet", "own"}).output;
                  },
                  {{"the SYN", by({1001, 1001}), "ACCEPT policy:2"},
                   {"the RST", on.v4() ? by_kernel : by_nobody, "ACCEPT 1 policy:2"}});
       if (native) on.check(counted.find("packets 0 ") != std::string::npos, "the native rule: " + counted);
     }},
};

}  // namespace

std::span<const trap> back_end_traps() { return back_end_list; }

}  // namespace cordon::kernel
