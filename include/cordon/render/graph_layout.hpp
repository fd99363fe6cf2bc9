// Where the chains of a graph are drawn: one below the other, each below all that lead to it, and further to the right the
// more jumps lead there. The jumps run in lanes at the left, the shorter ones further in, so that no two run on each other.
// Two layouts of the same graph are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/render/graph.hpp>
#include <cordon/render/json_writer.hpp>

namespace cordon {

/// A chain as a box. All lengths are pixels at the size at which its words are read.
struct placed_chain {
  std::size_t chain = 0;   ///< its index in the graph
  std::size_t layer = 0;   ///< how many jumps lead there, at most
  std::size_t x = 0;       ///< of its left edge
  std::size_t y = 0;       ///< of its upper edge
  std::size_t width = 0;   ///< of the box
  std::size_t height = 0;  ///< of the box

  /// The middle of its title.
  constexpr std::size_t title_y() const;
  /// The middle of a line.
  constexpr std::size_t line_y(std::size_t line) const;
};

/// An edge: from each of some places at the left of a box into a lane, down, and to the left of another box.
struct placed_edge {
  std::size_t edge = 0;               ///< its index in the graph
  std::size_t from_x = 0;             ///< where it begins
  sequence<std::size_t> from_y = {};  ///< from the top down
  std::size_t lane_x = 0;             ///< of the lane
  std::size_t to_x = 0;               ///< where it ends
  std::size_t to_y = 0;               ///< where it ends
};

/// The chains and edges of one family.
struct graph_layout {
  std::size_t width = 0;               ///< of all together
  std::size_t height = 0;              ///< of all together
  sequence<placed_chain> chains = {};  ///< from the top down
  sequence<placed_edge> edges = {};    ///< in the order of the graph's
};

namespace detail {

inline constexpr std::size_t title_height = 26;
inline constexpr std::size_t line_height = 20;
inline constexpr std::size_t gap_between_chains = 18;
inline constexpr std::size_t indent_of_a_layer = 28;
inline constexpr std::size_t gap_between_lanes = 9;
inline constexpr std::size_t most_lanes = 24;  // more edges share the last one
inline constexpr std::size_t padding_of_a_chain = 9;

// The width of words in a fixed-width font of 12 pixels, of which no character is wider than 7.3.
constexpr std::size_t width_of_words(std::string_view words) {
  std::size_t characters = 0;
  while (!words.empty()) {
    const std::size_t length = utf8_length(words);
    // What is no UTF-8 is spelled \xNN.
    characters += length == 0 ? 4 : 1;
    words.remove_prefix(length == 0 ? 1 : length);
  }
  return (characters * 73 + 9) / 10;
}

class graph_placer {
 public:
  constexpr graph_placer(const chain_graph& of, family in) : graph_(&of), family_(in) {}

  constexpr graph_layout place() {
    find_layers();
    find_order();
    place_chains();
    place_edges();
    return std::move(made_);
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  constexpr bool is_ours(std::size_t chain) const { return graph_->chains[chain].family == family_; }
  static constexpr bool is_jump(const graph_edge& one) { return !one.words.empty(); }

  // The longest way that jumps make. Chains do not lead to themselves, so there is one.
  constexpr void find_layers() {
    layers_.assign(graph_->chains.size(), 0);
    bool changes = true;
    for (std::size_t round = 0; changes && round < graph_->chains.size(); ++round) {
      changes = false;
      for (const graph_edge& one : graph_->edges) {
        if (!is_jump(one) || one.from == one.to || layers_[one.to] > layers_[one.from]) continue;
        layers_[one.to] = layers_[one.from] + 1;
        changes = true;
      }
    }
  }

  // Each chain before all that it leads to, and what it leads to at once behind it where that can be.
  constexpr void find_order() {
    sequence<char> seen(graph_->chains.size(), 0);
    for (std::size_t chain = 0; chain < graph_->chains.size(); ++chain) {
      if (!is_ours(chain) || seen[chain] != 0) continue;
      sequence<std::size_t> tree;
      visit(chain, seen, tree);
      reverse(tree);
      order_.append(tree);
    }
  }

  constexpr void visit(std::size_t chain, sequence<char>& seen, sequence<std::size_t>& ended) const {
    seen[chain] = 1;
    for (std::size_t i = graph_->edges.size(); i-- > 0;) {
      const graph_edge& one = graph_->edges[i];
      if (one.from == chain && is_jump(one) && seen[one.to] == 0) visit(one.to, seen, ended);
    }
    ended.push_back(chain);
  }

  constexpr void place_chains() {
    places_.assign(graph_->chains.size(), none);
    std::size_t y = 2;
    for (const std::size_t chain : order_) {
      const graph_chain& one = graph_->chains[chain];
      placed_chain made{chain, layers_[chain], layers_[chain] * indent_of_a_layer, y};
      std::size_t widest = width_of_words(one.name);
      for (const graph_line& line : one.lines) widest = greater_of(widest, width_of_words(line.words));
      made.width = widest + 2 * padding_of_a_chain;
      made.height = title_height + line_height * one.lines.size() + 6;
      y += made.height + gap_between_chains;
      places_[chain] = made_.chains.size();
      made_.chains.push_back(made);
    }
    made_.height = y - (order_.empty() ? 0 : gap_between_chains) + 2;
  }

  // Where rules of a chain leave its box: at the lines that stand for them.
  constexpr sequence<std::size_t> exits_of(const graph_edge& edge) const {
    const placed_chain& box = made_.chains[places_[edge.from]];
    const graph_chain& chain = graph_->chains[edge.from];
    sequence<std::size_t> made;
    if (!is_jump(edge)) made.push_back(box.y + box.height);
    for (std::size_t line = 0; line < chain.lines.size() && is_jump(edge); ++line)
      for (const std::uint32_t rule : edge.rules)
        if (chain.lines[line].first_rule <= rule && rule <= chain.lines[line].last_rule) {
          made.push_back(box.line_y(line));
          break;
        }
    return made;
  }

  constexpr void place_edges() {
    for (std::size_t i = 0; i < graph_->edges.size(); ++i) {
      const graph_edge& edge = graph_->edges[i];
      if (!is_ours(edge.from)) continue;
      placed_edge made{.edge = i, .from_x = made_.chains[places_[edge.from]].x, .from_y = exits_of(edge)};
      made.to_x = made_.chains[places_[edge.to]].x;
      made.to_y = made_.chains[places_[edge.to]].title_y();
      if (!made.from_y.empty()) made_.edges.push_back(std::move(made));
    }
    const std::size_t lanes = choose_lanes();
    const std::size_t gutter = 12 + lanes * gap_between_lanes;
    for (placed_edge& one : made_.edges) {
      one.from_x += gutter;
      one.to_x += gutter;
      one.lane_x = gutter - 12 - one.lane_x * gap_between_lanes;
    }
    for (placed_chain& one : made_.chains) {
      one.x += gutter;
      made_.width = greater_of(made_.width, one.x + one.width + 2);
    }
  }

  // The number of each edge's lane, from the boxes outwards, goes into its `lane_x` for now.
  constexpr std::size_t choose_lanes() {
    struct stretch {
      std::size_t top;
      std::size_t bottom;
    };
    sequence<placed_edge*> by_length;
    for (placed_edge& one : made_.edges) by_length.push_back(&one);
    const auto length = [](const placed_edge* of) { return of->to_y - smaller_of(of->to_y, of->from_y.front()); };
    sort(by_length, [&](const placed_edge* a, const placed_edge* b) { return length(a) < length(b); });
    sequence<sequence<stretch>> taken;
    for (placed_edge* const one : by_length) {
      const stretch wanted{one->from_y.front(), one->to_y};
      const auto is_free = [&](const sequence<stretch>& lane) {
        return !any_of(lane,
                       [&](const stretch& other) { return wanted.top <= other.bottom && other.top <= wanted.bottom; });
      };
      std::size_t lane = 0;
      while (lane < taken.size() && lane + 1 < most_lanes && !is_free(taken[lane])) ++lane;
      if (lane == taken.size()) taken.push_back({});
      taken[lane].push_back(wanted);
      one->lane_x = lane;
    }
    return taken.size();
  }

  const chain_graph* graph_;
  family family_;
  sequence<std::size_t> layers_ = {};
  sequence<std::size_t> order_ = {};
  sequence<std::size_t> places_ = {};  // of each chain, in the layout
  graph_layout made_ = {};
};

}  // namespace detail

constexpr std::size_t placed_chain::title_y() const { return y + detail::title_height / 2; }
constexpr std::size_t placed_chain::line_y(std::size_t line) const {
  return y + detail::title_height + line * detail::line_height + detail::line_height / 2;
}

/// Lays out the chains of one family. Precondition: chains do not lead to themselves, as in every graph of `graph_of`.
constexpr graph_layout layout_of(const chain_graph& of, family in) { return detail::graph_placer(of, in).place(); }

}  // namespace cordon
