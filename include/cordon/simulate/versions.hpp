// What targets have made of a packet by some point of its way. Where a decision is unknown a packet may be
// there in several versions, so a walk has sets of them: each rule is asked for each version.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/alteration.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>

namespace cordon {

/// A field that has one of some values, it is not known which.
struct field_choice {
  cordon::field field = field::socket;  ///< which one
  range values = {};                    ///< bounds included
  friend constexpr bool operator==(const field_choice&, const field_choice&) = default;
};

/// `condition` for packets whose fields have one of these values: tests that are the same for all of them are decided.
constexpr predicate with_choices(const predicate& condition, const sequence<field_choice>& choices) {
  return condition.rewritten([&](const predicate_step& test) {
    for (const field_choice& one : choices) {
      if (one.field != test.field || test.what != predicate_step::kind::interval) continue;
      if (test.a <= one.values.low && one.values.high <= test.b) return always();
      if (one.values.high < test.a || test.b < one.values.low) return never();
    }
    return predicate::of(test);
  });
}

namespace detail {

/// A packet as it is by now.
struct packet_version {
  packet now;
  field_set open = 0;              ///< the fields whose values are not known
  sequence<field_choice> choices;  ///< what is known of some of them; ascending by field

  friend constexpr bool operator==(const packet_version&, const packet_version&) = default;
};

/// Numbers of versions, as bits.
using version_set = std::uint64_t;

/// The versions of one packet, by number. 0 is the packet as sent; nothing is allocated while there is no
/// other.
class packet_versions {
 public:
  constexpr packet_versions(const program& rules, const packet& sent, field_set not_known)
      : rules_(rules), sent_(sent), not_known_(not_known) {}

  constexpr const packet& now(std::size_t number) const { return number == 0 ? sent_ : others_[number - 1].now; }
  constexpr field_set open(std::size_t number) const { return number == 0 ? not_known_ : others_[number - 1].open; }

  /// The truth of `condition` for a version.
  template <class AtomValue>
  constexpr truth ask(const predicate& condition, std::size_t settled, std::size_t number,
                      const AtomValue& value_of_atom) const {
    if (number == 0 || others_[number - 1].choices.empty())
      return evaluate(condition, now(number), open(number), value_of_atom, settled);
    const packet_version& version = others_[number - 1];
    return evaluate(with_choices(condition, version.choices), version.now, version.open, value_of_atom);
  }

  /// The versions that a target makes of those of `from`, making all its changes at once.
  constexpr version_set changed(version_set from, const sequence<alteration>& changes) {
    if (changes.empty()) return from;
    version_set made = 0;
    for (version_set rest = from; rest != 0; rest &= rest - 1)
      made |= number_of(with_changes(static_cast<std::size_t>(std::countr_zero(rest)), changes));
    return made;
  }
  /// The versions that a target makes which may give the fields of `changes` any values.
  constexpr version_set with_open(version_set from, field_set changes) {
    version_set made = 0;
    for (version_set rest = from; rest != 0; rest &= rest - 1) {
      packet_version version = get(static_cast<std::size_t>(std::countr_zero(rest)));
      for (std::size_t i = 0; i < field_count; ++i)
        if (cordon::contains(changes, static_cast<field>(i))) forget(version, static_cast<field>(i));
      made |= number_of(std::move(version));
    }
    return made;
  }

  /// One version that may be any of `from`: what they do not agree on is not known.
  constexpr packet_version merged(version_set from) const {
    packet_version all = get(static_cast<std::size_t>(std::countr_zero(from)));
    for (version_set rest = from & (from - 1); rest != 0; rest &= rest - 1) {
      const auto number = static_cast<std::size_t>(std::countr_zero(rest));
      for (std::size_t i = 0; i < field_count; ++i) {
        const auto one = static_cast<field>(i);
        if (cordon::contains(open(number) | all.open, one) || value_of(now(number), one) != value_of(all.now, one))
          forget(all, one);
      }
    }
    return all;
  }

 private:
  static constexpr std::size_t most_versions = 63;  // the one behind them has every field open that a target changes

  constexpr packet_version get(std::size_t number) const {
    if (number != 0) return others_[number - 1];
    packet_version sent;
    sent.now = sent_;
    sent.open = not_known_;
    return sent;
  }

  static constexpr void forget(packet_version& version, field which) {
    // A value that is not known is none of two, or equal versions would not look equal.
    set_value(version.now, which, 0);
    version.open |= set_of(which);
    erase_if(version.choices, [&](const field_choice& one) { return one.field == which; });
  }

  constexpr packet_version with_changes(std::size_t number, const sequence<alteration>& changes) const {
    const packet_version before = get(number);
    packet_version after = before;
    for (const alteration& change : changes) {
      forget(after, change.field);
      if (change.what == alteration::kind::one_of) {
        auto at = after.choices.begin();
        while (at != after.choices.end() && at->field < change.field) ++at;
        after.choices.insert(at, {change.field, change.values});
      }
      const uint128 all = low_bits(width_of(change.field, sent_.family));
      const bool is_open = ((change.keep & all) != 0 && cordon::contains(before.open, change.field)) ||
                           ((change.from_mask & all) != 0 && cordon::contains(before.open, change.from));
      if (change.what != alteration::kind::bits || is_open) continue;
      after.open &= ~set_of(change.field);
      set_value(after.now, change.field,
                (value_of(before.now, change.field) & change.keep) ^
                    (value_of(before.now, change.from) & change.from_mask) ^ change.flip);
    }
    if (detail::any_of(changes, [](const alteration& change) { return change.field == field::nat_status; })) {
      settle_translation(before, after);
      forget_checksum(before, after);
    }
    return after;
  }

  // nat may give a message of ICMP another identifier (nf_nat_l4proto_unique_tuple in nf_nat_core.c), and ICMPv6's checksum
  // is over the addresses too: its second word, the checksum, is another then.
  static constexpr void forget_checksum(const packet_version& before, packet_version& after) {
    if (!is_icmp(before.now.protocol, before.now.family)) return;
    forget(after, field::second_word);
    if (after.now.nat_status == before.now.nat_status) forget(after, field::nat_status);
  }

  // A translation into what was there already is none (nf_nat_setup_info in net/netfilter/nf_nat_core.c). Of two nats the
  // second is not asked all the same, of which no status tells: either is taken for possible.
  constexpr void settle_translation(const packet_version& before, packet_version& after) const {
    bool may_differ = false;
    for (const field which : {field::source, field::destination, field::first_word, field::second_word}) {
      const bool known = !cordon::contains(before.open, which);
      const uint128 value = value_of(before.now, which);
      if (known && !cordon::contains(after.open, which)) {
        if (value_of(after.now, which) != value) return;
        continue;
      }
      for (const field_choice& one : after.choices)
        if (known && one.field == which && !one.values.contains(value)) return;
      may_differ = true;
    }
    forget(after, field::nat_status);
    unsigned nat_count = 0;
    for (const program_table& table : rules_.tables) nat_count += table.name == table_name::nat ? 1 : 0;
    if (may_differ || nat_count > 1) return;
    set_value(after.now, field::nat_status, before.now.nat_status);
    if (!cordon::contains(before.open, field::nat_status)) after.open &= ~set_of(field::nat_status);
  }

  constexpr version_set number_of(packet_version version) {
    for (std::size_t i = 0; i <= others_.size(); ++i)
      if (open(i) == version.open && now(i) == version.now && get(i) == version) return version_set{1} << i;
    if (others_.size() + 1 < most_versions) {
      others_.push_back(std::move(version));
    } else if (others_.size() + 1 == most_versions) {
      packet_version any = get(0);
      for (const program_table& table : rules_.tables) {
        for (const program_chain& chain : table.chains) {
          for (const program_step& step : chain.steps) {
            for (const alteration& change : step.does.changes) forget(any, change.field);
            if (step.does.what != effect::kind::unknown) continue;
            for (std::size_t i = 0; i < field_count; ++i)
              if (cordon::contains(changed_by_unknown_target(table.name), static_cast<field>(i)))
                forget(any, static_cast<field>(i));
          }
        }
      }
      others_.push_back(std::move(any));
    }
    return version_set{1} << others_.size();
  }

  const program& rules_;
  const packet& sent_;
  field_set not_known_;
  sequence<packet_version> others_;
};

}  // namespace detail
}  // namespace cordon
