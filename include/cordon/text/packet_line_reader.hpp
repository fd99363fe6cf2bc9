// Packets as lines of keys and values: `uid=1001 proto=tcp src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=8000 flags=SYN
// out=lo state=NEW`. What is left out has the value that a plain client would send.
//
// key                      value                                    left out
// family                   4 or 6                                   as the addresses are
// uid, gid                 0 to 4294967294                          0
// socket                   none, or kernel: no user and no group    a socket of uid and gid
// proto                    a name or 0 to 255                       tcp
// src                      an address                               dst if that is loopback, else 192.0.2.1 or 2001:db8::1
// dst                      an address                               must be given
// sport, dport             0 to 65535                               40000; dport must be given where there are ports
// icmp                     TYPE/CODE                                echo-request
// flags                    SYN,ACK,... or NONE                      SYN
// out                      an interface                             lo if dst is loopback, else eth0
// in, mac                  the interface and Ethernet address that it came by, in FORWARD and INPUT   none
// state                    NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED   NEW
// mark, connmark           0 to 0xffffffff                          0
// nat                      SNAT, DNAT or both with a comma          neither
// len, ttl, tos            0 to 65536 (more than 65535), 255, 255   the bare headers, 64, 0
// bytes                    0 to 19: what is there of the transport header   all of it
// frag                     the offset of a later fragment, in units of 8 bytes: 1 or more   no such fragment
// options                  kinds of TCP or DCCP options, or SCTP chunks, with commas   none
// mss, dccp, spi           0 to 65535, 15, 4294967295               none, 0, 0
// headers                  hop dst route frag auth, with commas     none (IPv6 alone)
// ctdir                    ORIGINAL or REPLY                        ORIGINAL
// ctstatus                 EXPECTED SEEN_REPLY ASSURED CONFIRMED, with commas   none
// ctexpire, ctproto        seconds; 0 to 255                        0
// expected                 1: the first packet of an expected connection   0
// ctorigsrc, ctorigdst, ctreplsrc, ctrepldst                  an address    0
// ctorigsrcport, ctorigdstport, ctreplsrcport, ctrepldstport  0 to 65535    0
//
// As the kernel does before OUTPUT, dst 0.0.0.0 and :: become loopback, and ::ffff:a.b.c.d is the IPv4 address. With
// family=6 such an address is kept as it is, for a packet that was made by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/ethernet_address.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/packet_keys.hpp>

namespace cordon {

namespace detail {

// The numbers of fragments at offsets above 1 are not told apart.
inline constexpr std::uint32_t greatest_fragment_offset = 0x1fff;

constexpr maybe<std::uint64_t> read_plain_number(std::string_view written, std::uint64_t most) {
  if (written.starts_with("0x")) return read_number(written.substr(2), most, 16);
  return read_number(written, most);
}

constexpr address unmapped(const address& of) {
  return is_mapped(of) ? address{family::ipv4, of.bits & 0xffffffff} : of;
}

class packet_line_reader {
 public:
  constexpr packet_line_reader(std::string_view line, std::string_view file, std::uint32_t number)
      : line_(line), file_(file), number_(number) {}

  constexpr read_result<packet> read() {
    if (!read_words() || !finish()) return read_result<packet>::failure(std::move(error_));
    return made_;
  }

 private:
  constexpr bool fail(std::uint32_t column, text message) {
    error_ = {text(file_), {number_, number_ == 0 ? 0 : column}, severity::error, std::move(message)};
    return false;
  }

  constexpr bool read_words() {
    std::size_t at = 0;
    while (true) {
      while (at < line_.size() && (line_[at] == ' ' || line_[at] == '\t')) ++at;
      if (at == line_.size()) return true;
      const std::size_t start = at;
      while (at < line_.size() && line_[at] != ' ' && line_[at] != '\t') ++at;
      column_ = static_cast<std::uint32_t>(start + 1);
      const std::string_view one = line_.substr(start, at - start);
      const auto equals = one.find('=');
      if (equals == std::string_view::npos)
        return fail(column_, join("'", one, "' is no KEY=VALUE: write dst=127.0.0.1, for one"));
      if (text wrong = read_key(one.substr(0, equals), one.substr(equals + 1)); !wrong.empty())
        return fail(column_, std::move(wrong));
    }
  }

  // The keys that need more than one field, or that others depend on. One bit each, to see what was given.
  // clang-format off
  enum key_bit : std::uint32_t { family_key = 1, uid_key = 2, socket_key = 4, proto_key = 8, src_key = 16, dst_key = 32, sport_key = 64,
                   dport_key = 128, icmp_key = 256, flags_key = 512, out_key = 1024, state_key = 2048, len_key = 4096, bytes_key = 8192,
                   frag_key = 16384, nat_key = 32768, options_key = 65536, headers_key = 131072, ctdir_key = 262144, ctstatus_key = 524288,
                   in_key = 1048576, mac_key = 2097152 };
  // clang-format on

  constexpr text read_key(std::string_view key, std::string_view value) {
    for (std::size_t i = 0; i < std::size(number_keys); ++i) {
      const number_key& one = number_keys[i];
      if (one.key != key) continue;
      if ((numbers_given_ & (1U << i)) != 0) return twice(key);
      numbers_given_ |= 1U << i;
      return read_number_key(one, value);
    }
    for (std::size_t i = 0; i < std::size(connection_address_keys); ++i) {
      if (connection_address_keys[i].key != key) continue;
      if (addresses_[i]) return twice(key);
      addresses_[i] = read_address(value);
      if (!addresses_[i]) return no_address(key, value);
      return {};
    }
    const std::uint32_t bit = bit_of(key);
    if (bit == 0)
      return join("'", key,
                  "' is no key of a packet: write family uid gid socket proto src dst sport dport icmp flags out "
                  "state mark len ttl or tos");
    if ((given_ & bit) != 0) return twice(key);
    given_ |= bit;
    return read_value(bit, key, value);
  }

  static constexpr std::uint32_t bit_of(std::string_view key) {
    constexpr std::string_view keys[] = {"family",  "uid",     "socket", "proto",    "src", "dst",   "sport", "dport",
                                         "icmp",    "flags",   "out",    "state",    "len", "bytes", "frag",  "nat",
                                         "options", "headers", "ctdir",  "ctstatus", "in",  "mac"};
    for (std::size_t i = 0; i < std::size(keys); ++i)
      if (keys[i] == key) return 1U << i;
    return 0;
  }

  static constexpr text twice(std::string_view key) { return join("'", key, "' is given twice"); }
  static constexpr text no_address(std::string_view key, std::string_view value) {
    return join(key, ": '", value, "' is no address: write one such as 127.0.0.1 or ::1, names are never looked up");
  }
  static constexpr text no_number(std::string_view key, std::string_view value, std::uint64_t most) {
    return join(key, ": '", value, "' is no number of 0 to ", decimal(most));
  }

  constexpr text read_number_key(const number_key& one, std::string_view value) {
    const auto number = read_plain_number(value, one.most);
    if (!number) return no_number(one.key, value, one.most);
    set_value(made_, one.into, *number);
    return {};
  }

  constexpr text read_word(std::string_view key, std::string_view value, std::uint16_t& into) {
    const auto number = read_plain_number(value, 65535);
    if (!number) return no_number(key, value, 65535);
    into = static_cast<std::uint16_t>(*number);
    return {};
  }

  template <std::size_t Count>
  static constexpr text read_bits(std::string_view key, std::string_view value, const named_bits (&names)[Count],
                                  std::uint8_t& into) {
    unsigned bits = 0;
    while (true) {
      const auto comma = value.find(',');
      const std::string_view one = value.substr(0, comma);
      unsigned known = 0;
      for (const named_bits& candidate : names)
        if (equal_ignoring_case(candidate.name, one)) known = candidate.bits;
      if (known == 0) {
        text all = join(key, ": '", one, "' is not known: write");
        for (const named_bits& candidate : names) all.append(' ').append(candidate.name);
        return all.append(", with commas between");
      }
      bits |= known;
      if (comma == std::string_view::npos) break;
      value.remove_prefix(comma + 1);
    }
    into = static_cast<std::uint8_t>(bits);
    return {};
  }

  constexpr text read_value(std::uint32_t bit, std::string_view key, std::string_view value) {
    switch (bit) {
      case family_key:
        if (value != "4" && value != "6") return join("family: '", value, "' is neither 4 nor 6");
        family_ = value == "4" ? family::ipv4 : family::ipv6;
        return {};
      case uid_key: {
        const auto number = read_plain_number(value, greatest_id);
        if (!number) return no_number(key, value, greatest_id);
        made_.owner.uid = static_cast<std::uint32_t>(*number);
        return {};
      }
      case socket_key:
        if (value != "none" && value != "kernel") return join("socket: '", value, "' is neither none nor kernel");
        made_.owner.socket = value == "none" ? socket_kind::none : socket_kind::kernel;
        return {};
      case proto_key: {
        const auto read = read_protocol(value);
        if (!read)
          return join("proto: '", value, "' is no protocol: write a name such as udp, or a number of 0 to 255");
        made_.protocol = *read;
        return {};
      }
      case src_key:
      case dst_key: {
        maybe<address>& into = bit == src_key ? source_ : destination_;
        into = read_address(value);
        if (!into) return no_address(key, value);
        return {};
      }
      case sport_key: return read_word(key, value, made_.first_word);
      case dport_key: return read_word(key, value, made_.second_word);
      case icmp_key: return read_icmp(value);
      case flags_key: {
        const auto read = read_tcp_flags(value);
        if (!read)
          return join("flags: '", value,
                      "' are no TCP flags: write SYN ACK FIN RST URG PSH ECE CWR with commas, or NONE");
        made_.flags = *read;
        return {};
      }
      case out_key:
        if (value.empty() || !interface_name::fits(value))
          return join("out: '", value, "' is no interface: 1 to 15 characters");
        made_.out = interface_name(value);
        return {};
      case in_key:
        if (value.empty() || !interface_name::fits(value))
          return join("in: '", value, "' is no interface: 1 to 15 characters");
        made_.in = interface_name(value);
        return {};
      case mac_key: {
        const auto address = read_ethernet_address(value);
        if (!address) return join("mac: '", value, "' is no Ethernet address: write six bytes, XX:XX:XX:XX:XX:XX");
        made_.mac = *address;
        return {};
      }
      case state_key: {
        const auto read = read_connection_state(value);
        if (!read) return join("state: '", value, "' is none of NEW ESTABLISHED RELATED INVALID UNTRACKED");
        made_.state = *read;
        return {};
      }
      case len_key: {
        const auto number = read_plain_number(value, longer_length);
        if (!number) return no_number(key, value, longer_length);
        made_.length = static_cast<std::uint32_t>(*number);
        return {};
      }
      case bytes_key: {
        const auto number = read_plain_number(value, 19);
        if (!number) return no_number(key, value, 19);
        made_.transport = static_cast<transport_part>(*number);
        return {};
      }
      case frag_key: {
        const auto number = read_plain_number(value, greatest_fragment_offset);
        if (!number || *number == 0) return join("frag: '", value, "' is no offset of 1 to 8191 units of 8 bytes");
        made_.transport = *number == 1 ? transport_part::fragment_at_8 : transport_part::later_fragment;
        return {};
      }
      case nat_key: return read_bits(key, value, nat_names, made_.nat_status);
      case options_key: return read_kinds(value);
      case headers_key: return read_bits(key, value, header_names, made_.extension_headers);
      case ctdir_key:
        if (!equal_ignoring_case(value, "ORIGINAL") && !equal_ignoring_case(value, "REPLY"))
          return join("ctdir: '", value, "' is neither ORIGINAL nor REPLY");
        made_.connection_direction = equal_ignoring_case(value, "REPLY") ? 1 : 0;
        return {};
      default: return read_bits(key, value, status_names, made_.connection_status);
    }
  }

  constexpr text read_icmp(std::string_view value) {
    const auto slash = value.find('/');
    const auto type = read_plain_number(value.substr(0, slash), 255);
    const auto code = slash == std::string_view::npos ? 0 : read_plain_number(value.substr(slash + 1), 255);
    if (!type || !code) return join("icmp: '", value, "' is no TYPE/CODE: write two numbers of 0 to 255, such as 8/0");
    made_.first_word = static_cast<std::uint16_t>(*type * 256 + *code);
    return {};
  }

  constexpr text read_kinds(std::string_view value) {
    while (true) {
      const auto comma = value.find(',');
      const auto kind = read_plain_number(value.substr(0, comma), 255);
      if (!kind) return no_number("options", value.substr(0, comma), 255);
      (*kind < 128 ? made_.low_kinds : made_.high_kinds) |= uint128{1} << (*kind & 127);
      if (comma == std::string_view::npos) return {};
      value.remove_prefix(comma + 1);
    }
  }

  constexpr bool has(std::uint32_t bit) const { return (given_ & bit) != 0; }

  // Fills in what was left out, which depends on what was given.
  constexpr bool finish() {
    if (!has(dst_key)) return fail(0, "dst is missing: write where the packet goes, such as dst=127.0.0.1");
    if (!finish_addresses()) return false;
    if (has(socket_key) && (has(uid_key) || (numbers_given_ & 1U) != 0))
      return fail(0, "a packet with socket= has no owner: leave uid and gid out");
    if (has(bytes_key) && has(frag_key))
      return fail(0, "a later fragment carries no transport header: leave bytes or frag out");
    const bool of_icmp = is_icmp(made_.protocol, made_.family);
    if (has(icmp_key) && !of_icmp)
      return fail(0, made_.family == family::ipv4 ? "icmp= goes with proto=icmp alone"
                                                  : "icmp= goes with proto=ipv6-icmp alone, for IPv6");
    if (has(sport_key) && of_icmp) return fail(0, "ICMP has no source port: write icmp=TYPE/CODE");
    if (has_ports(made_.protocol) && !has(dport_key))
      return fail(0, join("dport is missing: ", to_text(made_.protocol), " has ports, write dport=8000 or the like"));
    if (of_icmp && !has(icmp_key)) made_.first_word = (made_.family == family::ipv4 ? 8 : 128) * 256;
    if (has(headers_key) && made_.family == family::ipv4) return fail(0, "headers= goes with IPv6 alone");
    if (!has(len_key)) made_.length = bare_length(made_);
    if (!has(out_key)) made_.out = made_.destination_address().is_loopback() ? "lo" : "eth0";
    return true;
  }

  constexpr bool finish_addresses() {
    if (family_ != family::ipv6) {
      destination_ = unmapped(*destination_);
      if (source_) source_ = unmapped(*source_);
    }
    const family of = destination_->family;
    if (family_ && *family_ != of)
      return fail(0, join("family=", *family_ == family::ipv4 ? "4" : "6", " and dst=", to_text(*destination_),
                          " contradict each other"));
    if (destination_->bits == 0) *destination_ = of == family::ipv4 ? ipv4_address(127, 0, 0, 1) : address{of, 1};
    if (!source_)
      source_ = destination_->is_loopback() ? *destination_
                : of == family::ipv4        ? ipv4_address(192, 0, 2, 1)
                                            : address{of, uint128{0x20010db8} << 96 | 1};
    if (source_->family != of) return fail(0, "src and dst are addresses of different families");
    made_.family = of;
    made_.source = source_->bits;
    made_.destination = destination_->bits;
    for (std::size_t i = 0; i < std::size(connection_address_keys); ++i) {
      if (!addresses_[i]) continue;
      if (addresses_[i]->family != of)
        return fail(0, join(connection_address_keys[i].key, " and dst are addresses of different families"));
      set_value(made_, connection_address_keys[i].into, addresses_[i]->bits);
    }
    return true;
  }

  std::string_view line_;
  std::string_view file_;
  std::uint32_t number_;
  std::uint32_t column_ = 0;
  packet made_;
  std::uint32_t given_ = 0;
  std::uint32_t numbers_given_ = 0;
  maybe<cordon::family> family_;
  maybe<address> source_;
  maybe<address> destination_;
  maybe<address> addresses_[4];
  diagnostic error_;
};

}  // namespace detail

/// Reads a packet from a line of keys and values, as they are described at the head of this file. `file` and `number`
/// are the line's place, for messages. Fails on an unknown key, a key given twice, a value that cannot be, a missing
/// `dst`, and a missing `dport` where the protocol has ports.
constexpr read_result<packet> read_packet_line(std::string_view line, std::string_view file = {},
                                               std::uint32_t number = 0) {
  return detail::packet_line_reader(line, file, number).read();
}

}  // namespace cordon
