// A differential run: rule sets through the kernel and through the model, one after the other.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <cordon/testing/random.hpp>

#include "differential_flags.hpp"
#include "judge.hpp"
#include "rule_files.hpp"
#include "tally.hpp"

namespace cordon::kernel {

class campaign {
 public:
  explicit campaign(const differential_flags& chosen);

  void run_random();
  void run_files();
  /// A user's own rules of one family, and packets (random ones if there are none): both words for each.
  void run_own(const std::string& rules, const std::string& packets, ip_family family);

  bool is_over() const;
  /// Whether a packet was told apart by the broken meaning alone.
  bool found_broken_meaning() const { return found_broken_meaning_; }
  const tally& numbers() const { return tally_; }

 private:
  struct rule_source {
    combination of;
    std::string origin;  ///< what to call it
    std::string text;
    std::string sets = {};  ///< for `ipset restore`
    bool drawn = false;     ///< of the library's generators
    bool cleaned = false;   ///< without the rules that the kernel may refuse for reasons that no rule shows
  };

  void run_case(std::uint64_t seed);
  void run_drawn(const rule_source& from, testing::random_choices& choices);
  /// Loads and reads; nothing if one of the two refuses.
  maybe<ruleset> read(const rule_source& from, class session& into);
  maybe<ruleset> judge_loading(const rule_source& from, const tool_result& loaded);
  void run_rules(const rule_source& from, ruleset rules, session& into, std::vector<wire_packet> packets,
                 const judge& by);
  void check_counters(const rule_source& from, const judge& by, session& of, const std::vector<sent_packet>& sent);
  void run_real_traffic(const rule_source& from, const judge& by, session& of);
  void show(const rule_source& from, const judge& by, const sent_packet& sent, const finding& found);
  void show_other(const rule_source& from, const std::string& what);
  void show_not_loaded(const rule_source& from, const ruleset& known, const tool_result& refusal);
  static bool is_not_loaded(const rule_source& from, const ruleset& rules, std::string& complaint);
  bool still_differs(const rule_source& from, const ruleset& rules, const wire_packet& packet) const;
  std::string write_down(const rule_source& from, const std::string& rules, const std::string& packet);

  const differential_flags& chosen_;
  std::chrono::steady_clock::time_point start_;
  tally tally_;
  unsigned shown_ = 0;
  bool found_broken_meaning_ = false;
  std::uint64_t case_seed_ = 0;
};

}  // namespace cordon::kernel
