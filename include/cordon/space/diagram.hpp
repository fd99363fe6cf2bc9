// Decision diagrams over packets: the exact answer for every packet at once.
//
// A diagram is a rooted graph. An inner node belongs to a level and has one edge for each run of neighbouring cells that
// lead to the same place; a leaf is a number. Read as a function, a diagram gives every packet (and every valuation of
// the atoms) a number: a set gives 0 or 1, a decision gives the number of an outcome, 0 where none is made yet.
//
// Diagrams are canonical: levels ascend along every path, no node has equal neighbouring edges or only one edge, and
// equal nodes are one node. So two functions are equal exactly if their roots are the same number, and emptiness,
// equality and inclusion cost nothing beyond the operation itself.
//
// Edges carry runs of cells, not single bits: a rule that names a prefix and a port is a chain of a few nodes where a
// diagram over bits needs fifty (on 1,000 ClassBench rules 1,000 nodes instead of 90,000), and a node is searched by
// comparing small integers, whatever the width of the field.
//
// All diagrams of one question live in one store and are freed with it; there is no global state. A store that would
// grow beyond its limit stops: every further result is 0 and `too_large` tells; whoever asks must look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>

namespace cordon {

/// A node of a diagram store: a leaf, or an inner node. Only the store that made it can read it.
enum class diagram : std::uint32_t {};

/// The diagram that gives every packet `number`, below 2^31.
constexpr diagram leaf(std::uint32_t number) { return static_cast<diagram>(number | 0x80000000U); }
///@{
/// Whether it is a leaf, and the number that one holds.
constexpr bool is_leaf(diagram of) { return (static_cast<std::uint32_t>(of) & 0x80000000U) != 0; }
constexpr std::uint32_t number_of(diagram of_leaf) { return static_cast<std::uint32_t>(of_leaf) & 0x7fffffffU; }
///@}

///@{
/// As sets: the leaves 0 and 1.
inline constexpr diagram no_packet = leaf(0);
inline constexpr diagram every_packet = leaf(1);
///@}

/// Makes and keeps diagrams.
class diagram_store {
 public:
  /// An edge: the cells up to `last` that no earlier edge covers lead to `child`.
  struct edge {
    std::uint32_t last = 0;     ///< the last cell of the run, whose first is behind that of the edge before
    diagram child = no_packet;  ///< where these cells lead
    friend constexpr bool operator==(const edge&, const edge&) = default;
  };

  /// `most_edges` bounds the memory (`size`), an edge takes 8 bytes, and `most_work` the time, of which 2^27 are about a second.
  /// Operations call themselves for the first `most_calls` levels, which takes stack; what is below takes memory.
  constexpr explicit diagram_store(std::size_t most_edges = std::size_t{1} << 26,
                                   std::uint64_t most_work = std::uint64_t{1} << 28, std::uint32_t most_calls = 128)
      : most_edges_(most_edges), most_work_(most_work), most_calls_(most_calls) {
    table_.resize(64, empty_slot);
    cache_.resize(64);
  }

  /// Whether a bound was met: then what was made since means nothing.
  constexpr bool too_large() const { return too_large_; }
  /// How many edges operations have met so far, and what they have looked up as so many edges, for questions that want to be answered within bounds of their own.
  constexpr std::uint64_t work() const { return work_; }
  /// Begins to count anew: the next question has the bound of work for itself.
  constexpr void forget_work() { work_ = 0; }
  ///@{
  /// The store's size, and what an inner node is made of: for those who look at diagrams themselves. Pointers hold until the
  /// next operation.
  constexpr std::size_t node_count() const { return nodes_.size(); }
  constexpr std::size_t edge_count() const { return edges_.size(); }
  /// What its bound of memory is held against: its edges, and for each node as many as take its memory.
  constexpr std::size_t size() const { return edges_.size() + edges_a_node_takes * nodes_.size(); }

  constexpr std::uint32_t level_of(diagram inner) const { return nodes_[index(inner)].level; }
  constexpr std::size_t edge_count_of(diagram inner) const { return nodes_[index(inner)].count; }
  constexpr const edge* edges_of(diagram inner) const { return edges_.data() + nodes_[index(inner)].first; }
  ///@}

  /// A state of a store.
  struct bookmark {
    ///@{
    /// What the store held.
    std::size_t nodes = 0;
    std::size_t edges = 0;
    std::uint64_t work = 0;
    bool too_large = false;
    ///@}
  };

  /// Where the store is now, to come back to.
  constexpr bookmark here() const { return {nodes_.size(), edges_.size(), work_, too_large_}; }

  /// Takes the store back to an earlier state: every diagram made since is forgotten, its memory free again, and its work not
  /// counted. For questions that need many diagrams to answer and none of them afterwards; whoever asks many of them bounds
  /// their work together.
  constexpr void go_back(const bookmark& to) {
    // The latest first: a slot that is emptied then has no younger node behind it.
    while (nodes_.size() > to.nodes) {
      const auto last = static_cast<std::uint32_t>(nodes_.size() - 1);
      std::size_t slot = nodes_.back().hash & (table_.size() - 1);
      while (table_[slot] != last) slot = (slot + 1) & (table_.size() - 1);
      table_[slot] = empty_slot;
      nodes_.pop_back();
    }
    edges_.resize(to.edges);
    work_ = to.work;
    too_large_ = to.too_large;
    if (to.nodes < always_there_) always_there_ = static_cast<std::uint32_t>(to.nodes);
    ++generation_;
  }

  /// The diagram of `level` that leads each run of cells to a child. Runs ascend, the last one ends at the level's last
  /// cell, children test later levels only. Equal neighbours are joined here.
  constexpr diagram node(std::uint32_t level, const edge* runs, std::size_t count) {
    const std::size_t base = scratch_.size();
    for (std::size_t i = 0; i < count; ++i) push_run(base, runs[i].last, runs[i].child);
    return pop_node(level, base);
  }

  /// The packets of cells `low` to `high` of a level with `cells` cells.
  constexpr diagram cells(std::uint32_t level, std::uint32_t cells, std::uint32_t low, std::uint32_t high) {
    edge runs[3];
    std::size_t count = 0;
    if (low > 0) runs[count++] = {low - 1, no_packet};
    runs[count++] = {high, every_packet};
    if (high + 1 < cells) runs[count++] = {cells - 1, no_packet};
    return node(level, runs, count);
  }

  /// Where `set` holds, what `then` gives; elsewhere 0. For two sets their intersection.
  constexpr diagram both(diagram set, diagram then) { return apply({operation::kind::both, 0}, set, then); }
  /// Where `set` holds not, what `from` gives; elsewhere 0. For two sets their difference.
  constexpr diagram minus(diagram from, diagram set) { return apply({operation::kind::minus, 0}, from, set); }
  /// What `first` gives, and where that is `number`, what `then` gives. With 0: first decides, then the other; for two
  /// sets their union.
  constexpr diagram instead(diagram first, std::uint32_t number, diagram then) {
    return apply({operation::kind::instead, number}, first, then);
  }
  /// What is in either set.
  constexpr diagram either(diagram a, diagram b) { return instead(a, 0, b); }
  /// As `instead(first, 0, then)`, and what `first` gives `dropped` gets 0: a first decision, and what is left of the last.
  constexpr diagram settled(diagram first, std::uint32_t dropped, diagram then) {
    return apply({operation::kind::settled, dropped}, first, then);
  }
  /// What is not in the set.
  constexpr diagram negation(diagram set) { return minus(every_packet, set); }
  /// Whether every packet of `inner` is in `outer`.
  constexpr bool includes(diagram outer, diagram inner) { return minus(inner, outer) == no_packet; }

  // The nodes that a visit has seen; as large as their number, however many nodes there are.
  /// Nodes by what they are made of, so that equal ones are one.
  class node_set {
   public:
    constexpr node_set() : slots_(16, empty_slot) {}
    /// Whether the node was not there.
    constexpr bool insert(std::uint32_t node) {
      std::size_t slot = place_of(node);
      if (slots_[slot] == node) return false;
      if (2 * ++size_ > slots_.size()) {
        const sequence<std::uint32_t> before = std::move(slots_);
        slots_ = sequence<std::uint32_t>(2 * before.size(), empty_slot);
        for (const std::uint32_t one : before)
          if (one != empty_slot) slots_[place_of(one)] = one;
        slot = place_of(node);
      }
      slots_[slot] = node;
      return true;
    }

   private:
    constexpr std::size_t place_of(std::uint32_t node) const {
      std::size_t slot = (node * 0x9e3779b1U >> 7) & (slots_.size() - 1);
      while (slots_[slot] != empty_slot && slots_[slot] != node) slot = (slot + 1) & (slots_.size() - 1);
      return slot;
    }
    sequence<std::uint32_t> slots_;
    std::size_t size_ = 0;
  };

  // Templates stand before their uses: clang can evaluate them at compile time only so.
  /// Calls `see` once for every node below and at `of`, leaves included (those once an edge, at most).
  template <class See>
  constexpr void visit(diagram of, const See& see) const {
    if (is_leaf(of)) {
      see(of);
      return;
    }
    node_set seen;
    sequence<diagram> waiting{of};
    seen.insert(index(of));
    while (!waiting.empty()) {
      const diagram one = waiting.back();
      waiting.pop_back();
      see(one);
      const edge* const edges = edges_of(one);
      for (std::size_t i = 0; i < edge_count_of(one); ++i) {
        const diagram child = edges[i].child;
        if (is_leaf(child)) {
          see(child);
        } else if (seen.insert(index(child))) {
          waiting.push_back(child);
        }
      }
    }
  }

 private:
  // Rebuilds `of` bottom-up: leaves through `at_leaf`, nodes of `level` and below through `below`. Without recursion: there
  // are as many levels as atoms.
  template <class AtLeaf, class Below>
  constexpr diagram fold(diagram of, std::uint32_t level, const AtLeaf& at_leaf, const Below& below) {
    if (is_leaf(of)) return leaf(at_leaf(number_of(of)));
    // A node is made after its children, so no node below `of` has a greater index. What is kept of them outlives the fold,
    // so that one of few nodes costs no more than these, however many there are.
    if (folded_.size() <= index(of)) folded_.resize(nodes_.size() + nodes_.size() / 2);
    const std::uint32_t fold = ++folds_;
    const auto is_known = [&](std::uint32_t node) { return folded_[node].by == fold; };
    sequence<std::uint32_t> waiting{index(of)};  // each for those behind it
    while (!waiting.empty()) {
      const std::uint32_t node = waiting.back();
      const inner_node top = nodes_[node];
      if (is_known(node)) {
        waiting.pop_back();
        continue;
      }
      if (top.level >= level) {
        const diagram made = below(static_cast<diagram>(node));
        folded_[node] = {fold, made};
        continue;
      }
      const std::size_t others = waiting.size();
      for (std::uint32_t i = 0; i < top.count; ++i) {
        const diagram child = edges_[top.first + i].child;
        if (!is_leaf(child) && !is_known(index(child))) waiting.push_back(index(child));
      }
      if (waiting.size() != others) continue;
      const std::size_t base = scratch_.size();
      for (std::uint32_t i = 0; i < top.count; ++i) {
        const edge one = edges_[top.first + i];
        push_run(base, one.last,
                 is_leaf(one.child) ? leaf(at_leaf(number_of(one.child))) : folded_[index(one.child)].to);
      }
      const diagram made = pop_node(top.level, base);
      folded_[node] = {fold, made};
    }
    return folded_[index(of)].to;
  }

  // An inner node of a set leads to packets in it and to others, however deep it is below.
  constexpr diagram without_levels_from(std::uint32_t level, diagram set, diagram below) {
    return fold(set, level, [](std::uint32_t number) { return number; }, [&](diagram) { return below; });
  }

 public:
  /// `of` with each leaf number n replaced by `rename(n)`.
  template <class Rename>
  constexpr diagram renamed(diagram of, const Rename& rename) {
    return fold(
        of, ~std::uint32_t{0}, [&](std::uint32_t number) { return rename(number); }, [](diagram) { return no_packet; });
  }

  /// `of` with each part that begins at `level` or below replaced by `summary(set of its leaf numbers)`: what is left
  /// depends on the levels above alone.
  template <class Summary>
  constexpr diagram collapsed(diagram of, std::uint32_t level, const Summary& summary) {
    return fold(
        of, level,
        [&](std::uint32_t number) {
          const std::uint32_t only[] = {number};
          return summary(only, std::size_t{1});
        },
        [&](diagram below) {
          const sequence<std::uint32_t> numbers = leaf_numbers(below);
          return leaf(summary(numbers.data(), numbers.size()));
        });
  }

  /// The packets to which `of` gives another number than 0.
  constexpr diagram as_set(diagram of) {
    return renamed(of, [](std::uint32_t number) { return number != 0 ? 1U : 0U; });
  }

  /// The packets of a set, told apart by the levels above `level` alone, that are in it with some values of the others.
  constexpr diagram with_some(diagram set, std::uint32_t level) {
    return without_levels_from(level, set, every_packet);
  }
  /// ... that are in it with all values of the others.
  constexpr diagram with_every(diagram set, std::uint32_t level) { return without_levels_from(level, set, no_packet); }

  /// The numbers that `of` gives to some packet, ascending.
  constexpr sequence<std::uint32_t> leaf_numbers(diagram of) const {
    sequence<std::uint32_t> numbers;
    std::uint32_t highest = 0;
    visit(of, [&](diagram one) {
      if (!is_leaf(one)) return;
      numbers.push_back(number_of(one));
      if (numbers.back() > highest) highest = numbers.back();
    });
    if (highest / 4 > numbers.size()) {
      detail::sort_unique(numbers);
      return numbers;
    }
    // Most are there again and again, one for each edge: to mark them is less than to sort them.
    sequence<char> is_there(std::size_t{highest} + 1, 0);
    for (const std::uint32_t number : numbers) is_there[number] = 1;
    numbers.clear();
    for (std::uint32_t number = 0; number <= highest; ++number)
      if (is_there[number] != 0) numbers.push_back(number);
    return numbers;
  }

  /// The packets that `of` gives one number.
  struct part {
    std::uint32_t number = 0;     ///< of the leaf
    diagram packets = no_packet;  ///< those that lead to it
  };

  /// The packets of each number that `of` gives, but for 0, by number, ascending. In one pass, whatever their count.
  constexpr sequence<part> parts_of(diagram of) {
    if (is_leaf(of)) return parts_of_leaf(of);
    sequence<std::uint32_t> nodes;
    visit(of, [&](diagram one) {
      if (!is_leaf(one)) nodes.push_back(index(one));
    });
    detail::sort(nodes);  // children were made before their parents
    sequence<std::uint32_t> places(index(of) + 1, 0);
    sequence<sequence<part>> known;
    known.reserve(nodes.size());
    for (const std::uint32_t node : nodes) {
      places[node] = static_cast<std::uint32_t>(known.size());
      known.push_back(parts_of_node(node, places, known));
    }
    return known.back();
  }

  /// The levels on which the value of `of` depends, ascending.
  constexpr sequence<std::uint32_t> levels_tested(diagram of) const {
    sequence<std::uint32_t> levels;
    visit(of, [&](diagram one) {
      if (!is_leaf(one)) levels.push_back(level_of(one));
    });
    detail::sort_unique(levels);
    return levels;
  }

 private:
  static constexpr std::uint32_t empty_slot = ~std::uint32_t{0};
  static constexpr std::size_t few_nodes = std::size_t{1} << 15;
  static constexpr std::size_t edges_a_node_takes =
      6;  // of memory: itself, its slots in the table, and where it is kept while a diagram is rebuilt
  static constexpr diagram undecided = static_cast<diagram>(0x7fffffffU);

  struct inner_node {
    std::uint32_t level = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t hash = 0;
  };
  // What a fold has made of a node.
  struct folded_node {
    std::uint32_t by = 0;  // which one: from 1
    diagram to = no_packet;
  };
  static constexpr inner_node a_leaf = {~std::uint32_t{0}, 0, 0, 0};  // below every level

  struct operation {
    enum class kind : std::uint32_t { none, both, minus, instead, settled };
    kind what = kind::none;
    std::uint32_t number = 0;
    constexpr bool is_empty_where_first_is() const { return what == kind::both || what == kind::minus; }
    constexpr std::uint32_t key() const { return number * 8 + static_cast<std::uint32_t>(what); }
  };

  struct cache_entry {
    std::uint32_t operation = 0;
    diagram a = no_packet;
    diagram b = no_packet;
    diagram result = no_packet;
    std::uint32_t generation = 0;
  };

  static constexpr std::uint32_t index(diagram inner) { return static_cast<std::uint32_t>(inner); }
  static constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
    hash = (hash ^ more) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 29);
  }

  // Appends a run to the node under construction, whose runs begin at scratch_[base].
  constexpr void push_run(std::size_t base, std::uint32_t last, diagram child) {
    if (scratch_.size() > base && scratch_.back().child == child)
      scratch_.back().last = last;
    else
      scratch_.push_back({last, child});
  }

  // What two nodes that have not met before cost beside their edges, as so many edges: they, what comes of them, and whether
  // it is there are looked up, and where nodes are many none of that is in a processor's caches.
  constexpr std::uint64_t work_of_lookups() const { return nodes_.size() < few_nodes ? 12 : 32; }

  // Turns the runs from scratch_[base] on into a node, the one that exists already if there is one.
  constexpr diagram pop_node(std::uint32_t level, std::size_t base) {
    const std::size_t count = scratch_.size() - base;
    const edge* const runs = scratch_.data() + base;
    if (count == 1) {
      const diagram only = runs[0].child;
      scratch_.pop_back();
      return only;
    }
    std::uint64_t hash = mix(0, level);
    for (const edge *run = runs, *const end = runs + count; run != end; ++run)
      hash = mix(hash, (std::uint64_t{run->last} << 32) | static_cast<std::uint32_t>(run->child));
    const auto short_hash = static_cast<std::uint32_t>(hash);
    const std::size_t slots = table_.size() - 1;
    std::size_t slot = short_hash & slots;
    for (std::uint32_t at = table_[slot]; at != empty_slot; at = table_[slot]) {
      const inner_node& known = nodes_[at];
      if (known.hash == short_hash && known.level == level && known.count == count &&
          same_edges(edges_.data() + known.first, runs, count)) {
        scratch_.resize(base);
        return static_cast<diagram>(at);
      }
      slot = (slot + 1) & slots;
    }
    if (size() + count + edges_a_node_takes > most_edges_ || work_ > most_work_ || nodes_.size() + 1 >= 0x7fffffffU) {
      too_large_ = true;
      scratch_.resize(base);
      return no_packet;
    }
    const auto made = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({level, static_cast<std::uint32_t>(edges_.size()), static_cast<std::uint32_t>(count), short_hash});
    make_room_for(count);
    edges_.append(runs, count);
    scratch_.resize(base);
    table_[slot] = made;
    if (2 * nodes_.size() > table_.size()) grow();
    return static_cast<diagram>(made);
  }

  // Of many edges, room for powers of two of them and no more than there may be: while they move the old ones are there too.
  constexpr void make_room_for(std::size_t count) {
    const std::size_t wanted = edges_.size() + count;
    if (wanted <= edges_.capacity() || wanted <= few_nodes) return;
    std::size_t room = few_nodes;
    while (room < wanted) room *= 2;
    edges_.reserve(detail::smaller_of(room, most_edges_));
  }

  static constexpr bool same_edges(const edge* some, const edge* others, std::size_t count) {
    for (const edge* const end = some + count; some != end; ++some, ++others)
      if (some->last != others->last || some->child != others->child) return false;
    return true;
  }

  constexpr void grow() {
    const std::size_t size = (nodes_.size() < few_nodes ? 4 : 2) * table_.size();
    table_.assign(size, empty_slot);
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
      std::size_t slot = nodes_[i].hash & (size - 1);
      while (table_[slot] != empty_slot) slot = (slot + 1) & (size - 1);
      table_[slot] = i;
    }
    // A result that the cache forgets is computed again; only its size matters.
    if (cache_.size() < (std::size_t{1} << 22)) cache_.assign(size, {});
  }

  // Whether a known result still stands: numbers of nodes that were forgotten are given again.
  constexpr bool is_valid(const cache_entry& known) const {
    const auto outlives = [&](diagram one) { return is_leaf(one) || index(one) < always_there_; };
    return known.generation == generation_ || (outlives(known.a) && outlives(known.b) && outlives(known.result));
  }

  // The result where one of the operands decides it; else `undecided`.
  static constexpr diagram at_leaf(operation how, diagram a, diagram b) {
    switch (how.what) {
      case operation::kind::both:
        return a == no_packet || b == no_packet ? no_packet
               : a == every_packet || a == b    ? b
               : b == every_packet              ? a
                                                : undecided;
      case operation::kind::minus:
        return a == no_packet || b == every_packet || a == b ? no_packet : b == no_packet ? a : undecided;
      case operation::kind::instead:
        return is_leaf(a) ? number_of(a) == how.number ? b : a : b == leaf(how.number) || a == b ? a : undecided;
      case operation::kind::settled:
        return !is_leaf(a) ? undecided : a == no_packet ? b : a == leaf(how.number) ? no_packet : a;
      case operation::kind::none: break;
    }
    return undecided;
  }

  static constexpr sequence<part> parts_of_leaf(diagram of) {
    sequence<part> made;
    if (of != no_packet) made.push_back({number_of(of), every_packet});
    return made;
  }

  constexpr sequence<part> parts_of_node(std::uint32_t node, const sequence<std::uint32_t>& places,
                                         const sequence<sequence<part>>& known) {
    struct piece {
      std::uint32_t number;
      std::uint32_t edge;
      diagram packets;
    };
    const inner_node top = nodes_[node];
    sequence<piece> pieces;
    for (std::uint32_t i = 0; i < top.count; ++i) {
      const diagram child = edges_[top.first + i].child;
      if (is_leaf(child)) {
        if (child != no_packet) pieces.push_back({number_of(child), i, every_packet});
      } else {
        for (const part& one : known[places[index(child)]]) pieces.push_back({one.number, i, one.packets});
      }
    }
    detail::sort(pieces, [](const piece& a, const piece& b) {
      return a.number != b.number ? a.number < b.number : a.edge < b.edge;
    });
    sequence<part> made;
    for (std::size_t i = 0; i < pieces.size();) {
      const std::uint32_t number = pieces[i].number;
      const std::size_t base = scratch_.size();
      std::uint32_t next = 0;
      for (; i < pieces.size() && pieces[i].number == number; ++i) {
        if (pieces[i].edge > next) push_run(base, edges_[top.first + pieces[i].edge - 1].last, no_packet);
        push_run(base, edges_[top.first + pieces[i].edge].last, pieces[i].packets);
        next = pieces[i].edge + 1;
      }
      if (next < top.count) push_run(base, edges_[top.first + top.count - 1].last, no_packet);
      made.push_back({number, pop_node(top.level, base)});
    }
    return made;
  }

  // The first edge from `at` on whose run reaches behind a cell.
  constexpr std::uint32_t edge_behind(const inner_node& node, std::uint32_t at, std::uint32_t cell) const {
    std::uint32_t step = 1;
    while (at + step < node.count && edges_[node.first + at + step - 1].last <= cell) {
      at += step;
      step *= 2;
    }
    std::uint32_t end = detail::smaller_of(at + step, node.count);
    while (at < end) {
      const std::uint32_t middle = at + (end - at) / 2;
      if (edges_[node.first + middle].last <= cell)
        at = middle + 1;
      else
        end = middle;
    }
    return at;
  }

  constexpr diagram apply(operation how, diagram a, diagram b) {
    if (const diagram result = at_leaf(how, a, b); result != undecided) return result;
    if (too_large_) return no_packet;
    const std::uint32_t key = how.key();
    const std::uint64_t hash = hash_of(key, a, b);
    if (const diagram result = known_result(key, a, b, hash); result != undecided) return result;
    const std::size_t base = scratch_.size();
    const inner_node top_a = is_leaf(a) ? a_leaf : nodes_[index(a)];
    const inner_node top_b = is_leaf(b) ? a_leaf : nodes_[index(b)];
    if (top_a.level >= most_calls_ && top_b.level >= most_calls_) return apply_below(how, a, b);
    work_ += work_of_lookups();
    // Edges are named by index, not by pointer: nodes made on the way may move them.
    if (top_a.level < top_b.level) {
      work_ += top_a.count;
      for (std::uint32_t i = 0; i < top_a.count; ++i) {
        const edge one = edges_[top_a.first + i];
        push_run(base, one.last, apply(how, one.child, b));
      }
    } else if (top_b.level < top_a.level) {
      work_ += top_b.count;
      for (std::uint32_t i = 0; i < top_b.count; ++i) {
        const edge one = edges_[top_b.first + i];
        push_run(base, one.last, apply(how, a, one.child));
      }
    } else {
      std::uint32_t i = 0;
      std::uint32_t j = 0;
      while (i < top_a.count && j < top_b.count) {
        const edge one = edges_[top_a.first + i];
        const edge other = edges_[top_b.first + j];
        // Most of what is met with a path to few packets comes to nothing.
        if (one.child == no_packet && how.is_empty_where_first_is()) {
          push_run(base, one.last, no_packet);
          j = edge_behind(top_b, j, one.last);
          ++i;
          continue;
        }
        if (other.child == no_packet && how.what == operation::kind::both) {
          push_run(base, other.last, no_packet);
          i = edge_behind(top_a, i, other.last);
          ++j;
          continue;
        }
        const std::uint32_t last = one.last < other.last ? one.last : other.last;
        push_run(base, last, apply(how, one.child, other.child));
        if (one.last == last) ++i;
        if (other.last == last) ++j;
        ++work_;
      }
      ++work_;
    }
    const diagram made = pop_node(top_a.level < top_b.level ? top_a.level : top_b.level, base);
    if (!too_large_) cache_[hash & (cache_.size() - 1)] = {key, a, b, made, generation_};
    return made;
  }

  static constexpr std::uint64_t hash_of(std::uint32_t key, diagram a, diagram b) {
    return mix(mix(key, static_cast<std::uint32_t>(a)), static_cast<std::uint32_t>(b)) >> 7;
  }

  // What an operation makes of these two, if it was kept; else `undecided`.
  constexpr diagram known_result(std::uint32_t key, diagram a, diagram b, std::uint64_t hash) const {
    const cache_entry& known = cache_[hash & (cache_.size() - 1)];
    return known.operation == key && known.a == a && known.b == b && is_valid(known) ? known.result : undecided;
  }

  // A node that `apply_below` makes, and how far it has come.
  struct waiting_node {
    diagram a = no_packet;
    diagram b = no_packet;
    std::uint32_t i = 0;     // the next edge of a
    std::uint32_t j = 0;     // and of b
    std::uint32_t last = 0;  // of the run whose child is being made
    std::size_t base = 0;
  };

  // As `apply`, without calling itself.
  constexpr diagram apply_below(operation how, diagram a, diagram b) {
    const std::uint32_t key = how.key();
    const std::size_t others = waiting_.size();
    waiting_.push_back({a, b, 0, 0, 0, scratch_.size()});
    diagram result = undecided;  // of the child that was asked for last
    while (waiting_.size() > others) {
      waiting_node& now = waiting_.back();
      const inner_node top_a = is_leaf(now.a) ? a_leaf : nodes_[index(now.a)];
      const inner_node top_b = is_leaf(now.b) ? a_leaf : nodes_[index(now.b)];
      const bool splits_a = top_a.level <= top_b.level;
      const bool splits_b = top_b.level <= top_a.level;
      if (result != undecided) push_run(now.base, now.last, std::exchange(result, undecided));
      if ((splits_a && now.i == top_a.count) || (splits_b && now.j == top_b.count)) {
        result = pop_node(splits_a ? top_a.level : top_b.level, now.base);
        if (!too_large_)
          cache_[hash_of(key, now.a, now.b) & (cache_.size() - 1)] = {key, now.a, now.b, result, generation_};
        waiting_.pop_back();
        continue;
      }
      ++work_;
      const edge one = splits_a ? edges_[top_a.first + now.i] : edge{~std::uint32_t{0}, now.a};
      const edge other = splits_b ? edges_[top_b.first + now.j] : edge{~std::uint32_t{0}, now.b};
      now.last = one.last < other.last ? one.last : other.last;
      if (splits_a && one.last == now.last) ++now.i;
      if (splits_b && other.last == now.last) ++now.j;
      result = at_leaf(how, one.child, other.child);
      if (result == undecided && too_large_) result = no_packet;
      if (result != undecided) continue;
      result = known_result(key, one.child, other.child, hash_of(key, one.child, other.child));
      if (result != undecided) continue;
      work_ += work_of_lookups();
      waiting_.push_back({one.child, other.child, 0, 0, 0, scratch_.size()});
    }
    return result;
  }

  sequence<inner_node> nodes_;
  sequence<edge> edges_;
  sequence<edge> scratch_;  // the runs of nodes under construction, innermost last
  sequence<waiting_node> waiting_;
  sequence<folded_node> folded_;  // by node
  std::uint32_t folds_ = 0;
  sequence<std::uint32_t> table_;  // open addressing: slots of nodes_, a power of two of them
  sequence<cache_entry> cache_;    // results of operations, lossy, a power of two of them
  std::size_t most_edges_;
  std::uint64_t most_work_;
  std::uint32_t most_calls_;
  std::uint64_t work_ = 0;
  bool too_large_ = false;
  std::uint32_t generation_ = 0;                    // how often the store went back
  std::uint32_t always_there_ = ~std::uint32_t{0};  // nodes below were there at every time it went back to
};

}  // namespace cordon
