// The addresses behind -s and -d as iptables reads them, which is not as people do: parts that are left out are zero
// (`10` is 10.0.0.0, `127.1` is 127.1.0.0), each part is a C number (`010` is 8, `0x7f` is 127), a list stands for one
// rule each, a mask may have holes. What that does not read goes to inet_aton, for which the last part fills the rest
// (`2130706433` is 127.0.0.1, `10.1.300` is 10.1.1.44).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/packet/address.hpp>

namespace cordon {

namespace detail {
// `127.0.0.1/8` as iptables-save prints it, which is what nearly all rules hold. False: it is not quite that.
constexpr bool read_printed_ipv4_network(std::string_view written, network& into) {
  const char* at = written.data();
  const char* const end = at + written.size();
  std::uint32_t bits = 0;
  unsigned part = 0;
  unsigned value = 0;
  const char* start = at;
  for (; at != end && *at != '/'; ++at) {
    if (*at == '.') {
      if (at == start || at > start + 3 || (*start == '0' && at != start + 1) || value > 255 || ++part > 3)
        return false;
      bits = bits << 8 | value;
      value = 0;
      start = at + 1;
    } else {
      if (*at < '0' || *at > '9') return false;
      value = value * 10 + static_cast<unsigned>(*at - '0');
    }
  }
  if (part != 3 || at == start || at > start + 3 || (*start == '0' && at != start + 1) || value > 255) return false;
  bits = bits << 8 | value;
  unsigned length = 32;
  if (at != end) {
    const auto digits = end - at - 1;
    if (digits < 1 || digits > 2 || at[1] < '1' || at[1] > '9') return false;
    length = static_cast<unsigned>(at[1] - '0');
    if (digits == 2) {
      if (at[2] < '0' || at[2] > '9') return false;
      length = length * 10 + static_cast<unsigned>(at[2] - '0');
      if (length > 32) return false;
    }
  }
  const std::uint32_t mask = ~std::uint32_t{0} << (32 - length);
  into = {{family::ipv4, bits & mask}, mask};
  return true;
}
// `fe80::1%eth0`: getaddrinfo looks for the interface, and iptables then forgets it.
constexpr std::string_view without_zone(std::string_view written) {
  const auto percent = written.find('%');
  if (percent == std::string_view::npos || percent + 1 == written.size()) return written;
  const auto base = written.substr(0, percent);
  const auto read = read_ipv6_address(base);
  const bool link_local = read && ((read->bits >> 118) == 0x3fa || ((read->bits >> 112) & 0xff0f) == 0xff02);
  return link_local ? base : written;
}
}  // namespace detail

/// Reads one address or network of family `of`. Returns what is wrong with it and what to write instead, or an empty
/// text; `into` then has the bits behind its mask cut off. Names are not resolved.
constexpr text read_rule_network(std::string_view written, family of, network& into) {
  if (of == family::ipv4 && detail::read_printed_ipv4_network(written, into)) return {};
  const auto slash = written.rfind('/');
  const std::string_view base = written.substr(0, slash);
  uint128 mask = low_bits(address_width(of));
  if (slash != std::string_view::npos) {
    const auto read = detail::read_rule_mask(written.substr(slash + 1), of);
    if (!read)
      return join("'", written.substr(slash + 1), "' is no mask: write a prefix length of 0 to ",
                  decimal(address_width(of)), ", or a mask in the form of an address");
    mask = *read;
  }
  maybe<uint128> bits;
  if (mask == 0) {
    bits = 0;  // iptables does not even look at what stands before /0
  } else if (of == family::ipv4) {
    bits = detail::read_short_ipv4(base, /*is_mask=*/false);
    if (!bits) bits = detail::read_inet_aton(base);
  } else if (const auto read = read_ipv6_address(detail::without_zone(base))) {
    bits = read->bits;
  }
  if (!bits) {
    if (written.starts_with("-"))
      return join("iptables takes all of '", written, "' for the address: put a blank between option and address");
    if (of == family::ipv4 && read_ipv6_address(base))
      return join("'", written, "' is an IPv6 address among IPv4 rules: this looks like ip6tables-save output");
    if (of == family::ipv6 && read_ipv4_address(base))
      return join("'", written, "' is an IPv4 address among IPv6 rules: this looks like iptables-save output");
    return join("'", base, "' is no ", title_of(of), " address: names are never looked up, write the address itself");
  }
  into = {{of, *bits & mask}, mask};
  return {};
}

/// Whether people would take an IPv4 address that iptables reads for another one: a part of it is octal or hexadecimal, or
/// parts are left out where there is no mask.
constexpr bool is_surprising_ipv4(std::string_view written) {
  const auto slash = written.find('/');
  unsigned parts = 1;
  for (std::size_t i = 0; i < detail::smaller_of(slash, written.size()); ++i) {
    const bool starts_part = i == 0 || written[i - 1] == '.';
    if (written[i] == '.') ++parts;
    if (starts_part && written[i] == '0' && i + 1 < detail::smaller_of(slash, written.size()) && written[i + 1] != '.')
      return true;
  }
  return parts < 4 && slash == std::string_view::npos;
}

/// Reads a comma list of addresses or networks, at least one; as `read_rule_network`.
constexpr text read_rule_networks(std::string_view written, family of, sequence<network>& into) {
  while (true) {
    const auto comma = written.find(',');
    std::string_view one = written.substr(0, comma);
    while (!one.empty() && (one[0] == ' ' || one[0] == '\t')) one.remove_prefix(1);
    if (text wrong = read_rule_network(one, of, into.push_back({})); !wrong.empty()) return wrong;
    if (comma == std::string_view::npos) return {};
    written.remove_prefix(comma + 1);
  }
}

}  // namespace cordon
