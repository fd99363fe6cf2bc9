// Sets as `ipset save` prints them: a create line for each, an add line for each of its entries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/match/services.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/rule/host_facts.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/words.hpp>

namespace cordon {

namespace detail {
struct set_type_name {
  std::string_view name;
  set_kind kind;
};
// The second half are the names of old, which ipset still reads.
inline constexpr set_type_name set_type_names[] = {
    {"hash:ip", set_kind::hash_ip},
    {"hash:net", set_kind::hash_net},
    {"hash:ip,port", set_kind::hash_ip_port},
    {"hash:net,port", set_kind::hash_net_port},
    {"hash:ip,port,ip", set_kind::hash_ip_port_ip},
    {"hash:ip,port,net", set_kind::hash_ip_port_net},
    {"hash:net,iface", set_kind::hash_net_iface},
    {"bitmap:ip", set_kind::bitmap_ip},
    {"bitmap:port", set_kind::bitmap_port},
    {"list:set", set_kind::list_set},
    {"iphash", set_kind::hash_ip},
    {"nethash", set_kind::hash_net},
    {"ipporthash", set_kind::hash_ip_port},
    {"ipportiphash", set_kind::hash_ip_port_ip},
    {"ipportnethash", set_kind::hash_ip_port_net},
    {"ipmap", set_kind::bitmap_ip},
    {"portmap", set_kind::bitmap_port},
    {"setlist", set_kind::list_set},
};

struct icmp_name {
  std::string_view name;
  std::uint16_t number;  // type * 256 + code
};
constexpr std::uint16_t icmp_number(unsigned type, unsigned code) {
  return static_cast<std::uint16_t>(type << 8 | code);
}
// What ipset calls them, which differs from iptables here and there.
inline constexpr icmp_name icmp_names_of_sets[] = {
    {"echo-reply", icmp_number(0, 0)},
    {"pong", icmp_number(0, 0)},
    {"network-unreachable", icmp_number(3, 0)},
    {"host-unreachable", icmp_number(3, 1)},
    {"protocol-unreachable", icmp_number(3, 2)},
    {"port-unreachable", icmp_number(3, 3)},
    {"fragmentation-needed", icmp_number(3, 4)},
    {"source-route-failed", icmp_number(3, 5)},
    {"network-unknown", icmp_number(3, 6)},
    {"host-unknown", icmp_number(3, 7)},
    {"network-prohibited", icmp_number(3, 9)},
    {"host-prohibited", icmp_number(3, 10)},
    {"TOS-network-unreachable", icmp_number(3, 11)},
    {"TOS-host-unreachable", icmp_number(3, 12)},
    {"communication-prohibited", icmp_number(3, 13)},
    {"host-precedence-violation", icmp_number(3, 14)},
    {"precedence-cutoff", icmp_number(3, 15)},
    {"source-quench", icmp_number(4, 0)},
    {"network-redirect", icmp_number(5, 0)},
    {"host-redirect", icmp_number(5, 1)},
    {"TOS-network-redirect", icmp_number(5, 2)},
    {"TOS-host-redirect", icmp_number(5, 3)},
    {"echo-request", icmp_number(8, 0)},
    {"ping", icmp_number(8, 0)},
    {"router-advertisement", icmp_number(9, 0)},
    {"router-solicitation", icmp_number(10, 0)},
    {"ttl-zero-during-transit", icmp_number(11, 0)},
    {"ttl-zero-during-reassembly", icmp_number(11, 1)},
    {"ip-header-bad", icmp_number(12, 0)},
    {"required-option-missing", icmp_number(12, 1)},
    {"timestamp-request", icmp_number(13, 0)},
    {"timestamp-reply", icmp_number(14, 0)},
    {"address-mask-request", icmp_number(17, 0)},
    {"address-mask-reply", icmp_number(18, 0)},
};
inline constexpr icmp_name icmp6_names_of_sets[] = {
    {"no-route", icmp_number(1, 0)},
    {"communication-prohibited", icmp_number(1, 1)},
    {"address-unreachable", icmp_number(1, 3)},
    {"port-unreachable", icmp_number(1, 4)},
    {"packet-too-big", icmp_number(2, 0)},
    {"ttl-zero-during-transit", icmp_number(3, 0)},
    {"ttl-zero-during-reassembly", icmp_number(3, 1)},
    {"bad-header", icmp_number(4, 0)},
    {"unknown-header-type", icmp_number(4, 1)},
    {"unknown-option", icmp_number(4, 2)},
    {"echo-request", icmp_number(128, 0)},
    {"ping", icmp_number(128, 0)},
    {"echo-reply", icmp_number(129, 0)},
    {"pong", icmp_number(129, 0)},
    {"router-solicitation", icmp_number(133, 0)},
    {"router-advertisement", icmp_number(134, 0)},
    {"neighbour-solicitation", icmp_number(135, 0)},
    {"neighbor-solicitation", icmp_number(135, 0)},
    {"neighbour-advertisement", icmp_number(136, 0)},
    {"neighbor-advertisement", icmp_number(136, 0)},
    {"redirect", icmp_number(137, 0)},
};

// Reads one line after the other; stops at the first that is wrong.
class set_reader {
 public:
  constexpr explicit set_reader(std::string_view file) : file_(file) {}

  constexpr read_result<sequence<address_set>> read(std::string_view content) {
    while (!content.empty() && !failed_) {
      const std::size_t end = content.find('\n');
      line_ = content.substr(0, end);
      content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
      if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
      ++number_;
      words_.split(line_);
      if (words_.size() == 0 || line_[0] == '#') continue;
      read_line();
    }
    if (failed_) return read_result<sequence<address_set>>::failure(std::move(said_));
    for (address_set& one : sets_) keep_last_flags(one);
    return {std::move(sets_), std::move(said_)};
  }

 private:
  // A range of addresses as the networks that ipset makes of it.
  template <class Tell>
  static constexpr void each_prefix(range of, const Tell& tell) {
    while (true) {
      unsigned bits = of.low == 0 ? 128 : countr_zero(of.low);
      while (bits > 0 && (of.low | low_bits(bits)) > of.high) --bits;
      const range one{of.low, of.low | low_bits(bits)};
      const uint128 last = of.high;
      tell(one);
      if (one.high >= last) return;
      of = {one.high + 1, last};
    }
  }

  // What is known of a set beside what is kept.
  struct masks {
    uint128 mask = low_bits(128);  // of addresses
    bool expires = false;          // an entry does that says nothing of it
  };

  constexpr std::string_view word(std::size_t at) const {
    return at < words_.size() ? words_[at].content : std::string_view();
  }
  constexpr std::uint32_t column(std::size_t at) const {
    return at < words_.size() ? words_[at].column : static_cast<std::uint32_t>(line_.size() + 1);
  }
  constexpr void fail(std::uint32_t at, text message) {
    if (!failed_) said_.push_back({file_, {number_, at}, severity::error, std::move(message)});
    failed_ = true;
  }
  constexpr void warn(std::size_t at, text message) {
    said_.push_back({file_, {number_, column(at)}, severity::warning, std::move(message)});
  }

  constexpr void read_line() {
    const std::string_view command = word(0);
    if (command == "add" || command == "-A") return read_add();
    if (command == "create" || command == "-N" || command == "n") return read_create();
    if (command == "flush" || command == "-F") {
      for (address_set& one : sets_) {
        if (words_.size() > 1 && one.name != word(1)) continue;
        one.members.clear();
        one.lists.clear();
      }
      return;
    }
    if (command == "COMMIT") return;
    fail(column(0), join("'", command, "' begins no line of 'ipset save': write create or add"));
  }

  constexpr void read_create() {
    const std::string_view name = word(1);
    if (name.empty() || name.size() > 31) return fail(column(1), "a set has a name of 1 to 31 characters");
    if (find(name) != nothing) return fail(column(1), join("the set '", name, "' is created twice"));
    if (words_.size() < 3) return fail(column(2), "the type of the set is missing: write create NAME hash:ip");
    address_set made;
    masks how;
    made.name = name;
    for (const set_type_name& known : set_type_names)
      if (known.name == word(2)) made.kind = known.kind;
    if (made.kind == set_kind::other) {
      warn(2, join("the type '", word(2), "' is not modelled: what is in the set '", name, "' stays unknown"));
      made.counts = true;
    }
    for (std::size_t at = 3; at < words_.size() && !failed_; ++at) {
      const std::string_view given = word(at);
      const std::string_view value = word(at + 1);
      if (given == "counters") {
        made.counts = true;
      } else if (given == "comment" || given == "skbinfo" || given == "forceadd" || given == "-exist" ||
                 given == "-!") {
      } else if (made.kind == set_kind::other) {
        break;
      } else if (given == "family") {
        if (value != "inet" && value != "inet6") return fail(column(at + 1), "behind family stands inet or inet6");
        made.family = value == "inet" ? family::ipv4 : family::ipv6;
        ++at;
      } else if (given == "netmask") {
        const auto length = read_number(value, address_width(made.family));
        if (!length) return fail(column(at + 1), "behind netmask stands the length of a prefix");
        how.mask = prefix_mask(made.family, static_cast<unsigned>(*length));
        ++at;
      } else if (given == "bitmask") {
        const auto mask = read_address(value);
        if (!mask || mask->family != made.family) return fail(column(at + 1), "behind bitmask stands an address");
        how.mask = mask->bits;
        if (!prefix_length(made.family, mask->bits)) leave_open(made, at, "a bitmask with holes");
        ++at;
      } else if (given == "timeout") {
        if (at + 1 == words_.size()) return fail(column(at), "the value of timeout is missing");
        how.expires = word(++at) != "0";
      } else if (given == "hashsize" || given == "maxelem" || given == "bucketsize" || given == "initval" ||
                 given == "range" || given == "size" || given == "probes" || given == "resize" || given == "gc") {
        if (at + 1 == words_.size()) return fail(column(at + 1), join("the value of ", given, " is missing"));
        ++at;
      } else {
        leave_open(made, at, join("the option '", given, "'"));
      }
    }
    sets_.push_back(std::move(made));
    masks_.push_back(how);
    latest_ = sets_.size() - 1;
  }

  constexpr void leave_open(address_set& of, std::size_t at, std::string_view why) {
    warn(at, join(why, " is not modelled: what is in the set '", of.name, "' stays unknown"));
    of.kind = set_kind::other;
  }

  constexpr void read_add() {
    const std::size_t number = find(word(1));
    if (number == nothing)
      return fail(column(1), join("there is no set '", word(1), "': its create line comes before what is added"));
    address_set& into = sets_[number];
    if (into.kind == set_kind::other) return;
    if (words_.size() < 3) return fail(column(2), join("what is added to the set '", into.name, "' is missing"));
    set_member made;
    made.expires = masks_[number].expires;
    for (std::size_t at = 3; at < words_.size(); ++at) {
      const std::string_view given = word(at);
      if (given == "nomatch") {
        made.nomatch = true;
      } else if (given == "wildcard") {
        made.wildcard = true;
      } else if (given == "timeout") {
        if (++at == words_.size()) return fail(column(at), "the value of timeout is missing");
        made.expires = word(at) != "0";
      } else if (given == "packets" || given == "bytes" || given == "comment" || given == "skbmark" ||
                 given == "skbprio" || given == "skbqueue" || given == "before" || given == "after") {
        if (++at == words_.size()) return fail(column(at), join("the value of ", given, " is missing"));
      } else if (given != "-exist" && given != "-!") {
        return fail(column(at), join("'", given, "' is no option of an entry: leave it out"));
      }
    }
    if (made.nomatch && !has_networks(into.kind))
      return fail(column(2), "nomatch goes with sets of networks alone: leave it out");
    if (into.kind == set_kind::list_set) {
      into.lists_expire = into.lists_expire || made.expires;
      if (find(word(2)) == nothing) warn(2, join("the set '", word(2), "' is not here: what is in it stays unknown"));
      into.lists.push_back(word(2));
      return;
    }
    read_entry(into, masks_[number].mask, made);
  }

  // `made` with its options, and the parts of the word between commas.
  constexpr void read_entry(address_set& into, uint128 mask, set_member& made) {
    std::string_view rest = word(2);
    std::uint32_t at = column(2);
    const auto next = [&](bool last) {
      const std::size_t comma = last ? std::string_view::npos : rest.find(',');
      const std::string_view part = rest.substr(0, comma);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      return part;
    };
    const auto step = [&](std::string_view part) { at += static_cast<std::uint32_t>(part.size() + 1); };
    const std::size_t parts = dimension_of(into.kind);
    if (into.kind == set_kind::bitmap_port) {
      read_ports(next(true), at, into, made);
      if (!failed_) into.members.push_back(made);
      return;
    }
    const std::string_view first = next(parts == 1);
    if (!read_range(first, at, into.family, made.addresses)) return;
    if (into.kind != set_kind::hash_net && into.kind != set_kind::hash_net_port &&
        into.kind != set_kind::hash_net_iface) {
      const uint128 rest_of_mask = low_bits(address_width(into.family)) & ~mask;
      made.addresses = {made.addresses.low & ~rest_of_mask, made.addresses.high | rest_of_mask};
    }
    step(first);
    if (has_port(into.kind)) {
      const std::string_view second = next(parts == 2);
      if (!read_ports(second, at, into, made)) return;
      step(second);
      if (parts == 3 && !read_range(next(true), at, into.family, made.others)) return;
    } else if (into.kind == set_kind::hash_net_iface) {
      std::string_view name = next(true);
      constexpr std::string_view bridged = "physdev:";
      made.bridged = name.starts_with(bridged);
      if (made.bridged) name.remove_prefix(bridged.size());
      if (name.empty() || !interface_name::fits(name))
        return fail(at, "behind the comma stands the name of an interface, of 1 to 15 characters");
      made.interface = interface_name(name);
    }
    if (into.kind == set_kind::hash_ip_port_net)
      return each_prefix(made.others, [&](const range& one) {
        made.others = one;
        into.members.push_back(made);
      });
    if (has_networks(into.kind))
      return each_prefix(made.addresses, [&](const range& one) {
        made.addresses = one;
        into.members.push_back(made);
      });
    into.members.push_back(made);
  }

  // ADDRESS, ADDRESS/LENGTH or ADDRESS-ADDRESS.
  constexpr bool read_range(std::string_view written, std::uint32_t at, family of, range& into) {
    const std::size_t dash = written.find('-');
    if (dash != std::string_view::npos) {
      const auto low = read_address(written.substr(0, dash));
      const auto high = read_address(written.substr(dash + 1));
      if (low && high && low->family == of && high->family == of && low->bits <= high->bits) {
        into = {low->bits, high->bits};
        return true;
      }
    } else if (const auto found = read_network(written); found && found->base.family == of) {
      into = {found->base.bits, found->base.bits | (low_bits(address_width(of)) & ~found->mask)};
      return true;
    }
    fail(at, join("'", written, "' is no ", title_of(of), " address, network or range, and names are not looked up"));
    return false;
  }

  // [PROTOCOL:]PORT[-PORT], without a protocol TCP.
  constexpr bool read_ports(std::string_view written, std::uint32_t at, const address_set& of, set_member& into) {
    std::string_view ports = written;
    into.protocol = number_of(protocol::tcp);
    if (const std::size_t colon = written.find(':'); colon != std::string_view::npos) {
      const auto found = read_protocol(written.substr(0, colon));
      if (!found) {
        fail(at, join("'", written.substr(0, colon), "' is no protocol"));
        return false;
      }
      into.protocol = number_of(*found);
      ports = written.substr(colon + 1);
    }
    const auto which = static_cast<protocol>(into.protocol);
    if (which == protocol::icmp || which == protocol::icmpv6) {
      const maybe<range> read = read_icmp(ports, which);
      if (!read) {
        fail(at, join("'", ports, "' is no type of ICMP: write TYPE/CODE, or a name as ipset prints it"));
        return false;
      }
      into.ports = *read;
      return true;
    }
    const auto low = read_port(ports);
    if (low) {
      into.ports = {*low, *low};
    } else {
      const std::size_t dash = ports.find('-');
      const auto first = read_port(ports.substr(0, dash));
      const auto last = dash == std::string_view::npos ? no_value : read_port(ports.substr(dash + 1));
      if (!first || !last || *first > *last) {
        fail(at, join("'", written, "' is no port: write PROTOCOL:PORT or PROTOCOL:PORT-PORT, each 0 to 65535"));
        return false;
      }
      into.ports = {*first, *last};
    }
    if (of.kind != set_kind::bitmap_port && !has_ports(which) && into.ports.high != 0) {
      fail(at, join("packets of ", to_text(which), " have no ports: write ", to_text(which), ":0"));
      return false;
    }
    return true;
  }

  static constexpr maybe<std::uint32_t> read_port(std::string_view written) {
    if (const auto number = read_number(written, 65535)) return static_cast<std::uint32_t>(*number);
    if (written.empty() || is_digit(written[0])) return no_value;
    if (const auto port = service_port(written, "tcp", nullptr)) return static_cast<std::uint32_t>(*port);
    return no_value;
  }

  static constexpr maybe<range> read_icmp(std::string_view written, protocol which) {
    const auto named = [&](const auto& names) -> maybe<range> {
      for (const icmp_name& known : names)
        if (known.name == written) return range{known.number, known.number};
      return no_value;
    };
    const std::size_t slash = written.find('/');
    if (slash != std::string_view::npos) {
      const auto type = read_number(written.substr(0, slash), 255);
      const auto code = read_number(written.substr(slash + 1), 255);
      if (!type || !code) return no_value;
      const std::uint16_t number = icmp_number(static_cast<unsigned>(*type), static_cast<unsigned>(*code));
      return range{number, number};
    }
    if (const auto number = read_number(written, 65535)) return range{*number, *number};
    if (which == protocol::icmp) return named(icmp_names_of_sets);
    return named(icmp6_names_of_sets);
  }

  // An entry that is added again (-exist) is the same one with the flags that it was given last: nomatch and the timeout
  // are no part of what tells entries apart (hash_net4_data_equal and its like in net/netfilter/ipset/ip_set_hash_net.c).
  static constexpr void keep_last_flags(address_set& of) {
    if (!any_of(of.members, [](const set_member& one) { return one.nomatch || one.expires; })) return;
    struct entry {
      set_member key;
      std::uint32_t index;
    };
    sequence<entry> all;
    all.reserve(of.members.size());
    for (std::uint32_t i = 0; i < of.members.size(); ++i) {
      all.push_back({of.members[i], i});
      all.back().key.nomatch = false;
      all.back().key.expires = false;
    }
    sort(all,
         [](const entry& a, const entry& b) { return a.key == b.key ? a.index < b.index : is_before(a.key, b.key); });
    sequence<char> is_gone(of.members.size(), 0);
    for (std::size_t i = 1; i < all.size(); ++i)
      if (all[i - 1].key == all[i].key) is_gone[all[i - 1].index] = 1;
    sequence<set_member> left;
    left.reserve(of.members.size());
    for (std::uint32_t i = 0; i < of.members.size(); ++i)
      if (is_gone[i] == 0) left.push_back(of.members[i]);
    of.members = std::move(left);
  }

  static constexpr bool is_before(const set_member& a, const set_member& b) {
    const auto numbers = [](const set_member& of) {
      return std::array<uint128, 8>{of.addresses.low,
                                    of.addresses.high,
                                    of.others.low,
                                    of.others.high,
                                    of.ports.low,
                                    of.ports.high,
                                    number_of(of.interface),
                                    of.protocol * 4U + (of.wildcard ? 2U : 0U) + (of.bridged ? 1U : 0U)};
    };
    const std::array<uint128, 8> one = numbers(a);
    const std::array<uint128, 8> other = numbers(b);
    for (std::size_t i = 0; i < one.size(); ++i)
      if (one[i] != other[i]) return one[i] < other[i];
    return false;
  }

  static constexpr std::size_t nothing = ~std::size_t{0};

  constexpr std::size_t find(std::string_view name) {
    // A set's entries stand together.
    if (latest_ < sets_.size() && sets_[latest_].name == name) return latest_;
    for (std::size_t i = 0; i < sets_.size(); ++i)
      if (sets_[i].name == name) return latest_ = i;
    return nothing;
  }

  std::string_view file_;
  std::string_view line_;
  std::uint32_t number_ = 0;
  line_words words_;
  sequence<address_set> sets_;
  sequence<masks> masks_;  // of each set
  std::size_t latest_ = 0;
  sequence<diagnostic> said_;
  bool failed_ = false;
};
}  // namespace detail

/// Reads what `ipset save` printed, or what was written for `ipset restore`; blank lines and those that begin with #
/// are left out. A set of a type that is not modelled is there without members, its kind `other`, with a warning.
/// `file` is named in messages.
constexpr read_result<sequence<address_set>> read_sets(std::string_view content, std::string_view file = {}) {
  return detail::set_reader(file).read(content);
}

}  // namespace cordon
