// One packet out of a set: the one that a person would try first. A TCP SYN to a low, well-known port of this host if
// there is one, else what comes closest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/space/packet_space.hpp>
#include <cordon/space/used_cells.hpp>

namespace cordon {

namespace detail {

// Fixes the fields of a packet one after another, each to the first wish that leaves the set non-empty.
class packet_chooser {
 public:
  constexpr packet_chooser(packet_space& space, diagram among) : space_(&space), among_(among) {
    chosen_.family = space.levels().domain().family;
  }

  constexpr packet choose() {
    const bool v4 = chosen_.family == family::ipv4;
    fix(field::socket, {static_cast<unsigned>(socket_kind::user), static_cast<unsigned>(socket_kind::kernel)});
    fix(field::transport, {static_cast<unsigned>(transport_part::whole)});
    fix(field::state,
        {static_cast<unsigned>(connection_state::fresh), static_cast<unsigned>(connection_state::established)});
    fix(field::mark, {0});
    const std::uint8_t ping = number_of(v4 ? protocol::icmp : protocol::icmpv6);
    fix(field::protocol, {number_of(protocol::tcp), number_of(protocol::udp), ping});
    fix(field::flags, {tcp_flag::syn, tcp_flag::ack, tcp_flag::psh | tcp_flag::ack});
    comes_in_ = space_->levels().domain()[field::in].high != 0;
    if (comes_in_) fix_interface(field::in);
    fix_destination(v4);
    if (is_icmp(chosen_.protocol, chosen_.family)) {
      fix(field::first_word, {v4 ? 8U << 8 : 128U << 8, v4 ? 13U << 8 : 129U << 8});
      fix(field::second_word, {0});
    } else {
      if (chosen_.protocol == protocol::udp)
        fix(field::second_word, {53, 123, 443, 80, 161, 500, 8000, 8080, 1, 1024});
      else
        fix(field::second_word, {80, 443, 22, 53, 25, 21, 8000, 8080, 6379, 1, 1024});
      fix(field::first_word, {40000, 50000, 60000, 32768, 1024, 1});
    }
    fix_source(v4);
    fix(field::uid, {space_->levels().domain()[field::uid].low, 1001, 1000, 0});
    fix(field::gid, {0, chosen_.owner.uid});
    fix(field::nat_status, {0});
    fix(field::connection_mark, {0});
    fix(field::hops, {64});
    fix(field::traffic_class, {0});
    fix(field::length, {least_length(chosen_), 60, 100, 576, 1500});
    // Whatever else there is stays as it is in most packets, if it can.
    for (std::size_t i = 0; i < field_count; ++i) {
      const auto which = static_cast<field>(i);
      if (!contains(fixed_, which)) fix(which, {value_of(chosen_, which)});
    }
    return chosen_;
  }

  /// The length of the bare headers, in bytes.
  static constexpr std::uint16_t least_length(const packet& of) {
    const unsigned ip = of.family == family::ipv4 ? 20 : 40;
    if (of.protocol == protocol::tcp) return static_cast<std::uint16_t>(ip + 20);
    if (of.protocol == protocol::udp || of.protocol == protocol::udplite || is_icmp(of.protocol, of.family))
      return static_cast<std::uint16_t>(ip + 8);
    if (of.protocol == protocol::sctp || of.protocol == protocol::dccp) return static_cast<std::uint16_t>(ip + 12);
    return static_cast<std::uint16_t>(ip);
  }

 private:
  // The packets of the set whose field is like `value` in everything that the set tells apart.
  constexpr diagram with(field which, uint128 value) {
    diagram_store& store = space_->store();
    const range& domain = space_->levels().domain()[which];
    if (!domain.contains(value)) return no_packet;
    diagram part = among_;
    std::uint32_t at = space_->levels().first_level_of(which);
    for (const level& run : space_->levels().levels_of(which)) {
      const std::uint32_t cell = run.cell_of((value >> run.shift) & low_bits(run.width));
      part = store.both(store.cells(at++, run.cell_count(), cell, cell), part);
    }
    return part;
  }

  constexpr bool try_value(field which, uint128 value) {
    const diagram part = with(which, value);
    if (part == no_packet) return false;
    among_ = part;
    fixed_ |= set_of(which);
    set_value(chosen_, which, value);
    return true;
  }

  constexpr void fix(field which, std::initializer_list<uint128> wishes) {
    for (const uint128 value : wishes)
      if (try_value(which, value)) return;
    fix_to_least(which);
  }

  // The least value that is in the set, or the one behind it: the first address of a network is seldom a host.
  constexpr void fix_to_least(field which) {
    if (which == field::out || which == field::in) return fix_interface(which);
    uint128 value = 0;
    bool can_be_next = false;
    const range& domain = space_->levels().domain()[which];
    const auto runs = space_->levels().levels_of(which);
    if (runs.empty()) {
      value = domain.low;
      can_be_next = domain.high > domain.low;
    }
    std::uint32_t at = space_->levels().first_level_of(which);
    diagram_store& store = space_->store();
    diagram part = among_;
    for (const level& run : runs) {
      const sequence<char> used = used_cells(store, part, at, run.cell_count());
      std::uint32_t cell = 0;
      while (!used.empty() && used[cell] == 0) ++cell;
      part = store.both(store.cells(at, run.cell_count(), cell, cell), part);
      ++at;
      const range values = run.values_of(cell);
      value |= values.low << run.shift;
      can_be_next = values.low < values.high;
    }
    const bool is_address = which == field::source || which == field::destination;
    if (is_address && can_be_next && (value & 1) == 0 && try_value(which, value + 1)) return;
    try_value(which, value);
  }

  // The numbers between two names are mostly no names: those behind "lo" begin with "lo", a zero byte and a one. Tried
  // are the first name of each cell whose bytes are digits, letters or between, then one that people can type, then any.
  constexpr void fix_interface(field which) {
    if (try_value(which, number_of(interface_name("eth0")))) return;
    const auto cells = space_->levels().levels_of(which);
    if (cells.empty()) return;
    // Of a thousand names that rules tell apart most are none of these packets'.
    const std::uint32_t count = cells[0].cell_count();
    const sequence<char> used = used_cells(space_->store(), among_, space_->levels().first_level_of(which), count);
    for (const range& bytes : {range{'0', '~'}, range{'!', '~'}, range{1, 255}}) {
      for (std::uint32_t cell = 0; cell < count; ++cell) {
        if (!used.empty() && used[cell] == 0) continue;
        const range values = cells[0].values_of(cell);
        const uint128 name = next_name(values.low, static_cast<unsigned>(bytes.low), static_cast<unsigned>(bytes.high));
        if (values.contains(name) && try_value(which, name)) return;
      }
    }
  }

  // The least number from `from` on that is a name made of bytes from `least` to `most`; 0 if there is none.
  static constexpr uint128 next_name(uint128 from, unsigned least, unsigned most) {
    const auto byte = [&](unsigned i) { return static_cast<unsigned>((from >> (120 - 8 * i)) & 255); };
    const auto with_byte = [&](unsigned i, unsigned value) {
      return (from & ~low_bits(128 - 8 * i)) | (uint128{value} << (120 - 8 * i));
    };
    unsigned at = 0;
    for (; at < 15 && byte(at) >= least && byte(at) <= most; ++at) {
    }
    if (at > 0 && (from & low_bits(128 - 8 * at)) == 0) return from;
    if (at < 15 && byte(at) < least) return with_byte(at, least);
    while (at-- > 0)
      if (byte(at) < most) return with_byte(at, byte(at) + 1);
    return 0;
  }

  constexpr void fix_destination(bool v4) {
    const uint128 lo = number_of(interface_name("lo"));
    const uint128 loopback = v4 ? uint128{0x7f000001} : uint128{1};
    // 127.0.0.1 by lo, then somewhere else by any other interface, as packets really go.
    if (!comes_in_) {
      const diagram before = among_;
      if (try_value(field::out, lo)) {
        if (try_value(field::destination, loopback)) return;
        if (v4 && try_value(field::destination, 0x7f000002)) return;
      }
      among_ = before;
    }
    const uint128 elsewhere = v4 ? uint128{0xcb007101} : uint128{0x20010db800000000U} << 64 | 0x71;  // documentation
    for (const char* const name : {"eth0", "wlan0", "tun0", "docker0", "lo"}) {
      const diagram before = among_;
      if (!try_value(field::out, number_of(interface_name(name)))) continue;
      if (std::string_view(name) != "lo") {
        fix(field::destination, {elsewhere, v4 ? uint128{0x01010101} : elsewhere + 1});
        if (!chosen_.destination_address().is_loopback()) return;
        among_ = before;
        continue;
      }
      fix(field::destination, {loopback, elsewhere});
      return;
    }
    fix_to_least(field::out);
    fix(field::destination, {elsewhere, loopback});
  }

  constexpr void fix_source(bool v4) {
    const uint128 elsewhere = v4 ? uint128{0xc0000201} : (uint128{0x20010db800000000U} << 64) | 1;
    if (chosen_.destination_address().is_loopback())
      fix(field::source, {chosen_.destination, elsewhere});
    else
      fix(field::source, {elsewhere, chosen_.destination});
  }

  packet_space* space_;
  diagram among_;
  packet chosen_ = {};
  field_set fixed_ = 0;
  bool comes_in_ = false;  // from another machine
};

}  // namespace detail

/// A packet of `among`, which is not empty and depends on no atom.
constexpr packet witness_of(packet_space& space, diagram among) {
  require(among != no_packet, "a witness is chosen from a set that is not empty");
  return detail::packet_chooser(space, among).choose();
}

}  // namespace cordon
