// The incident that cordon was written for, answered from the model alone: which doors did the sandbox's firewall leave
// open, which did its first fix, and what do rules look like that leave none?
//
// Run by examples/demonstrate, with the directory of the fixtures: what iptables-save printed on a real host.
#include <iostream>
#include <string>
#include <string_view>

#include <cordon/cordon.hpp>

using namespace cordon;

namespace {

constexpr egress_policy egress =
    sandbox(uid{1001}).may_reach(tcp, "127.0.0.1"_ip, 18443).may_reach(udp | tcp, "127.0.0.53"_ip, 53);

struct service {
  std::string_view name;
  std::uint16_t port;
  protocol by;
};
constexpr service services[] = {
    {"API (HTTPS)", 8000, tcp},    {"egress proxy", 18443, tcp}, {"Redis", 6379, tcp},
    {"object storage", 3900, tcp}, {"resolver", 53, udp},
};
constexpr address own_addresses[] = {"127.0.0.1"_ip, "10.9.0.1"_ip, "::1"_ip};

// What the sandbox sends first to an address of the host itself: it leaves by lo, whichever address that is.
packet first_packet(const service& to, const address& at) {
  packet made;
  made.family = at.family;
  made.owner = {.uid = 1001};
  made.out = "lo";
  made.protocol = to.by;
  made.source = made.destination = at.bits;
  made.second_word = to.port;
  return made;
}

std::string_view fate_of(const packet& sent, const firewall& rules) {
  const verdict met = simulate(rules, sent).verdict;
  return met.what == verdict::kind::unknown ? "unknown" : met.accepted() ? "let out" : "stopped";
}

void padded(std::string_view words, std::size_t width) {
  std::cout << words << std::string(words.size() < width ? width - words.size() : 1, ' ');
}

void row(const service& to, const address& at, const firewall& before, const firewall& after, const firewall& ours) {
  const packet sent = first_packet(to, at);
  text where;
  if (at.family == family::ipv6) where.append('[');
  where.append(to_text(at));
  if (at.family == family::ipv6) where.append(']');
  where.append(':').append_number(to.port).append(to.by == udp ? " udp" : "");
  padded(to.name, 16);
  padded(where, 20);
  padded(fate_of(sent, before), 10);
  padded(fate_of(sent, after), 10);
  std::cout << fate_of(sent, ours) << '\n';
}

void heading(std::string_view words) { std::cout << "\n=== " << words << "\n\n"; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: demonstration DIRECTORY (tests/fixtures/incident)\n";
    return 3;
  }
  const auto read = [directory = std::string(argv[1])](const std::string& name) {
    const std::string v4 = directory + "/" + name + ".v4";
    const std::string v6 = directory + "/" + name + ".v6";
    return read_firewall({.v4 = v4.c_str(), .v6 = v6.c_str()});
  };
  const auto before = read("before.nft");
  const auto after = read("after.nft");
  if (!before || !after) {
    std::cerr << before.diagnostics() << after.diagnostics();
    return 3;
  }
  const enforcement ours = enforce(egress);
  if (!ours.proved()) {
    std::cerr << ours.proof;
    return 1;
  }
  const firewall& our_rules = ours.firewall->rules();

  heading("What the sandbox (uid 1001) gets out to the host's own addresses");
  std::cout << "service         where               before    after     ours\n";
  for (const service& one : services) {
    for (const address& at : own_addresses) row(one, at, *before, *after, our_rules);
    if (one.by == udp) row(one, "127.0.0.53"_ip, *before, *after, our_rules);
  }

  heading("Before: the rules that leaked");
  std::cout << write_report(prove(*before, egress), {.rules = &*before});
  heading("After: the fix that was proposed");
  std::cout << write_report(prove(*after, egress), {.rules = &*after});
  heading("Ours: the rules that enforce() makes");
  std::cout << write_report(ours.proof, {.rules = &our_rules});
  heading("Ours, as a script that may be run again and again");
  std::cout << commands(ours);
}
