// Which addresses may open connections to which others, for one service: the addresses grouped by what they may do, as
// sources and as destinations, and a matrix of the groups. What fffuu calls a service matrix.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include <cordon/prove/decisions.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::bench {

/// Addresses that no rule tells apart for this service.
struct address_group {
  std::vector<range> addresses;  ///< ascending
};

/// The groups, and for each source group whether it may reach each destination group.
struct service_matrix {
  std::vector<address_group> groups;
  std::vector<std::vector<bool>> reaches;

  std::size_t group_of(std::uint32_t address) const {
    for (std::size_t i = 0; i < groups.size(); ++i)
      for (const range& one : groups[i].addresses)
        if (one.contains(address)) return i;
    throw std::runtime_error("an address is in no group");
  }
};

/// The packet that opens a connection to a TCP port through FORWARD, from port 10000, as fffuu asks.
inline packet opening(std::uint16_t port) {
  packet made;
  made.owner = {};
  made.owner.socket = socket_kind::none;
  made.owner.uid = made.owner.gid = 0;
  made.first_word = 10000;
  made.second_word = port;
  return made;
}

/// Asks the rules of FORWARD which packets like `opening(port)` they let through, by whatever interfaces.
class service_question {
 public:
  service_question(const program& rules, std::uint16_t port) : space_(levels(rules, port)) {
    const diagram exist = space_.set_of(can_exist(fields_tested(rules)));
    decider walk(rules, space_, detail_of_decision::fate, exist);
    const diagram let_out = space_.possibly(walk.let_out(walk.decide()));
    if (walk.too_large()) throw std::runtime_error("too large");
    reached_ = addresses_of(let_out);
  }

  service_matrix answer() const {
    const std::uint32_t sources = level_of(field::source);
    const std::uint32_t destinations = level_of(field::destination);
    const std::uint32_t upper = sources < destinations ? sources : destinations;
    const std::uint32_t lower = sources < destinations ? destinations : sources;
    // Cells of the upper level lead to sets of the lower: equal sets, equal diagrams.
    const std::vector<diagram> below = children(reached_, upper);
    const auto [upper_class, sets] = numbered(below);
    std::vector<std::vector<diagram>> by_cell(cells_of(lower));
    for (const diagram set : sets) {
      const std::vector<diagram> row = children(set, lower);
      for (std::size_t cell = 0; cell < row.size(); ++cell) by_cell[cell].push_back(row[cell]);
    }
    const auto [lower_class, rows] = numbered(by_cell);

    const bool sources_above = upper == sources;
    const std::vector<std::size_t>& source_class = sources_above ? upper_class : lower_class;
    const std::vector<std::size_t>& destination_class = sources_above ? lower_class : upper_class;
    service_matrix made;
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
    std::vector<std::pair<std::size_t, std::size_t>> classes;
    const level& from = space_.levels().levels()[sources];
    const level& to = space_.levels().levels()[destinations];
    for (std::uint32_t a = 0, b = 0; a < from.cell_count() && b < to.cell_count();) {
      const range left = from.values_of(a);
      const range right = to.values_of(b);
      const range both{left.low > right.low ? left.low : right.low, left.high < right.high ? left.high : right.high};
      if (both.low <= both.high) {
        const std::pair<std::size_t, std::size_t> key{source_class[a], destination_class[b]};
        const auto [at, is_new] = known.emplace(key, classes.size());
        if (is_new) {
          classes.push_back(key);
          made.groups.emplace_back();
        }
        made.groups[at->second].addresses.push_back(both);
      }
      if (left.high <= right.high) ++a;
      if (right.high <= left.high) ++b;
    }
    for (const auto& [source, ignored] : classes) {
      std::vector<bool>& row = made.reaches.emplace_back();
      for (const auto& [also_ignored, destination] : classes) {
        const std::size_t set = sources_above ? source : destination;
        const std::size_t cell_class = sources_above ? destination : source;
        row.push_back(rows[cell_class][set] != no_packet);
      }
    }
    return made;
  }

 private:
  static layout levels(const program& rules, std::uint16_t port) {
    packet_domain domain = packets_of(packets_through(hook::forward), rules.family);
    const packet one = opening(port);
    for (const field which :
         {field::protocol, field::transport, field::first_word, field::second_word, field::flags, field::state})
      domain[which] = {value_of(one, which), value_of(one, which)};
    layout made(domain);
    observe(made, rules);
    made.observe(can_exist(fields_tested(rules)));
    made.finish();
    return made;
  }

  std::uint32_t level_of(field which) const {
    if (space_.levels().levels_of(which).size() != 1)
      throw std::runtime_error("addresses under masks are not asked for here");
    return space_.levels().first_level_of(which);
  }
  std::size_t cells_of(std::uint32_t level) const { return space_.levels().levels()[level].cell_count(); }

  // The set, with some values of all fields but the addresses.
  diagram addresses_of(diagram set) {
    if (set == no_packet || set == every_packet) return set;
    const auto known = projected_.find(set);
    if (known != projected_.end()) return known->second;
    const std::uint32_t level = space_.store().level_of(set);
    const field of = space_.levels().levels()[level].field;
    std::vector<diagram_store::edge> runs(space_.store().edges_of(set),
                                          space_.store().edges_of(set) + space_.store().edge_count_of(set));
    for (diagram_store::edge& run : runs) run.child = addresses_of(run.child);
    diagram made = no_packet;
    if (of == field::source || of == field::destination) {
      made = space_.store().node(level, runs.data(), runs.size());
    } else {
      for (const diagram_store::edge& run : runs) made = space_.store().either(made, run.child);
    }
    projected_.emplace(set, made);
    return made;
  }

  // What a set is for each cell of a level at its top, or for all of them alike.
  std::vector<diagram> children(diagram set, std::uint32_t level) const {
    std::vector<diagram> made(cells_of(level), set);
    if (set == no_packet || set == every_packet || space_.store().level_of(set) != level) return made;
    std::uint32_t cell = 0;
    for (std::size_t i = 0; i < space_.store().edge_count_of(set); ++i)
      for (const diagram_store::edge& run = space_.store().edges_of(set)[i]; cell <= run.last; ++cell)
        made[cell] = run.child;
    return made;
  }

  template <class Value>
  static std::pair<std::vector<std::size_t>, std::vector<Value>> numbered(const std::vector<Value>& values) {
    std::map<Value, std::size_t> known;
    std::vector<std::size_t> numbers;
    std::vector<Value> distinct;
    for (const Value& one : values) {
      const auto [at, is_new] = known.emplace(one, distinct.size());
      if (is_new) distinct.push_back(one);
      numbers.push_back(at->second);
    }
    return {numbers, distinct};
  }

  packet_space space_;
  std::map<diagram, diagram> projected_;
  diagram reached_ = no_packet;
};

}  // namespace cordon::bench
