// What targets have made of packets, each such situation kept once and told by its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/interned.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/environment.hpp>

namespace cordon {

/// Where a decision is made: indices into a program. `rule` is the number of rules for a chain's policy or end.
struct decision_place {
  std::uint32_t table = 0;  ///< of the program's tables
  std::uint32_t chain = 0;  ///< of the table's chains
  std::uint32_t rule = 0;   ///< of the chain's rules

  friend constexpr bool operator==(const decision_place&, const decision_place&) = default;
};

/// What targets have made of a packet between two points of its way.
struct situation {
  environment now = {};              ///< each field's value by the second, said in what it was at the first
  bool is_rewritten = false;         ///< nat has given it another destination
  decision_place rewritten_by = {};  ///< the rule of nat that did

  friend constexpr bool operator==(const situation&, const situation&) = default;
};

/// A situation, by its number in a `situation_list`; 0 is: nothing has changed.
using situation_number = std::uint32_t;

/// Situations, each of which has one number.
class situation_list {
 public:
  /// Of the packets of a family.
  constexpr explicit situation_list(family of) : family_(of) { number_of({}); }

  /// How many there are; numbers go from 0.
  constexpr std::size_t size() const { return all_.size(); }
  /// What a number stands for; holds until the next one is made.
  constexpr const situation& operator[](situation_number number) const { return all_[number]; }

  /// The number of a situation.
  constexpr situation_number number_of(situation made) {
    const situation_number known =
        numbers_.find_or_add(hash_of(made), [&](std::uint32_t other) { return all_[other] == made; });
    if (known == all_.size()) all_.push_back(std::move(made));
    return known;
  }

  /// First the one, then the other.
  constexpr situation_number one_after_another(situation_number first, situation_number then) {
    if (first == 0) return then;
    if (then == 0) return first;
    situation made{all_[first].now.followed_by(all_[then].now, family_), all_[first].is_rewritten,
                   all_[first].rewritten_by};
    if (all_[then].is_rewritten) {
      made.is_rewritten = true;
      made.rewritten_by = all_[then].rewritten_by;
    }
    return number_of(std::move(made));
  }

  /// A situation with only `fields` told, and whether nat has rewritten the packet.
  constexpr situation_number only(field_set fields, situation_number in) {
    const situation& whole = all_[in];
    if ((whole.now.changed_fields() & ~fields) == 0) return in;
    return number_of({whole.now.only(fields), whole.is_rewritten, whole.rewritten_by});
  }
  /// What rules see of it that ask for `fields` alone.
  constexpr situation_number seen_by(field_set fields, situation_number in) {
    const situation& whole = all_[in];
    if (!whole.is_rewritten) return only(fields, in);
    return number_of({whole.now.only(fields), false, {}});
  }

 private:
  static constexpr std::uint64_t hash_of(const situation& of) {
    std::uint64_t hash = of.is_rewritten ? detail::mixed(of.rewritten_by.chain + 1, of.rewritten_by.rule) : 0;
    const auto mix = [&hash](uint128 more) {
      hash =
          detail::mixed(detail::mixed(hash, static_cast<std::uint64_t>(more)), static_cast<std::uint64_t>(more >> 64));
    };
    for (const current_value& one : of.now.changed()) {
      mix(static_cast<unsigned>(one.field));
      mix(one.flip);
      mix(one.values.low);
      for (const current_value::part& part : one.parts) mix(part.mask);
    }
    return hash;
  }

  family family_;
  sequence<situation> all_;
  detail::interned numbers_;
};

}  // namespace cordon
