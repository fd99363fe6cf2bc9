// kernel_probe: asks the kernel which way packets take through rules. See `usage` below.

#include <chrono>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "counters.hpp"
#include "inject.hpp"
#include "ownerless.hpp"
#include "packet_line.hpp"
#include "trace_legacy.hpp"
#include "trace_nft.hpp"
#include "trace_text.hpp"
#include "world.hpp"

namespace {

using namespace cordon::kernel;

constexpr const char* usage =
    R"(usage: kernel_probe --backend legacy|nft [--v4 FILE] [--v6 FILE] [--packets FILE] [option...]

Makes a network namespace, loads the rules, sends each packet of FILE (or of standard input), and prints for each
    <errno of sendto> <pass|drop|never> <the way, as table:chain:rule|return|policy:number>
Other packets that passed OUTPUT meanwhile (REJECT's answers, real traffic) follow, indented.
  --state     print conntrack's state too, which makes conntrack active
  --blind     do not trace
  --counters  print the rules' counters at the end, and whether they agree with the traces
  --repeat N  send everything N times, print only how fast that was
A packet: family= uid= gid= proto= src= dst= sport= dport= flags=SYN,ACK icmp=8/0 out= mark= len= ttl= tos= id= df=
frag= more= fraghdr= bytes= payload=HEX raw=HEX ext=TYPE:HEX (packet_line.hpp says what they mean).
Real traffic on loopback: `real=WHAT family= uid=` with WHAT one of
    tcp (a connection, opened, used, closed), udp (there and back), rst (closed port), unreachable (closed UDP port),
    ping, orphan (close() with data pending). The server has uid 4000.
)";

struct arguments {
  back_end which = back_end::legacy;
  std::string v4;
  std::string v6;
  std::vector<std::string> lines;
  bool state = false;
  bool blind = false;
  bool counters = false;
  unsigned repeat = 0;
};

std::string content(std::istream& input) { return {std::istreambuf_iterator<char>(input), {}}; }

std::string file_content(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return content(file);
}

std::optional<arguments> read_arguments(const std::vector<std::string>& words) {
  arguments read;
  std::string packets;
  bool from_standard_input = true;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--state" || word == "--blind" || word == "--counters") {
      (word == "--state" ? read.state : word == "--blind" ? read.blind : read.counters) = true;
      continue;
    }
    if (++at == words.size()) return std::nullopt;
    const std::string& value = words[at];
    if (word == "--backend" && (value == "legacy" || value == "nft"))
      read.which = value == "nft" ? back_end::nft : back_end::legacy;
    else if (word == "--v4")
      read.v4 = file_content(value);
    else if (word == "--v6")
      read.v6 = file_content(value);
    else if (word == "--repeat")
      read.repeat = static_cast<unsigned>(std::stoul(value));
    else if (word == "--packets") {
      packets = file_content(value);
      from_standard_input = false;
    } else
      return std::nullopt;
  }
  if (from_standard_input) packets = content(std::cin);
  std::string line;
  for (const char letter : packets + "\n") {
    if (letter != '\n') {
      line += letter;
      continue;
    }
    if (!line.empty() && line[0] != '#') read.lines.push_back(line);
    line.clear();
  }
  return read;
}

/// One of the two tracers, or none.
class tracer {
 public:
  tracer(world& where, const arguments& chosen) {
    if (chosen.blind) return;
    if (chosen.which == back_end::nft) {
      nft_ = std::make_unique<nft_tracer>(where, nft_tracer::options{chosen.state});
      return;
    }
    legacy_ = std::make_unique<legacy_tracer>(where, legacy_tracer::options{chosen.state});
    for (const ip_family family : {ip_family::v4, ip_family::v6}) {
      legacy_->set_rules(family, count_rules(where.save(back_end::legacy, family)));
    }
  }
  std::vector<traced_packet> take() {
    if (nft_) return nft_->take();
    return legacy_ ? legacy_->take() : std::vector<traced_packet>{};
  }

 private:
  std::unique_ptr<legacy_tracer> legacy_;
  std::unique_ptr<nft_tracer> nft_;
};

void print_others(const std::vector<traced_packet>& packets, std::size_t first) {
  for (std::size_t at = first; at < packets.size(); ++at) {
    std::cout << "    " << packet_text(packets[at]) << (packets[at].passed ? " pass " : " drop ")
              << outcome_text(packets[at]) << '\n';
  }
}

void send_real(const std::string& line) {
  const ip_family family = line.find("family=6") != std::string::npos ? ip_family::v6 : ip_family::v4;
  const std::string what = line.substr(5, line.find(' ') - 5);
  owner_ids client;
  if (const std::size_t at = line.find("uid="); at != std::string::npos)
    client.uid = static_cast<std::uint32_t>(std::stoul(line.substr(at + 4)));
  if (!make_real_traffic(what, family, client, {4000, 4000})) throw std::runtime_error("no such traffic: " + what);
}

void ask(const std::string& line, wire_packet packet, injector& sender, tracer& traces,
         std::vector<traced_packet>& all) {
  if (line.starts_with("real=")) {
    send_real(line);
    std::vector<traced_packet> packets = traces.take();
    std::cout << "REAL " << line << '\n';
    print_others(packets, 0);
    all.insert(all.end(), std::make_move_iterator(packets.begin()), std::make_move_iterator(packets.end()));
    return;
  }
  if (const auto wrong = read_packet_line(line, packet)) {
    std::cout << "ERROR " << *wrong << '\n';
    return;
  }
  const int error = sender.send(packet);
  std::vector<traced_packet> packets = traces.take();
  const bool seen = !packets.empty() && packets[0].identity == packet.identity;
  std::cout << (error == 0 ? "0" : strerrorname_np(error))
            << (error == 0       ? " pass"
                : error == EPERM ? " drop"
                                 : " never");
  if (seen) std::cout << ' ' << outcome_text(packets[0]);
  std::cout << '\n';
  print_others(packets, seen ? 1 : 0);
  all.insert(all.end(), std::make_move_iterator(packets.begin()), std::make_move_iterator(packets.end()));
}

void load(world& where, const arguments& chosen, ip_family family, const std::string& rules) {
  if (rules.empty()) return;
  const tool_result result = where.load(chosen.which, family, rules);
  if (!result.worked())
    throw std::runtime_error("load: status " + std::to_string(result.status) + ": " + result.errors);
}

void measure(const arguments& chosen, injector& sender, tracer& traces) {
  std::vector<wire_packet> packets;
  for (const std::string& line : chosen.lines) {
    if (const auto wrong = read_packet_line(line, packets.emplace_back())) throw std::runtime_error(*wrong);
  }
  constexpr std::size_t batch = 64;
  std::size_t sent = 0;
  std::size_t seen = 0;
  const auto start = std::chrono::steady_clock::now();
  for (unsigned round = 0; round < chosen.repeat; ++round) {
    for (wire_packet& packet : packets) {
      packet.identity = static_cast<std::uint32_t>(1 + sent % 65535);
      sender.send(packet);
      if (++sent % batch == 0) seen += traces.take().size();
    }
  }
  seen += traces.take().size();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::cout << sent << " packets, " << seen << " traced, "
            << static_cast<std::size_t>(static_cast<double>(sent) / took.count()) << " a second\n";
}

packet_counts counters_of(world& where, back_end which) {
  packet_counts counts = read_counters(where.save(which, ip_family::v4, true));
  for (const auto& [place, packets] : read_counters(where.save(which, ip_family::v6, true))) counts[place] += packets;
  return counts;
}

void run(const arguments& chosen) {
  bool real = false;
  for (const std::string& line : chosen.lines) real = real || line.starts_with("real=");
  world where({.silence_replies = !real});
  load(where, chosen, ip_family::v4, chosen.v4);
  load(where, chosen, ip_family::v6, chosen.v6);
  tracer traces(where, chosen);
  injector sender;
  if (chosen.repeat > 0) {
    measure(chosen, sender, traces);
    return;
  }
  const packet_counts before = counters_of(where, chosen.which);
  std::vector<traced_packet> all;
  wire_packet packet;
  for (const std::string& line : chosen.lines) {
    packet.identity = packet.identity % 65535 + 1;
    ask(line, packet, sender, traces, all);
  }
  if (!chosen.counters) return;
  const packet_counts counted = at_output(growth(before, counters_of(where, chosen.which)));
  for (const auto& [place, packets] : counted) std::cout << place << ' ' << packets << '\n';
  if (!chosen.blind)
    std::cout << (counted == count_steps(all) ? "the traces say the same\n" : "the traces say something else\n");
}

}  // namespace

int main(int count, char** values) {
  try {
    const auto chosen = read_arguments({values + 1, values + count});
    if (!chosen) {
      std::cerr << usage;
      return 2;
    }
    run(*chosen);
  } catch (const std::exception& error) {
    std::cerr << "kernel_probe: " << error.what() << '\n';
    return 1;
  }
}
