// Who listens, from what `ss -lntup` prints or from /proc/net/{tcp,tcp6,udp,udp6}: each line says by itself
// what it is, so that such texts may be joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/audit/listener.hpp>
#include <cordon/audit/listener_line.hpp>
#include <cordon/audit/proc_net_line.hpp>
#include <cordon/audit/ss_line.hpp>
#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

namespace detail {

constexpr void add_processes(sequence<listening_process>& into, sequence<listening_process> more) {
  into.append(std::move(more));
  sort(into, [](const listening_process& a, const listening_process& b) { return a.id < b.id; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < into.size(); ++i)
    if (kept == 0 || !(into[i] == into[kept - 1])) {
      if (kept != i) into[kept] = std::move(into[i]);
      ++kept;
    }
  into.resize(kept);
}

// The same socket may be told by two texts, of which one does not say whether it takes IPv4.
constexpr bool is_same_place(const listener& a, listener b) {
  if (b.ipv4 == takes_ipv4::not_told) b.ipv4 = a.ipv4;
  return compare(a, b) == 0;
}

}  // namespace detail

/// The listeners of several texts together: sorted by port, protocol and address, each place once, with the
/// processes of all sockets that share it.
constexpr sequence<listener> merged(sequence<listener> all) {
  detail::sort(all, [](const listener& a, const listener& b) { return detail::compare(a, b) < 0; });
  sequence<listener> made;
  sequence<listening_process> processes;
  const auto finish_last = [&] {
    if (!made.empty()) detail::add_processes(made.back().processes, std::move(processes));
    processes = {};
  };
  bool ipv4_is_taken = false;  // by a socket of IPv4's own, at the port and protocol of the last
  for (listener& one : all) {
    const bool same_port = !made.empty() && made.back().port == one.port && made.back().protocol == one.protocol;
    if (!same_port) ipv4_is_taken = false;
    if (one.at.family == family::ipv4 && one.is_everywhere() && one.interface.empty()) ipv4_is_taken = true;
    // What has the port of IPv4 leaves it to no socket of IPv6.
    if (one.ipv4 == takes_ipv4::not_told && ipv4_is_taken) one.ipv4 = takes_ipv4::no;
    if (same_port && detail::is_same_place(made.back(), one)) {
      processes.append(std::move(one.processes));
      if (!made.back().user) made.back().user = one.user;
      continue;
    }
    finish_last();
    made.push_back(std::move(one));
  }
  finish_last();
  return made;
}

/// Reads what `ss -lntup` or `ss -Hlntu` printed, or the content of /proc/net/tcp, tcp6, udp and udp6, also
/// one behind the other; sockets that do not listen are left out, and so are those of other protocols, with a
/// note. The result is `merged`. The first line that is none of these is an error. `file` is named in
/// messages.
constexpr read_result<sequence<listener>> read_listeners(std::string_view content, std::string_view file = {}) {
  sequence<listener> found;
  sequence<diagnostic> said;
  const bool old = detail::is_old_ss(content);
  std::size_t others = 0;
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < content.size();) {
    ++number;
    const std::string_view rest = content.substr(at);
    const std::size_t end = rest.find('\n');
    std::size_t size = end == std::string_view::npos ? rest.size() : end;
    const std::string_view line = rest.substr(0, size);
    detail::blank_words words(line);
    const std::string_view first = words.take();
    // What ss adds with -i and -m below a socket is indented by a tab.
    const bool is_more = line.starts_with('\t') && first != "tcp" && first != "udp" && !detail::is_proc_net_line(line);
    if (first.empty() || first == "Netid" || first.starts_with('#') || is_more) {
      at += size + 1;
      continue;
    }
    // Not with `?:`: g++ 12 frees what such a temporary holds twice in a constant expression.
    detail::read_listener one;
    if (detail::is_proc_net_line(line))
      one = detail::read_proc_net_line(line);
    else
      one = detail::read_ss_line(rest, size, old);
    if (!one.wrong.empty())
      return read_result<sequence<listener>>::failure(
          {file, {number, one.column}, severity::error, std::move(one.wrong)});
    if (!one.warning.empty()) said.push_back({file, {number, one.column}, severity::warning, std::move(one.warning)});
    if (one.is_of_other_kind) ++others;
    if (one.found) found.push_back(std::move(*one.found));
    for (const char c : rest.substr(0, size))
      if (c == '\n') ++number;
    at += size + 1;
  }
  if (others != 0)
    said.push_back({file,
                    {},
                    severity::note,
                    join(decimal(others), others == 1 ? " socket is" : " sockets are",
                         " neither of TCP nor of UDP, and left out")});
  return {merged(std::move(found)), std::move(said)};
}

}  // namespace cordon
