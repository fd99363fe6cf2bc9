// In which order the rules of a table are asked: a rank for each rule, so that answers are listed as a reader walks.
#pragma once

#include <cstdint>

#include <cordon/base/sequence.hpp>
#include <cordon/prove/decisions.hpp>

namespace cordon {

/// The ranks of the rules of one table, by chain and rule; a chain's end or policy has the rank behind its last rule.
/// A chain stands where it is first called. Without recursion: chains may nest ten thousand deep.
class evaluation_order {
 public:
  /// Of one table; it must outlive this.
  constexpr explicit evaluation_order(const program_table& table) : ranks_(table.chains.size()) {
    struct visit {
      std::uint32_t chain;
      std::uint32_t rule;
    };
    std::uint32_t next = 0;
    sequence<visit> path;
    const auto enter = [&](std::uint32_t chain) {
      ranks_[chain].resize(table.chains[chain].steps.size() + 1, 0);
      path.push_back({chain, 0});
    };
    enter(table.start);
    while (!path.empty()) {
      const std::uint32_t chain = path.back().chain;
      const auto& steps = table.chains[chain].steps;
      const std::uint32_t rule = path.back().rule++;
      ranks_[chain][rule] = next++;
      if (rule == steps.size()) {
        path.pop_back();
        continue;
      }
      const program_step& step = steps[rule];
      const bool calls = step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
      if (calls && ranks_[step.chain].empty()) enter(step.chain);
    }
  }

  /// The number of a rule or policy in the order in which a packet meets them.
  constexpr std::uint32_t of(const decision_place& place) const { return ranks_[place.chain][place.rule]; }

 private:
  sequence<sequence<std::uint32_t>> ranks_;
};

}  // namespace cordon
