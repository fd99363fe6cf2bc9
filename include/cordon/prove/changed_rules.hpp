// In which rules two programs differ. A packet that none of these is for takes the same way through both, so a comparison
// need not ask about it, nor about rules that are for none of those packets: two versions of ten thousand rules mostly differ
// in a few, which few of the others have packets in common with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/quick_test.hpp>

namespace cordon::detail {

class rule_comparer {
 public:
  static constexpr std::size_t most_conditions = 128;  ///< that `compare` finds

  constexpr rule_comparer(const program& before, const program& after) : before_(&before), after_(&after) {}

  /// The packets that some rule is for which the programs do not have in common, as conditions any of which holds; nothing if
  /// they differ in more than rules, or in so many that asking for them saves nothing.
  constexpr maybe<sequence<predicate>> compare() {
    if (before_->family != after_->family || before_->tables.size() != after_->tables.size()) return no_value;
    for (std::size_t i = 0; i < before_->tables.size(); ++i)
      if (!compare(before_->tables[i], after_->tables[i])) return no_value;
    return std::move(found_);
  }

 private:
  static constexpr std::size_t most_rules = most_conditions / 2;  // of a rule there are two

  constexpr bool compare(const program_table& before, const program_table& after) {
    if (before.name != after.name || !(before.met_by == after.met_by) || before.from->backend != after.from->backend)
      return false;
    const program_chain& start = before.chains[before.start];
    const program_chain& other_start = after.chains[after.start];
    if (start.source->policy != other_start.source->policy) return false;
    // A chain that only one of them has is reached by jumps that only one of them has.
    const sequence<const program_chain*> one = by_name(before);
    const sequence<const program_chain*> other = by_name(after);
    for (std::size_t i = 0, k = 0; i < one.size() && k < other.size();) {
      const int order = one[i]->source->name.view().compare(other[k]->source->name.view());
      if (order == 0 && !compare(before, *one[i], after, *other[k])) return false;
      i += order <= 0 ? 1 : 0;
      k += order >= 0 ? 1 : 0;
    }
    return true;
  }

  static constexpr sequence<const program_chain*> by_name(const program_table& of) {
    sequence<const program_chain*> made;
    made.reserve(of.chains.size());
    for (const program_chain& one : of.chains) made.push_back(&one);
    sort(made, [](const program_chain* a, const program_chain* b) {
      return a->source->name.view().compare(b->source->name.view()) < 0;
    });
    return made;
  }

  // Rules that are alike at the beginning and at the end are the same; of those between, where there are as many on both
  // sides, those that stand at the same place.
  constexpr bool compare(const program_table& before, const program_chain& one, const program_table& after,
                         const program_chain& other) {
    const auto alike = [&](std::size_t i, std::size_t k) {
      return is_alike(before, one.steps[i], after, other.steps[k]);
    };
    std::size_t first = 0;
    const std::size_t shorter = smaller_of(one.steps.size(), other.steps.size());
    while (first < shorter && alike(first, first)) ++first;
    std::size_t end = one.steps.size();
    std::size_t other_end = other.steps.size();
    while (end > first && other_end > first && alike(end - 1, other_end - 1)) {
      --end;
      --other_end;
    }
    const bool in_step = end == other_end;
    for (std::size_t i = first; i < end; ++i)
      if (!in_step || !alike(i, i)) add(one.steps[i]);
    for (std::size_t i = first; i < other_end; ++i)
      if (!in_step || !alike(i, i)) add(other.steps[i]);
    return changed_ <= most_rules;
  }

  static constexpr bool is_alike(const program_table& before, const program_step& a, const program_table& after,
                                 const program_step& b) {
    if (!(a.holds == b.holds) || !(a.drops == b.drops) || !(a.does == b.does)) return false;
    const bool leads_on = a.does.what == effect::kind::jump || a.does.what == effect::kind::go_to;
    return !leads_on || before.chains[a.chain].source->name == after.chains[b.chain].source->name;
  }

  constexpr void add(const program_step& step) {
    if (++changed_ > most_rules) return;
    if (!step.holds.is_never()) found_.push_back(step.holds);
    if (!step.drops.is_never()) found_.push_back(step.drops);
  }

  const program* before_;
  const program* after_;
  std::size_t changed_ = 0;
  sequence<predicate> found_;
};

/// Tells conditions that have no packet in common with one of some others.
class condition_bounds {
 public:
  /// Of at most `rule_comparer::most_conditions`.
  constexpr explicit condition_bounds(const sequence<predicate>& of) {
    for (const predicate& one : of) bounds_[count_++] = bounds_of(one);
  }
  /// False if no packet fits `condition` and one of these.
  constexpr bool may_meet(const predicate& condition) const {
    if (condition.is_never()) return false;
    const field_bounds other = bounds_of(condition);
    for (std::size_t i = 0; i < count_; ++i)
      if (may_meet(bounds_[i], other)) return true;
    return false;
  }

 private:
  static constexpr field_bounds bounds_of(const predicate& condition) {
    field_bounds made;
    add_bounds(condition.steps(), condition.steps().size() - 1, 0, made);
    return made;
  }
  static constexpr bool may_meet(const field_bounds& one, const field_bounds& other) {
    for (std::size_t i = 0; i < one.count; ++i)
      if (const predicate_step* const also = other.find(one.tests[i].field))
        if (one.tests[i].b < also->a || also->b < one.tests[i].a) return false;
    return true;
  }

  field_bounds bounds_[rule_comparer::most_conditions] = {};
  std::size_t count_ = 0;
};

/// Has the rules of a program that are for no packet of `changed` be for none at all.
constexpr void leave_out_others(program& of, const condition_bounds& changed) {
  for (program_table& table : of.tables)
    for (program_chain& chain : table.chains)
      for (program_step& step : chain.steps) {
        if (!changed.may_meet(step.holds)) step.holds = never();
        if (!changed.may_meet(step.drops)) step.drops = never();
      }
}

}  // namespace cordon::detail
