// The addresses and ports that DNAT, SNAT, MASQUERADE and REDIRECT translate to, and what of it a later rule sees.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/maybe.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/services.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/rule/extension.hpp>
#include <cordon/target/tables.hpp>

namespace cordon::nat_range {

// As a value: numbers[0] are the addresses, numbers[1] the ports, numbers[2].low the first port of a shifted range
// plus one; a missing part is `missing`.
inline constexpr range missing{1, 0};
constexpr bool has_addresses(const option& of) { return of.numbers[0] != missing; }
constexpr bool has_ports(const option& of) { return of.numbers[1] != missing; }

/// A port by number or by the name that some protocol's service has.
constexpr maybe<std::uint32_t> read_port(std::string_view written, const value_context& context) {
  if (const auto number = read_c_number(written, 65535)) return static_cast<std::uint32_t>(*number);
  if (!written.empty() && is_digit(written[0])) return no_value;
  for (const std::string_view protocol : {context.protocol_name, std::string_view("tcp"), std::string_view("udp")})
    if (const auto port = service_port(written, protocol, context.names)) return port;
  return no_value;
}

/// "80", "80-90", and where a base is allowed "80-90/1000".
constexpr text read_ports(std::string_view written, bool with_base, const value_context& context, option& into) {
  const auto wrong = [&](std::string_view part) {
    return join("'", part, "' in '", written, "' is no port: write a number of 0 to 65535, or two with '-' between");
  };
  // A name may hold a '-' itself; only two numbers are a range.
  const auto dash = !written.empty() && is_digit(written[0]) ? written.find('-') : std::string_view::npos;
  if (dash == std::string_view::npos) {
    const auto port = read_port(written, context);
    if (!port) return wrong(written);
    into.numbers[1] = {*port, *port};
    return {};
  }
  auto behind = written.substr(dash + 1);
  const auto slash = with_base ? behind.find('/') : std::string_view::npos;
  const auto low = read_port(written.substr(0, dash), context);
  const auto high = read_port(behind.substr(0, slash), context);
  if (!low) return wrong(written.substr(0, dash));
  if (!high) return wrong(behind.substr(0, slash));
  if (*low > *high) return join("the port range '", written, "' runs backwards: write the smaller port first");
  into.numbers[1] = {*low, *high};
  if (slash == std::string_view::npos) return {};
  const auto base = read_port(behind.substr(slash + 1), context);
  if (!base || *base == 0) return wrong(behind.substr(slash + 1));
  into.numbers[2] = {*base + 1, *base + 1};
  return {};
}

constexpr void write_ports(const option& from, text& out) {
  forms::detail::append_range(out, from.numbers[1], '-');
  if (from.numbers[2] != missing) out.append('/').append_number(from.numbers[2].low - 1);
}

/// An address in full, as inet_pton reads it.
constexpr maybe<uint128> read_full_address(std::string_view written, family of) {
  const auto read = of == family::ipv4 ? read_ipv4_address(written) : read_ipv6_address(written);
  if (!read) return no_value;
  return read->bits;
}

/// [address[-address]][:ports]; IPv6 addresses stand in brackets before ports.
constexpr text read_destination(std::string_view written, bool with_base, const value_context& context, option& into) {
  into.numbers = {missing, missing, missing};
  std::string_view addresses = written;
  std::string_view ports;
  bool ports_given = false;
  if (written.starts_with('[')) {
    if (context.family == family::ipv4) return join("'", written, "': brackets stand around IPv6 addresses alone");
    const auto end = written.find(']');
    if (end == std::string_view::npos) return join("'", written, "': the bracket is not closed");
    addresses = written.substr(1, end - 1);
    const auto behind = written.substr(end + 1);
    if (!behind.empty() && !behind.starts_with(':'))
      return join("'", behind, "' cannot stand behind the bracket: write :port");
    ports_given = !behind.empty();
    if (ports_given) ports = behind.substr(1);
  } else if (const auto colon = written.find(':');
             colon != std::string_view::npos &&
             (context.family == family::ipv4 || (colon == 0 && !written.starts_with("::")))) {
    addresses = written.substr(0, colon);
    ports = written.substr(colon + 1);
    ports_given = true;
  }
  if (!addresses.empty()) {
    const auto dash = addresses.find('-');
    const auto low = read_full_address(addresses.substr(0, dash), context.family);
    const auto high =
        dash == std::string_view::npos ? low : read_full_address(addresses.substr(dash + 1), context.family);
    if (!low || !high)
      return join("'", addresses, "' is no ", title_of(context.family), " address, nor two with '-' between");
    into.numbers[0] = {*low, *high};
  } else if (!ports_given) {
    return text("there is nothing to translate to: write an address, or :port");
  }
  return ports_given ? read_ports(ports, with_base, context, into) : text();
}

constexpr void write_destination(const option& from, family in, text& out) {
  const bool brackets = in == family::ipv6 && has_ports(from) && has_addresses(from);
  if (brackets) out.append('[');
  if (has_addresses(from)) {
    out.append(to_text(address{in, from.numbers[0].low}));
    if (from.numbers[0].low != from.numbers[0].high) out.append('-').append(to_text(address{in, from.numbers[0].high}));
  }
  if (brackets) out.append(']');
  if (!has_ports(from)) return;
  out.append(':');
  write_ports(from, out);
}

constexpr void draw_destination(const choice_source& choices, family in, option& into) {
  const uint128 base = in == family::ipv4 ? uint128{127} << 24 : uint128{0xfd09} << 112;
  const uint128 low = base + 1 + choices.below(3);
  into.numbers = {{low, low + (choices.one_in(3) ? choices.below(9) : 0)}, missing, missing};
  if (choices.one_in(2)) into.numbers[1] = forms::detail::draw_range(choices, 65535);
}

/// What is wrong with ports in a rule for packets that have none.
constexpr text needs_ports(const meaning_context& context) {
  if (context.protocol.given) {
    const protocol of = context.protocol.protocol;
    // iptables looks at the number alone, not at a `!` before it; it lets ICMP pass, of both families' rules, not ICMPv6.
    if (of == protocol::tcp || of == protocol::udp || of == protocol::sctp || of == protocol::dccp ||
        of == protocol::icmp)
      return {};
  }
  return "a port needs -p tcp, udp, sctp or dccp in the same rule";
}

/// What a translation of the destination makes of the packet, for the first packet of a connection. The tuple that
/// the connection is known by keeps what stood there before.
constexpr effect translated(const maybe<range>& addresses, const maybe<range>& ports, const meaning_context& context) {
  const uint128 whole = low_bits(address_width(context.family));
  effect made{.what = effect::kind::accept};
  made.changes.push_back({.field = field::original_destination, .from = field::destination, .from_mask = whole});
  made.changes.push_back({.field = field::original_destination_port, .from = field::second_word, .from_mask = 0xffff});
  made.changes.push_back(set_bits(field::nat_status, 2, 2));
  if (addresses) {
    if (addresses->low <= addresses->high)
      made.changes.push_back(set_to_one_of(field::destination, addresses->low, addresses->high));
    else
      made.changes.push_back(make_unknown(field::destination));
  }
  if (!ports) return made;
  const protocol_match& of = context.protocol;
  // Linux 6.16 lost what knew of DCCP's ports.
  if (of.given && !of.inverted && has_ports(of.protocol) && of.protocol != protocol::dccp)
    made.changes.push_back(set_to_one_of(field::second_word, ports->low, ports->high));
  else
    made.changes.push_back(make_unknown(field::second_word));
  return made;
}

}  // namespace cordon::nat_range
