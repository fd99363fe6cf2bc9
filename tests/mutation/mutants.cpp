#include "mutants.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <cordon/packet/field.hpp>

namespace cordon::mutation {
namespace {

using enum change;

constexpr const char* names[] = {
    "low bound 1 lower",
    "low bound 1 higher",
    "high bound 1 lower",
    "high bound 1 higher",
    "both bounds 1 higher",
    "both bounds 1 lower",
    "without the mask's lowest bit",
    "without the mask's highest bit",
    "one bit more in the mask",
    "another value under the mask",
    "any value",
    "no value",
    "asked of another field",
    "test negated",
    "surely so",
    "surely not",
    "the opposite constant",
    "without its negation",
    "without its left side",
    "without its right side",
    "and for or, or for and",
    "all negated",
    "always",
    "never",
    "not known",
    "goes on",
    "accepts",
    "drops",
    "may do anything",
    "another answer",
    "connections or all",
    "left out",
    "the lowest bit flipped",
    "keeps the lowest bit or not",
    "keeps the highest bit or not",
    "takes one bit more or less",
    "any result",
    "0 instead of any",
};
static_assert(std::size(names) == static_cast<std::size_t>(no_result) + 1);

/// Fields that a slip of the pen would take for each other.
constexpr std::pair<field, field> twins[] = {
    {field::source, field::destination},
    {field::first_word, field::second_word},
    {field::uid, field::gid},
    {field::mark, field::connection_mark},
    {field::original_source, field::reply_source},
    {field::original_destination, field::reply_destination},
    {field::original_source_port, field::reply_source_port},
    {field::original_destination_port, field::reply_destination_port},
    {field::low_kinds, field::high_kinds},
    {field::in, field::out},
    {field::hops, field::traffic_class},
};

field twin_of(field which) {
  for (const auto& [a, b] : twins) {
    if (which == a) return b;
    if (which == b) return a;
  }
  return which;
}

uint128 lowest_bit(uint128 mask) { return mask & (~mask + 1); }

uint128 highest_bit(uint128 mask) {
  while ((mask & (mask - 1)) != 0) mask &= mask - 1;
  return mask;
}

predicate changed_interval(change what, const predicate_step& test) {
  uint128 low = test.a;
  uint128 high = test.b;
  const uint128 all = ~uint128{0};
  if ((what == lower_low || what == shift_down) && low > 0) --low;
  if ((what == raise_low || what == shift_up) && low < all) ++low;
  if (what == lower_high || what == shift_down) {
    if (high == 0) return never();
    --high;
  }
  if ((what == raise_high || what == shift_up) && high < all) ++high;
  return between(test.field, low, high);
}

predicate changed_mask(change what, const predicate_step& test) {
  uint128 mask = test.a;
  uint128 value = test.b;
  if (what == without_lowest_bit) mask ^= lowest_bit(mask);
  if (what == without_highest_bit) mask ^= highest_bit(mask);
  if (what == one_bit_more) mask |= lowest_bit(~mask);
  if (what == other_value) value ^= lowest_bit(mask);
  return masked(test.field, mask, value & mask);
}

predicate changed_test(change what, predicate_step test) {
  test.index = 0;
  switch (what) {
    case any_value: return always();
    case no_value: return never();
    case turned_round: return !predicate::of(test);
    case other_field: test.field = twin_of(test.field); return predicate::of(test);
    default:
      return test.what == predicate_step::kind::interval ? changed_interval(what, test) : changed_mask(what, test);
  }
}

// Of `of` with the step at `place` changed.
predicate changed_step(const predicate& of, std::size_t place, change what) {
  std::vector<predicate> stack;
  for (std::size_t i = 0; i < of.steps().size(); ++i) {
    const predicate_step& step = of.steps()[i];
    const bool here = i == place;
    switch (step.what) {
      case predicate_step::kind::interval:
      case predicate_step::kind::masked:
        if (here)
          stack.push_back(changed_test(what, step));
        else
          stack.push_back(predicate::of(step));
        break;
      case predicate_step::kind::always:
      case predicate_step::kind::never:
        stack.push_back(predicate::of(step));
        if (here) stack.back().negate();
        break;
      case predicate_step::kind::atom:
        stack.push_back(predicate::of(of.atoms()[step.index]));
        if (here) {
          stack.back() = always();
          if (what == surely_not) stack.back().negate();
        }
        break;
      case predicate_step::kind::negation:
        if (!here) stack.back().negate();
        break;
      case predicate_step::kind::conjunction:
      case predicate_step::kind::disjunction: {
        const predicate right = std::move(stack.back());
        stack.pop_back();
        bool is_and = step.what == predicate_step::kind::conjunction;
        if (here && what == without_right) break;
        if (here && what == without_left) {
          stack.back() = right;
          break;
        }
        if (here) is_and = !is_and;
        if (is_and)
          stack.back() &= right;
        else
          stack.back() |= right;
        break;
      }
    }
  }
  return stack.back();
}

predicate changed(const predicate& of, std::size_t place, change what) {
  switch (what) {
    case negated: return !of;
    case always_so: return always();
    case never_so: return never();
    case not_known: return unknown("a mutant", /*stateful=*/false);
    default: return changed_step(of, place, what);
  }
}

void change_alteration(alteration& one, change what) {
  const uint128 high_bit = uint128{1} << (width_of(one.field, family::ipv4) - 1);
  switch (what) {
    case other_flip: one.flip ^= 1; break;
    case keeps_other_low_bit: one.keep ^= 1; break;
    case keeps_other_high_bit: one.keep ^= high_bit; break;
    case takes_other_bit: one.from_mask ^= 1; break;
    case lower_low: one.values.low -= one.values.low > 0 ? 1 : 0; break;
    case raise_low: ++one.values.low; break;
    case lower_high: one.values.high -= one.values.high > 0 ? 1 : 0; break;
    case raise_high: ++one.values.high; break;
    case other_field: one.field = twin_of(one.field); break;
    case any_result: one = make_unknown(one.field); break;
    default: one = set_to(one.field, 0); break;  // no_result
  }
}

effect changed(effect of, std::size_t place, change what) {
  switch (what) {
    case goes_on: of.what = effect::kind::go_on; break;
    case accepts: of.what = effect::kind::accept; break;
    case drops: of.what = effect::kind::drop; break;
    case may_do_anything: of.what = effect::kind::unknown; break;
    case other_answer:
      of.answer = of.answer == reject_type::tcp_reset ? reject_type::icmp_net_unreachable
                                                      : static_cast<reject_type>(static_cast<unsigned>(of.answer) + 1);
      break;
    case connection_or_not: of.needs_connection = !of.needs_connection; break;
    case left_out: of.changes.erase(of.changes.begin() + place); break;
    default: change_alteration(of.changes[place], what); break;
  }
  return of;
}

void add_steps(const predicate& of, bool in_drops, std::vector<mutant>& into) {
  const auto add = [&](std::size_t place, std::initializer_list<change> all) {
    for (const change one : all) into.push_back({one, in_drops, place});
  };
  for (std::size_t i = 0; i < of.steps().size(); ++i) {
    const predicate_step& step = of.steps()[i];
    switch (step.what) {
      case predicate_step::kind::interval:
        add(i, {lower_low, raise_low, lower_high, raise_high, shift_up, shift_down, any_value, no_value, turned_round});
        break;
      case predicate_step::kind::masked:
        add(i, {without_lowest_bit, without_highest_bit, one_bit_more, other_value, any_value, no_value, turned_round});
        break;
      case predicate_step::kind::atom: add(i, {surely_so, surely_not}); break;
      case predicate_step::kind::always:
      case predicate_step::kind::never: add(i, {opposite}); break;
      case predicate_step::kind::negation: add(i, {without_negation}); break;
      case predicate_step::kind::conjunction:
      case predicate_step::kind::disjunction: add(i, {without_left, without_right, other_operator}); break;
    }
    const bool is_test = step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked;
    if (is_test && twin_of(step.field) != step.field) add(i, {other_field});
  }
  add(of.steps().size() - 1, {negated, always_so, never_so, not_known});
}

void add_changes(const effect& of, std::vector<mutant>& into) {
  const auto add = [&](std::size_t place, std::initializer_list<change> all) {
    for (const change one : all) into.push_back({one, false, place});
  };
  add(0, {goes_on, accepts, drops, may_do_anything});
  if (of.what == effect::kind::reject) add(0, {other_answer});
  if (of.what == effect::kind::go_on && !of.changes.empty()) add(0, {connection_or_not});
  for (std::size_t i = 0; i < of.changes.size(); ++i) {
    const alteration& one = of.changes[i];
    add(i, {left_out});
    if (twin_of(one.field) != one.field) add(i, {other_field});
    switch (one.what) {
      case alteration::kind::bits:
        add(i, {other_flip, keeps_other_low_bit, keeps_other_high_bit, any_result});
        if (one.from_mask != 0) add(i, {takes_other_bit});
        break;
      case alteration::kind::one_of:
        add(i, {lower_low, raise_low, lower_high, raise_high, any_result, no_result});
        break;
      case alteration::kind::unknown: add(i, {no_result}); break;
    }
  }
}

}  // namespace

bool mutant::is_of_the_whole() const {
  return what == negated || what == always_so || what == never_so || what == not_known;
}

std::string mutant::words() const {
  return (in_drops ? "drops, " : "") + (is_of_the_whole() ? "" : std::to_string(place + 1) + ": ") +
         names[static_cast<std::size_t>(what)];
}

meaning mutant::of(const meaning& original) const {
  if (const auto* const does = std::get_if<effect>(&original)) return changed(*does, place, what);
  match_meaning made = std::get<match_meaning>(original);
  predicate& condition = in_drops ? made.drops : made.holds;
  condition = changed(condition, place, what);
  return made;
}

std::vector<mutant> mutants_of(const meaning& shape) {
  std::vector<mutant> all;
  if (const auto* const does = std::get_if<effect>(&shape)) {
    add_changes(*does, all);
  } else {
    add_steps(std::get<match_meaning>(shape).holds, false, all);
    add_steps(std::get<match_meaning>(shape).drops, true, all);
  }
  return all;
}

}  // namespace cordon::mutation
