// What programs see of the firewall: the errno or the time-out of each call, and when; the kernel's word against `sees`.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <cordon/simulate/application.hpp>
#include <cordon/simulate/simulate.hpp>

#include "application_probe.hpp"
#include "comparison.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::uint16_t port = 7000;

/// Listens on every address of both families, for TCP, UDP and UDP-Lite, as uid 0, while it lives. TCP sends back what it
/// gets; datagrams are thrown away.
class server {
 public:
  server() {
    for (const char* any : {"0.0.0.0", "::"}) {
      const address at = address_of(any);
      add(at, SOCK_STREAM, 0);
      add(at, SOCK_DGRAM, IPPROTO_UDP);
      add(at, SOCK_DGRAM, IPPROTO_UDPLITE);
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~server() {
    stop_ = true;
    thread_.join();
  }

 private:
  void add(const address& at, int type, int protocol) {
    descriptor made(
        socket(at.family == family::ipv4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
    if (!made) return;  // UDP-Lite is not in every kernel; who would send by it then cannot either
    const int yes = 1;
    if (at.family == family::ipv6) setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    const socket_address where(at, port);
    if (bind(made.get(), where.get(), where.size()) != 0) throw std::runtime_error("the server cannot bind");
    if (type == SOCK_STREAM) listen(made.get(), 1024);
    (type == SOCK_STREAM ? listeners_ : others_).push_back(std::move(made));
  }
  void serve() {
    while (!stop_) {
      std::vector<pollfd> wanted;
      for (const auto* group : {&listeners_, &others_})
        for (const descriptor& one : *group) wanted.push_back({one.get(), POLLIN, 0});
      poll(wanted.data(), wanted.size(), 20);
      for (const descriptor& one : listeners_)
        while (true) {
          descriptor made(accept4(one.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
          if (!made) break;
          others_.push_back(std::move(made));
        }
      for (descriptor& one : others_) {
        char bytes[16];
        const ssize_t got = recv(one.get(), bytes, sizeof bytes, 0);
        if (got > 0) send(one.get(), bytes, static_cast<std::size_t>(got), MSG_NOSIGNAL);
        if (got == 0) one.reset();
      }
      std::erase_if(others_, [](const descriptor& one) { return !one; });
    }
  }

  std::vector<descriptor> listeners_;
  std::vector<descriptor> others_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// A program, by its user, and what befalls it.
struct victim {
  std::uint32_t uid = 0;
  family in = family::ipv4;
  std::string name;
  bool only_talks = false;  ///< has a connection already: its first data meet the rule
};

/// Rules of both families, and the programs that meet them.
struct setting {
  std::string name;
  std::string v4;
  std::string v6;
  std::vector<victim> victims;
};

/// Where to: on the host, so that a server answers what gets through; or elsewhere, where nobody does.
struct place {
  const char* name;
  const char* v4;
  const char* v6;
  const char* own_v4;  // the source that packets to there have
  const char* own_v6;
  const char* out;
};
constexpr place places[] = {
    {"loopback", "127.0.0.1", "::1", "127.0.0.1", "::1", "lo"},
    {"own address", "10.9.0.1", "fd09::1", "10.9.0.1", "fd09::1", "lo"},
    {"other host", "10.9.0.77", "fd09::77", "10.9.0.1", "fd09::1", "v0"},
};

constexpr protocol of_number(std::uint8_t number) { return static_cast<protocol>(number); }

/// All that is asked in one world, and what came out.
class inquiry {
 public:
  inquiry(std::string name, const program& v4, const program& v6) : name_(std::move(name)), v4_(v4), v6_(v6) {}

  /// Starts all calls of a program to a place.
  void ask(const victim& who, const place& where) {
    const bool v4 = who.in == family::ipv4;
    const address to = address_of(v4 ? where.v4 : where.v6);
    const prober asks{{who.uid, who.uid}, to, port};
    packet sent;
    sent.family = who.in;
    sent.owner = {socket_kind::user, who.uid, who.uid};
    sent.out = where.out;
    sent.source = address_of(v4 ? where.own_v4 : where.own_v6).bits;
    sent.destination = to.bits;
    sent.second_word = port;
    const bool answered = std::string_view(where.out) == "lo";
    const std::string about = name_ + ", " + who.name + ", " + where.name + (v4 ? ", IPv4" : ", IPv6");
    if (who.only_talks) {
      if (answered) talk(asks, sent, about);
      return;
    }
    tcp(asks, sent, about, answered);
    for (const protocol one : {protocol::udp, protocol::udplite}) datagrams(asks, sent, about, one);
    pings(asks, sent, about);
    for (const protocol one : {protocol::tcp, protocol::udp, v4 ? protocol::icmp : protocol::icmpv6, of_number(253)})
      raw(asks, sent, about, one);
    threads_.emplace_back([this, all = std::exchange(in_turn_, {})] {
      for (const inquiry_call& one : all) observe(one);
    });
  }

  /// Waits for all calls.
  comparison results() {
    for (std::thread& one : threads_) one.join();
    threads_.clear();
    return std::move(results_);
  }

 private:
  application_view view_of(const packet& sent) const {
    const program& rules = sent.family == family::ipv4 ? v4_ : v6_;
    return sees(rules, sent, simulate(rules, sent));
  }

  void tcp(const prober& asks, packet sent, const std::string& about, bool answered) {
    sent.protocol = protocol::tcp;
    sent.flags = tcp_flag::syn;
    const application_view view = view_of(sent);
    if (view.connect.what == call_result::kind::no_error && !answered) return;  // nobody is there
    call(about + ", connect()", words_of(view.connect, true), [=] { return asks.connect_blocking(); });
    call(about + ", non-blocking connect()", words_of(view.nonblocking_connect),
         [=] { return asks.connect_nonblocking(); });
  }
  void talk(const prober& asks, packet sent, const std::string& about) {
    sent.protocol = protocol::tcp;
    sent.flags = tcp_flag::psh | tcp_flag::ack;
    sent.state = connection_state::established;
    const application_view view = view_of(sent);
    // That send() meets no error is said by its not showing in what recv() says.
    if (view.send.what != call_result::kind::no_error)
      throw std::logic_error("send() on a connection is thought to fail");
    call(about + ", recv() on a connection", words_of(view.next_call), [=] { return asks.talk(); });
  }
  void datagrams(const prober& asks, packet sent, const std::string& about, protocol of) {
    sent.protocol = of;
    sent.flags = 0;
    sent.length = static_cast<std::uint16_t>(sent.family == family::ipv4 ? 29 : 49);
    const application_view view = view_of(sent);
    const std::string named = about + ", " + std::string(to_text(of).view());
    const std::string first = words_of(view.send);
    const bool learns = view.next_call.what == call_result::kind::error;
    quick(named + " sendto()", first, [=] { return asks.send_datagram(of); });
    quick(named + " recv() after send()", words_of(view.next_call), [=] { return asks.receive_after_send(of); });
    quick(named + " send() after send()", learns ? words_of(view.next_call) : first,
          [=] { return asks.send_after_send(of); });
  }
  void pings(const prober& asks, packet sent, const std::string& about) {
    sent = echo_request(sent);
    quick(about + ", ping", words_of(view_of(sent).ping), [=] { return asks.ping(); });
  }
  void raw(const prober& asks, packet sent, const std::string& about, protocol of) {
    if (is_icmp(of, sent.family))
      sent = echo_request(sent);
    else
      sent.protocol = of;
    // The prober's raw packets are from the destination itself, so that to another host they are from nobody here.
    sent.source = sent.destination;
    quick(about + ", raw " + std::string(to_text(of).view()), words_of(view_of(sent).raw),
          [=] { return asks.send_raw(of); });
  }
  static packet echo_request(packet of) {
    const bool v4 = of.family == family::ipv4;
    of.protocol = v4 ? protocol::icmp : protocol::icmpv6;
    of.first_word = v4 ? 8 * 256 : 128 * 256;
    of.second_word = 0;
    return of;
  }

  struct inquiry_call {
    std::string about;
    std::string model;
    std::function<std::string()> made;
  };

  /// A machine that is busy can make a call late: only what differs three times differs.
  void observe(const inquiry_call& call) {
    std::string seen;
    try {
      for (int attempt = 0; attempt < 3 && seen != call.model; ++attempt) seen = call.made();
    } catch (const std::exception& error) {
      seen = error.what();
    }
    const std::lock_guard held(mutex_);
    if (seen != "not possible") results_.compare(call.about, call.model, seen);
  }
  /// A call that may take long.
  void call(const std::string& about, const std::string& model, std::function<std::string()> made) {
    threads_.emplace_back([this, one = inquiry_call{about, model, std::move(made)}] { observe(one); });
  }
  /// A call that ends at once.
  void quick(const std::string& about, const std::string& model, std::function<std::string()> made) {
    in_turn_.push_back({about, model, std::move(made)});
  }

  std::string name_;
  const program& v4_;
  const program& v6_;
  std::mutex mutex_;
  comparison results_;
  std::vector<std::thread> threads_;
  std::vector<inquiry_call> in_turn_;
};

struct target_text {
  const char* words;
  bool needs_tcp = false;
};
constexpr target_text targets_v4[] = {
    {"DROP"},
    {"REJECT --reject-with icmp-net-unreachable"},
    {"REJECT --reject-with icmp-host-unreachable"},
    {"REJECT --reject-with icmp-proto-unreachable"},
    {"REJECT --reject-with icmp-port-unreachable"},
    {"REJECT --reject-with icmp-net-prohibited"},
    {"REJECT --reject-with icmp-host-prohibited"},
    {"REJECT --reject-with icmp-admin-prohibited"},
    {"REJECT --reject-with tcp-reset", true},
};
constexpr target_text targets_v6[] = {
    {"DROP"},
    {"REJECT --reject-with icmp6-no-route"},
    {"REJECT --reject-with icmp6-adm-prohibited"},
    {"REJECT --reject-with icmp6-addr-unreachable"},
    {"REJECT --reject-with icmp6-port-unreachable"},
    {"REJECT --reject-with icmp6-policy-fail"},
    {"REJECT --reject-with icmp6-reject-route"},
    {"REJECT --reject-with tcp-reset", true},
};

std::string owned_by(std::uint32_t uid) { return "-A OUTPUT -m owner --uid-owner " + std::to_string(uid); }

/// Each verdict, in each table: for one user what opens a connection, for another what is said on it.
setting every_verdict() {
  setting made{"one verdict each", {}, {}, {}};
  const auto add_family = [&](family in, std::string& rules, const auto& targets) {
    constexpr std::uint32_t raw_user = 2200, mangle_user = 2201, security_user = 2202, free_user = 2300,
                            free_talker = 2301;
    for (const auto& [table, uid] :
         {std::pair{"raw", raw_user}, std::pair{"mangle", mangle_user}, std::pair{"security", security_user}}) {
      rules += std::string("*") + table + "\n:OUTPUT ACCEPT\n" + owned_by(uid) + " -j DROP\nCOMMIT\n";
      made.victims.push_back({uid, in, std::string("DROP in ") + table});
    }
    rules += "*filter\n:OUTPUT ACCEPT\n";
    std::uint32_t uid = 2000;
    for (const target_text& one : targets) {
      rules += owned_by(uid) + (one.needs_tcp ? " -p tcp -j " : " -j ") + one.words + "\n";
      made.victims.push_back({uid, in, one.words});
      const std::uint32_t talker = uid + 100;
      rules += owned_by(talker) + " -p tcp --tcp-flags PSH PSH -j " + one.words + "\n";
      made.victims.push_back({talker, in, one.words, true});
      ++uid;
    }
    rules += "COMMIT\n";
    made.victims.push_back({free_user, in, "no rule"});
    made.victims.push_back({free_talker, in, "no rule", true});
  };
  add_family(family::ipv4, made.v4, targets_v4);
  add_family(family::ipv6, made.v6, targets_v6);
  return made;
}

/// What else there is in OUTPUT decides whether REJECT's answer gets to the program.
setting reject_among(const std::string& name, const std::string& policy, const std::string& others_v4,
                     const std::string& others_v6, const std::string& before_v4 = "",
                     const std::string& before_v6 = "") {
  setting made{name, {}, {}, {}};
  const auto add_family = [&](family in, std::string& rules, const std::string& others, const std::string& before) {
    rules += before;
    rules += "*filter\n:OUTPUT " + policy + "\n" + owned_by(2001) + " -p tcp -j REJECT --reject-with tcp-reset\n" +
             owned_by(2002) + " -j REJECT\n" + (others.empty() ? "" : "-A OUTPUT " + others + "\n") + "COMMIT\n";
    made.victims.push_back({2001, in, "REJECT with tcp-reset"});
    made.victims.push_back({2002, in, "REJECT"});
    made.victims.push_back({2003, in, "the rest"});
  };
  add_family(family::ipv4, made.v4, others_v4, before_v4);
  add_family(family::ipv6, made.v6, others_v6, before_v6);
  return made;
}
setting reject_among(const std::string& name, const std::string& policy, const std::string& others) {
  return reject_among(name, policy, others, others);
}

std::string table_with(const std::string& name, const std::string& line) {
  return "*" + name + "\n:OUTPUT ACCEPT\n-A OUTPUT " + line + "\nCOMMIT\n";
}

std::vector<setting> all_settings() {
  return {
      every_verdict(),
      reject_among("policy DROP", "DROP", ""),
      reject_among("RELATED accepted", "DROP", "-m conntrack --ctstate RELATED -j ACCEPT"),
      reject_among("other owners accepted", "DROP", "-o lo -m owner ! --uid-owner 2000-2999 -j ACCEPT"),
      reject_among("sockets accepted", "DROP", "-m owner --socket-exists ! --uid-owner 2000-2999 -j ACCEPT"),
      reject_among("no sockets accepted", "DROP", "-m owner ! --socket-exists -j ACCEPT"),
      reject_among("final REJECT", "ACCEPT", "-j REJECT"),
      reject_among("ICMP errors accepted", "DROP", "-p icmp --icmp-type destination-unreachable -j ACCEPT",
                   "-p icmpv6 --icmpv6-type destination-unreachable -j ACCEPT"),
      reject_among("lo accepted", "DROP", "-o lo -m owner ! --uid-owner 2003 -j ACCEPT"),
      reject_among("loopback's address accepted", "DROP", "-s 127.0.0.1 -m owner ! --uid-owner 2003 -j ACCEPT",
                   "-s ::1 -m owner ! --uid-owner 2003 -j ACCEPT"),
      reject_among("answers dropped in raw", "ACCEPT", "", "",
                   table_with("raw", "-p icmp -m owner ! --uid-owner 2000-2999 -j DROP"),
                   table_with("raw", "-p icmpv6 -m owner ! --uid-owner 2000-2999 -j DROP")),
      reject_among("INVALID dropped in raw", "ACCEPT", "", "",
                   table_with("raw", "-m conntrack --ctstate INVALID -m owner --uid-owner 9 -j DROP"),
                   table_with("raw", "-m conntrack --ctstate INVALID -m owner --uid-owner 9 -j DROP")),
      reject_among("TCP led elsewhere on loopback by nat", "DROP", "-m conntrack --ctstate RELATED -j ACCEPT",
                   "-m conntrack --ctstate RELATED -j ACCEPT",
                   table_with("nat", "-d 127.0.0.1 -p tcp -j DNAT --to-destination 127.0.0.2"),
                   table_with("nat", "-d ::1 -p tcp -j REDIRECT --to-ports 9")),
  };
}

comparison ask_all(back_end which, const setting& what) {
  world here({.silence_replies = false});
  wait_for_local_addresses();
  std::ofstream("/proc/sys/net/ipv4/ping_group_range") << "0 2147483647" << std::flush;
  firewall rules;
  rules.v4 = load_both(here, which, ip_family::v4, what.v4);
  rules.v6 = load_both(here, which, ip_family::v6, what.v6);
  const program v4 = compile(rules, family::ipv4);
  const program v6 = compile(rules, family::ipv6);
  const server answers;
  inquiry all(what.name, v4, v6);
  for (const victim& who : what.victims)
    for (const place& where : places) all.ask(who, where);
  return all.results();
}

bool check(back_end which) {
  const std::vector<setting> settings = all_settings();
  std::vector<std::future<comparison>> running;
  for (const setting& one : settings)
    running.push_back(std::async(std::launch::async, [&] { return ask_all(which, one); }));
  bool same = true;
  for (std::size_t i = 0; i < settings.size(); ++i)
    same = running[i].get().report(std::string(name_of(which)) + ", " + settings[i].name) && same;
  return same;
}

}  // namespace

int main() { return run_with_both(check); }
