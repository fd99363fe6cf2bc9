// What comes in: packets of another machine through FORWARD and INPUT, where `-i` and the Ethernet address are fields and
// nobody owns a packet. Frames are put on one end of a link and meet the rules of the other end; every rule only counts, so
// that one packet tells of all of them.

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <cordon/simulate/simulate.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include "counters.hpp"
#include "descriptor.hpp"
#include "header_reading.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

using hardware_address = std::array<std::uint8_t, 6>;
constexpr hardware_address senders[] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
constexpr std::size_t most_shown = 20;

/// What each rule asks, none of it with a target.
constexpr std::string_view questions[] = {
    "-i v1",
    "! -i v1",
    "-i v+",
    "! -i v+",
    "-i wlan0",
    "-i lo",
    "-i +",
    "-m mac --mac-source 02:00:00:00:00:01",
    "-m mac ! --mac-source 02:00:00:00:00:01",
    "-p tcp",
    "! -p tcp",
    "-p tcp --dport 80",
    "-p udp ! --sport 1024:65535",
    "-p tcp --tcp-flags SYN,RST,ACK,FIN SYN",
    "-m state --state NEW",
    "-m conntrack --ctstate INVALID",
    "-m conntrack ! --ctstate NEW,INVALID",
    "-m conntrack --ctstate UNTRACKED",
    "-m conntrack --ctstate ESTABLISHED,RELATED",
    "-m mark --mark 0x5",
    "-m mark ! --mark 0x0/0x4",
    "-m connmark --mark 0x0",
    "-m length --length 0:60",
    "-m dscp --dscp 0x08",
    "-m tos --tos 0x10/0xff",
    "-p udp -m multiport --ports 53,80,1000:2000",
    "-m pkttype --pkt-type unicast",
    "-m addrtype --dst-type UNICAST",
    "-m iprange --dst-range ",
    "-s ",
    "! -d ",
};
constexpr std::string_view of_forward[] = {"-o wlan0", "! -o wlan0", "-o w+", "-o v1", "-o v0", "-i v1 -o wlan0"};

std::string written(std::string_view question, bool v4) {
  std::string made(question);
  if (made == "-m iprange --dst-range ") made += v4 ? "198.51.100.3-198.51.100.9" : "2001:db8:1::3-2001:db8:1::9";
  if (made == "-s ") made += v4 ? "203.0.113.0/25" : "2001:db8:77::/49";
  if (made == "! -d ") made += v4 ? "198.51.100.0/28" : "2001:db8:1::/124";
  return made;
}

std::string rules_for(bool v4) {
  std::string filter;
  for (const std::string_view one : questions)
    for (const char* const chain : {"INPUT", "FORWARD"})
      filter += "-A " + std::string(chain) + " " + written(one, v4) + "\n";
  for (const std::string_view one : of_forward) filter += "-A FORWARD " + std::string(one) + "\n";
  // A chain of both: there -o may be asked in INPUT too, where no packet has one.
  for (const char* const chain : {"INPUT", "FORWARD"}) filter += "-A " + std::string(chain) + " -j BOTH\n";
  for (const char* const one : {"-i v1", "! -i v1", "-o wlan0", "! -o wlan0", "-o +"})
    filter += "-A BOTH " + std::string(one) + "\n";
  return "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp --dport 2000 -j CT --notrack\nCOMMIT\n"
         "*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING -p udp --dport 53 -j MARK --set-mark 5\n"
         "-A FORWARD -i v1\nCOMMIT\n"
         "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:BOTH - [0:0]\n" +
         filter + "COMMIT\n";
}

/// A packet, and what connection tracking and PREROUTING are to make of it.
struct arrival {
  wire_packet packet;
  hardware_address sender = senders[0];
  connection_state state = connection_state::fresh;
  std::uint32_t mark = 0;
};

std::vector<arrival> arrivals(bool v4) {
  std::vector<arrival> all;
  std::uint16_t port = 1024;
  const auto address = [](const char* written_down) {
    ip_family ignored = {};
    return read_address(std::string(written_down), ignored).value();
  };
  for (const char* const destination : {v4 ? "198.51.100.2" : "2001:db8:1::2", v4 ? "198.51.100.3" : "2001:db8:1::3",
                                        v4 ? "198.51.100.200" : "2001:db8:1::200", v4 ? "10.9.0.1" : "fd09::1"})
    for (const char* const source :
         {v4 ? "203.0.113.7" : "2001:db8:77::7", v4 ? "203.0.113.200" : "2001:db8:77:8000::7"})
      for (const hardware_address& sender : senders) {
        arrival plain;
        plain.packet.family = v4 ? ip_family::v4 : ip_family::v6;
        plain.packet.source = address(source);
        plain.packet.destination = address(destination);
        plain.sender = sender;
        const auto add = [&](std::uint8_t protocol, std::uint16_t destination_port, auto change) {
          arrival one = plain;
          one.packet.protocol = protocol;
          one.packet.source_port = ++port;
          one.packet.destination_port = destination_port;
          one.packet.icmp_type = v4 ? 8 : 128;
          one.packet.echo_identifier = port;
          change(one);
          all.push_back(one);
        };
        const auto as_it_is = [](arrival&) {};
        add(6, 80, as_it_is);
        add(6, 81, as_it_is);
        add(6, 80, [](arrival& one) {  // no flags at all: not TCP, to connection tracking
          one.packet.tcp_flags = 0;
          one.state = connection_state::invalid;
        });
        add(17, 53, [](arrival& one) { one.mark = 5; });
        add(17, 1000, [](arrival& one) {
          one.packet.source_port = 80;
          one.packet.tos = 0x10;
        });
        add(17, 2000, [](arrival& one) { one.state = connection_state::untracked; });
        add(17, 9, [](arrival& one) {
          one.packet.tos = 0x20;
          one.packet.total_length = 61;
        });
        add(v4 ? 1 : 58, 0, as_it_is);
        add(253, 0, [](arrival& one) { one.packet.payload = {1, 2, 3, 4, 5, 6, 7, 8}; });
      }
  return all;
}

/// Puts frames on the link whose other end is v1.
class link_end {
 public:
  link_end() : socket_(::socket(AF_PACKET, SOCK_RAW, 0)) {
    if (socket_.get() < 0) throw std::system_error(errno, std::generic_category(), "socket(AF_PACKET)");
    ifreq asked = {};
    std::strncpy(asked.ifr_name, "v1", sizeof asked.ifr_name - 1);
    if (ioctl(socket_.get(), SIOCGIFHWADDR, &asked) != 0)
      throw std::system_error(errno, std::generic_category(), "the address of v1");
    std::memcpy(receiver_.data(), asked.ifr_hwaddr.sa_data, receiver_.size());
    to_.sll_family = AF_PACKET;
    to_.sll_ifindex = static_cast<int>(if_nametoindex("v0"));
    to_.sll_halen = ETH_ALEN;
  }

  void send(const arrival& one) {
    std::vector<std::uint8_t> frame(receiver_.begin(), receiver_.end());
    frame.insert(frame.end(), one.sender.begin(), one.sender.end());
    const std::uint16_t kind = one.packet.family == ip_family::v4 ? ETH_P_IP : ETH_P_IPV6;
    frame.push_back(static_cast<std::uint8_t>(kind >> 8));
    frame.push_back(static_cast<std::uint8_t>(kind));
    std::vector<std::uint8_t> bytes = wire_bytes(one.packet);
    frame.insert(frame.end(), bytes.begin(), bytes.end());
    if (sendto(socket_.get(), frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to_), sizeof to_) < 0)
      throw std::system_error(errno, std::generic_category(), "a frame");
  }

 private:
  descriptor socket_;
  hardware_address receiver_ = {};
  sockaddr_ll to_ = {};
};

void set(const char* path, const char* value) {
  std::ofstream file(std::string("/proc/sys/net/") + path);
  file << value;
  if (!file.flush()) throw std::runtime_error(std::string("cannot be set: ") + path);
}

std::uint64_t number_of_bytes(const hardware_address& of) {
  std::uint64_t made = 0;
  for (const std::uint8_t byte : of) made = made << 8 | byte;
  return made;
}

/// The rules that counted the packet, of the chains that the model is asked about.
std::vector<std::string> counted_rules(const packet_counts& grown, hook at) {
  std::vector<std::string> places;
  for (const auto& [place, count] : grown)
    if (place.find(":PREROUTING:") == std::string::npos && place.find(":policy") == std::string::npos &&
        place.find(at == hook::forward ? ":INPUT:" : ":FORWARD:") == std::string::npos)
      places.push_back(place);
  return places;
}

struct totals {
  std::size_t packets = 0;
  std::size_t matched = 0;
  std::size_t undecided = 0;
  std::size_t failures = 0;
};

void compare(const outcome& said, const std::vector<std::string>& counted, const std::string& what, totals& into) {
  ++into.packets;
  std::vector<std::string> may;
  std::vector<std::string> must;
  for (const way_step& step : said.way) {
    std::string place(to_text(step).view());
    if (step.uncertain) place.pop_back();  // the question mark
    if (place.find(":rule:") == std::string::npos) continue;
    may.push_back(place);
    if (!step.uncertain) must.push_back(place);
  }
  const auto tell = [&](const std::string& place, const char* words) {
    if (++into.failures <= most_shown) std::cout << what << ": " << place << " " << words << '\n';
  };
  for (const std::string& place : counted) {
    ++into.matched;
    if (std::find(may.begin(), may.end(), place) == may.end()) tell(place, "matches, and cordon says that it does not");
  }
  for (const std::string& place : must)
    if (std::find(counted.begin(), counted.end(), place) == counted.end())
      tell(place, "does not match, and cordon says that it does");
  into.undecided += may.size() - must.size();
}

void ask(back_end which, bool v4, totals& into) {
  world asked(world::options{.silence_replies = false});
  set("ipv4/ip_forward", "1");
  set("ipv6/conf/all/forwarding", "1");
  const ip_family of = v4 ? ip_family::v4 : ip_family::v6;
  firewall known;
  known.of(family_of(of)).rulesets.push_back(load_both(asked, which, of, rules_for(v4)));
  const program through[] = {compile(known, family_of(of), hook::forward), compile(known, family_of(of), hook::input)};
  link_end link;
  packet_counts before = read_counters(asked.save(which, of, true));
  for (const arrival& one : arrivals(v4)) {
    link.send(one);
    const packet_counts now = read_counters(asked.save(which, of, true));
    packet met = read_headers(wire_bytes(one.packet), backend_of(which)).made;
    const bool is_own =
        met.destination_address() == address{family_of(of), v4 ? uint128{0x0a090001} : uint128{0xfd09} << 112 | 1};
    met.owner = {socket_kind::none, 0, 0};
    met.in = "v1";
    met.out = is_own ? "lo" : "wlan0";
    met.mac = number_of_bytes(one.sender);
    met.state = one.state;
    met.mark = one.mark;
    if (!is_own) --met.hops;
    const program& rules = through[is_own ? 1 : 0];
    compare(simulate(rules, met), counted_rules(growth(before, now), rules.entered_at),
            std::string(name_of(which)) + " " + std::string(name_of(rules.entered_at)) + ", " +
                std::string(write_packet_line(met).view()),
            into);
    before = now;
  }
}

}  // namespace

int main() {
  totals made;
  const int status = run_with_both([&](back_end which) {
    const std::size_t before = made.failures;
    for (const bool v4 : {true, false}) ask(which, v4, made);
    return made.failures == before;
  });
  std::cout << made.packets << " packets, counted by " << made.matched << " rules, " << made.undecided
            << " rules undecided, " << made.failures << " failures\n";
  return status == 0 && made.matched == 0 ? 1 : status;
}
