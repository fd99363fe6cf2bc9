// The flags of kernel_differential.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broken_meaning.hpp"
#include "tally.hpp"

namespace cordon::kernel {

struct differential_flags {
  std::uint64_t seed = 0;
  std::uint64_t rule_sets = 500;
  std::size_t packets_per_rule_set = 400;
  std::optional<unsigned> seconds = {};
  std::uint64_t least_packets = 0;    ///< fewer compared: a failure
  std::uint64_t least_rule_sets = 0;  ///< fewer loaded: a failure
  std::vector<combination> combinations = {all_combinations.begin(), all_combinations.end()};
  bool blind = false;
  bool files = false;  ///< the fixtures and the corpus too
  bool random = true;
  unsigned most_differences = 3;  ///< rule sets that differ, before it stops
  const broken_meaning* broken = nullptr;
  bool all_broken = false;  ///< every broken meaning, one after the other
  std::string v4 = {};      ///< paths of a user's own rules and packets
  std::string v6 = {};
  std::string packets = {};
  std::string sets = {};
  std::optional<back_end> which = {};  ///< as given
  std::string keep = {};               ///< where differences are written to
  bool help = false;
};

extern const char* const differential_usage;

/// Reads flags. What is wrong goes into `wrong`. Without --seed the seed is that of RC_PARAMS ("seed=N"), else a fresh one.
std::optional<differential_flags> read_flags(const std::vector<std::string>& words, std::string& wrong);

}  // namespace cordon::kernel
