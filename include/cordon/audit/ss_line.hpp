// One line of what `ss -lntup` prints. With numbers for names (-n) and the protocol in the first column (both
// -t and -u) it says all there is to know, -p adds the processes, -e the user:
//
//   tcp LISTEN 0 128 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=480,fd=14)) uid:101 ino:17
//   v6only:0 <->
//
// `*` is every address of both families, `[::]` of IPv6 alone, `0.0.0.0` of IPv4 alone (inet_addr_print in
// misc/ss.c of iproute2). Older ones wrote `*` for IPv4's, and `:::22` for IPv6's with or without IPv4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/audit/listener.hpp>
#include <cordon/audit/listener_line.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>

namespace cordon::detail {

/// The processes in `users:(("name",pid=1,fd=3),("name",pid=2,fd=3))`.
struct ss_processes {
  sequence<listening_process> all = {};
  std::size_t size = 0;  ///< how many bytes they take
  bool whole = false;    ///< false if they end in a way that ss does not write
};

inline constexpr std::string_view ss_processes_begin = "users:((";

// Where `",pid=` N `,fd=` N `)` begins in `in`, which a name may look like too: the first that is one.
struct ss_process_ids {
  std::size_t at = std::string_view::npos;
  std::size_t size = 0;
  std::uint32_t id = 0;
};

constexpr ss_process_ids find_process_ids(std::string_view in) {
  constexpr std::string_view before_id = "\",pid=", before_descriptor = ",fd=";
  for (std::size_t at = in.find(before_id); at != std::string_view::npos; at = in.find(before_id, at + 1)) {
    std::string_view rest = in.substr(at + before_id.size());
    const std::size_t id_end = rest.find(before_descriptor);
    if (id_end == std::string_view::npos) continue;
    const auto id = read_number(rest.substr(0, id_end), 0xffffffff);
    rest.remove_prefix(id_end + before_descriptor.size());
    const std::size_t end = rest.find(')');
    if (!id || end == std::string_view::npos || !read_number(rest.substr(0, end), 0xffffffff)) continue;
    return {at, in.size() - rest.size() + end + 1 - at, static_cast<std::uint32_t>(*id)};
  }
  return {};
}

/// Reads them from the beginning of `from`, which may go on behind the line: a process's name may hold a line
/// feed, and quotes too. A process's name has at most 15 bytes (TASK_COMM_LEN), so that no more than a few
/// bytes are looked at for one.
constexpr ss_processes read_ss_processes(std::string_view from) {
  constexpr std::size_t longest_entry = 64;
  ss_processes made;
  made.size = ss_processes_begin.size() - 1;
  while (true) {
    const std::string_view entry = from.substr(made.size, longest_entry);
    if (!entry.starts_with("(\"")) return made;
    const ss_process_ids ids = find_process_ids(entry.substr(2));
    if (ids.at == std::string_view::npos) return made;
    made.all.push_back({entry.substr(2, ids.at), ids.id});
    made.size += 2 + ids.at + ids.size;
    const std::string_view behind = from.substr(made.size, 1);
    ++made.size;
    if (behind == ")") {
      made.whole = true;
      return made;
    }
    if (behind != ",") {
      --made.size;
      return made;
    }
  }
}

constexpr bool is_ss_state(std::string_view word) {
  constexpr std::string_view states[] = {"ESTAB",     "SYN-SENT", "SYN-RECV",    "FIN-WAIT-1", "FIN-WAIT-2",
                                         "TIME-WAIT", "UNCONN",   "CLOSE-WAIT",  "LAST-ACK",   "LISTEN",
                                         "CLOSING",   "UNKNOWN",  "NEW-SYN-RECV"};
  for (const std::string_view one : states)
    if (word == one) return true;
  return false;
}

/// Sockets of other kinds than TCP's and UDP's, as ss calls them.
constexpr bool is_other_netid(std::string_view word) {
  constexpr std::string_view kinds[] = {"raw",   "icmp6", "sctp", "dccp",  "mptcp", "tipc",  "xdp",   "u_str",
                                        "u_dgr", "u_seq", "nl",   "p_raw", "p_dgr", "v_str", "v_dgr", "???"};
  for (const std::string_view one : kinds)
    if (word == one) return true;
  return false;
}

/// Reads ADDRESS[%INTERFACE]:PORT into a listener. Returns what is wrong with it, or nothing. `old` is the
/// older way of writing.
constexpr text read_ss_address(std::string_view written, bool old, listener& into) {
  const std::size_t colon = written.rfind(':');
  if (colon == std::string_view::npos) return join("'", written, "' is no ADDRESS:PORT");
  const std::string_view port_word = written.substr(colon + 1);
  const auto port = read_number(port_word, 65535);
  if (!port || *port == 0) return join("'", port_word, "' is no number of a port: run ss with -n, as in ss -lntup");
  into.port = static_cast<std::uint16_t>(*port);
  std::string_view where = written.substr(0, colon);
  const std::size_t scope = where.find('%');
  if (scope != std::string_view::npos) {
    std::string_view name = where.substr(scope + 1);
    // [fe80::1%eth0] as well as [fe80::1]%eth0.
    const bool inside = where.starts_with('[') && name.ends_with(']');
    if (inside) name.remove_suffix(1);
    if (name.empty() || !interface_name::fits(name)) return join("'", name, "' is no name of an interface");
    into.interface = interface_name(name);
    where = where.substr(0, scope);
    if (inside) where.remove_prefix(1);
  }
  if (where == "*") {
    into.at = old ? address{family::ipv4, 0} : address{family::ipv6, 0};
    into.ipv4 = old ? takes_ipv4::no : takes_ipv4::yes;
    return {};
  }
  const bool brackets = where.size() > 2 && where.starts_with('[') && where.ends_with(']');
  if (brackets) where = where.substr(1, where.size() - 2);
  const auto at = read_address(where);
  if (!at || (brackets && at->family == family::ipv4))
    return join("'", where, "' is no address: run ss with -n, as in ss -lntup");
  into.at = without_mapping(*at);
  // In the older way of writing it is not told whether it is IPv6's alone.
  into.ipv4 = at->family == family::ipv6 && at->bits == 0 && !brackets ? takes_ipv4::not_told : takes_ipv4::no;
  return {};
}

/// Whether a text is written in the older way, by the address of a socket that is bound to every one of IPv6.
constexpr bool is_old_ss(std::string_view content) { return content.find(" :::") != std::string_view::npos; }

/// Reads the line at the beginning of `content`, of `size` bytes; makes `size` larger if a process's name
/// holds a line feed.
constexpr read_listener read_ss_line(std::string_view content, std::size_t& size, bool old) {
  const std::string_view line = content.substr(0, size);
  blank_words words(line);
  read_listener made;
  const std::string_view netid = words.take();
  if (is_other_netid(netid)) {
    made.is_of_other_kind = true;
    return made;
  }
  if (is_ss_state(netid) || netid == "State")
    return wrong_line(1, "the protocol is not told: run ss with both -t and -u, as in ss -lntup");
  if (netid != "tcp" && netid != "udp")
    return wrong_line(
        1, join("'", netid.substr(0, 40),
                "' begins no line of 'ss -lntup' or of /proc/net: write tcp or udp, its state, two numbers, and "
                "the addresses"));
  listener found;
  found.protocol = netid == "tcp" ? protocol::tcp : protocol::udp;
  const std::uint32_t state_column = words.column();
  const std::string_view state = words.take();
  if (!state.empty() && !is_ss_state(state))
    return wrong_line(state_column, join("'", state.substr(0, 40), "' is no state of a socket"));
  for (int queue = 0; queue < 2; ++queue) {
    const std::uint32_t column = words.column();
    const std::string_view length = words.take();
    if (!length.empty() && !read_number(length, 0xffffffff))
      return wrong_line(column, join("'", length.substr(0, 40), "' is no length of a queue"));
  }
  const std::uint32_t local_column = words.column();
  const std::string_view local = words.take();
  const std::uint32_t peer_column = words.column();
  const std::string_view peer = words.take();
  if (peer.empty()) return wrong_line(peer_column, "the line ends early: the address of the other end is missing");
  if (state != (found.protocol == protocol::tcp ? "LISTEN" : "UNCONN")) return made;
  if (text why = read_ss_address(local, old, found); !why.empty()) return wrong_line(local_column, std::move(why));
  if (line.substr(words.position()).starts_with(ss_processes_begin)) {
    const std::size_t begin = words.position();
    ss_processes processes = read_ss_processes(content.substr(begin));
    found.processes = std::move(processes.all);
    if (!processes.whole) {
      made.column = static_cast<std::uint32_t>(begin + 1);
      made.warning = "the processes are not written as ss writes them: not all of them are told";
    } else if (begin + processes.size > size) {
      const std::size_t end = content.find('\n', begin + processes.size);
      size = end == std::string_view::npos ? content.size() : end;
    }
    if (processes.whole) words = blank_words(content.substr(begin + processes.size, size - begin - processes.size));
  }
  while (!words.at_end()) {
    const std::string_view word = words.take();
    if (word.starts_with("uid:")) {
      if (const auto number = read_number(word.substr(4), 0xffffffff)) found.user = static_cast<std::uint32_t>(*number);
    } else if (word == "v6only:1" && found.ipv4 != takes_ipv4::no) {
      found.ipv4 = takes_ipv4::no;
    }
  }
  made.found = std::move(found);
  return made;
}

}  // namespace cordon::detail
