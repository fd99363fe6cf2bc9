// The addresses of a host, as `ip -o addr` prints them: one address a line; and the local routes beside, which
// `ip route show table all type local` prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/rule/host_facts.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/words.hpp>

namespace cordon {

namespace detail {
// Reads one line after the other; stops at the first that is none.
class address_reader {
 public:
  constexpr explicit address_reader(std::string_view file) : file_(file) {}

  constexpr read_result<sequence<host_address>> read(std::string_view content) {
    std::uint32_t number = 0;
    while (!content.empty() && !failed_) {
      const std::size_t end = content.find('\n');
      std::string_view line = content.substr(0, end);
      content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      ++number;
      read_line(line, number);
    }
    if (failed_) return read_result<sequence<host_address>>::failure(std::move(said_));
    return {std::move(found_), std::move(said_)};
  }

 private:
  constexpr void fail(std::uint32_t line, std::uint32_t column, text message) {
    said_.push_back({file_, {line, column}, severity::error, std::move(message)});
    failed_ = true;
  }

  constexpr void read_line(std::string_view line, std::uint32_t number) {
    words_.split(line);
    if (words_.size() == 0 || words_[0].content.starts_with('#')) return;
    const auto wrong = [&](std::size_t word, text message) {
      const std::uint32_t column =
          word < words_.size() ? words_[word].column : static_cast<std::uint32_t>(line.size() + 1);
      fail(number, column, std::move(message));
    };
    if (words_[0].content == "local") return read_route(number, line);
    const std::string_view index = words_[0].content;
    if (index.size() < 2 || index.back() != ':' || !read_number(index.substr(0, index.size() - 1), 0xffffffff))
      return wrong(
          0,
          "this is no line of 'ip -o addr': it begins with the number of an interface, as in '2: eth0 inet ...', or "
          "with local where it is a route of 'ip route show table all type local'");
    if (words_.size() < 4)
      return wrong(words_.size(), "the line ends early: write NUMBER: INTERFACE inet|inet6 ADDRESS/LENGTH");
    host_address made;
    std::string_view name = words_[1].content;
    if (name.ends_with(':')) return wrong(1, "this is what 'ip addr' prints: give what 'ip -o addr' prints");
    // eth0@if5 is eth0, and @ has no place in a name.
    name = name.substr(0, name.find('@'));
    if (name.empty() || !interface_name::fits(name))
      return wrong(1, join("'", words_[1].content, "' is no name of an interface: write 1 to 15 characters"));
    made.interface = interface_name(name);
    const std::string_view family_word = words_[2].content;
    // Other families have no packets here.
    if (family_word != "inet" && family_word != "inet6") {
      if (family_word == "link" || family_word.starts_with("link/") || family_word == "mctp") return;
      return wrong(2, join("'", family_word, "' is no family: write inet or inet6"));
    }
    const family of = family_word == "inet" ? family::ipv4 : family::ipv6;
    std::size_t at = 4;
    const auto own = read_prefix(words_[3].content, of);
    if (!own) return wrong(3, join("'", words_[3].content, "' is no ", title_of(of), " address: write ADDRESS/LENGTH"));
    made.own = own->base;
    made.prefix = *own;
    if (at < words_.size() && words_[at].content == "peer") {
      const auto peer = at + 1 < words_.size() ? read_prefix(words_[at + 1].content, of) : no_value;
      if (!peer) return wrong(at + 1, join("behind peer stands an ", title_of(of), " address and its prefix length"));
      made.prefix = *peer;
      at += 2;
    }
    made.prefix.base.bits &= made.prefix.mask;
    for (; at < words_.size(); ++at) {
      const std::string_view word = words_[at].content;
      // What a line break would begin says how long the address is valid.
      if (word.ends_with('\\')) break;
      if (word == "brd") {
        const auto broadcast = at + 1 < words_.size() ? read_prefix(words_[at + 1].content, of) : no_value;
        if (!broadcast) return wrong(at + 1, "behind brd stands a broadcast address");
        made.broadcast = broadcast->base;
        ++at;
      } else if (word == "secondary") {
        made.secondary = of == family::ipv4;  // in IPv6 it is what a temporary address is called
      } else if (word == "noprefixroute") {
        made.no_prefix_route = true;
      } else if (word == "tentative" || word == "dadfailed") {
        made.tentative = true;
      }
    }
    found_.push_back(made);
  }

  // local PREFIX dev INTERFACE [table TABLE] ..., the main table if none is told. Of other tables than the local one IPv4's
  // addrtype asks nothing (inet_addr_type); IPv6's takes the best route of all that its rules lead to, which is in doubt for one of
  // the main table. What the kernel itself has put there follows from an address.
  constexpr void read_route(std::uint32_t number, std::string_view line) {
    const auto behind = [&](std::string_view key) {
      for (std::size_t i = 2; i + 1 < words_.size(); ++i)
        if (words_[i].content == key) return words_[i + 1].content;
      return std::string_view();
    };
    const auto wrong = [&](std::size_t word, text message) {
      const std::uint32_t column =
          word < words_.size() ? words_[word].column : static_cast<std::uint32_t>(line.size() + 1);
      fail(number, column, std::move(message));
    };
    if (words_.size() < 4 || words_[2].content != "dev")
      return wrong(2, "the line is no route: write local ADDRESS/LENGTH dev INTERFACE");
    if (!interface_name::fits(words_[3].content))
      return wrong(3, join("'", words_[3].content, "' is no name of an interface: write 1 to 15 characters"));
    const std::string_view table = behind("table");
    const bool is_local = table == "local" || table == "255";
    if ((!table.empty() && !is_local) || behind("proto") == "kernel") return;
    host_address made;
    made.is_route = true;
    made.tentative = !is_local;
    made.interface = interface_name(words_[3].content);
    const std::string_view to = words_[1].content;
    // Only IPv6's routes have a preference.
    const family of = to.find(':') != std::string_view::npos || (to == "default" && !behind("pref").empty())
                          ? family::ipv6
                          : family::ipv4;
    const auto prefix = to == "default" ? maybe<network>(network{{of, 0}, 0}) : read_prefix(to, of);
    if (!prefix) return wrong(1, join("'", to, "' is no network: write ADDRESS/LENGTH"));
    made.prefix = *prefix;
    made.prefix.base.bits &= made.prefix.mask;
    made.own = made.prefix.base;
    if (is_local || (of == family::ipv6 && prefix->mask != 0)) found_.push_back(made);
  }

  // An address with its prefix length, which may be missing; all its bits are kept.
  static constexpr maybe<network> read_prefix(std::string_view written, family of) {
    const std::size_t slash = written.find('/');
    const auto own = read_address(written.substr(0, slash));
    if (!own || own->family != of) return no_value;
    unsigned length = address_width(of);
    if (slash != std::string_view::npos) {
      const auto number = read_number(written.substr(slash + 1), length);
      if (!number) return no_value;
      length = static_cast<unsigned>(*number);
    }
    return network{*own, prefix_mask(of, length)};
  }

  std::string_view file_;
  line_words words_;
  sequence<host_address> found_;
  sequence<diagnostic> said_;
  bool failed_ = false;
};
}  // namespace detail

/// Reads what `ip -o addr` printed (`ip -o -4 addr` and `ip -o -6 addr` too), and behind or before it what `ip -4 route show
/// table all type local` and its like with -6 did: the host's addresses that no interface has; blank lines and those that begin with #
/// are left out. `file` is named in messages. Interfaces are taken to be up, which such text does not tell.
constexpr read_result<sequence<host_address>> read_addresses(std::string_view content, std::string_view file = {}) {
  return detail::address_reader(file).read(content);
}

}  // namespace cordon
