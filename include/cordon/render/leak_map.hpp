// What leaks and what is allowed as a map: destination addresses against ports, for tcp, for udp and for all other
// protocols. Neither axis is to scale: it is cut where something changes, so that one port takes as much room as fifty
// thousand that are alike. A cell tells of all packets that go there, whatever else is in them: it leaks if one of them
// does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/address.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/side_values.hpp>
#include <cordon/space/boxes.hpp>

namespace cordon {

/// What a cell tells of the packets that go there.
struct map_cell {
  /// The leaks with such a packet: bit 0 for the family's first; bit 63 for its 64th and all behind it.
  std::uint64_t leaks = 0;
  bool leaks_in_part = false;    ///< only some of its addresses, ports or protocols are known to leak
  std::uint32_t endpoint = 0;    ///< the first endpoint of the policy that it belongs to, from 1; 0: none
  bool allowed_in_part = false;  ///< only some of its addresses, ports or protocols do

  friend constexpr bool operator==(const map_cell&, const map_cell&) = default;
};

/// One column: a stretch of ports, or packets that have none.
struct map_column {
  range ports = {};            ///< bounds included
  bool without_ports = false;  ///< later fragments and the like

  friend constexpr bool operator==(const map_column&, const map_column&) = default;
};

/// The columns of some protocols.
struct map_group {
  std::string_view name;              ///< "tcp", "udp", "others"
  sequence<map_column> columns = {};  ///< ascending
};

/// One family's map.
struct leak_map {
  cordon::family family = family::ipv4;     ///< which one
  sequence<range> addresses = {};           ///< the rows: together every address, ascending
  sequence<map_group> groups = {};          ///< from the left
  sequence<sequence<map_cell>> cells = {};  ///< by row, then by the columns of all groups in their order
  /// What is not shown as leaking does not leak (nat may lead it to an endpoint). Else it may: the answer is unknown, or not
  /// all of it could be told.
  bool rest_does_not_leak = true;
  bool is_coarse = false;  ///< more edges than were looked at, or more rows or columns than there is room for
};

/// How large a map may become.
struct map_limits {
  std::size_t rows = 24;     ///< of all
  std::size_t columns = 10;  ///< of each group
  std::size_t edges = 96;    ///< of each axis, before what is alike is joined
};

namespace detail {

// The edges of one axis: where each of its bands begins.
class axis {
 public:
  constexpr axis(range all, std::size_t most) : all_(all), most_(most) { starts_.push_back(all.low); }

  /// Cuts before and behind an interval; false if there is no room for it.
  constexpr bool cut(const range& around) {
    bool fits = cut_before(around.low);
    if (around.high < all_.high) fits = cut_before(around.high + 1) && fits;
    return fits;
  }
  constexpr sequence<range> bands() const {
    sequence<range> made;
    for (std::size_t i = 0; i < starts_.size(); ++i)
      made.push_back({starts_[i], i + 1 < starts_.size() ? starts_[i + 1] - 1 : all_.high});
    return made;
  }

 private:
  constexpr bool cut_before(uint128 start) {
    uint128* const at = lower_bound(starts_.begin(), starts_.end(), start);
    if (at != starts_.end() && *at == start) return true;
    if (starts_.size() >= most_) return false;
    starts_.insert(at, start);
    return true;
  }

  range all_;
  std::size_t most_;
  sequence<uint128> starts_;
};

// What a box asks of one field, as intervals; those of masks that are no prefixes are not told apart.
struct field_intervals {
  sequence<range> intervals = {};
  bool exact = true;
};

constexpr field_intervals intervals_of(const box& of, field which) {
  side_values values = values_of(of, which);
  if (values.free) return {{domain_of(which, of.family)}};
  if (values.masked.empty()) return {std::move(values.intervals)};
  return {{domain_of(which, of.family)}, false};
}

constexpr bool overlap(const range& a, const range& b) { return a.low <= b.high && b.low <= a.high; }
constexpr bool covers(const range& a, const range& b) { return a.low <= b.low && b.high <= a.high; }

class leak_mapper {
 public:
  constexpr leak_mapper(const proof& of, family in, const map_limits& limits)
      : proof_(&of),
        here_(&of.of(in)),
        limits_(limits),
        addresses_({0, low_bits(address_width(in))}, limits.edges),
        tcp_ports_({0, 65535}, limits.edges),
        udp_ports_({0, 65535}, limits.edges) {
    made_.family = in;
  }

  constexpr leak_map map() {
    made_.rest_does_not_leak = (here_->answer == answer::proved || here_->answer == answer::leak) &&
                               !here_->too_large && here_->doubts.empty();
    for (const leak& one : here_->leaks) made_.rest_does_not_leak = made_.rest_does_not_leak && one.region_is_whole;
    cut_axes();
    make_columns();
    made_.addresses = addresses_.bands();
    made_.cells.assign(made_.addresses.size(), sequence<map_cell>(column_count()));
    for (std::uint32_t leak = 0; leak < here_->leaks.size(); ++leak)
      for (const box& one : here_->leaks[leak].region) mark_leak(one, leak + 1);
    for (std::uint32_t i = 0; i < proof_->policy.size(); ++i) mark_endpoint(proof_->policy[i], i + 1);
    join_rows();
    for (std::size_t group = 0; group < made_.groups.size(); ++group) join_columns(group);
    return std::move(made_);
  }

 private:
  static constexpr protocol with_axis[] = {protocol::tcp, protocol::udp};
  static constexpr std::size_t others = 2;  // the group of all other protocols, which has no axis

  constexpr axis& ports_of(std::size_t group) { return group == 0 ? tcp_ports_ : udp_ports_; }

  constexpr std::size_t column_count() const {
    std::size_t count = 0;
    for (const map_group& one : made_.groups) count += one.columns.size();
    return count;
  }

  // How many protocols without an axis a box is for.
  static constexpr unsigned other_protocols_of(const box& of) {
    unsigned count = 0;
    for (const range& one : intervals_of(of, field::protocol).intervals) {
      count += static_cast<unsigned>(one.high - one.low) + 1;
      for (const protocol each : with_axis) count -= one.contains(number_of(each)) ? 1U : 0U;
    }
    return count;
  }
  // Whether a box or an endpoint is for some protocols of a group.
  static constexpr bool is_for(const box& of, std::size_t group) {
    if (group == others) return other_protocols_of(of) != 0;
    return any_of(intervals_of(of, field::protocol).intervals,
                  [&](const range& one) { return one.contains(number_of(with_axis[group])); });
  }
  static constexpr bool is_for(const endpoint& of, std::size_t group) {
    if (group != others) return of.protocols.contains(with_axis[group]);
    for (unsigned number = 0; number < 256; ++number) {
      const auto one = static_cast<protocol>(static_cast<std::uint8_t>(number));
      if (of.protocols.contains(one) && !has(with_axis, one)) return true;
    }
    return false;
  }

  constexpr void cut(axis& which, const range& around) { made_.is_coarse = !which.cut(around) || made_.is_coarse; }

  // What people look for first comes first, for there may be more edges than room.
  constexpr void cut_axes() {
    if (made_.family == family::ipv4)
      cut(addresses_, {uint128{127} << 24, (uint128{128} << 24) - 1});
    else
      cut(addresses_, {1, 1});
    for (const endpoint& one : proof_->policy) {
      if (one.destination.base.family != made_.family) continue;
      if (const maybe<range> where = range_of(one.destination)) cut(addresses_, *where);
      for (std::size_t group = 0; group < others; ++group)
        if (is_for(one, group) && !one.ports.is_all()) cut(ports_of(group), {one.ports.low, one.ports.high});
    }
    for (const leak& one : here_->leaks)
      for (const box& each : one.region) {
        for (const range& where : intervals_of(each, field::destination).intervals) cut(addresses_, where);
        for (std::size_t group = 0; group < others; ++group)
          if (is_for(each, group))
            for (const range& where : intervals_of(each, field::second_word).intervals) cut(ports_of(group), where);
      }
  }

  static constexpr maybe<range> range_of(const network& of) {
    if (!prefix_length(of.base.family, of.mask)) return no_value;
    const uint128 low = of.base.bits & of.mask;
    return range{low, low | (low_bits(address_width(of.base.family)) & ~of.mask)};
  }

  // A column of its own for packets without ports only where something leaks that has none.
  constexpr void make_columns() {
    for (std::size_t group = 0; group < others; ++group) {
      map_group made{group == 0 ? "tcp" : "udp"};
      for (const range& one : ports_of(group).bands()) made.columns.push_back({one});
      const bool has_portless = any_of(here_->leaks, [&](const leak& one) {
        return any_of(one.region, [&](const box& each) { return is_for(each, group) && !presence_in(each).whole; });
      });
      if (has_portless) made.columns.push_back({{}, true});
      made_.groups.push_back(std::move(made));
    }
    made_.groups.push_back({"others", {{{}, true}}});
  }

  constexpr void mark_leak(const box& of, std::uint32_t leak) {
    const field_intervals where = intervals_of(of, field::destination);
    const field_intervals ports = intervals_of(of, field::second_word);
    const header_presence has = presence_in(of);
    const bool names_ports = of.find(field::second_word) != nullptr || !ports.exact;
    const bool has_portless = has.fragments || has.cut_off;
    std::size_t first = 0;
    for (std::size_t group = 0; group < made_.groups.size(); ++group) {
      const sequence<map_column>& columns = made_.groups[group].columns;
      if (is_for(of, group))
        for (std::size_t column = 0; column < columns.size(); ++column) {
          if (columns[column].without_ports) {
            // Of protocols without an axis every packet counts, with ports or not. Of later fragments iptables-nft may let
            // out those that have such bytes in the place of the ports.
            const bool in_part = group == others ? other_protocols_of(of) + 2 != 256 : names_ports && !of.portless;
            if (group == others || has_portless) mark_rows(where, first + column, leak, in_part);
          } else if (has.whole) {
            for (const range& one : ports.intervals)
              if (overlap(one, columns[column].ports))
                mark_rows(where, first + column, leak, !ports.exact || !covers(one, columns[column].ports));
          }
        }
      first += columns.size();
    }
  }

  constexpr void mark_rows(const field_intervals& where, std::size_t column, std::uint32_t leak, bool in_part) {
    for (std::size_t row = 0; row < made_.addresses.size(); ++row)
      for (const range& one : where.intervals) {
        if (!overlap(one, made_.addresses[row])) continue;
        map_cell& cell = made_.cells[row][column];
        const bool part = in_part || !where.exact || !covers(one, made_.addresses[row]);
        cell.leaks_in_part = part && (cell.leaks == 0 || cell.leaks_in_part);
        cell.leaks |= std::uint64_t{1} << smaller_of<std::uint32_t>(leak - 1, 63);
      }
  }

  constexpr void mark_endpoint(const endpoint& of, std::uint32_t number) {
    if (of.destination.base.family != made_.family) return;
    const maybe<range> where = range_of(of.destination);
    const range ports{of.ports.low, of.ports.high};
    std::size_t first = 0;
    for (std::size_t group = 0; group < made_.groups.size(); ++group) {
      const sequence<map_column>& columns = made_.groups[group].columns;
      for (std::size_t column = 0; column < columns.size() && is_for(of, group); ++column) {
        const map_column& here = columns[column];
        const bool fits = here.without_ports ? group == others || of.ports.is_all() : overlap(ports, here.ports);
        const bool part = here.without_ports ? group == others && !of.protocols.is_all() : !covers(ports, here.ports);
        for (std::size_t row = 0; row < made_.addresses.size() && fits; ++row) {
          if (where && !overlap(*where, made_.addresses[row])) continue;
          map_cell& cell = made_.cells[row][first + column];
          const bool in_part = part || !where || !covers(*where, made_.addresses[row]);
          cell.allowed_in_part = in_part && (cell.endpoint == 0 || cell.allowed_in_part);
          if (cell.endpoint == 0) cell.endpoint = number;
        }
      }
      first += columns.size();
    }
  }

  // What of two cells is true of both together.
  static constexpr map_cell joined(const map_cell& a, const map_cell& b) {
    map_cell made;
    made.leaks = a.leaks | b.leaks;
    made.leaks_in_part = made.leaks != 0 && (a.leaks == 0 || b.leaks == 0 || a.leaks_in_part || b.leaks_in_part);
    made.endpoint = a.endpoint != 0 ? a.endpoint : b.endpoint;
    made.allowed_in_part =
        made.endpoint != 0 && (a.endpoint == 0 || b.endpoint == 0 || a.allowed_in_part || b.allowed_in_part);
    return made;
  }
  // How much is lost by telling of two cells together.
  static constexpr std::size_t difference(const map_cell& a, const map_cell& b) {
    return ((a.leaks == 0) != (b.leaks == 0) ? 4U
            : a.leaks != b.leaks             ? 1U
                                             : 0U) +
           (a.endpoint != b.endpoint ? 8U : 0U) + (a.leaks_in_part != b.leaks_in_part ? 1U : 0U) +
           (a.allowed_in_part != b.allowed_in_part ? 1U : 0U);
  }

  // Joins neighbours: those that are alike, but for `keeps`; then those that differ least, until there is room.
  template <class Difference, class Join, class Keeps>
  constexpr void join_neighbours(std::size_t count, std::size_t most, const Difference& difference_at,
                                 const Join& join_at, const Keeps& keeps) {
    for (std::size_t i = 0; i + 1 < count;) {
      if (difference_at(i) != 0 || keeps(i)) {
        ++i;
        continue;
      }
      join_at(i);
      --count;
    }
    while (count > most) {
      std::size_t best = 0;
      std::size_t least = ~std::size_t{0};
      for (std::size_t i = 0; i + 1 < count; ++i)
        if (const std::size_t lost = difference_at(i); lost < least) {
          least = lost;
          best = i;
        }
      if (least != 0) made_.is_coarse = true;
      join_at(best);
      --count;
    }
  }

  constexpr void join_rows() {
    const auto difference_at = [&](std::size_t row) {
      std::size_t lost = 0;
      for (std::size_t i = 0; i < made_.cells[row].size(); ++i)
        lost += difference(made_.cells[row][i], made_.cells[row + 1][i]);
      return lost;
    };
    const auto join_at = [&](std::size_t row) {
      for (std::size_t i = 0; i < made_.cells[row].size(); ++i)
        made_.cells[row][i] = joined(made_.cells[row][i], made_.cells[row + 1][i]);
      made_.addresses[row].high = made_.addresses[row + 1].high;
      made_.addresses.erase(made_.addresses.begin() + row + 1);
      made_.cells.erase(made_.cells.begin() + row + 1);
    };
    // Loopback is shown even where it is like its neighbours.
    const auto keeps = [&](std::size_t row) {
      return address{made_.family, made_.addresses[row].high}.is_loopback() !=
             address{made_.family, made_.addresses[row + 1].low}.is_loopback();
    };
    join_neighbours(made_.addresses.size(), limits_.rows, difference_at, join_at, keeps);
  }

  constexpr void join_columns(std::size_t group) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < group; ++i) first += made_.groups[i].columns.size();
    sequence<map_column>& columns = made_.groups[group].columns;
    std::size_t count = columns.size();
    if (columns.back().without_ports) --count;
    const auto difference_at = [&](std::size_t column) {
      std::size_t lost = 0;
      for (const sequence<map_cell>& row : made_.cells)
        lost += difference(row[first + column], row[first + column + 1]);
      return lost;
    };
    const auto join_at = [&](std::size_t column) {
      for (sequence<map_cell>& row : made_.cells) {
        row[first + column] = joined(row[first + column], row[first + column + 1]);
        row.erase(row.begin() + first + column + 1);
      }
      columns[column].ports.high = columns[column + 1].ports.high;
      columns.erase(columns.begin() + column + 1);
    };
    join_neighbours(count, limits_.columns, difference_at, join_at, [](std::size_t) { return false; });
  }

  const proof* proof_;
  const family_proof* here_;
  map_limits limits_;
  axis addresses_;
  axis tcp_ports_;
  axis udp_ports_;
  leak_map made_ = {};
};

// "up to 52", "54 to 18442", "18444 and up", "all".
template <class Write>
constexpr text band_in_words(const range& of, uint128 greatest, const Write& write) {
  if (of.low == of.high) return write(of.low);
  if (of.low == 0 && of.high == greatest) return "all";
  if (of.low == 0) return join("up to ", write(of.high));
  if (of.high == greatest) return join(write(of.low), " and up");
  return join(write(of.low), " to ", write(of.high));
}

}  // namespace detail

/// The map of one family. Leaks and endpoints are as packets are sent, before nat.
constexpr leak_map map_of(const proof& of, family in, const map_limits& limits = {}) {
  return detail::leak_mapper(of, in, limits).map();
}

/// A row in words: "127.0.0.1", "up to 126.255.255.255", "10.0.0.0/8", "all".
constexpr text addresses_in_words(const range& of, family in) {
  const uint128 size_less_one = of.high - of.low;
  const bool is_network = (size_less_one & (size_less_one + 1)) == 0 && (of.low & size_less_one) == 0;
  const uint128 greatest = low_bits(address_width(in));
  if (is_network && of.low != of.high && of.low != 0 && of.high != greatest) {
    side_values values;
    values.free = false;
    values.intervals.push_back(of);
    return detail::addresses_in_words(values, in);
  }
  return detail::band_in_words(of, greatest, [in](uint128 bits) { return to_text(address{in, bits}); });
}

/// A column in words: "443", "up to 52", "54 to 18442", "no port", "all".
constexpr text ports_in_words(const map_column& of) {
  if (of.without_ports) return "no port";
  return detail::band_in_words(of.ports, 65535, [](uint128 port) { return decimal(port); });
}

}  // namespace cordon
