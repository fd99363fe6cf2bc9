// The hosts of examples/hosts on the live kernel: under each variant's rules and sets, with both back ends,
// programs send from real sockets what `packets` lists, what a client of each endpoint sends, and each leak's
// witness. What leaves the host, where to and by which interface, and what the programs see, is held against
// `simulate` and `sees`; what is open, stopped and leaking against `prove`.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/address_text.hpp>
#include <cordon/text/ipset_text.hpp>
#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/packet_line_writer.hpp>

#include "application_probe.hpp"
#include "comparison.hpp"
#include "departures.hpp"
#include "inject.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "owner.hpp"
#include "prerequisites.hpp"
#include "socket_address.hpp"
#include "surroundings.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;
using std::chrono::milliseconds;

constexpr std::uint32_t tunnel_mark = 0xca6c;
constexpr std::uint16_t first_port = 41000;  // each attempt has a source port of its own
constexpr milliseconds patience(1800);       // a SYN that REJECT answers is sent again after a second

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
T value_of_reading(read_result<T> read) {
  if (!read) throw std::runtime_error(std::string(to_text(read.diagnostics()).view()));
  return *std::move(read);
}

/// One rule set of one of the hosts.
struct variant {
  std::filesystem::path folder;
  std::string name;

  std::filesystem::path file(const std::string& ending) const { return folder / (name + ending); }
  bool has(const std::string& ending) const { return std::filesystem::exists(file(ending)); }
  /// Whether the host has a tunnel.
  bool has_tunnel() const { return std::filesystem::exists(folder / "addresses"); }
};

std::vector<variant> all_variants() {
  std::vector<variant> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("examples/hosts"))
    if (entry.path().extension() == ".v4") all.push_back({entry.path().parent_path(), entry.path().stem().string()});
  std::sort(all.begin(), all.end(), [](const variant& a, const variant& b) { return a.file("") < b.file(""); });
  return all;
}

/// The host that `examples/hosts/make` makes, but for its rules: eth0, for some wg0 too, and what lies behind
/// them.
class host {
 public:
  explicit host(const variant& made) : has_tunnel_(made.has_tunnel()), here_({.silence_replies = false}) {
    run_command("ip link del v0");
    around_.take("wlan0", "eth0", {"192.0.2.1/32", "2001:db8::1/128"});
    if (has_tunnel_) {
      run_command("ip link add wg0 type veth peer name wg0_far");
      for (const char* const end : {"wg0", "wg0_far"}) run_command(std::string("ip link set ") + end + " arp off up");
      run_command("ip addr add 10.64.0.2/32 dev wg0");
      around_.take("wg0_far", "wg0", {"10.64.0.2/32"});
      run_command("ip route add default dev wg0 metric 1");
      run_command("ip rule add fwmark " + std::to_string(tunnel_mark) + " table 51820");
      run_command("ip route add default dev eth0 table 51820");
    }
    std::ofstream("/proc/sys/net/ipv4/ping_group_range") << "0 2147483647" << std::flush;
    wait_for_local_addresses();
  }

  world& here() { return here_; }
  surroundings& around() { return around_; }

  bool has(const address& one) const {
    return one.is_loopback() || one == address_of("192.0.2.1") || one == address_of("2001:db8::1") ||
           (has_tunnel_ && one == address_of("10.64.0.2"));
  }
  /// The interface by which routing sends a packet to there.
  interface_name way_to(const address& to, std::uint32_t mark) const {
    if (has(to)) return "lo";
    return has_tunnel_ && to.family == family::ipv4 && mark != tunnel_mark ? "wg0" : "eth0";
  }
  address own_address(family of, const interface_name& out) const {
    if (of == family::ipv6) return address_of("2001:db8::1");
    return address_of(out == interface_name("wg0") ? "10.64.0.2" : "192.0.2.1");
  }

 private:
  bool has_tunnel_;
  world here_;
  surroundings around_;
};

/// What some program sends.
struct attempt {
  std::string about;
  packet sent;
  std::uint16_t identifier = 0;  // of an echo request
  bool is_bound = false;         // to its interface, since routing would choose another
  descriptor socket = {};
  int error = 0;  // of the call, EINPROGRESS as long as it goes on

  bool is_connection() const { return sent.protocol == protocol::tcp; }
  bool opens() const { return is_connection() && sent.flags == tcp_flag::syn; }
  /// Its connection has to be there before the rules are.
  bool is_early() const { return is_connection() && sent.state == connection_state::established; }
  departure_key key() const {
    return {sent.family, sent.protocol, is_icmp(sent.protocol, sent.family) ? identifier : sent.first_word};
  }
};

/// Whether programs here can send it: TCP, UDP and pings, with whole headers, in a state that is made without
/// a third.
bool can_be_sent(const packet& one) {
  if (one.transport != transport_part::whole || one.extension_headers != 0) return false;
  const bool is_new = one.state == connection_state::fresh;
  const bool is_first = is_new && one.connection_mark == 0;
  if (one.protocol == protocol::tcp) return one.state != connection_state::related && is_first == is_new;
  if (is_icmp(one.protocol, one.family)) return is_first && one.icmp_type() == (one.family == family::ipv4 ? 8 : 128);
  return one.protocol == protocol::udp && is_first;
}

/// A program's packet, with a source port of its own.
attempt attempt_of(std::string about, packet one, std::size_t index, const host& on) {
  const auto number = static_cast<std::uint16_t>(first_port + index);
  // What follows on a connection has no SYN, whatever flags a witness has; what leaves by a wire is from
  // there.
  if (one.protocol == protocol::tcp && one.state == connection_state::established)
    one.flags = tcp_flag::psh | tcp_flag::ack;
  if (one.source_address().is_loopback() && one.out != interface_name("lo"))
    one.source = on.own_address(one.family, one.out).bits;
  constexpr std::uint16_t any_port = 40000;  // of packets that say none
  if (!is_icmp(one.protocol, one.family) && one.first_word == any_port) one.first_word = number;
  attempt made{.about = std::move(about), .sent = one, .identifier = number};
  made.is_bound = one.out != on.way_to(one.destination_address(), one.mark);
  return made;
}

void set_up(attempt& one) {
  const bool v4 = one.sent.family == family::ipv4;
  const int type = one.is_connection() ? SOCK_STREAM : SOCK_DGRAM;
  const int number = one.is_connection() || one.sent.protocol == protocol::udp ? 0
                     : v4                                                      ? int{IPPROTO_ICMP}
                                                                               : int{IPPROTO_ICMPV6};
  one.socket = open_socket(one.sent.family, type | SOCK_NONBLOCK, number, {one.sent.owner.uid, one.sent.owner.gid});
  const std::string out(one.sent.out.view());
  if (one.is_bound &&
      setsockopt(one.socket.get(), SOL_SOCKET, SO_BINDTODEVICE, out.data(), static_cast<socklen_t>(out.size())) != 0)
    throw std::system_error(errno, std::generic_category(), "SO_BINDTODEVICE");
  if (one.sent.mark != 0 &&
      setsockopt(one.socket.get(), SOL_SOCKET, SO_MARK, &one.sent.mark, sizeof one.sent.mark) != 0)
    throw std::system_error(errno, std::generic_category(), "SO_MARK");
  const socket_address from(one.sent.source_address(), one.key().number);
  if (bind(one.socket.get(), from.get(), from.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "bind for " + one.about);
}

int send_by_hand(const attempt& one, injector& by) {
  wire_packet made;
  made.family = one.sent.family == family::ipv4 ? ip_family::v4 : ip_family::v6;
  const unsigned size = address_width(one.sent.family) / 8;
  for (unsigned i = 0; i < size; ++i) {
    made.source[i] = static_cast<std::uint8_t>(one.sent.source >> (8 * (size - 1 - i)));
    made.destination[i] = static_cast<std::uint8_t>(one.sent.destination >> (8 * (size - 1 - i)));
  }
  made.source_port = one.sent.first_word;
  made.destination_port = one.sent.second_word;
  made.tcp_flags = one.sent.flags;
  made.uid = one.sent.owner.uid;
  made.gid = one.sent.owner.gid;
  made.mark = one.sent.mark;
  if (one.is_bound) made.out_interface = one.sent.out.view();
  return by.send(made);
}

void send(attempt& one, injector& by) {
  const address to = one.sent.destination_address();
  if (one.is_early()) {
    one.error = send_on(one.socket, "x");
  } else if (one.is_connection() && !one.opens()) {
    one.error = send_by_hand(one, by);
  } else {
    set_up(one);
    const char request[] = {static_cast<char>(to.family == family::ipv4 ? 8 : 128), 0, 0, 0, 0, 0, 0, 1};
    one.error = one.opens()                          ? connect_to(one.socket, to, one.sent.second_word)
                : one.sent.protocol == protocol::udp ? send_to(one.socket, to, one.sent.second_word, "x")
                                                     : send_to(one.socket, to, 0, {request, sizeof request});
  }
}

/// Waits until every connect() is over, or its time is.
void await(std::vector<attempt>& all) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const auto goes_on = [](const attempt& one) { return one.error == EINPROGRESS; };
  while (std::any_of(all.begin(), all.end(), goes_on) && std::chrono::steady_clock::now() < end) {
    std::vector<pollfd> wanted;
    for (const attempt& one : all)
      if (goes_on(one)) wanted.push_back({one.socket.get(), POLLOUT, 0});
    poll(wanted.data(), wanted.size(), 50);
    for (attempt& one : all) {
      if (!goes_on(one)) continue;
      const int error = kernel::result_of(one.socket, 0);
      if (error != ETIMEDOUT) one.error = error;
    }
  }
}

/// How the call ended; when, the test of what programs see asks.
std::string words_of_call(int error) {
  return error == 0 ? "no error" : error == EINPROGRESS ? "no answer" : strerrorname_np(error);
}
std::string without_time(const std::string& words) {
  const auto end = std::min(words.find(" at once"), words.find(" after a second"));
  return words.substr(0, end);
}

std::string words_of_place(const address& to, std::uint16_t port, const interface_name& out) {
  std::string words = "to " + std::string(to_text(to).view());
  if (port != 0) words += " port " + std::to_string(port);
  return words + " by " + std::string(out.view());
}

/// Where the model lets it go, behind nat.
std::string place_of(const attempt& one, const outcome& met, const host& on) {
  if (!met.verdict.accepted()) return "stopped";
  if ((met.open & (set_of(field::destination) | set_of(field::second_word))) != 0) return "to where nobody knows";
  const address to = met.became.destination_address();
  const bool is_ping = is_icmp(one.sent.protocol, one.sent.family);
  const bool is_led = to != one.sent.destination_address();
  // What nat has led elsewhere takes its route again (ip_route_me_harder), by the interface that its socket
  // is bound to.
  const interface_name out = is_led && !one.is_bound ? on.way_to(to, one.sent.mark) : one.sent.out;
  return words_of_place(to, is_ping ? std::uint16_t{0} : met.became.second_word, out);
}

/// Whether somebody answers there: by lo the host itself, by a wire who is not the host.
bool is_answered(const departure& one, const host& on) {
  return one.out == interface_name("lo") ? on.has(one.to) : !on.has(one.to) && one.to.bits != 0;
}

bool holds(const box& region, const packet& one) {
  return region.family == one.family &&
         std::all_of(region.sides.begin(), region.sides.end(), [&](const box_side& side) {
           const uint128 value = (value_of(one, side.field) >> side.shift) & low_bits(side.width);
           return std::any_of(side.values.begin(), side.values.end(),
                              [&](const range& part) { return part.low <= value && value <= part.high; });
         });
}

bool is_in_leak(const proof& made, const packet& one) {
  const auto& leaks = made.of(one.family).leaks;
  return std::any_of(leaks.begin(), leaks.end(), [&](const leak& each) {
    return std::any_of(each.region.begin(), each.region.end(), [&](const box& part) { return holds(part, one); });
  });
}

/// What a client of an endpoint sends first.
packet client_packet(const endpoint& to, const egress_policy& policy, const host& on) {
  const family of = to.destination.base.family;
  const bool stays = to.out == interface_name("lo");
  const address where = prefix_length(of, to.destination.mask) == address_width(of) ? to.destination.base
                        : stays                    ? address_of(of == family::ipv4 ? "127.0.0.1" : "::1")
                        : to.destination.mask == 0 ? address_of(of == family::ipv4 ? "203.0.113.5" : "2001:db8::5")
                                                   : address{of, to.destination.base.bits | 1};
  const bool by_tcp = to.protocols.contains(protocol::tcp);
  std::string line = "uid=" + std::to_string(policy.user->low) + " proto=" + (by_tcp ? "tcp" : "udp") +
                     " dst=" + std::string(to_text(where).view()) +
                     " dport=" + std::to_string(to.ports.is_all() ? 7001 : to.ports.low);
  const interface_name out = to.out.empty() ? on.way_to(where, 0) : to.out;
  line += " out=" + std::string(out.view());
  packet made = value_of_reading(read_packet_line(line));
  made.source =
      (where.is_loopback() ? address_of(of == family::ipv4 ? "127.0.0.1" : "::1") : on.own_address(of, out)).bits;
  return made;
}

/// One variant with one back end.
class trial {
 public:
  trial(back_end which, const variant& of) : which_(which), of_(of), host_(of) {
    for (const ip_family in : {ip_family::v4, ip_family::v6}) {
      text_of(in) = content_of(of.file(in == ip_family::v4 ? ".v4" : ".v6"));
      rules_.of(family_of(in)).rulesets.push_back(kernel::read_rules(which, in, text_of(in)));
    }
    if (of.has(".sets")) rules_.host.sets = value_of_reading(read_sets(content_of(of.file(".sets"))));
    if (of.has_tunnel()) rules_.host.addresses = value_of_reading(read_addresses(content_of(of.folder / "addresses")));
    const std::string policy = content_of(of.folder / "policy");
    policy_ = value_of_reading(make_policy(value_of_reading(read_policy(policy, "policy"))));
    v4_ = compile(rules_, family::ipv4);
    v6_ = compile(rules_, family::ipv6);
    proof_ = prove(rules_, policy_);
    egress_policy of_raw = policy_;
    of_raw.attacker = attacker::raw;
    proof_of_raw_ = prove(rules_, of_raw);
  }

  comparison run() {
    choose_attempts();
    open_early();
    load();
    departures leaving;
    std::map<departure_key, departure> left;
    injector by;
    for (attempt& one : attempts_) send(one, by);
    await(attempts_);
    left = leaving.take();
    for (const attempt& one : attempts_) {
      const auto found = left.find(one.key());
      judge(one, found == left.end() ? nullptr : &found->second);
    }
    judge_endpoints(left);
    return std::move(results_);
  }

 private:
  std::string& text_of(ip_family in) { return in == ip_family::v4 ? text_v4_ : text_v6_; }
  const program& program_of(const packet& one) const { return one.family == family::ipv4 ? v4_ : v6_; }

  void add(const std::string& about, const packet& one) {
    if (!can_be_sent(one)) {
      std::cout << name_of(which_) << ", " << of_.file("").string() << ": not sent: " << write_packet_line(one).view()
                << '\n';
      return;
    }
    attempts_.push_back(
        attempt_of(about + " " + std::string(write_packet_line(one).view()), one, attempts_.size(), host_));
  }

  void choose_attempts() {
    std::istringstream lines(content_of(of_.folder / "packets"));
    for (std::string line; std::getline(lines, line);) add("", value_of_reading(read_packet_line(line)));
    for (const endpoint& one : policy_) {
      first_of_endpoint_.push_back(attempts_.size());
      add("client of " + std::string(name_of(one).view()) + ":", client_packet(one, policy_, host_));
    }
    for (const proof* const made : {&proof_, &proof_of_raw_})
      for (const family in : both_families)
        for (const leak& each : made->of(in).leaks) add("witness", each.witness);
  }

  /// The connections that exist when the rules come, in a namespace that tracks them.
  void open_early() {
    std::set<std::uint16_t> ports;
    for (const attempt& one : attempts_) {
      if (!one.is_connection()) continue;
      ports.insert(one.sent.second_word);
      const outcome met = simulate(program_of(one.sent), one.sent);
      ports.insert(met.became.second_word);
    }
    for (const std::uint16_t port : ports) host_.around().listen_on(port);
    for (const ip_family in : {ip_family::v4, ip_family::v6})
      load_both(host_.here(), which_, in,
                "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m conntrack --ctstate ESTABLISHED\nCOMMIT\n");
    std::vector<attempt*> early;
    for (attempt& one : attempts_) {
      if (!one.is_early()) continue;
      set_up(one);
      one.error = connect_to(one.socket, one.sent.destination_address(), one.sent.second_word);
    }
    await(attempts_);
    for (const attempt& one : attempts_)
      if (one.error != 0)
        throw std::runtime_error("no connection before the rules for " + one.about + ": " + words_of_call(one.error));
  }

  void load() {
    if (of_.has(".sets")) {
      const tool_result made = run_tool({"ipset", "restore"}, content_of(of_.file(".sets")));
      if (!made.worked()) throw std::runtime_error("the sets are not made: " + made.errors);
    }
    for (const ip_family in : {ip_family::v4, ip_family::v6}) {
      host_.here().flush(which_, in);
      const tool_result loaded = host_.here().load(which_, in, text_of(in));
      if (!loaded.worked()) throw std::runtime_error("the rules are not loaded: " + loaded.errors);
    }
  }

  void judge(const attempt& one, const departure* left) {
    const outcome met = simulate(program_of(one.sent), one.sent);
    const std::string seen = left == nullptr ? "stopped" : words_of_place(left->to, left->port, left->out);
    results_.compare(one.about, place_of(one, met, host_), seen);
    judge_call(one, met, left);
    if (!policy_.owns(one.sent)) return;
    for (const proof* const made : {&proof_, &proof_of_raw_}) {
      if (made->policy.attacker == attacker::unprivileged && one.sent.mark != 0) continue;
      const bool leaks = is_in_leak(*made, one.sent);
      const bool may = policy_.allows(one.sent) || policy_.allows(met.became);
      if (leaks) results_.compare(one.about + ", in a leak", "let out", left == nullptr ? "stopped" : "let out");
      if (!leaks && !may) results_.compare(one.about + ", in no leak and no endpoint", "stopped", seen);
    }
    if (one.about.starts_with("witness"))
      results_.compare(one.about + ", a witness", "let out", left == nullptr ? "stopped" : "let out");
  }

  void judge_call(const attempt& one, const outcome& met, const departure* left) {
    if (one.is_early()) return;
    const bool waits_for_nobody = one.opens() && left != nullptr && !is_answered(*left, host_);
    // REJECT's answer takes the route of the sender's socket, and may get lost on an interface that it is
    // bound to.
    const bool may_hear_nothing = one.opens() && left == nullptr && one.is_bound;
    if (waits_for_nobody || may_hear_nothing) return;
    const application_view view = sees(program_of(one.sent), one.sent, met);
    const call_result& call = one.opens()                          ? view.nonblocking_connect
                              : one.is_connection()                ? view.raw
                              : one.sent.protocol == protocol::udp ? view.send
                                                                   : view.ping;
    results_.compare(one.about + ", the call", without_time(words_of(call)), words_of_call(one.error));
  }

  void judge_endpoints(const std::map<departure_key, departure>& left) {
    for (std::size_t i = 0; i < policy_.size(); ++i) {
      const endpoint_answer& said = proof_.endpoints[i];
      const bool is_open = said.status == endpoint_status::open;
      if (!is_open && said.status != endpoint_status::blocked) continue;
      const bool is_reached = left.contains(attempts_[first_of_endpoint_[i]].key());
      results_.compare("the endpoint " + std::string(name_of(said.to).view()), is_open ? "open" : "blocked",
                       is_reached ? "open" : "blocked");
    }
  }

  back_end which_;
  const variant& of_;
  host host_;
  std::string text_v4_;
  std::string text_v6_;
  firewall rules_;
  egress_policy policy_;
  program v4_;
  program v6_;
  proof proof_;
  proof proof_of_raw_;
  std::vector<attempt> attempts_;
  std::vector<std::size_t> first_of_endpoint_;
  comparison results_;
};

}  // namespace

int main() {
  if (!run_tool({"ipset", "-v"}).worked()) {
    std::cout << "SKIP: ipset is not installed, or the kernel has none\n";
    return 77;
  }
  const std::vector<variant> variants = all_variants();
  if (variants.empty()) {
    std::cout << "there are no hosts in examples/hosts\n";
    return 1;
  }
  return run_with_both([&](back_end which) {
    bool same = true;
    for (const variant& one : variants) {
      const std::string title = std::string(name_of(which)) + ", " + one.file("").string();
      // A busy machine can answer late: only what differs twice differs.
      comparison results = trial(which, one).run();
      if (results.differs()) results = trial(which, one).run();
      same = results.report(title) && same;
    }
    return same;
  });
}
