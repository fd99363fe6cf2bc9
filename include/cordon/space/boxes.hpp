// A set of packets as people read it: the fewest plain lines that describe it exactly. A line is a box: for each field the
// values it allows, all fields at once. Together the boxes are the set, none can be left out, and none can be
// made wider in any field and stay inside.
//
// Ports, ICMP types and TCP flags are bytes of the transport header, which every protocol uses for itself. A box that
// names them speaks of packets that have them: it is kept to the protocols for which they mean something; and a later
// fragment, which has none of them, is in the box whatever its bytes are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/protocol.hpp>
#include <cordon/space/packet_space.hpp>
#include <cordon/space/used_cells.hpp>

namespace cordon {

/// What a box allows in some bits of one field.
struct box_side {
  cordon::field field = field::socket;  ///< which one
  unsigned shift = 0;           ///< the place of the lowest of these bits; 0 with the full width is the whole field
  unsigned width = 0;           ///< in bits
  sequence<range> values = {};  ///< ascending, not touching; never all

  friend constexpr bool operator==(const box_side&, const box_side&) = default;
};

/// A set of packets that allows each field its values, independently. A field without a side is free.
struct box {
  cordon::family family = family::ipv4;  ///< of which packets are in it
  sequence<box_side> sides = {};         ///< in the order of fields; a field without one may be anything
  /// Whether later fragments, which have no ports, ICMP types or flags, are in the box whatever its sides say of those.
  bool portless = false;

  /// The side of the whole of a field, or null if it is free (or split by bits).
  constexpr const box_side* find(field which) const {
    for (const box_side& side : sides)
      if (side.field == which) return &side;
    return nullptr;
  }
  friend constexpr bool operator==(const box&, const box&) = default;
};

/// A set in short: all of one box, but for what is in some others.
struct box_summary {
  box all = {};            ///< the smallest box around the set
  sequence<box> but = {};  ///< what of it is not in the set
};

/// A set as boxes.
struct box_cover {
  sequence<box> boxes = {};  ///< all of them, as long as they are not too many
  bool whole = true;         ///< false if the limits were met: then these are only some
};

/// How far a cover goes. The first box is always made.
struct cover_limits {
  std::size_t boxes = 4096;                     ///< so many at most
  std::uint64_t work = std::uint64_t{1} << 26;  ///< as `diagram_store::work` counts
};

namespace detail {

// Builds the cover of one set.
class box_cutter {
 public:
  constexpr box_cutter(packet_space& space, diagram of, diagram beside)
      : space_(&space), of_(of), beside_(space.store().minus(beside, of)), within_(space.store().either(of, beside)) {}

  constexpr box_cover cover(const cover_limits& limits) {
    diagram_store& store = space_->store();
    const std::uint64_t most_work = store.work() + limits.work;
    diagram rest = of_;
    box_cover made;
    // Packets without ports first: the boxes that they need name no port, and may serve others too.
    for (const diagram protocols : {other_protocols(), icmp_protocols(), port_protocols(false), every_packet}) {
      while (made.whole) {
        const diagram part = store.both(rest, protocols);
        if (part == no_packet) break;
        cell_box grown = first_path(part);
        widen(grown);
        const diagram covered = packets_of(grown);
        const diagram fresh = store.both(rest, covered);
        rest = store.minus(rest, covered);
        const bool is_enough = cells_.size() == limits.boxes || (!cells_.empty() && store.work() > most_work);
        if (store.too_large() || is_enough) {
          made.whole = false;
          break;
        }
        cells_.push_back(std::move(grown));
        covered_.push_back(covered);
        new_.push_back(fresh);
      }
    }
    if (made.whole) drop_needless(most_work + limits.work);
    if (store.too_large()) made.whole = false;
    for (const cell_box& one : cells_) made.boxes.push_back(to_box(one));
    return made;
  }

  constexpr box around() { return to_box(cells_around()); }

  constexpr maybe<box_summary> summary(const cover_limits& limits) {
    diagram_store& store = space_->store();
    const cell_box around = cells_around();
    const diagram all = product(around, 0);
    const box_cover but =
        box_cutter(*space_, store.minus(all, within_), store.either(store.negation(all), beside_)).cover(limits);
    if (!but.whole) return no_value;
    return box_summary{to_box(around), but.boxes};
  }

 private:
  // For each level the runs of cells that are allowed; no runs at all: every cell.
  using cell_box = sequence<sequence<cell_run>>;

  constexpr const sequence<level>& levels() const { return space_->levels().levels(); }

  // From what people ask last to what they ask first: what can be left free is.
  static constexpr field order_of_widening[] = {
      field::length,      field::hops,  field::traffic_class, field::connection_mark,
      field::nat_status,  field::flags, field::first_word,    field::second_word,
      field::transport,   field::mark,  field::socket,        field::gid,
      field::source,      field::state, field::protocol,      field::uid,
      field::destination, field::in,    field::out,
  };

  constexpr diagram protocols_between(unsigned low, unsigned high) {
    return space_->interval(field::protocol, low, high);
  }
  constexpr diagram one_protocol(protocol which) { return protocols_between(number_of(which), number_of(which)); }
  constexpr diagram icmp_protocols() {
    return one_protocol(space_->levels().domain().family == family::ipv4 ? protocol::icmp : protocol::icmpv6);
  }
  constexpr diagram port_protocols(bool with_tcp) {
    diagram_store& store = space_->store();
    diagram all = with_tcp ? one_protocol(protocol::tcp) : no_packet;
    for (const protocol one : {protocol::udp, protocol::dccp, protocol::sctp, protocol::udplite})
      all = store.either(all, one_protocol(one));
    return all;
  }
  constexpr diagram other_protocols() {
    diagram_store& store = space_->store();
    return store.minus(store.negation(port_protocols(true)), icmp_protocols());
  }

  constexpr cell_box cells_around() {
    cell_box made(levels().size());
    for (std::uint32_t at = 0; at < levels().size(); ++at)
      made[at] = cells_without(space_->store().negation(cells_used(at)), at);
    return made;
  }

  // The leftmost path to a packet, taking at each level all cells that lead the same way.
  constexpr cell_box first_path(diagram part) const {
    const diagram_store& store = space_->store();
    cell_box made(levels().size());
    while (!is_leaf(part)) {
      const diagram_store::edge* const edges = store.edges_of(part);
      const std::size_t count = store.edge_count_of(part);
      std::size_t chosen = 0;
      while (edges[chosen].child == no_packet) ++chosen;
      sequence<cell_run>& runs = made[store.level_of(part)];
      for (std::size_t i = chosen; i < count; ++i)
        if (edges[i].child == edges[chosen].child) runs.push_back({i == 0 ? 0 : edges[i - 1].last + 1, edges[i].last});
      part = edges[chosen].child;
    }
    return made;
  }

  // Where a level has one of these cells, `then`, which tests only levels behind it; elsewhere nothing.
  constexpr diagram side_of(std::uint32_t at, const sequence<cell_run>& runs, diagram then = every_packet) {
    edges_.clear();
    std::uint32_t next = 0;
    for (const cell_run& run : runs) {
      if (run.first > next) edges_.push_back({run.first - 1, no_packet});
      edges_.push_back({run.last, then});
      next = run.last + 1;
    }
    if (next < levels()[at].cell_count()) edges_.push_back({levels()[at].cell_count() - 1, no_packet});
    return space_->store().node(at, edges_.data(), edges_.size());
  }

  // The product of the sides, but for the fields in `free`.
  constexpr diagram product(const cell_box& sides, field_set free) {
    diagram made = every_packet;
    for (std::size_t at = sides.size(); at-- > 0;)
      if (!sides[at].empty() && !contains(free, levels()[at].field))
        made = side_of(static_cast<std::uint32_t>(at), sides[at], made);
    return made;
  }

  constexpr bool constrains(const cell_box& sides, field which) const {
    for (std::size_t at = 0; at < sides.size(); ++at)
      if (levels()[at].field == which && !sides[at].empty()) return true;
    return false;
  }

  static constexpr field_set header_bytes() {
    return set_of(field::first_word) | set_of(field::second_word) | set_of(field::flags);
  }

  // The protocols that a box may speak of, given which bytes of the header it names and which protocols it has now.
  constexpr diagram protocols_for(const cell_box& sides, diagram now) {
    diagram_store& store = space_->store();
    if (constrains(sides, field::flags)) return store.either(now, one_protocol(protocol::tcp));
    if (!constrains(sides, field::first_word) && !constrains(sides, field::second_word)) return every_packet;
    if (store.both(now, port_protocols(true)) == no_packet) return now;
    return store.either(now, port_protocols(true));
  }

  // What a box covers: its product, and the later fragments among its packets whatever their bytes.
  constexpr diagram packets_of(const cell_box& sides) {
    return space_->store().either(product(sides, 0), portless_part(sides));
  }

  // The later fragments among the packets of a box that names ports, types or flags, if the set has them all.
  constexpr diagram portless_part(const cell_box& sides) {
    diagram_store& store = space_->store();
    if (!constrains(sides, field::first_word) && !constrains(sides, field::second_word) &&
        !constrains(sides, field::flags))
      return no_packet;
    const diagram fragments = space_->interval(field::transport, static_cast<unsigned>(transport_part::whole) + 1,
                                               static_cast<unsigned>(transport_part::later_fragment));
    const diagram part = store.both(product(sides, header_bytes()), fragments);
    if (!store.includes(within_, part)) return no_packet;
    return part;
  }

  constexpr void widen(cell_box& sides) {
    // A field that the order does not name is one that people hardly ask.
    field_set named = 0;
    for (const field which : order_of_widening) named |= set_of(which);
    for (std::size_t i = 0; i < field_count; ++i)
      if (!contains(named, static_cast<field>(i))) widen(sides, static_cast<field>(i));
    for (const field which : order_of_widening) widen(sides, which);
  }

  constexpr void widen(cell_box& sides, field which) {
    diagram_store& store = space_->store();
    for (std::size_t at = sides.size(); at-- > 0;) {
      if (levels()[at].field != which || sides[at].empty()) continue;
      sequence<cell_run> before;
      std::swap(before, sides[at]);
      // The cells that some packet outside of the set has, were this side free.
      diagram inside = within_;
      if (which == field::protocol)
        inside = store.both(within_, protocols_for(sides, side_of(static_cast<std::uint32_t>(at), before)));
      const diagram outside = store.minus(product(sides, 0), inside);
      sides[at] = cells_without(outside, static_cast<std::uint32_t>(at));
    }
  }

  // The cells of a level that no packet of `unwanted` has; none at all if it is every cell.
  constexpr sequence<cell_run> cells_without(diagram unwanted, std::uint32_t at) const {
    if (unwanted == no_packet) return {};
    const diagram_store& store = space_->store();
    sequence<cell_run> bad;
    store.visit(unwanted, [&](diagram one) {
      if (is_leaf(one) || store.level_of(one) != at) return;
      const diagram_store::edge* const edges = store.edges_of(one);
      for (std::size_t i = 0; i < store.edge_count_of(one); ++i)
        if (edges[i].child != no_packet) bad.push_back({i == 0 ? 0 : edges[i - 1].last + 1, edges[i].last});
    });
    detail::sort(bad, [](const cell_run& a, const cell_run& b) { return a.first < b.first; });
    sequence<cell_run> good;
    std::uint32_t next = 0;
    for (const cell_run& run : bad) {
      if (run.first > next) good.push_back({next, run.first - 1});
      if (run.last + 1 > next) next = run.last + 1;
    }
    if (next < levels()[at].cell_count()) good.push_back({next, levels()[at].cell_count() - 1});
    return good;
  }

  // The cells of a level that some packet of the set has, as a diagram of that level alone.
  constexpr diagram cells_used(std::uint32_t at) {
    const sequence<char> used = used_cells(space_->store(), of_, at, levels()[at].cell_count());
    if (used.empty()) return every_packet;
    sequence<cell_run> runs;
    for (std::uint32_t cell = 0; cell < used.size(); ++cell) {
      if (used[cell] == 0) continue;
      if (!runs.empty() && runs.back().last + 1 == cell)
        runs.back().last = cell;
      else
        runs.push_back({cell, cell});
    }
    if (runs.empty()) return no_packet;
    return side_of(at, runs);
  }

  // Later boxes first: what others cover is then what those before cover together, and those kept of those behind. Some
  // needless ones stay where it takes too long to tell.
  constexpr void drop_needless(std::uint64_t most_work) {
    diagram_store& store = space_->store();
    diagram kept_behind = no_packet;
    for (std::size_t i = cells_.size(); i-- > 0 && store.work() <= most_work;) {
      if (store.minus(new_[i], kept_behind) == no_packet && cells_.size() > 1) {
        cells_.erase(cells_.begin() + i);
        covered_.erase(covered_.begin() + i);
      } else {
        kept_behind = store.either(kept_behind, covered_[i]);
      }
    }
  }

  constexpr box to_box(const cell_box& sides) {
    box made;
    made.portless = portless_part(sides) != no_packet;
    made.family = space_->levels().domain().family;
    for (std::size_t at = 0; at < sides.size(); ++at) {
      if (sides[at].empty()) continue;
      const level& here = levels()[at];
      box_side side{here.field, here.shift, here.width, {}};
      for (const cell_run& run : sides[at]) {
        const range values{here.values_of(run.first).low, here.values_of(run.last).high};
        side.values.push_back(values);
      }
      made.sides.push_back(std::move(side));
    }
    return made;
  }

  packet_space* space_;
  diagram of_;
  diagram beside_;  // what is beside the question
  diagram within_;  // both
  sequence<cell_box> cells_;
  sequence<diagram_store::edge> edges_;  // of a node under construction
  sequence<diagram> covered_;            // by each
  sequence<diagram> new_;                // what of the set none before covers
};

}  // namespace detail

/// The boxes of `of`, a set that depends on no atom, within limits. Packets of `beside` are beside the question:
/// a box may hold some of them. Precondition: the layout of the space has cuts around every protocol that has ports and
/// around ICMP (`observe_protocols`).
constexpr box_cover boxes_of(packet_space& space, diagram of, diagram beside = no_packet,
                             const cover_limits& limits = {}) {
  return detail::box_cutter(space, of, beside).cover(limits);
}

/// The smallest box around `of`, which is not empty and depends on no atom.
constexpr box box_around(packet_space& space, diagram of) { return detail::box_cutter(space, of, no_packet).around(); }

/// `of` in short; nothing if its exceptions are beyond the limits. Packets of `beside` count as neither. `of` is
/// not empty and depends on no atom; the layout as for `boxes_of`.
constexpr maybe<box_summary> summary_of(packet_space& space, diagram of, diagram beside = no_packet,
                                        const cover_limits& limits = {}) {
  return detail::box_cutter(space, of, beside).summary(limits);
}

/// Lets a layout tell the protocols apart that boxes treat apart.
constexpr void observe_protocols(layout& levels) {
  for (const protocol one : {protocol::icmp, protocol::tcp, protocol::udp, protocol::dccp, protocol::icmpv6,
                             protocol::sctp, protocol::udplite})
    levels.observe(is(field::protocol, number_of(one)));
  levels.observe(between(field::transport, static_cast<unsigned>(transport_part::whole) + 1,
                         static_cast<unsigned>(transport_part::later_fragment)));
}

}  // namespace cordon
