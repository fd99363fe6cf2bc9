// Which rules of owner and conntrack real traffic matches, packet by packet: the kernel's word against the model's.
//
// Injected packets all have a socket and a user. Here are the others: RSTs, ICMP errors, the last packets of closed
// sockets, SYN-ACKs, connections in each state. All rules go on (they have no target), so that one packet is asked by
// every rule; TRACE tells which matched.

#include <cstddef>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/simulate/program.hpp>

#include "comparison.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "trace_legacy.hpp"
#include "trace_nft.hpp"
#include "traffic_scenes.hpp"
#include "traffic_stage.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

/// Every option of owner, its negation, its bounds, and the options together. The users are those of the scenes.
constexpr std::string_view owner_rules[] = {
    "--socket-exists",
    "! --socket-exists",
    "--uid-owner 3000",
    "! --uid-owner 3000",
    "--uid-owner 0",
    "! --uid-owner 0",
    "--uid-owner 4000",
    "! --uid-owner 4000",
    "--uid-owner 5000",
    "! --uid-owner 5000",
    "--uid-owner 4294967294",
    "! --uid-owner 4294967294",
    "--uid-owner 0-4294967294",
    "! --uid-owner 0-4294967294",
    "--uid-owner 2999-3000",
    "--uid-owner 3000-3001",
    "--uid-owner 2998-2999",
    "--uid-owner 3001-3999",
    "! --uid-owner 2999-3000",
    "! --uid-owner 3000-3001",
    "! --uid-owner 2998-2999",
    "! --uid-owner 3001-3999",
    "--gid-owner 3001",
    "! --gid-owner 3001",
    "--gid-owner 0",
    "! --gid-owner 0",
    "--gid-owner 3000",
    "! --gid-owner 3000",
    "--gid-owner 0-4294967294",
    "! --gid-owner 0-4294967294",
    "--gid-owner 3001-3002",
    "--gid-owner 3002-4001",
    "! --gid-owner 3000-3001",
    "! --gid-owner 2999-3000",
    "--gid-owner 3001 --suppl-groups",
    "! --gid-owner 3001 --suppl-groups",
    "--uid-owner 3000 --gid-owner 3001",
    "--uid-owner 3000 ! --gid-owner 3001",
    "! --uid-owner 3000 --gid-owner 3001",
    "! --uid-owner 3000 ! --gid-owner 3001",
    "--uid-owner 3000 --gid-owner 4001",
    "--uid-owner 3000 ! --gid-owner 4001",
    "! --uid-owner 3000 ! --gid-owner 4001",
    "--socket-exists --uid-owner 3000",
    "--socket-exists ! --uid-owner 3000",
    "! --socket-exists --uid-owner 3000",
    "! --socket-exists ! --uid-owner 3000",
    "--socket-exists --gid-owner 3001",
    "--socket-exists ! --gid-owner 3001",
    "! --socket-exists --gid-owner 3001",
    "! --socket-exists ! --gid-owner 3001",
    "--socket-exists --uid-owner 3000 --gid-owner 3001",
    "--socket-exists ! --uid-owner 3000 ! --gid-owner 3001",
    "! --socket-exists ! --uid-owner 3000 ! --gid-owner 3001",
};

/// The same for conntrack's options that read alike in both families.
constexpr std::string_view conntrack_rules[] = {
    "--ctstate NEW",
    "! --ctstate NEW",
    "--ctstate ESTABLISHED",
    "! --ctstate ESTABLISHED",
    "--ctstate RELATED",
    "! --ctstate RELATED",
    "--ctstate INVALID",
    "! --ctstate INVALID",
    "--ctstate UNTRACKED",
    "! --ctstate UNTRACKED",
    "--ctstate SNAT",
    "! --ctstate SNAT",
    "--ctstate DNAT",
    "! --ctstate DNAT",
    "--ctstate RELATED,ESTABLISHED",
    "! --ctstate RELATED,ESTABLISHED",
    "--ctstate NEW,UNTRACKED",
    "--ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED",
    "! --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED",
    "--ctproto tcp",
    "! --ctproto tcp",
    "--ctproto 17",
    "! --ctproto 17",
    "--ctproto 253",
    "--ctorigsrcport 32768:46863",
    "! --ctorigsrcport 32768:46863",
    "--ctorigdstport 32768:46863",
    "! --ctorigdstport 32768:46863",
    "--ctreplsrcport 32768:46863",
    "! --ctreplsrcport 32768:46863",
    "--ctrepldstport 32768:46863",
    "! --ctrepldstport 32768:46863",
    "--ctorigdstport 9",
    "! --ctorigdstport 9",
    "--ctreplsrcport 9",
    "--ctorigsrcport 0:65535",
    "! --ctorigsrcport 0:65535",
    "--ctstatus NONE",
    "! --ctstatus NONE",
    "--ctstatus EXPECTED",
    "! --ctstatus EXPECTED",
    "--ctstatus SEEN_REPLY",
    "! --ctstatus SEEN_REPLY",
    "--ctstatus ASSURED",
    "! --ctstatus ASSURED",
    "--ctstatus CONFIRMED",
    "! --ctstatus CONFIRMED",
    "--ctstatus SEEN_REPLY,ASSURED",
    "! --ctstatus SEEN_REPLY,ASSURED",
    "--ctexpire 0:4294967295",
    "! --ctexpire 0:4294967295",
    "--ctdir ORIGINAL",
    "--ctdir REPLY",
    "--ctstate NEW --ctdir ORIGINAL",
    "--ctstate INVALID --ctdir REPLY",
    "! --ctstate INVALID --ctdir REPLY",
    "--ctstate UNTRACKED --ctproto tcp",
    "! --ctstate NEW ! --ctproto tcp",
};

constexpr std::string_view conntrack_addresses_v4[] = {
    "--ctorigsrc 127.0.0.1", "! --ctorigsrc 127.0.0.1", "--ctorigsrc 10.9.0.0/24", "! --ctorigsrc 10.9.0.0/24",
    "--ctorigdst 127.0.0.2", "! --ctorigdst 127.0.0.2", "--ctorigdst 127.0.0.0/8", "! --ctorigdst 127.0.0.0/8",
    "--ctreplsrc 127.0.0.2", "! --ctreplsrc 127.0.0.2", "--ctreplsrc 10.9.0.1",    "! --ctreplsrc 10.9.0.1",
    "--ctrepldst 10.9.0.1",  "! --ctrepldst 10.9.0.1",  "--ctrepldst 127.0.0.1",   "! --ctrepldst 127.0.0.1",
};
constexpr std::string_view conntrack_addresses_v6[] = {
    "--ctorigsrc ::1",     "! --ctorigsrc ::1",     "--ctorigsrc fd09::/64", "! --ctorigsrc fd09::/64",
    "--ctorigdst ::1",     "! --ctorigdst ::1",     "--ctorigdst fd09::1",   "! --ctorigdst fd09::1",
    "--ctreplsrc ::1",     "! --ctreplsrc ::1",     "--ctreplsrc fd09::1",   "! --ctreplsrc fd09::1",
    "--ctrepldst fd09::1", "! --ctrepldst fd09::1", "--ctrepldst ::1",       "! --ctrepldst ::1",
};

constexpr std::string_view state_rules[] = {
    "--state NEW",       "! --state NEW",       "--state ESTABLISHED", "! --state ESTABLISHED",
    "--state RELATED",   "! --state RELATED",   "--state INVALID",     "! --state INVALID",
    "--state UNTRACKED", "! --state UNTRACKED", "--state NEW,RELATED",
};

/// Both in one rule, and what a rule says before its matches.
constexpr std::string_view mixed_rules[] = {
    "-m conntrack --ctstate ESTABLISHED -m owner ! --uid-owner 3000",
    "-m owner ! --uid-owner 3000 -m conntrack --ctstate ESTABLISHED,RELATED",
    "-m owner --uid-owner 3000 -m conntrack ! --ctstate NEW",
    "-o lo -m owner ! --uid-owner 3000",
    "! -o lo -m owner --uid-owner 3000",
    "-p tcp -m owner ! --uid-owner 3000-5000",
    "-p udp -m owner --uid-owner 3000",
    "! -p tcp -m owner ! --socket-exists",
    "-p tcp --tcp-flags RST RST -m owner --socket-exists",
    "-p tcp --tcp-flags RST RST -m owner ! --socket-exists",
    "-p tcp --syn -m conntrack --ctstate NEW",
    "-p tcp ! --syn -m conntrack --ctstate NEW",
};

class rule_text {
 public:
  explicit rule_text(ip_family family) : v4_(family == ip_family::v4) {}

  /// The table named, its rules asking all there is.
  void add_table(std::string_view name) {
    text_.append("*").append(name).append("\n:OUTPUT ACCEPT\n");
    table_ = name;
    number_ = 0;
    add_all("-m owner", owner_rules);
    add_all("-m conntrack", conntrack_rules);
    if (v4_)
      add_all("-m conntrack", conntrack_addresses_v4);
    else
      add_all("-m conntrack", conntrack_addresses_v6);
    add_all("-m state", state_rules);
    add_all("", mixed_rules);
    if (v4_) {
      add("-f");
      add("! -f");
    }
  }
  void add(std::string_view rule) {
    text_.append("-A OUTPUT ").append(rule).append("\n");
    written_[table_ + ":OUTPUT:rule:" + std::to_string(++number_)] = rule;
  }
  /// A rule that is not compared.
  void add_hidden(std::string_view rule) {
    ++number_;
    text_.append("-A OUTPUT ").append(rule).append("\n");
  }
  void commit() { text_.append("COMMIT\n"); }

  const std::string& text() const { return text_; }
  std::string written(std::string_view place) const {
    const auto found = written_.find(place);
    return found == written_.end() ? "" : found->second;
  }

 private:
  template <std::size_t Count>
  void add_all(std::string_view match, const std::string_view (&rules)[Count]) {
    for (const std::string_view rule : rules) add(std::string(match) + " " + std::string(rule));
  }

  bool v4_;
  std::string text_;
  std::string table_;
  std::size_t number_ = 0;
  std::map<std::string, std::string, std::less<>> written_;
};

/// raw, mangle and filter ask the same; the end of filter rejects what one user sends. With `notrack`, the end of raw
/// keeps another user's packets from being tracked; the model is told that by their state.
rule_text rules_for(ip_family family, bool notrack) {
  rule_text made(family);
  made.add_table("raw");
  if (notrack) made.add_hidden("-m owner --uid-owner 7000 -j CT --notrack");
  made.commit();
  made.add_table("mangle");
  made.commit();
  made.add_table("filter");
  made.add("-p tcp -m owner --uid-owner 6000 -j REJECT --reject-with tcp-reset");
  made.add("-m owner --uid-owner 6000 -j REJECT");
  made.commit();
  return made;
}

struct observation {
  comparison results;
  bool spoilt = false;  ///< see stage::spoilt
};

/// Plays everything once.
observation observe(back_end which, ip_family family) {
  world here({.silence_replies = false});
  wait_for_local_addresses();
  std::ofstream("/proc/sys/net/ipv4/ping_group_range") << "0 2147483647" << std::flush;  // of both families
  const rule_text loaded = rules_for(family, true);
  const tool_result result = here.load(which, family, loaded.text());
  if (!result.worked()) throw std::runtime_error("the kernel does not load the rules: " + result.errors);
  const rule_text modelled = rules_for(family, false);
  firewall rules;
  rules.of(family_of(family)) = read_rules(which, family, modelled.text());
  const program compiled = compile(rules, family_of(family));

  std::unique_ptr<legacy_tracer> legacy;
  std::unique_ptr<nft_tracer> nft;
  if (which == back_end::legacy) {
    legacy = std::make_unique<legacy_tracer>(here, legacy_tracer::options{.conntrack_state = true});
    legacy->set_rules(family, count_rules(loaded.text()));
  } else {
    nft = std::make_unique<nft_tracer>(here, nft_tracer::options{.conntrack_state = true});
    nft->read_rules();
  }
  observation made;
  stage on(
      family, compiled, [&] { return legacy ? legacy->take() : nft->take(); },
      [&](std::string_view place) { return modelled.written(place); }, made.results);
  play_all(on);
  made.spoilt = on.spoilt();
  return made;
}

bool check(back_end which, ip_family family) {
  constexpr int most_attempts = 5;
  observation made;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    made = observe(which, family);
    if (!made.spoilt) break;
  }
  return made.results.report(std::string(name_of(which)) + (family == ip_family::v4 ? ", IPv4" : ", IPv6"));
}

}  // namespace

int main() {
  return run_with_both([](back_end which) {
    const bool v4 = check(which, ip_family::v4);
    return check(which, ip_family::v6) && v4;
  });
}
