// A box of a region in words: as the members that the command's JSON has for it, and as a line for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/ethernet_address.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/packet/tcp_flags.hpp>
#include <cordon/render/interface_list.hpp>
#include <cordon/render/side_values.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon {

/// What a box says of one field.
struct region_member {
  /// protocol, source, source_port, destination, destination_port, icmp, uid, gid, out, state, mark, flags, and more.
  std::string_view name;
  text value;  ///< comma-joined: any of these

  friend constexpr bool operator==(const region_member&, const region_member&) = default;
};

/// A box in words.
struct region_words {
  sequence<region_member> members = {};  ///< a field without a member is free
  /// The box names bytes of the transport header, and holds packets without ports beside: later fragments, whatever
  /// their bytes.
  bool portless = false;
  /// The box names bytes of the transport header, and holds later fragments with these bytes in that place: iptables-nft
  /// looks at no more.
  bool by_bytes = false;

  /// The words for a member, by its name in JSON; null if any value will do.
  constexpr const text* find(std::string_view name) const {
    for (const region_member& one : members)
      if (one.name == name) return &one.value;
    return nullptr;
  }
};

/// The name of a field in the members of a region; beyond those that every region has, the key of a packet line.
constexpr std::string_view member_name(field of) {
  switch (of) {
    case field::protocol: return "protocol";
    case field::source: return "source";
    case field::first_word: return "source_port";
    case field::destination: return "destination";
    case field::second_word: return "destination_port";
    case field::uid: return "uid";
    case field::gid: return "gid";
    case field::out: return "out";
    case field::in: return "in";
    case field::mac: return "mac";
    case field::state: return "state";
    case field::mark: return "mark";
    case field::flags: return "flags";
    case field::transport: return "transport";
    case field::socket: return "socket";
    case field::nat_status: return "nat";
    case field::connection_mark: return "connmark";
    case field::length: return "len";
    case field::hops: return "ttl";
    case field::traffic_class: return "tos";
    case field::low_kinds: return "options";
    case field::high_kinds: return "options_above_127";
    case field::segment_size: return "mss";
    case field::dccp_type: return "dccp";
    case field::spi: return "spi";
    case field::extension_headers: return "headers";
    case field::connection_direction: return "ctdir";
    case field::connection_status: return "ctstatus";
    case field::connection_expires: return "ctexpire";
    case field::connection_protocol: return "ctproto";
    case field::original_source: return "ctorigsrc";
    case field::original_destination: return "ctorigdst";
    case field::reply_source: return "ctreplsrc";
    case field::reply_destination: return "ctrepldst";
    case field::original_source_port: return "ctorigsrcport";
    case field::original_destination_port: return "ctorigdstport";
    case field::reply_source_port: return "ctreplsrcport";
    case field::reply_destination_port: return "ctrepldstport";
    case field::expected_first: return "expected_first";
  }
  return "";
}

namespace detail {

/// The fields that have no words of their own: they are told by their member name.
constexpr bool is_plain(field of) {
  switch (of) {
    case field::protocol:
    case field::source:
    case field::first_word:
    case field::destination:
    case field::second_word:
    case field::uid:
    case field::gid:
    case field::out:
    case field::in:
    case field::mac:
    case field::state:
    case field::mark:
    case field::flags:
    case field::transport: return false;
    default: return true;
  }
}

constexpr bool is_address(field of) {
  return of == field::source || of == field::destination || of == field::original_source ||
         of == field::original_destination || of == field::reply_source || of == field::reply_destination;
}

/// Which packets of a box carry their transport header, and which do not.
struct header_presence {
  bool whole = true;      ///< some have all of it
  bool fragments = true;  ///< some are later fragments
  bool cut_off = false;   ///< some have only the beginning
};

constexpr header_presence presence_in(const box& of) {
  const side_values values = values_of(of, field::transport);
  if (values.free) return {};
  constexpr auto whole = static_cast<unsigned>(transport_part::whole);
  header_presence made{false, false, false};
  for (const range& one : values.intervals) {
    made.whole = made.whole || one.contains(whole);
    made.fragments = made.fragments || one.high > whole;
    made.cut_off = made.cut_off || one.low < whole;
  }
  return made;
}

constexpr bool only_icmp(const box& of) {
  const side_values values = values_of(of, field::protocol);
  if (values.free || values.intervals.size() != 1) return false;
  const auto icmp_number = number_of(of.family == family::ipv4 ? protocol::icmp : protocol::icmpv6);
  return values.intervals[0] == range{icmp_number, icmp_number};
}

constexpr text transport_in_words(const sequence<range>& intervals) {
  text out;
  for (const range& one : intervals)
    for (auto part = static_cast<unsigned>(one.low); part <= static_cast<unsigned>(one.high); ++part) {
      if (!out.empty()) out.append(',');
      if (part == static_cast<unsigned>(transport_part::whole))
        out.append("whole");
      else if (part == static_cast<unsigned>(transport_part::fragment_at_8))
        out.append("fragment-at-8");
      else if (part == static_cast<unsigned>(transport_part::later_fragment))
        out.append("later-fragment");
      else
        out.append_number(part).append("-bytes");
    }
  return out;
}

/// How much of the transport header there is, for people.
constexpr text cut_header_in_words(const sequence<range>& intervals) {
  constexpr auto most = static_cast<unsigned>(transport_part::later_fragment);
  if (intervals.size() == 1 && intervals[0].high == most)
    return join("with at least ", decimal(intervals[0].low), " bytes of the transport header, or later fragments");
  constexpr auto whole = static_cast<unsigned>(transport_part::whole);
  if (intervals.size() == 1 && intervals[0].high < whole)
    return join("with ", decimal(intervals[0].low), " to ", decimal(intervals[0].high),
                " bytes of the transport header");
  return join("with this much of the transport header: ", transport_in_words(intervals));
}

constexpr text sockets_in_words(const sequence<range>& intervals) {
  constexpr std::string_view names[] = {"none", "kernel", "user"};
  text out;
  for (const range& one : intervals)
    for (auto kind = static_cast<unsigned>(one.low); kind <= static_cast<unsigned>(one.high); ++kind)
      out.append(out.empty() ? "" : ",").append(names[kind]);
  return out;
}

constexpr text numbers_or_masks(const side_values& of) {
  if (of.masked.empty()) return numbers_in_words(of.intervals);
  return masked_numbers_in_words(of);
}

/// Lengths and ranges of them; what is longer than 65535 bytes is one value.
constexpr text lengths_in_words(const sequence<range>& intervals) {
  if (intervals.empty() || intervals.back().high != longer_length) return numbers_in_words(intervals);
  sequence<range> told = intervals;
  const uint128 from = told.back().low;
  told.pop_back();
  text out = numbers_in_words(told);
  if (!out.empty()) out.append(',');
  if (from == longer_length) return join(out, "more than 65535");
  return join(out, decimal(static_cast<std::uint64_t>(from)), " or more");
}

/// Ethernet addresses and ranges of them; "none" for packets without one.
constexpr text macs_in_words(const sequence<range>& intervals) {
  text out;
  for (const range& one : intervals) {
    if (!out.empty()) out.append(',');
    if (one.low < no_mac) append_ethernet_address(out, static_cast<std::uint64_t>(one.low));
    if (one.high > one.low && one.low + 1 < no_mac) {
      out.append('-');
      append_ethernet_address(out, static_cast<std::uint64_t>(smaller_of<uint128>(one.high, no_mac - 1)));
    }
    if (one.high == no_mac) out.append(one.low == no_mac ? "none" : ",none");
  }
  return out;
}

constexpr text icmp_or_masks(const side_values& of) {
  if (of.masked.empty()) return icmp_in_words(of.intervals);
  return masked_numbers_in_words(of);
}

class region_writer {
  // Before its uses: clang needs that in constant expressions.
  template <class Words>
  constexpr void member(std::string_view name, field which, const Words& words) {
    const side_values values = values_of(*box_, which);
    if (!values.free) made_.members.push_back({name, words(values)});
  }

 public:
  explicit constexpr region_writer(const box& of) : box_(&of) {}

  constexpr region_words write() {
    const header_presence has = presence_in(*box_);
    const bool icmp_alone = only_icmp(*box_);
    member("protocol", field::protocol, [](const side_values& of) { return protocols_in_words(of.intervals); });
    const family in = box_->family;
    member("source", field::source, [in](const side_values& of) { return addresses_in_words(of, in); });
    if (!icmp_alone) member("source_port", field::first_word, numbers_or_masks);
    member("destination", field::destination, [in](const side_values& of) { return addresses_in_words(of, in); });
    if (!icmp_alone) member("destination_port", field::second_word, numbers_or_masks);
    if (!has.whole && made_.find("destination_port") == nullptr) made_.members.push_back({"destination_port", {}});
    if (icmp_alone) member("icmp", field::first_word, icmp_or_masks);
    member("uid", field::uid, numbers_or_masks);
    member("gid", field::gid, numbers_or_masks);
    member("out", field::out, [](const side_values& of) { return to_text(interfaces_of(of.intervals)); });
    member("in", field::in, [](const side_values& of) { return to_text(interfaces_of(of.intervals)); });
    member("mac", field::mac, [](const side_values& of) { return macs_in_words(of.intervals); });
    member("state", field::state, [](const side_values& of) { return states_in_words(of.intervals); });
    member("mark", field::mark, numbers_or_masks);
    member("flags", field::flags, numbers_or_masks);
    member("transport", field::transport, [](const side_values& of) { return transport_in_words(of.intervals); });
    if (icmp_alone) member("icmp_checksum", field::second_word, numbers_or_masks);
    for (unsigned i = 0; i < field_count; ++i) {
      const auto other = static_cast<field>(i);
      if (!is_plain(other)) continue;
      if (is_address(other))
        member(member_name(other), other, [in](const side_values& of) { return addresses_in_words(of, in); });
      else if (other == field::socket)
        member(member_name(other), other, [](const side_values& of) { return sockets_in_words(of.intervals); });
      else
        member(member_name(other), other, numbers_or_masks);
    }
    const bool names_header = made_.find("source_port") != nullptr || made_.find("destination_port") != nullptr ||
                              made_.find("icmp") != nullptr || made_.find("flags") != nullptr;
    made_.portless = !has.whole || (names_header && box_->portless);
    made_.by_bytes = names_header && !box_->portless && (has.fragments || has.cut_off) && has.whole;
    return std::move(made_);
  }

 private:
  const box* box_;
  region_words made_;
};

}  // namespace detail

/// The box as members, in a fixed order. Values are comma-joined numbers and ranges; addresses `A-B` or `A/LEN`;
/// protocols by the name that iptables prints; interfaces as `interface_list.hpp` says; numbers under a mask as
/// `0x1/0xff`, with `!` before the list for all others; a box of later fragments alone has an empty
/// `destination_port`.
constexpr region_words words_of(const box& of) { return detail::region_writer(of).write(); }

namespace detail {

// A list of intervals, or of all that are not in it, whichever is shorter.
struct shorter_list {
  sequence<range> intervals;
  bool all_but = false;
};

constexpr shorter_list shorten(const sequence<range>& intervals, const range& domain) {
  shorter_list made{intervals, false};
  sequence<range> others = complement(intervals, domain);
  if (!others.empty() && others.size() < intervals.size()) {
    made.intervals = std::move(others);
    made.all_but = true;
  }
  return made;
}

constexpr void append_spaced(text& out, std::string_view list) {
  for (const char c : list) {
    out.append(c);
    if (c == ',') out.append(' ');
  }
}

class region_speaker {
  // Before its uses: clang needs that in constant expressions.
  template <class Words>
  constexpr void numbers(field which, std::string_view before_one, std::string_view before_many, const Words& words) {
    const side_values values = values_of(*box_, which);
    if (values.free) return;
    if (!values.masked.empty()) {
      out_.append(before_one).append(values.all_but_masked ? "other than " : "");
      side_values shown = values;
      shown.all_but_masked = false;
      append_spaced(out_, masked_numbers_in_words(shown));
      return;
    }
    const shorter_list shown = shorten(values.intervals, domain_of(which, box_->family));
    const bool one = shown.intervals.size() == 1 && shown.intervals[0].low == shown.intervals[0].high;
    out_.append(one || shown.all_but ? before_one : before_many).append(shown.all_but ? "other than " : "");
    append_spaced(out_, words(shown.intervals));
  }

 public:
  explicit constexpr region_speaker(const box& of) : box_(&of) {}

  constexpr text speak() {
    const header_presence has = presence_in(*box_);
    const bool icmp_alone = only_icmp(*box_);
    if (!has.whole && !has.cut_off) out_.append("later fragments of ");
    protocols();
    if (icmp_alone) numbers(field::first_word, " type ", " type ", icmp_in_words);
    addresses(field::source, " from ");
    if (!icmp_alone) numbers(field::first_word, " from port ", " from ports ", numbers_in_words);
    addresses(field::destination, " to ");
    if (!icmp_alone) numbers(field::second_word, " port ", " ports ", numbers_in_words);
    interfaces(field::out, " by ");
    interfaces(field::in, ", in by ");
    macs();
    sockets();
    numbers(field::uid, ", uid ", ", uids ", numbers_in_words);
    numbers(field::gid, ", gid ", ", gids ", numbers_in_words);
    const side_values states = values_of(*box_, field::state);
    if (!states.free) {
      out_.append(", state ");
      const text names = states_in_words(states.intervals);
      for (const char c : names.view()) {
        if (c == ',')
          out_.append(" or ");
        else
          out_.append(c);
      }
    }
    numbers(field::mark, ", mark ", ", marks ", numbers_in_words);
    flags();
    if (icmp_alone) numbers(field::second_word, ", checksum ", ", checksums ", numbers_in_words);
    for (unsigned i = 0; i < field_count; ++i) {
      const auto other = static_cast<field>(i);
      if (!is_plain(other) || other == field::socket) continue;
      const text before = join(", ", member_name(other), " ");
      if (is_address(other))
        addresses(other, before);
      else if (other == field::low_kinds || other == field::high_kinds)
        options(other, before);
      else if (other == field::length)
        numbers(other, before, before, lengths_in_words);
      else
        numbers(other, before, before, numbers_in_words);
    }
    if (!has.fragments && !has.cut_off)
      out_.append(", no later fragments");
    else if (has.cut_off)
      out_.append(", ").append(cut_header_in_words(values_of(*box_, field::transport).intervals));
    else if (has.whole && words_of(*box_).portless)
      out_.append(" (and later fragments, which carry no ports)");
    else if (has.whole && words_of(*box_).by_bytes)
      out_.append(" (and later fragments with such bytes in that place)");
    return std::move(out_);
  }

 private:
  static constexpr sequence<range> protocols_with_ports() {
    sequence<range> made;
    for (unsigned number = 0; number < 256; ++number)
      if (has_ports(static_cast<protocol>(static_cast<std::uint8_t>(number)))) made.push_back({number, number});
    return made;
  }

  constexpr void protocols() {
    const side_values values = values_of(*box_, field::protocol);
    if (values.free) {
      out_.append("any protocol");
      return;
    }
    if (values.intervals == protocols_with_ports()) {
      out_.append("any protocol with ports");
      return;
    }
    const shorter_list shown = shorten(values.intervals, domain_of(field::protocol, box_->family));
    if (shown.all_but)
      out_.append("any protocol but ");
    else if (shown.intervals[0].low != shown.intervals[0].high)
      out_.append("protocols ");
    append_spaced(out_, protocols_in_words(shown.intervals));
  }

  constexpr void addresses(field which, std::string_view before) {
    side_values values = values_of(*box_, which);
    if (values.free) return;
    out_.append(before);
    if (values.masked.empty()) {
      shorter_list shown = shorten(values.intervals, domain_of(which, box_->family));
      if (shown.all_but) out_.append("any address but ");
      values.intervals = std::move(shown.intervals);
    } else if (values.all_but_masked) {
      out_.append("any address but ");
      values.all_but_masked = false;
    }
    append_spaced(out_, addresses_in_words(values, box_->family));
  }

  constexpr void interfaces(field which, std::string_view before) {
    const side_values values = values_of(*box_, which);
    if (values.free) return;
    const sequence<interface_item> items = interfaces_of(values.intervals);
    const text list = to_text(items);
    if (list.view().starts_with('!')) {
      out_.append(before).append("any interface but ");
      append_spaced(out_, list.view().substr(1));
    } else {
      out_.append(before);
      append_spaced(out_, list);
    }
  }

  constexpr void macs() {
    const side_values values = values_of(*box_, field::mac);
    if (values.free) return;
    const shorter_list shown = shorten(values.intervals, {0, no_mac});
    out_.append(", from Ethernet address ").append(shown.all_but ? "other than " : "");
    append_spaced(out_, macs_in_words(shown.intervals));
  }

  // Whose socket it is. That it is a process's goes without saying where its user or group is told.
  constexpr void sockets() {
    const side_values values = values_of(*box_, field::socket);
    if (values.free) return;
    const text kinds = sockets_in_words(values.intervals);
    if (kinds == "user") {
      if (box_->find(field::uid) == nullptr && box_->find(field::gid) == nullptr)
        out_.append(", from a process's socket");
    } else if (kinds == "none,kernel") {
      out_.append(", from no process's socket");
    } else {
      out_.append(", socket ");
      append_spaced(out_, kinds);
    }
  }

  // The options that a header carries: a bit for each kind.
  constexpr void options(field which, std::string_view before) {
    for (const box_side& one : box_->sides)
      if (one.field == which && one.width != 1) return numbers(which, before, before, numbers_in_words);
    for (const box_side& one : box_->sides) {
      if (one.field != which) continue;
      out_.append(one.values[0].low == 1 ? ", with option " : ", without option ");
      out_.append_number(one.shift + (which == field::high_kinds ? 128U : 0U));
    }
  }

  // TCP flags bit by bit, as --tcp-flags asks for them.
  constexpr void flags() {
    sequence<const box_side*> sides;
    for (const box_side& one : box_->sides)
      if (one.field == field::flags) sides.push_back(&one);
    if (sides.empty()) return;
    if (sides.size() == 1 && sides[0]->width > 1) {
      const auto others = complement(sides[0]->values, {0, low_bits(sides[0]->width)});
      if (others.size() == 1 && others[0].low == others[0].high) {
        flags_among(", not flags ", others[0].low << sides[0]->shift, low_bits(sides[0]->width) << sides[0]->shift);
        return;
      }
    }
    uint128 value = 0;
    uint128 mask = 0;
    for (const box_side* const side : sides) {
      if (side->values.size() != 1 || side->values[0].low != side->values[0].high) {
        numbers(field::flags, ", TCP flag byte ", ", TCP flag bytes ", numbers_in_words);
        return;
      }
      value |= side->values[0].low << side->shift;
      mask |= low_bits(side->width) << side->shift;
    }
    flags_among(", flags ", value, mask);
  }

  constexpr void flags_among(std::string_view before, uint128 value, uint128 mask) {
    const auto names = [](uint128 of) { return to_text_of_tcp_flags(static_cast<tcp_flags>(of)); };
    out_.append(before);
    if (mask == 255)
      out_.append(names(value));
    else if (value == mask)
      out_.append(names(mask)).append(" set");
    else if (value == 0)
      out_.append(names(mask)).append(" clear");
    else
      out_.append(names(value)).append(" of ").append(names(mask));
  }

  const box* box_;
  text out_;
};

}  // namespace detail

/// The box as a line for people: "tcp to 127.0.0.1 ports 0-79, 81-65535 by lo, state NEW".
constexpr text to_text(const box& of) { return detail::region_speaker(of).speak(); }

}  // namespace cordon
