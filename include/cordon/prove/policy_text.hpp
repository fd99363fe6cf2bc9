// An egress policy as people write it: endpoints (`udp,tcp:127.0.0.53:53`), ids (`1001`, `1000-1999`), and files of
// flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/owner.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/text/diagnostic.hpp>

namespace cordon {

namespace detail {

/// Reads one endpoint from left to right.
class endpoint_reader {
 public:
  explicit constexpr endpoint_reader(std::string_view written) : written_(written), rest_(written) {}

  /// False: `problem` says what is wrong, at `column`.
  constexpr bool read() {
    if (written_.size() > decltype(made.written)::capacity)
      return fail(written_, "an endpoint has at most 159 characters: write it as several");
    if (written_.find_first_of(" \t\r\n") != std::string_view::npos)
      return fail(written_.substr(written_.find_first_of(" \t\r\n")), "an endpoint holds no blanks");
    made.written = written_;
    return read_protocols() && read_destination() && read_ports() && read_interface() && read_rewriting();
  }

  endpoint made = {};
  text problem = {};
  std::uint32_t column = 1;

 private:
  constexpr bool fail(std::string_view at, const text& why) {
    column = static_cast<std::uint32_t>(at.data() - written_.data()) + 1;
    problem = join("\"", written_, "\" is no endpoint: ", why);
    return false;
  }

  static constexpr std::string_view form() {
    return "write PROTOCOL:ADDRESS:PORT, like tcp:127.0.0.1:443 or udp,tcp:[::1]:53";
  }

  constexpr bool read_protocols() {
    const auto colon = rest_.find(':');
    if (colon == std::string_view::npos) return fail(rest_, join("there is no ':' in it; ", form()));
    std::string_view names = rest_.substr(0, colon);
    rest_.remove_prefix(colon + 1);
    made.protocols = {};
    while (true) {
      const auto comma = names.find(',');
      const std::string_view name = names.substr(0, comma);
      if (equal_ignoring_case(name, "any") || equal_ignoring_case(name, "all")) {
        made.protocols = protocol_set::all();
        any_protocol_ = true;
      } else if (const auto known = read_protocol(name)) {
        made.protocols.add(*known);
        if (has_ports(*known))
          with_ports_ = name;
        else
          without_ports_ = name;
        if (!is_digit(name[0]) && *known == protocol::icmp) icmp_ = name;
        if (!is_digit(name[0]) && *known == protocol::icmpv6) icmpv6_ = name;
      } else if (name.empty()) {
        return fail(name, join("a protocol is missing; ", form()));
      } else {
        return fail(name, join("\"", name, "\" is no protocol; write its name, its number, or any"));
      }
      if (comma == std::string_view::npos) return true;
      names.remove_prefix(comma + 1);
    }
  }

  // Takes what stands before the next of `ends` off the rest; an address in brackets is taken whole.
  constexpr std::string_view take(std::string_view ends) {
    const auto bracket = rest_.starts_with('[') ? rest_.find(']') : 0;
    const auto end = rest_.find_first_of(ends, bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  constexpr bool read_destination() {
    const std::string_view shown = take(":@>");
    if (!read_where(shown, made.destination)) return false;
    const family of = made.destination.base.family;
    if (of == family::ipv6 && !icmp_.empty()) return fail(icmp_, "icmp is IPv4's; write icmpv6 for an IPv6 address");
    if (of == family::ipv4 && !icmpv6_.empty())
      return fail(icmpv6_, "icmpv6 is IPv6's; write icmp for an IPv4 address");
    return true;
  }

  // ADDRESS, ADDRESS/LENGTH, [ADDRESS], [ADDRESS]/LENGTH, [ADDRESS/LENGTH]; for LENGTH also a mask.
  constexpr bool read_where(std::string_view shown, network& into) {
    if (shown.empty()) return fail(shown, join("an address is missing; ", form()));
    std::string_view inside = shown;
    std::string_view behind = {};
    const bool bracketed = shown.starts_with('[');
    if (bracketed) {
      const auto close = shown.find(']');
      if (close == std::string_view::npos) return fail(shown, "the bracket is not closed; write [ADDRESS]");
      inside = shown.substr(1, close - 1);
      behind = shown.substr(close + 1);
    }
    if (const auto slash = inside.find('/'); slash != std::string_view::npos && behind.empty()) {
      behind = inside.substr(slash);
      inside = inside.substr(0, slash);
    }
    const auto where = read_address(inside);
    if (!where) return fail(inside, not_an_address(inside, bracketed));
    if (bracketed && where->family == family::ipv4)
      return fail(shown, join("brackets are for IPv6; write ", inside, " without them"));
    into = {*where, prefix_mask(where->family, address_width(where->family))};
    if (behind.empty()) return true;
    if (behind[0] != '/') return fail(behind, "behind the bracket stands :PORT or /LENGTH");
    behind.remove_prefix(1);
    const unsigned longest = address_width(where->family);
    const auto mask = read_address(behind);
    if (const auto length = read_number(behind, longest))
      into.mask = prefix_mask(where->family, static_cast<unsigned>(*length));
    else if (mask && mask->family == where->family)
      into.mask = mask->bits;
    else
      return fail(behind, join("\"", behind, "\" is no prefix length; write 0 to ", decimal(longest)));
    into.base.bits &= into.mask;
    return true;
  }

  static constexpr text not_an_address(std::string_view shown, bool bracketed) {
    if (shown.empty())
      return bracketed ? "there is no address in the brackets; write [ADDRESS]"
                       : "an address is missing before the '/'";
    if (shown.find('%') != std::string_view::npos)
      return join("\"", shown, "\" names a zone; write the address without it, and @INTERFACE at the end");
    const bool is_name = shown.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos;
    if (is_name) return join("\"", shown, "\" is a name, and names are never looked up; write the address");
    if (!bracketed && shown.find('.') == std::string_view::npos)
      return join("\"", shown, "\" is no IPv4 address, and an IPv6 address stands in brackets, like tcp:[::1]:443");
    return join("\"", shown,
                bracketed ? "\" is no IPv6 address; write one like [::1]"
                          : "\" is no address; write four numbers of 0 to 255, like 127.0.0.1");
  }

  constexpr bool read_ports() {
    const bool needs_port = any_protocol_ || !with_ports_.empty();
    if (!rest_.starts_with(':')) {
      if (!needs_port) return true;
      return fail(rest_, any_protocol_ ? "a port is missing; write :any for all, and for protocols without ports"
                                       : "a port is missing; write :443, :8000-8010 or :any");
    }
    rest_.remove_prefix(1);
    const std::string_view shown = take("@>");
    if (!needs_port && shown != "any")
      return fail(shown, join(without_ports_, " has no ports; write the endpoint without one"));
    if (!read_port_range(shown, made.ports)) return false;
    if (!any_protocol_ && !without_ports_.empty() && !made.ports.is_all())
      return fail(without_ports_, join(without_ports_, " has no ports; write an endpoint of its own for it"));
    return true;
  }

  constexpr bool read_port_range(std::string_view shown, port_range& into) {
    if (shown == "any") {
      into = {};
      return true;
    }
    const auto dash = shown.find('-');
    const auto low = read_number(shown.substr(0, dash), 65535);
    const auto high = dash == std::string_view::npos ? low : read_number(shown.substr(dash + 1), 65535);
    if (!low || !high) {
      if (shown.find(':') != std::string_view::npos)
        return fail(shown, join("\"", shown, "\" is no port; a range is written 8000-8010, and an IPv6 address ",
                                "stands in brackets, like tcp:[::1]:443"));
      return fail(shown,
                  join("\"", shown, "\" is no port; write a number of 0 to 65535, a range like 8000-8010, or ", "any"));
    }
    if (*low > *high)
      return fail(shown, join("the ports of a range go up; write ", decimal(*high), "-", decimal(*low)));
    into = {static_cast<std::uint16_t>(*low), static_cast<std::uint16_t>(*high)};
    return true;
  }

  constexpr bool read_interface() {
    if (!rest_.starts_with('@')) return true;
    rest_.remove_prefix(1);
    const std::string_view shown = take(">");
    if (shown.empty()) return fail(shown, "an interface is missing; write @lo");
    if (!interface_name::fits(shown) || shown.find('/') != std::string_view::npos)
      return fail(shown, join("\"", shown, "\" is no interface; a name has at most 15 characters and no '/'"));
    if (shown.back() == '+')
      return fail(shown, "an endpoint names one interface; write one endpoint for each, without '+'");
    made.out = interface_name(shown);
    return true;
  }

  constexpr bool read_rewriting() {
    if (rest_.empty()) return true;
    if (rest_[0] != '>') return fail(rest_, join("\"", rest_, "\" is left over; ", form()));
    rest_.remove_prefix(1);
    network to;
    if (!read_where(take(":"), to)) return false;
    if (to.base.family != made.destination.base.family)
      return fail(written_.substr(written_.find('>') + 1),
                  "nat rewrites within one family; write an address of the same");
    if (rest_.starts_with(':')) {
      rest_.remove_prefix(1);
      if (!read_port_range(rest_, made.rewritten_ports)) return false;
      if (!made.rewritten_ports.is_all() && with_ports_.empty() && !any_protocol_)
        return fail(rest_, join(without_ports_, " has no ports; write the address alone"));
    }
    made.rewritten_to = to;
    return true;
  }

  std::string_view written_;
  std::string_view rest_;
  std::string_view with_ports_ = {};     // a protocol of the list that has ports
  std::string_view without_ports_ = {};  // and one that has none
  std::string_view icmp_ = {};
  std::string_view icmpv6_ = {};
  bool any_protocol_ = false;
};

constexpr void append_where(text& out, const network& of) {
  const bool v6 = of.base.family == family::ipv6;
  const auto length = prefix_length(of.base.family, of.mask);
  if (v6) out.append('[');
  out.append(to_text(address{of.base.family, of.base.bits & of.mask}));
  if (!length) out.append('/').append(to_text(address{of.base.family, of.mask}));
  if (v6) out.append(']');
  if (length && *length != address_width(of.base.family)) out.append('/').append_number(*length);
}

constexpr void append_ports(text& out, const port_range& of) {
  if (of.is_all()) {
    out.append("any");
    return;
  }
  out.append_number(of.low);
  if (of.low != of.high) out.append('-').append_number(of.high);
}

}  // namespace detail

/// Reads `PROTOCOL[,PROTOCOL]:ADDRESS[/LENGTH]:PORT[-PORT][@INTERFACE][>ADDRESS[:PORT[-PORT]]]`. Protocols by name,
/// number or `any`; IPv6 addresses in brackets; `any` for every port, and no port where the protocol has none. Names
/// are never looked up. The endpoint keeps the text. A diagnostic has the column in the text, and no line.
constexpr read_result<endpoint> read_endpoint(std::string_view written) {
  detail::endpoint_reader reader(written);
  if (reader.read()) return reader.made;
  return read_result<endpoint>::failure(diagnostic{{}, {0, reader.column}, severity::error, std::move(reader.problem)});
}

/// The endpoint in the form that `read_endpoint` reads, protocols in the order of their numbers.
constexpr text to_text(const endpoint& of) {
  text out;
  bool some_with_ports = of.protocols.is_all();
  if (of.protocols.is_all()) out.append("any");
  for (unsigned number = 0; number < 256 && !of.protocols.is_all(); ++number) {
    const auto one = static_cast<protocol>(static_cast<std::uint8_t>(number));
    if (!of.protocols.contains(one)) continue;
    if (!out.empty()) out.append(',');
    // The ICMP of the other family is written by its number: by its name it is more likely an error.
    if ((one == protocol::icmp || one == protocol::icmpv6) && !is_icmp(one, of.destination.base.family))
      out.append_number(number);
    else
      out.append(to_text(one));
    some_with_ports = some_with_ports || has_ports(one);
  }
  out.append(':');
  detail::append_where(out, of.destination);
  if (some_with_ports) {
    out.append(':');
    detail::append_ports(out, of.ports);
  }
  if (!of.out.empty()) out.append('@').append(of.out);
  if (of.rewritten_to) {
    out.append('>');
    detail::append_where(out, *of.rewritten_to);
    if (!of.rewritten_ports.is_all()) {
      out.append(':');
      detail::append_ports(out, of.rewritten_ports);
    }
  }
  return out;
}

/// The endpoint as its user wrote it, or in the usual form where it was not written but built.
constexpr text name_of(const endpoint& of) {
  if (!of.written.empty()) return text(of.written.view());
  return to_text(of);
}

/// User or group ids, from `low` to `high`.
struct id_range {
  std::uint32_t low = 0;   ///< the least one
  std::uint32_t high = 0;  ///< the greatest one
  friend constexpr bool operator==(const id_range&, const id_range&) = default;
};

/// Reads `N` or `N-M`, each 0 to 4294967294; `what` is "user" or "group", for messages. Names are not looked up.
constexpr read_result<id_range> read_id_range(std::string_view written, std::string_view what) {
  const auto wrong = [&](std::string_view why) {
    return read_result<id_range>::failure(
        diagnostic{{}, {}, severity::error, join("\"", written, "\" is no ", what, " id: ", why)});
  };
  if (!written.empty() && !is_digit(written[0]) && written[0] != '-')
    return wrong(what == "user" ? "write a number (id -u NAME tells it)"
                                : "write a number (getent group NAME tells it)");
  const auto dash = written.find('-', 1);
  const auto low = read_number(written.substr(0, dash), greatest_id);
  const auto high = dash == std::string_view::npos ? low : read_number(written.substr(dash + 1), greatest_id);
  if (!low || !high) return wrong("write a number of 0 to 4294967294, or a range like 1000-1999");
  if (*low > *high) return wrong("a range goes up; write the smaller number first");
  return id_range{static_cast<std::uint32_t>(*low), static_cast<std::uint32_t>(*high)};
}

/// What a policy's flags say, from a command line or a file.
struct policy_flags {
  maybe<id_range> user = {};              ///< --uid
  maybe<id_range> group = {};             ///< --gid
  maybe<cordon::attacker> attacker = {};  ///< --attacker
  maybe<cordon::flows> flows = {};        ///< --flows
  sequence<endpoint> endpoints = {};      ///< --allow, in order
};

/// Whether a policy has a flag of that name, without its dashes.
constexpr bool is_policy_flag(std::string_view name) {
  return name == "uid" || name == "gid" || name == "allow" || name == "attacker" || name == "flows";
}

/// Adds one flag, named without its dashes. Returns nothing if all is well, else a diagnostic, with the column in
/// `value` if it is about a part of that. All but `allow` may be given once. Precondition: `is_policy_flag(flag)`.
constexpr maybe<diagnostic> add_policy_flag(policy_flags& into, std::string_view flag, std::string_view value) {
  require(is_policy_flag(flag), "a policy has no flag of this name");
  const auto wrong = [](text why) { return diagnostic{{}, {}, severity::error, std::move(why)}; };
  const auto twice = [&] { return wrong(join("--", flag, " is given twice; a sandbox has one")); };
  if (flag == "allow") {
    const auto one = read_endpoint(value);
    if (!one) return one.diagnostics()[0];
    into.endpoints.push_back(*one);
  } else if (flag == "uid" || flag == "gid") {
    auto& which = flag == "uid" ? into.user : into.group;
    if (which) return twice();
    const auto ids = read_id_range(value, flag == "uid" ? "user" : "group");
    if (!ids) return ids.diagnostics()[0];
    which = *ids;
  } else if (flag == "attacker") {
    if (into.attacker) return twice();
    if (value != "unprivileged" && value != "raw")
      return wrong(join("\"", value, "\" is no attacker: write unprivileged or raw"));
    into.attacker = value == "raw" ? attacker::raw : attacker::unprivileged;
  } else {
    if (into.flows) return twice();
    if (value != "any" && value != "new") return wrong(join("\"", value, "\" is no kind of flows: write any or new"));
    into.flows = value == "any" ? flows::any : flows::fresh;
  }
  return no_value;
}

namespace detail {

// One line of a policy file.
class policy_line_reader {
 public:
  explicit constexpr policy_line_reader(std::string_view line) : line_(line) {}

  /// False: `problem` says what is wrong, at `column`.
  constexpr bool read_into(policy_flags& into) {
    std::size_t first = 0;
    while (first < line_.size() && is_blank(line_[first])) ++first;
    std::size_t last = first;  // behind the last character that is neither blank nor comment
    for (std::size_t i = first; i < line_.size(); ++i) {
      if (line_[i] == '#' && (i == first || is_blank(line_[i - 1]))) break;
      if (line_[i] == '\r' && i + 1 == line_.size())
        return fail(i, "the line ends in CR LF, as on Windows: remove the carriage returns (sed -i 's/\\r$//' FILE)");
      if (static_cast<unsigned char>(line_[i]) < 0x20 && !is_blank(line_[i]))
        return fail(i, "a control character: this is no text, give one flag a line");
      if (!is_blank(line_[i])) last = i + 1;
    }
    if (first == last) return true;

    std::size_t name_end = first;
    while (name_end < last && !is_blank(line_[name_end]) && line_[name_end] != '=') ++name_end;
    const std::string_view name = line_.substr(first, name_end - first);
    if (!name.starts_with("--") && name.find(':') != std::string_view::npos) return add(into, "allow", first, last);
    const std::string_view flag = name.starts_with("--") ? name.substr(2) : name;
    if (!is_policy_flag(flag))
      return fail(first, join("\"", name, "\" is no flag of a policy: write uid, gid, allow, attacker or flows and ",
                              "a value, or an endpoint"));
    std::size_t value = name_end;
    if (value < last && line_[value] == '=') ++value;
    while (value < last && is_blank(line_[value])) ++value;
    if (value == last) return fail(last, join("a value is missing behind ", name));
    return add(into, flag, value, last);
  }

  text problem = {};
  std::uint32_t column = 0;

 private:
  static constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

  constexpr bool fail(std::size_t at, text why) {
    column = static_cast<std::uint32_t>(at) + 1;
    problem = std::move(why);
    return false;
  }

  constexpr bool add(policy_flags& into, std::string_view flag, std::size_t value, std::size_t last) {
    const auto wrong = add_policy_flag(into, flag, line_.substr(value, last - value));
    if (!wrong) return true;
    return fail(value + (wrong->at.column != 0 ? wrong->at.column - 1 : 0), wrong->message);
  }

  std::string_view line_;
};

}  // namespace detail

/// Reads a policy file: one flag a line, its leading `--` optional, a blank or `=` before its value; `#` begins a
/// comment at the start of a line or behind a blank; an endpoint alone counts as `--allow`. `file` is its
/// name, for messages.
constexpr read_result<policy_flags> read_policy(std::string_view content, std::string_view file) {
  policy_flags made;
  for (std::uint32_t line = 1; !content.empty(); ++line) {
    const auto end = content.find('\n');
    detail::policy_line_reader reader(content.substr(0, end));
    if (!reader.read_into(made))
      return read_result<policy_flags>::failure(
          diagnostic{file, {line, reader.column}, severity::error, std::move(reader.problem)});
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
  }
  return made;
}

/// The policy that flags make. A policy names the sandbox's owner, and at most 64 endpoints.
constexpr read_result<egress_policy> make_policy(const policy_flags& from, hook at = hook::output) {
  if (at == hook::output && !from.user && !from.group)
    return read_result<egress_policy>::failure(
        diagnostic{{}, {}, severity::error, "whose packets? give the sandbox's --uid N, its --gid N, or both"});
  if (at != hook::output && (from.user || from.group || from.attacker))
    return read_result<egress_policy>::failure(
        diagnostic{{},
                   {},
                   severity::error,
                   join("packets of ", name_of(at), " come from other machines and have no owner: leave out --",
                        from.user    ? "uid"
                        : from.group ? "gid"
                                     : "attacker")});
  if (at == hook::input)
    for (const endpoint& one : from.endpoints)
      if (!one.out.empty())
        return read_result<egress_policy>::failure(
            diagnostic{{},
                       {},
                       severity::error,
                       join("packets of INPUT leave by no interface: write ", name_of(one), " without @", one.out)});
  if (from.endpoints.size() > egress_policy::most_endpoints)
    return read_result<egress_policy>::failure(
        diagnostic{{},
                   {},
                   severity::error,
                   join("a policy has at most 64 endpoints, and here are ", decimal(from.endpoints.size()),
                        ": join some to a network or a range")});
  egress_policy made;
  made.at = at;
  if (from.user) made.user = uid(from.user->low, from.user->high);
  if (from.group) made.group = gid(from.group->low, from.group->high);
  made.attacker = from.attacker.value_or(attacker::unprivileged);
  made.flows = from.flows.value_or(flows::any);
  for (const endpoint& one : from.endpoints) made.allow(one);
  return made;
}

}  // namespace cordon
