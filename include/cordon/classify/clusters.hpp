// How rules are shared out, so that a lookup reads few bits however many rules there are.
//
// A part of the rules asks for a narrow range of source addresses. Cut into clusters of neighbouring addresses, each with
// the rules that concern it, a packet meets one cluster of at most 512 of them: one bit for each, a cache line for all. Of
// the others a part asks for narrow ranges of destinations, and what is left is one cluster. So three lines of bits are
// read for each group of fields, in place of one bit for each rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/classify/classes.hpp>

namespace cordon::detail {

/// Rules that a lookup looks through together.
struct cluster {
  sequence<std::uint32_t> rules = {};  ///< ascending
};

/// By which addresses rules are shared out.
enum class cluster_key : std::uint8_t { none, source, destination };

/// Some of the rules, in clusters of which a packet meets one.
struct rule_share {
  cluster_key by = cluster_key::none;
  sequence<std::uint32_t> cluster_of = {};  ///< by piece of the key; empty if there is no key
  sequence<cluster> clusters = {};
  std::size_t most_rules = 0;  ///< of a cluster
};

/// The bits of one block.
inline constexpr std::size_t block_bits = 512;

constexpr std::size_t blocks_for(std::size_t rules) { return (rules + block_bits - 1) / block_bits; }

/// Shares rules out by one dimension, at most a block of them to a cluster where that can be.
constexpr rule_share share_out(const sequence<std::uint32_t>& rules, const cut_dimension& pieces, cluster_key by) {
  struct change {
    std::uint32_t piece;
    std::uint32_t rule;
    bool begins;
    constexpr bool operator<(const change& other) const { return piece < other.piece; }
  };
  sequence<change> changes;
  for (const std::uint32_t rule : rules)
    for (const range& one : pieces.demands[pieces.demand_of[rule]]) {
      changes.push_back({static_cast<std::uint32_t>(one.low), rule, true});
      changes.push_back({static_cast<std::uint32_t>(one.high) + 1, rule, false});
    }
  sort(changes);
  rule_share made;
  made.by = by;
  sequence<std::uint32_t> active;  // rules that concern the piece
  sequence<std::uint32_t> members;
  std::size_t room = block_bits;
  const auto close = [&] {
    sort_unique(members);
    made.most_rules = greater_of(made.most_rules, members.size());
    made.clusters.push_back({std::move(members)});
    members = {};
  };
  std::size_t next = 0;
  for (std::uint32_t piece = 0; piece < pieces.starts.size(); ++piece) {
    sequence<std::uint32_t> added;
    for (; next < changes.size() && changes[next].piece == piece; ++next) {
      if (changes[next].begins) {
        active.push_back(changes[next].rule);
        added.push_back(changes[next].rule);
      } else {
        for (std::size_t i = 0; i < active.size(); ++i)
          if (active[i] == changes[next].rule) {
            active[i] = active.back();
            active.pop_back();
            break;
          }
      }
    }
    if (piece != 0 && members.size() + added.size() > room) {
      close();
      members = active;
      // Where more than a block of rules concern one address, clusters still hold a few addresses each.
      room = block_bits * blocks_for(greater_of(active.size() > block_bits / 2 ? 2 * active.size() : std::size_t{1},
                                                std::size_t{1}));
    } else {
      members.append(added);
    }
    made.cluster_of.push_back(static_cast<std::uint32_t>(made.clusters.size()));
  }
  close();
  return made;
}

/// How many pieces of a dimension a rule asks for.
constexpr std::size_t pieces_asked(const cut_dimension& of, std::uint32_t rule) {
  std::size_t count = 0;
  for (const range& one : of.demands[of.demand_of[rule]]) count += static_cast<std::size_t>(one.high - one.low) + 1;
  return count;
}

constexpr rule_share one_cluster(sequence<std::uint32_t> rules) {
  rule_share made;
  made.most_rules = rules.size();
  made.clusters.push_back({std::move(rules)});
  return made;
}

/// What reading the shares of a plan costs, more or less, in units of a line of bits for each group.
constexpr std::size_t cost_of(const sequence<rule_share>& plan) {
  std::size_t cost = 0;
  for (const rule_share& one : plan) cost += 1 + greater_of(std::size_t{1}, blocks_for(one.most_rules));
  return cost;
}

constexpr sequence<rule_share> shared_by(std::size_t rules, const cut_dimension& first, cluster_key by_first,
                                         const cut_dimension& second, cluster_key by_second, std::size_t wide) {
  const auto is_narrow = [&](const cut_dimension& pieces, std::uint32_t rule) {
    return pieces_asked(pieces, rule) <= greater_of(std::size_t{8}, pieces.starts.size() / wide);
  };
  sequence<std::uint32_t> by_one;
  sequence<std::uint32_t> by_other;
  sequence<std::uint32_t> others;
  for (std::uint32_t i = 0; i < rules; ++i)
    (is_narrow(first, i) ? by_one : is_narrow(second, i) ? by_other : others).push_back(i);
  sequence<rule_share> plan;
  if (!by_one.empty()) plan.push_back(share_out(by_one, first, by_first));
  if (by_other.size() + others.size() <= block_bits) {
    others.append(by_other);
    sort(others);
  } else if (!by_other.empty()) {
    plan.push_back(share_out(by_other, second, by_second));
  }
  if (!others.empty()) plan.push_back(one_cluster(std::move(others)));
  return plan;
}

/// The cheapest of a few ways to share out rules.
constexpr sequence<rule_share> plan_for(std::size_t rules, const cut_dimension& source,
                                        const cut_dimension& destination) {
  sequence<std::uint32_t> all;
  for (std::uint32_t i = 0; i < rules; ++i) all.push_back(i);
  sequence<rule_share> best;
  best.push_back(one_cluster(std::move(all)));
  if (rules <= 2 * block_bits) return best;
  for (const std::size_t wide : {8U, 32U, 128U})
    for (const bool source_first : {true, false}) {
      sequence<rule_share> plan =
          source_first ? shared_by(rules, source, cluster_key::source, destination, cluster_key::destination, wide)
                       : shared_by(rules, destination, cluster_key::destination, source, cluster_key::source, wide);
      if (cost_of(plan) < cost_of(best)) best = std::move(plan);
    }
  return best;
}

}  // namespace cordon::detail
