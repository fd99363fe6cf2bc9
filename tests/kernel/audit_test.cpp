// An audit against the live kernel. Sockets of all kinds listen in a network namespace; `ss`, /proc/net and
// `ip -o addr` tell of them there. Where they can be reached is held against what comes to them without
// rules; what an audit says of each destination against what the sandbox's user gets by real connects and
// datagrams, under the incident's rules and others.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <cordon/audit/audit.hpp>
#include <cordon/audit/listener_text.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/text/address_text.hpp>

#include "../prove/judgement.hpp"
#include "application_probe.hpp"
#include "comparison.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "rule_files.hpp"
#include "socket_address.hpp"
#include "tool.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;
using cordon::listener;

constexpr std::uint32_t sandbox_uid = 1001;
constexpr std::uint32_t other_uid = 1002;  // whom no rule is about

constexpr egress_policy egress = sandbox(uid{sandbox_uid})
                                     .may_reach(protocol::tcp, ipv4_address(127, 0, 0, 1), 18443)
                                     .may_reach(protocol::udp | protocol::tcp, ipv4_address(127, 0, 0, 53), 53);

/// A socket to be opened, and how ss calls it.
struct wanted_socket {
  const char* at;
  std::uint16_t port;
  bool v6_only = false;
  const char* interface = "";
  const char* called = "";
};
constexpr wanted_socket wanted[] = {
    {"0.0.0.0", 7001, false, "", "0.0.0.0:7001"},
    {"::", 7002, true, "", "[::]:7002"},
    {"::", 7003, false, "", "*:7003"},
    {"127.0.0.1", 7004, false, "", "127.0.0.1:7004"},
    {"10.9.0.1", 7005, false, "", "10.9.0.1:7005"},
    {"::1", 7006, true, "", "[::1]:7006"},
    {"fd09::1", 7007, true, "", "[fd09::1]:7007"},
    {"::ffff:127.0.0.1", 7008, false, "", "127.0.0.1:7008"},
    {"0.0.0.0", 7009, false, "lo", "0.0.0.0%lo:7009"},
    {"0.0.0.0", 7010, false, "v0", "0.0.0.0%v0:7010"},
    {"::", 7011, true, "v0", "[::]%v0:7011"},
    {"::", 7012, false, "lo", "*%lo:7012"},
    {"::", 7013, false, "v0", "*%v0:7013"},
    {"10.9.0.1", 7014, false, "lo", "10.9.0.1%lo:7014"},
    {"fe80::1", 7015, true, "v0", "[fe80::1]%v0:7015"},
    {"::", 8000, false, "", "*:8000"},
    {"127.0.0.1", 18443, false, "", "127.0.0.1:18443"},
    {"127.0.0.53", 53, false, "lo", "127.0.0.53%lo:53"},
};

/// They listen for TCP and for UDP while this lives.
class open_sockets {
 public:
  open_sockets() {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM})
      for (const wanted_socket& one : wanted) open(type, one);
  }

  /// The numbers that have come in datagrams since the last time, each with the port where it came.
  std::map<std::uint32_t, std::uint16_t> received() const {
    std::map<std::uint32_t, std::uint16_t> numbers;
    for (const bound& one : all_) {
      std::uint32_t number = 0;
      while (one.type == SOCK_DGRAM && recv(one.socket.get(), &number, sizeof number, MSG_DONTWAIT) == sizeof number)
        numbers.insert({number, one.port});
    }
    return numbers;
  }

 private:
  struct bound {
    int type;
    std::uint16_t port;
    descriptor socket;
  };

  void open(int type, const wanted_socket& one) {
    const address at = address_of(one.at);
    descriptor made = open_socket(at.family, type, 0, {});
    const int v6_only = one.v6_only ? 1 : 0;
    if (at.family == family::ipv6) setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
    const socket_address where(at, one.port);
    const bool is_bound = setsockopt(made.get(), SOL_SOCKET, SO_BINDTODEVICE, one.interface,
                                     static_cast<socklen_t>(std::strlen(one.interface))) == 0 &&
                          bind(made.get(), where.get(), where.size()) == 0;
    if (!is_bound || (type == SOCK_STREAM && listen(made.get(), 4096) != 0))
      throw std::system_error(errno, std::generic_category(), std::string("a socket at ") + one.called);
    all_.push_back({type, one.port, std::move(made)});
  }

  std::vector<bound> all_;
};

std::string printed_by(const std::vector<std::string>& words) {
  const tool_result done = run_tool(words);
  if (!done.worked()) throw std::runtime_error(words[0] + " fails: " + done.errors);
  return done.output;
}

template <class T>
T value_of_reading(const read_result<T>& read) {
  if (!read) throw std::runtime_error(std::string(to_text(read.diagnostics()).view()));
  return *read;
}

/// A namespace with a link-local address too, in which the sockets listen, and what its tools say of it.
class host {
 public:
  host() : here_({.silence_replies = false}) {
    printed_by({"ip", "-6", "addr", "add", "fe80::1/64", "dev", "v0", "nodad"});
    wait_for_local_addresses();
    sockets_.emplace();
    addresses = value_of_reading(read_addresses(printed_by({"ip", "-o", "addr"})));
    listeners = value_of_reading(read_listeners(printed_by({"ss", "-lntup"}), "ss"));
    std::string of_kernel;
    for (const char* const name : {"tcp", "tcp6", "udp", "udp6"})
      of_kernel += printed_by({"cat", std::string("/proc/net/") + name});
    of_kernel_ = value_of_reading(read_listeners(of_kernel, "/proc/net"));
  }

  world& here() { return here_; }
  const open_sockets& sockets() const { return *sockets_; }

  /// Whether all sockets were read, by both tools.
  bool check_listeners() const {
    kernel::comparison results;
    std::set<std::string> all;
    for (const listener& one : listeners) all.insert(std::string(to_text(one).view()));
    for (const wanted_socket& one : wanted)
      for (const char* const protocol : {"tcp ", "udp "}) {
        const std::string name = protocol + std::string(one.called);
        results.compare(name, "listens", all.erase(name) != 0 ? "listens" : "is not told");
      }
    for (const std::string& name : all) results.fail(name + " is told, and was not opened");
    results.compare("sockets in /proc/net", std::to_string(listeners.size()), std::to_string(of_kernel_.size()));
    for (std::size_t i = 0; i < std::min(listeners.size(), of_kernel_.size()); ++i) {
      // It does not tell interfaces, nor whether IPv6 takes IPv4.
      const listener& of_ss = listeners[i];
      const listener& of_kernel = of_kernel_[i];
      results.compare("port in /proc/net", std::to_string(of_ss.port), std::to_string(of_kernel.port));
      results.compare("address in /proc/net of " + std::string(to_text(of_ss).view()),
                      std::string(to_text(of_ss.at).view()), std::string(to_text(of_kernel.at).view()));
      results.compare("user in /proc/net of " + std::string(to_text(of_ss).view()), "0",
                      std::to_string(of_kernel.user.value_or(9)));
      results.compare("processes of " + std::string(to_text(of_ss).view()), "1",
                      std::to_string(of_ss.processes.size()));
    }
    return results.report("who listens, as ss and /proc/net say");
  }

  sequence<host_address> addresses;
  sequence<listener> listeners;

 private:
  world here_;
  std::optional<open_sockets> sockets_;
  sequence<listener> of_kernel_;
};

/// One address to try at a destination.
struct attempt {
  const listener* who = nullptr;
  const audit_cell* cell = nullptr;
  address to = {};
  std::string by = {};

  std::string name() const {
    return std::string(to_text(*who).view()) + " at " + std::string(to_text(to).view()) +
           (by.empty() ? "" : " by " + by);
  }
};

/// As a program binds its socket to reach that address.
std::string interface_for(const address& to, bool from_lo) {
  if (from_lo) return "lo";
  return to.is_link_local() ? "v0" : "";
}

std::vector<attempt> attempts_of(const audit_answer& answer) {
  std::vector<attempt> made;
  for (const audited_listener& one : answer.listeners)
    for (const audit_cell& cell : one.cells) {
      const auto add = [&](const address& to) {
        made.push_back({&one.who, &cell, to, interface_for(to, cell.to.from_lo_alone)});
      };
      if (cell.to.is_network()) {
        for (const char* const some : {"127.0.0.2", "127.9.8.7", "127.255.255.254", "::ffff:127.0.0.2"})
          if (cell.to.where.contains(cordon::detail::without_mapping(address_of(some)))) add(address_of(some));
        continue;
      }
      add(cell.to.where.base);
      for (const address& each : cell.to.also) add(each);
    }
  return made;
}

/// The errno of a datagram's send, which holds a number.
int send_number(std::uint32_t number, const address& to, std::uint16_t port, const std::string& by, std::uint32_t uid) {
  const descriptor socket = open_socket(to.family, SOCK_DGRAM, 0, {uid, uid});
  if (!by.empty() &&
      setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, by.data(), static_cast<socklen_t>(by.size())) != 0)
    throw std::system_error(errno, std::generic_category(), "SO_BINDTODEVICE");
  return send_to(socket, to, port, {reinterpret_cast<const char*>(&number), sizeof number});
}

/// Without rules, datagrams come to a socket at the destinations that are told, and nowhere else.
bool check_destinations(const host& where) {
  kernel::comparison results;
  const cordon::detail::own_destinations own(where.addresses, egress);
  std::vector<address> candidates = {address_of("127.0.0.1"), address_of("127.0.0.53"), address_of("127.3.2.1")};
  for (const host_address& one : where.addresses) candidates.push_back(one.own);
  where.sockets().received();
  struct sent_number {
    const listener* who;
    address to;
    std::string by;
    bool told;
    bool told_from_lo;
  };
  std::vector<sent_number> sent;
  for (const listener& who : where.listeners) {
    if (who.protocol != protocol::udp) continue;
    const sequence<socket_destination> told = own.of(who);
    for (const address& to : candidates)
      for (const std::string by : {"", "lo", "v0", "eth0"}) {
        sent_number one{&who, to, by, false, false};
        for (const socket_destination& each : told) {
          if (!each.where.contains(to)) continue;
          one.told = !each.from_lo_alone;
          one.told_from_lo = each.from_lo_alone;
        }
        const auto number = static_cast<std::uint32_t>(sent.size());
        send_number(number, to, who.port, by.empty() ? interface_for(to, false) : by, other_uid);
        sent.push_back(one);
      }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::map<std::uint32_t, std::uint16_t> received = where.sockets().received();
  for (std::uint32_t number = 0; number < sent.size(); ++number) {
    const sent_number& one = sent[number];
    const bool came = received.contains(number);
    const std::string about = std::string(to_text(*one.who).view()) + " at " + std::string(to_text(one.to).view()) +
                              (one.by.empty() ? "" : " by " + one.by);
    // A client may bind its socket to what keeps it away; what it reaches by that is to be told.
    if (one.by.empty())
      results.compare(about, one.told ? "reached" : "not reached", came ? "reached" : "not reached");
    else if (came)
      results.compare(about, "told", one.told || one.told_from_lo ? "told" : "not told");
    if (one.by == "lo" && one.told_from_lo)
      results.compare(about + ", from lo alone", "reached", came ? "reached" : "not reached");
  }
  return results.report("where sockets are reached");
}

/// What an audit says, against what the sandbox gets.
class trial {
 public:
  trial(const host& where, const firewall& rules, const audit_answer& answer)
      : where_(where),
        v4_(compile(rules, family::ipv4)),
        v6_(compile(rules, family::ipv6)),
        attempts_(attempts_of(answer)) {}

  kernel::comparison run() {
    connect_all();
    send_all();
    return std::move(results_);
  }

 private:
  /// The packet that an attempt sends, by its audit's word: to another address of the same network.
  static packet packet_of(const attempt& one) {
    packet sent = one.cell->sent;
    sent.destination = cordon::detail::without_mapping(one.to).bits;
    return sent;
  }
  static bool gets_there(const attempt& one) {
    if (one.cell->status == cell_status::partial) return test::holds(one.cell->open_for, packet_of(one));
    return one.cell->status == cell_status::open;
  }
  /// Where an audit tells what the program sees, that; of a part of a network the simulator says it.
  application_view program_of(const attempt& one) const {
    if (one.cell->status != cell_status::partial) return one.cell->program;
    const packet sent = packet_of(one);
    const program& rules = sent.family == family::ipv4 ? v4_ : v6_;
    return sees(rules, sent, simulate(rules, sent),
                one.cell->to.from_lo_alone ? answers_heard::resets : answers_heard::all);
  }

  static std::string expected(const attempt& one, const call_result& stopped, bool blocking) {
    if (!gets_there(one)) return words_of(stopped, blocking);
    if (one.cell->replies_blocked) return blocking ? "ETIMEDOUT in the end" : "no answer";
    return "no error";
  }

  void connect_all() {
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (const attempt& one : attempts_) {
      if (one.who->protocol != protocol::tcp) continue;
      const prober asks{{sandbox_uid, sandbox_uid}, one.to, one.who->port, one.by};
      const auto start = [&](const char* call, const std::string& model, const std::function<std::string()>& made) {
        threads.emplace_back([this, &mutex, model, made, about = one.name() + call] {
          // A machine that is busy can make a call late: only what differs three times differs.
          std::string seen;
          try {
            for (int tries = 0; tries < (model == "unknown" ? 1 : 3) && seen != model; ++tries) seen = made();
          } catch (const std::exception& error) {
            seen = error.what();
          }
          const std::lock_guard held(mutex);
          if (model != "unknown")
            results_.compare(about, model, seen);
          else
            results_.compare(about, "an error", seen != "no error" ? "an error" : seen);
        });
      };
      const application_view view = program_of(one);
      start(", connect()", expected(one, view.connect, true), [asks] { return asks.connect_blocking(); });
      start(", non-blocking connect()", expected(one, view.nonblocking_connect, false),
            [asks] { return asks.connect_nonblocking(); });
    }
    for (std::thread& one : threads) one.join();
  }

  void send_all() {
    where_.sockets().received();
    std::map<std::uint32_t, const attempt*> sent;
    for (const attempt& one : attempts_) {
      if (one.who->protocol != protocol::udp) continue;
      const auto number = static_cast<std::uint32_t>(sent.size());
      const int error = send_number(number, one.to, one.who->port, one.by, sandbox_uid);
      sent[number] = &one;
      const call_result call = program_of(one).send;
      results_.compare(one.name() + ", send()",
                       call.what == call_result::kind::error ? std::string(cordon::name_of(call.error)) : "no error",
                       error == 0 ? "no error" : strerrorname_np(error));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::map<std::uint32_t, std::uint16_t> received = where_.sockets().received();
    for (const auto& [number, one] : sent) {
      const auto came = received.find(number);
      std::string model = "nowhere";
      if (gets_there(*one)) model = std::to_string(one->who->port);
      if (one->cell->status == cell_status::led) {
        const std::string reaches(one->cell->reaches.view());
        model = reaches.substr(reaches.rfind(':') + 1);
      }
      results_.compare(one->name() + ", the datagram comes to", model,
                       came == received.end() ? "nowhere" : std::to_string(came->second));
    }
  }

  const host& where_;
  program v4_;
  program v6_;
  std::vector<attempt> attempts_;
  kernel::comparison results_;
};

/// Rules by their name: those of the incident, what `enforce` makes, and others.
struct setting {
  const char* name;
  const char* v4 = nullptr;  ///< null: a fixture of the incident, or what `enforce` makes
  const char* v6 = nullptr;
};
constexpr setting settings[] = {
    {"before"},
    {"after"},
    {"ours"},
    {"no answers", "*filter\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 1001 ! -d 127.0.0.53 -j ACCEPT\nCOMMIT\n",
     "*filter\n:OUTPUT DROP\n-A OUTPUT -m owner --uid-owner 1001 -d ::1 -j ACCEPT\nCOMMIT\n"},
    {"by place and port",
     "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -d 127.0.0.2/31 -j ACCEPT\n"
     "-A OUTPUT -m owner --uid-owner 1001 -p tcp -d 10.9.0.0/24 -j REJECT --reject-with tcp-reset\n"
     "-A OUTPUT -m owner --uid-owner 1001 -p tcp --dport 7003 -j REJECT --reject-with icmp-host-prohibited\n"
     "-A OUTPUT -m owner --uid-owner 1001 -p udp --dport 7001:7003 -j DROP\nCOMMIT\n",
     "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -o v0 -j DROP\n"
     "-A OUTPUT -m owner --uid-owner 1001 -d fe80::/10 -j REJECT --reject-with "
     "icmp6-adm-prohibited\nCOMMIT\n"},
    {"led elsewhere",
     "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -m owner --uid-owner 1001 --dport 7004 -j REDIRECT --to-ports "
     "7001\nCOMMIT\n"
     "*filter\n:OUTPUT ACCEPT\n-A OUTPUT -m owner --uid-owner 1001 -p udp --dport 7005 -j DROP\nCOMMIT\n",
     "*nat\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -m owner --uid-owner 1001 --dport 7007 -j REDIRECT --to-ports "
     "7006\nCOMMIT\n"},
};

firewall install(world& here, back_end which, const setting& what) {
  firewall rules;
  if (std::string_view(what.name) == "ours") {
    const enforcement made = enforce(egress);
    if (!made.proved()) throw std::runtime_error("what enforce() made is not proved");
    const std::string iptables(kernel::name_of(which));
    const tool_result done = run_tool(
        {"env", "IPTABLES=iptables-" + iptables, "IP6TABLES=ip6tables-" + iptables, "sh", "-s"}, commands(made));
    if (!done.worked()) throw std::runtime_error("the commands fail: " + done.errors);
    return made.firewall->rules();
  }
  for (const ip_family in : {ip_family::v4, ip_family::v6}) {
    const bool v4 = in == ip_family::v4;
    const char* const given = v4 ? what.v4 : what.v6;
    const std::string file = std::string("tests/fixtures/incident/") + what.name + "." +
                             std::string(kernel::name_of(which)) + (v4 ? ".v4" : ".v6");
    rules.of(family_of(in)) = load_both(here, which, in, what.v4 != nullptr ? std::string(given) : content_of(file));
  }
  return rules;
}

bool check(back_end which) {
  bool same = true;
  {
    const host where;
    same = where.check_listeners() && same;
    same = check_destinations(where) && same;
  }
  for (const setting& one : settings) {
    host where;
    firewall rules = install(where.here(), which, one);
    rules.host.addresses = where.addresses;
    const audit_answer answer = audit(rules, egress, where.listeners);
    kernel::comparison results = trial(where, rules, answer).run();
    same = results.report(std::string(kernel::name_of(which)) + ", " + one.name) && same;
  }
  return same;
}

}  // namespace

int main() {
  if (!run_tool({"ss", "-V"}).worked()) {
    std::cout << "SKIP: ss is not installed\n";
    return 77;
  }
  return run_with_both(check);
}
