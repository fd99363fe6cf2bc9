// Leaks that mutants plant in firewalls which keep a policy, and the hunt for them: how many packets have to
// be drawn until one shows it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/draw.hpp>
#include <cordon/testing/mutants.hpp>

#include "../prove/judgement.hpp"

namespace cordon::test {

struct planted_leak {
  testing::mutant by;
  firewall rules;
  egress_policy policy;
  proof answer;
};

/// What the mutants of a firewall that keeps a policy let out.
inline std::vector<planted_leak> planted_leaks(const firewall& kept, const egress_policy& policy) {
  std::vector<planted_leak> all;
  for (const testing::mutant& one : testing::mutants(kept, policy).differing()) {
    firewall made = one.of(kept);
    proof answer = prove(made, policy);
    if (answer.verdict() == answer::leak) all.push_back({one, std::move(made), policy, std::move(answer)});
  }
  return all;
}

/// The part of the sandbox's packets that a leak lets out, as the logarithm to base 2 of how many packets
/// there are for one of it. Interfaces count for nothing: their names are never drawn uniformly.
inline double rarity_of(const planted_leak& of) {
  double most = 0;
  for (const family in : both_families) {
    const packet_domain domain = packets_of(of.policy, in);
    for (const leak& each : of.answer.of(in).leaks)
      for (const box& one : each.region) {
        double share = 1;
        for (const box_side& side : one.sides) {
          if (side.field == field::out) continue;
          double values = 0;
          for (const range& some : side.values) values += static_cast<double>(some.high - some.low) + 1;
          const range& all = domain[side.field];
          const bool is_whole = side.shift == 0 && side.width == width_of(side.field, in);
          share *= values / (is_whole ? static_cast<double>(all.high - all.low) + 1
                                      : std::ldexp(1.0, static_cast<int>(side.width)));
        }
        most += share / 2;
      }
  }
  return -std::log2(most);
}

/// The hunt for the leaks of one firewall.
class leak_hunt {
 public:
  explicit leak_hunt(const planted_leak& of) : of_(&of) {
    for (const family in : both_families)
      if (!of.rules.of(in).absent)
        grounds_.push_back(
            {compile(of.rules, in), testing::edges::of_firewall(of.rules, of.policy, in), packets_of(of.policy, in)});
  }

  bool finds(const packet& sent) const {
    const escape found = escape_of(ground_of(sent.family).rules, of_->policy, sent);
    return found.is_clear && found.surely;
  }
  const testing::edges& around(family in) const { return ground_of(in).around; }
  const packet_domain& domain(family in) const { return ground_of(in).domain; }

  packet draw(const choice_source& choices, bool near_edges) const {
    const ground& in = testing::draw_one(choices, grounds_);
    return near_edges ? testing::draw_packet(choices, in.around, in.domain) : testing::draw_packet(choices, in.domain);
  }

  /// How many packets are drawn before one is found that must not get out; `most` if none of so many is.
  std::size_t draws_until(std::uint64_t seed, bool near_edges, std::size_t most, packet* found = nullptr) const {
    testing::random_choices random(seed);
    for (std::size_t draws = 0; draws < most; ++draws) {
      const packet sent = draw(random.source(), near_edges);
      if (!finds(sent)) continue;
      if (found != nullptr) *found = sent;
      return draws;
    }
    return most;
  }

 private:
  struct ground {
    program rules;
    testing::edges around;
    packet_domain domain;
  };
  const ground& ground_of(family in) const {
    return grounds_.front().rules.family == in ? grounds_.front() : grounds_.back();
  }

  const planted_leak* of_;
  std::vector<ground> grounds_;
};

}  // namespace cordon::test
