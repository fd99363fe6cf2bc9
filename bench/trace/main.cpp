// trace: what one rule costs a packet that passes it by: in `simulate`, which writes down the packet's way, in `verdict_of`,
// which does not, and in the kernel, in a network namespace of its own (as root; iptables-legacy).
#include <benchmark/benchmark.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <cordon/simulate/simulate.hpp>
#include <cordon/text/reader.hpp>

#include "../times.hpp"

using namespace cordon;
using namespace cordon::bench;

namespace {

constexpr unsigned rule_count = 10'000;
constexpr unsigned sent_packets = 2'000;

struct rule_kind {
  const char* name;
  const char* words;  ///< of a rule that does not fit the packet
};
constexpr rule_kind kinds[] = {
    {"-d ADDRESS", "-d 198.51.100.7/32"},
    {"-o INTERFACE", "-o eth7"},
    {"-p tcp --dport PORT", "-p tcp -m tcp --dport 81"},
    {"-p udp --dport PORT", "-p udp -m udp --dport 81"},
    {"multiport, five ports", "-p udp -m multiport --dports 81,82,83,84,85"},
    {"conntrack --ctstate", "-m conntrack --ctstate RELATED"},
    {"owner --uid-owner", "-m owner --uid-owner 12345"},
};

std::string table_of(const rule_kind& kind, unsigned count) {
  std::string made = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n";
  for (unsigned i = 0; i < count; ++i) made += std::string("-A OUTPUT ") + kind.words + " -j ACCEPT\n";
  return made + "COMMIT\n";
}

packet sent_packet() {
  packet made;
  made.protocol = protocol::udp;
  made.flags = 0;
  made.source = made.destination = 0x7f000001;
  made.second_word = 9;
  made.owner = {socket_kind::user, 0, 0};
  return made;
}

double seconds_of_this_thread() {
  rusage used = {};
  getrusage(RUSAGE_THREAD, &used);
  const auto seconds = [](const timeval& of) {
    return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// In a process that has a network namespace of its own: CPU seconds for a datagram that these rules drop. Negative: it cannot be
// measured.
double seconds_in_kernel(const std::string& rules) {
  if (std::system("ip link set lo up") != 0) return -1;
  FILE* const restore = popen("iptables-legacy-restore 2>/dev/null", "w");
  if (restore == nullptr) return -1;
  std::fputs(rules.c_str(), restore);
  if (pclose(restore) != 0) return -1;
  const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  double least = -1;
  for (int run = 0; run < 5; ++run) {
    const double before = seconds_of_this_thread();
    for (unsigned i = 0; i < sent_packets; ++i)
      sendto(descriptor, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    const double now = (seconds_of_this_thread() - before) / sent_packets;
    if (least < 0 || now < least) least = now;
  }
  close(descriptor);
  return least;
}

// What the kernel takes for a rule, in nanoseconds; negative: it cannot be asked.
double nanoseconds_in_kernel(const rule_kind& kind) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    double made = -1;
    if (unshare(CLONE_NEWNET) == 0) {
      const double none = seconds_in_kernel(table_of(kind, 0));
      const double all = none < 0 ? -1 : seconds_in_kernel(table_of(kind, rule_count));
      if (all >= 0) made = (all - none) / rule_count * 1e9;
    }
    _exit(write(ends[1], &made, sizeof made) == sizeof made ? 0 : 1);
  }
  close(ends[1]);
  double made = -1;
  if (read(ends[0], &made, sizeof made) != sizeof made) made = -1;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const rule_kind& kind : kinds)
    for (const bool with_way : {true, false})
      benchmark::RegisterBenchmark((std::string(kind.name) + (with_way ? "/simulate" : "/verdict_of")).c_str(),
                                   [&, with_way](benchmark::State& state) {
                                     firewall rules;
                                     rules.v4 = *read_ruleset(table_of(kind, rule_count), {.backend = backend::legacy});
                                     const program ready = compile(rules, family::ipv4);
                                     const packet sent = sent_packet();
                                     if (simulate(ready, sent).verdict.accepted())
                                       throw std::runtime_error("a rule fits that should not");
                                     for (auto _ : state) {
                                       if (with_way)
                                         benchmark::DoNotOptimize(simulate(ready, sent).way.size());
                                       else
                                         benchmark::DoNotOptimize(verdict_of(ready, sent).accepted());
                                     }
                                   });
  collector times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::printf(
      "\nCPU time for each of %u rules that a packet passes by, ns\n\n"
      "| rule | `simulate`, with the way | `verdict_of` | kernel, iptables-legacy |\n|---|---|---|---|\n",
      rule_count);
  for (const rule_kind& kind : kinds) {
    const double with_way = times.of(std::string(kind.name) + "/simulate") / rule_count;
    const double without = times.of(std::string(kind.name) + "/verdict_of") / rule_count;
    const double kernel = nanoseconds_in_kernel(kind);
    std::printf("| %s | %.1f | %.1f | ", kind.name, with_way, without);
    if (kernel < 0)
      std::printf("not measured (it takes root, and iptables-legacy) |\n");
    else
      std::printf("%.1f |\n", kernel);
  }
}
