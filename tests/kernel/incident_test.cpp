// The incident on the live kernel: what the sandbox's user reaches under the rules before the fix, under the fix, and under
// what `enforce` makes and `commands` installs; each cell held against `simulate`, and those that the demonstration
// prints against its table.
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <cordon/prove/enforce.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/simulate/simulate.hpp>

#include "comparison.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "prerequisites.hpp"
#include "socket_address.hpp"
#include "tool.hpp"
#include "world.hpp"

namespace {

using namespace cordon;
using namespace cordon::kernel;

constexpr std::uint32_t sandbox_uid = 1001;
constexpr std::uint32_t other_uid = 1002;  // whom no rule is about: what it does not reach, nobody does

constexpr std::uint16_t ports[] = {8000, 18443, 6379, 3900, 53};

/// An address as a program gives it, and as OUTPUT meets it.
struct target_address {
  std::string_view given;
  std::string_view met;
};
constexpr target_address targets[] = {
    {"127.0.0.1", "127.0.0.1"},
    {"127.0.0.2", "127.0.0.2"},
    {"127.0.0.53", "127.0.0.53"},
    {"10.9.0.1", "10.9.0.1"},  // the host's own, of v0
    {"0.0.0.0", "127.0.0.1"},
    {"::ffff:127.0.0.1", "127.0.0.1"},
    {"::ffff:127.0.0.53", "127.0.0.53"},
    {"::ffff:10.9.0.1", "10.9.0.1"},
    {"::1", "::1"},
    {"fd09::1", "fd09::1"},  // of v0
    {"::", "::1"},
};

struct cell {
  address given;
  address met;
  std::uint16_t port;
  protocol by;
};

std::vector<cell> all_cells() {
  std::vector<cell> made;
  for (const protocol by : {protocol::tcp, protocol::udp})
    for (const target_address& at : targets)
      for (const std::uint16_t port : ports) made.push_back({address_of(at.given), address_of(at.met), port, by});
  return made;
}

/// As the demonstration writes it: `[::1]:53 udp`.
std::string name_of(const address& at, std::uint16_t port, protocol by) {
  const std::string written(to_text(at).view());
  return (at.family == family::ipv6 ? "[" + written + "]" : written) + ":" + std::to_string(port) +
         (by == protocol::udp ? " udp" : "");
}

std::string fate(bool let_out) { return let_out ? "let out" : "stopped"; }

/// Somebody listens wherever a cell leads to, as root.
class listeners {
 public:
  explicit listeners(const std::vector<cell>& cells) {
    for (const cell& one : cells) {
      const bool there = std::any_of(all_.begin(), all_.end(), [&](const listener& other) {
        return other.at == one.met && other.port == one.port && other.by == one.by;
      });
      if (there) continue;
      descriptor socket = open_bound(one.by == protocol::tcp ? SOCK_STREAM : SOCK_DGRAM, one.met, one.port, {});
      if (one.by == protocol::tcp && listen(socket.get(), 64) != 0)
        throw std::system_error(errno, std::generic_category(), "listen");
      all_.push_back({one.met, one.port, one.by, std::move(socket)});
    }
  }

  /// The numbers in the datagrams that have come, each with the place where it came.
  std::map<std::uint32_t, cell> received() const {
    std::map<std::uint32_t, cell> numbers;
    for (const listener& one : all_) {
      std::uint32_t number = 0;
      while (one.by == protocol::udp && recv(one.socket.get(), &number, sizeof number, MSG_DONTWAIT) == sizeof number)
        numbers.insert({number, {one.at, one.at, one.port, one.by}});
    }
    return numbers;
  }

 private:
  struct listener {
    address at;
    std::uint16_t port;
    protocol by;
    descriptor socket;
  };
  std::vector<listener> all_;
};

/// In a process of its own, which is that user in every way: connects and sends to every cell at once. Returns for each
/// TCP cell the errno of connect(), ETIMEDOUT if nothing came; for each UDP cell that of sendto(). The datagram to cell n
/// holds n.
std::vector<int> reach(const std::vector<cell>& cells, std::uint32_t uid) {
  int ends[2];
  if (pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const descriptor from(ends[0]);
  descriptor to(ends[1]);
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    constexpr auto patience = std::chrono::milliseconds(2500);
    int status = 1;
    try {
      if (setgroups(0, nullptr) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
        throw std::system_error(errno, std::generic_category(), "setresuid");
      std::vector<int> errors(cells.size(), ETIMEDOUT);
      std::vector<descriptor> sockets;
      std::vector<pollfd> wanted(cells.size(), pollfd{-1, POLLOUT, 0});
      for (std::uint32_t i = 0; i < cells.size(); ++i) {
        const cell& one = cells[i];
        const bool is_tcp = one.by == protocol::tcp;
        const descriptor& socket =
            sockets.emplace_back(::socket(one.given.family == family::ipv4 ? AF_INET : AF_INET6,
                                          (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (is_tcp) {
          errors[i] = connect_to(socket, one.given, one.port);
          if (errors[i] == EINPROGRESS) wanted[i].fd = socket.get();
        } else {
          errors[i] = send_to(socket, one.given, one.port, {reinterpret_cast<const char*>(&i), sizeof i});
        }
      }
      const auto end = std::chrono::steady_clock::now() + patience;
      while (std::any_of(wanted.begin(), wanted.end(), [](const pollfd& one) { return one.fd >= 0; }) &&
             std::chrono::steady_clock::now() < end) {
        poll(wanted.data(), wanted.size(), 50);
        for (std::size_t i = 0; i < cells.size(); ++i) {
          if (wanted[i].fd < 0 || wanted[i].revents == 0) continue;
          errors[i] = kernel::result_of(sockets[i], 0);
          wanted[i].fd = -1;
        }
      }
      for (std::size_t i = 0; i < cells.size(); ++i)
        if (errors[i] == EINPROGRESS) errors[i] = ETIMEDOUT;
      const auto size = static_cast<ssize_t>(errors.size() * sizeof errors[0]);
      if (write(to.get(), errors.data(), static_cast<std::size_t>(size)) == size) status = 0;
    } catch (const std::exception& error) {
      std::cerr << "uid " << uid << ": " << error.what() << '\n';
    }
    _exit(status);
  }
  to.reset();
  std::vector<int> errors(cells.size());
  const std::size_t size = errors.size() * sizeof errors[0];
  std::size_t got = 0;
  while (got < size) {
    const ssize_t part = read(from.get(), reinterpret_cast<char*>(errors.data()) + got, size - got);
    if (part <= 0) break;
    got += static_cast<std::size_t>(part);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (got != size || status != 0) throw std::runtime_error("the process of uid " + std::to_string(uid) + " failed");
  return errors;
}

/// What a cell's first packet meets in the model. All cells are addresses of this host: their packets leave by lo.
bool is_let_out(const firewall& rules, const cell& one, std::uint32_t uid) {
  packet sent;
  sent.family = one.met.family;
  sent.owner = {socket_kind::user, uid, uid};
  sent.out = "lo";
  sent.protocol = one.by;
  sent.source = sent.destination = one.met.bits;
  sent.second_word = one.port;
  if (one.by == protocol::udp) {
    sent.flags = 0;
    sent.length = one.met.family == family::ipv4 ? 32 : 52;
  }
  const verdict met = simulate(rules, sent).verdict;
  if (met.what == verdict::kind::unknown) throw std::runtime_error("the model does not know what becomes of a cell");
  return met.accepted();
}

/// The rows of the demonstration's table: by cell, what it says for each case.
using shown_table = std::map<std::string, std::map<std::string, std::string>>;

/// The columns are parted by two blanks or more.
std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t end = std::min(line.find("  ", at), line.size());
    columns.push_back(line.substr(at, end - at));
    at = std::min(line.find_first_not_of(' ', end), line.size());
  }
  return columns;
}

shown_table read_table(const std::string& printed) {
  shown_table rows;
  std::vector<std::string> cases;
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> columns = columns_of(line);
    if (columns.size() == 5 && columns[0] == "service") {
      cases = columns;
    } else if (!cases.empty()) {
      if (columns.size() != cases.size()) break;
      for (std::size_t i = 2; i < columns.size(); ++i) rows[columns[1]][cases[i]] = columns[i];
    }
  }
  return rows;
}

constexpr egress_policy egress = sandbox(uid{sandbox_uid})
                                     .may_reach(protocol::tcp, ipv4_address(127, 0, 0, 1), 18443)
                                     .may_reach(protocol::udp | protocol::tcp, ipv4_address(127, 0, 0, 53), 53);

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Has the rules of one of the three cases in the kernel, and returns them as the library has them.
firewall install(world& here, back_end which, const std::string& name) {
  if (name == "ours") {
    const enforcement made = enforce(egress);
    if (!made.proved()) throw std::runtime_error("what enforce() made is not proved");
    const cordon::text script = commands(made);
    const std::string iptables(kernel::name_of(which));
    for (int run = 0; run < 3; ++run) {
      const tool_result done =
          run_tool({"env", "IPTABLES=iptables-" + iptables, "IP6TABLES=ip6tables-" + iptables, "sh", "-s"}, script);
      if (!done.worked()) throw std::runtime_error("the commands fail: " + done.errors);
    }
    return made.firewall->rules();
  }
  firewall rules;
  for (const ip_family family : {ip_family::v4, ip_family::v6}) {
    const std::string file = "tests/fixtures/incident/" + name + "." + std::string(kernel::name_of(which)) +
                             (family == ip_family::v4 ? ".v4" : ".v6");
    rules.of(family_of(family)) = load_both(here, which, family, content_of(file));
  }
  return rules;
}

bool check_case(back_end which, const std::string& name, const std::optional<shown_table>& shown) {
  world here({.silence_replies = false});
  wait_for_local_addresses();
  const firewall rules = install(here, which, name);
  const std::vector<cell> cells = all_cells();
  const listeners there(cells);
  comparison results;
  shown_table seen;
  for (const std::uint32_t uid : {sandbox_uid, other_uid}) {
    const std::vector<int> errors = reach(cells, uid);
    const std::map<std::uint32_t, cell> received = there.received();
    for (std::uint32_t i = 0; i < cells.size(); ++i) {
      const cell& one = cells[i];
      const auto datagram = received.find(i);
      const bool let_out = one.by == protocol::tcp ? errors[i] == 0 : datagram != received.end();
      const std::string cell_name = name_of(one.given, one.port, one.by);
      const std::string about = "uid " + std::to_string(uid) + " to " + cell_name;
      results.compare(about, fate(is_let_out(rules, one, uid)), fate(let_out));
      if (let_out && one.by == protocol::udp)
        results.compare(about + ", arrived at", name_of(one.met, one.port, one.by),
                        name_of(datagram->second.met, datagram->second.port, one.by));
      if (uid == other_uid) results.compare(about + ", whom no rule is about", "let out", fate(let_out));
      if (uid == sandbox_uid) seen[cell_name][name] = fate(let_out);
    }
  }
  if (shown)
    for (const auto& [where, row] : *shown) {
      const auto found = row.find(name);
      if (!seen.contains(where) || found == row.end())
        results.fail("the demonstration shows " + where + ", which was not tried");
      else
        results.compare("the demonstration on " + where, found->second, seen[where][name]);
    }
  return results.report(std::string(kernel::name_of(which)) + ", " + name);
}

}  // namespace

/// The argument is the demonstration's program.
int main(int count, char** words) {
  std::optional<shown_table> shown;
  if (count > 1) {
    const tool_result printed = run_tool({words[1], "tests/fixtures/incident"});
    if (!printed.worked()) {
      std::cout << "the demonstration fails: " << printed.errors << '\n';
      return 1;
    }
    shown = read_table(printed.output);
    if (shown->empty()) {
      std::cout << "the demonstration prints no table\n";
      return 1;
    }
  }
  const int result = run_with_both([&](back_end which) {
    bool same = true;
    for (const char* const name : {"before", "after", "ours"}) same = check_case(which, name, shown) && same;
    return same;
  });
  if (shown || result != 0) return result;
  std::cout << "SKIP: the demonstration is not built, its table was not compared\n";
  return 77;
}
