// What a differential run has done, in numbers.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>

#include "judge.hpp"
#include "world.hpp"

namespace cordon::kernel {

/// One back end and family.
struct combination {
  back_end which = back_end::legacy;
  ip_family family = ip_family::v4;
};

inline constexpr std::array<combination, 4> all_combinations = {{{back_end::legacy, ip_family::v4},
                                                                 {back_end::nft, ip_family::v4},
                                                                 {back_end::legacy, ip_family::v6},
                                                                 {back_end::nft, ip_family::v6}}};

/// "nft IPv6".
std::string name_of(const combination& of);

class tally {
 public:
  void note_rule_set(const combination& of) { ++at(of).rule_sets; }
  void note(const combination& of, const judgement& made);
  /// A rule set that was not loaded, and why.
  void note_refusal(const std::string& why) { ++refusals_[why]; }
  /// A rule set that was loaded once the rules about objects that a host must have were left out.
  void note_cleaned() { ++cleaned_; }
  /// A difference that is none of a packet's way: of loading, reading or counting.
  void note_other_difference(const combination& of) { ++at(of).differences; }

  std::uint64_t compared() const;
  std::uint64_t rule_sets() const;
  std::uint64_t differences() const;

  void print(std::ostream& out) const;

 private:
  struct numbers {
    std::uint64_t rule_sets = 0;
    std::uint64_t sent = 0;
    std::uint64_t compared = 0;
    std::uint64_t certain = 0;
    std::uint64_t with_way = 0;
    std::uint64_t answers = 0;
    std::uint64_t real = 0;  ///< of those compared
    std::uint64_t differences = 0;
  };
  numbers& at(const combination& of);

  std::array<numbers, 4> numbers_ = {};
  std::map<std::string, std::uint64_t> skipped_;
  std::map<std::string, std::uint64_t> refusals_;
  std::uint64_t cleaned_ = 0;
};

}  // namespace cordon::kernel
