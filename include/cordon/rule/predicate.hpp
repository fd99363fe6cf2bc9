// The one language of meaning: a small expression over packet fields. What a match means is said once, as a predicate;
// the simulator evaluates it on a packet (`evaluate`), the prover turns it into the set of all packets it holds for
// (space/compile.hpp).
//
// A predicate has three values. What no packet decides (a rate limit, a match that is not modelled) is an atom: it is
// kept by its text, and may be true or false. Stateless atoms have one value for a packet and a text, as long as no target
// changes what they look at; stateful ones have a fresh value at each evaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/base/uint128.hpp>
#include <cordon/base/view.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/packet/packet.hpp>

namespace cordon {

/// What is known of a condition.
enum class truth : std::uint8_t { no, yes, unknown };

///@{
/// With three values: what is unknown stays so unless the rest decides.
constexpr truth operator!(truth of) { return of == truth::unknown ? of : of == truth::yes ? truth::no : truth::yes; }
constexpr truth both(truth a, truth b) {
  if (a == truth::no || b == truth::no) return truth::no;
  return a == truth::yes && b == truth::yes ? truth::yes : truth::unknown;
}
constexpr truth either(truth a, truth b) { return !both(!a, !b); }
///@}
/// What is known.
constexpr truth truth_of(bool holds) { return holds ? truth::yes : truth::no; }

/// A set of fields, as bits.
using field_set = std::uint64_t;
/// Of one field alone.
constexpr field_set set_of(field one) { return field_set{1} << static_cast<unsigned>(one); }
/// Whether the field is in the set.
constexpr bool contains(field_set fields, field one) { return (fields & set_of(one)) != 0; }

/// Something that a packet does not decide.
struct atom {
  text name;               ///< the words of the match, without its negation: two equal stateless names are one atom
  bool stateful = false;   ///< whether each evaluation has a value of its own
  field_set hangs_on = 0;  ///< where a target has changed one of these, a stateless atom has another value

  friend constexpr bool operator==(const atom&, const atom&) = default;
};

/// What a match may see that reads a packet's bytes, of what targets change.
inline constexpr field_set bytes_of_packet =
    set_of(field::source) | set_of(field::destination) | set_of(field::first_word) | set_of(field::second_word) |
    set_of(field::flags) | set_of(field::length) | set_of(field::hops) | set_of(field::traffic_class) |
    set_of(field::low_kinds) | set_of(field::high_kinds) | set_of(field::segment_size);

/// One step of a predicate in postfix order: a test pushes its truth, an operator replaces the topmost one or two.
struct predicate_step {
  /// What a step asks, or makes of what was asked before.
  enum class kind : std::uint8_t {
    always,    ///< true
    never,     ///< false
    interval,  ///< a <= field <= b
    masked,    ///< (field & a) == b
    atom,      ///< atoms[index]
    negation,
    conjunction,
    disjunction,
  };
  kind what = kind::always;             ///< the one of these
  cordon::field field = field::socket;  ///< of a test
  /// Of an atom: its place in `atoms`. Of an interval or masked test: where it is false, so is the conjunction that
  /// stands as many steps behind it; 0: nothing is said.
  std::uint32_t index = 0;
  uint128 a = 0;  ///< an interval's least value, or a mask
  uint128 b = 0;  ///< an interval's greatest value, or what has to be left under the mask

  friend constexpr bool operator==(const predicate_step&, const predicate_step&) = default;
};

namespace detail {
// What every packet fits, and what none does, has no steps of its own: most rules have a predicate that says neither more.
inline constexpr predicate_step trivial_steps[] = {{}, {predicate_step::kind::never}};
}  // namespace detail

/// An expression over packet fields. Build it with the functions below; `&&`, `||` and `!` combine.
class predicate {
  static constexpr std::size_t worth_skipping = 16;

  static constexpr bool is_test(const predicate_step& step) {
    return step.what == predicate_step::kind::interval || step.what == predicate_step::kind::masked;
  }

  [[gnu::noinline]] constexpr void append(const predicate& other) {
    const auto shift = static_cast<std::uint32_t>(atoms_.size());
    // Room grows by doubling: a long expression may be appended to many times.
    const std::size_t needed = steps_.size() + other.steps().size() + 1;
    if (steps_.capacity() < needed) steps_.reserve(detail::greater_of(2 * steps_.size(), needed));
    for (predicate_step step : other.steps()) {
      if (step.what == predicate_step::kind::atom) step.index += shift;
      steps_.push_back(step);
    }
    atoms_.append(other.atoms_);
  }

  // As deep as the logarithm of their number.
  template <class Narrow>
  constexpr void append_any(field which, view<range> ranges, std::size_t first, const Narrow& narrow) {
    const std::size_t guard = steps_.size();
    if (ranges.size() == 1) {
      predicate within;
      narrow(first, within);
      if (within.is_never()) {
        append(within);
        return;
      }
      steps_.push_back({predicate_step::kind::interval, which, 0, ranges[0].low, ranges[0].high});
      if (within.is_always()) return;
      append(within);
    } else {
      const bool guarded = ranges.size() > worth_skipping;
      if (guarded) steps_.push_back({predicate_step::kind::interval, which, 0, ranges.front().low, ranges.back().high});
      const std::size_t half = ranges.size() / 2;
      append_any(which, ranges.first(half), first, narrow);
      append_any(which, ranges.subspan(half), first + half, narrow);
      steps_.push_back({predicate_step::kind::disjunction, field::socket, 0, 0, 0});
      if (!guarded) return;
    }
    steps_[guard].index = static_cast<std::uint32_t>(steps_.size() - guard);
    steps_.push_back({predicate_step::kind::conjunction, field::socket, 0, 0, 0});
  }

 public:
  /// Holds for every packet.
  constexpr predicate() = default;

  /// Makes room for `count` steps.
  constexpr void reserve(std::size_t count) { steps_.reserve(count); }

  ///@{
  /// What it is made of, for those who read one: steps in postfix order, never none, and the atoms to which they lead.
  /// Valid as long as this is unchanged.
  constexpr view<predicate_step> steps() const {
    if (steps_.empty()) return {detail::trivial_steps + (never_ ? 1 : 0), 1};
    return steps_;
  }
  constexpr const sequence<atom>& atoms() const { return atoms_; }
  ///@}

  ///@{
  /// Whether it says so by itself; one that is true, or false, of every packet for other reasons may not.
  constexpr bool is_always() const { return steps_.empty() && !never_; }
  constexpr bool is_never() const { return never_; }
  ///@}

  ///@{
  /// One test, or one atom.
  [[gnu::noinline]] static constexpr predicate of(const predicate_step& test) {
    predicate made;
    made.never_ = test.what == predicate_step::kind::never;
    if (made.never_ || test.what == predicate_step::kind::always) return made;
    made.steps_.push_back(test);
    if (is_test(test)) made.steps_[0].index = 0;
    return made;
  }
  [[gnu::noinline]] static constexpr predicate of(const atom& unknown) {
    predicate made = of(predicate_step{predicate_step::kind::atom, field::socket, 0, 0, 0});
    made.atoms_.push_back(unknown);
    return made;
  }
  ///@}

  /// The union of `ranges` of one field, which ascend and do not overlap, but of the range with number n those
  /// packets alone for which `within` holds, which `narrow(n, within)` makes of `always()`. It is a tree, so that a
  /// packet is compared with few ranges however many there are.
  template <class Narrow>
  static constexpr predicate any_of(field which, view<range> ranges, const Narrow& narrow) {
    predicate made;
    if (ranges.empty()) return std::move(made.negate());
    made.append_any(which, ranges, 0, narrow);
    if (made.steps_.size() == 1) return of(made.steps_[0]);  // it may be trivial
    return made;
  }
  /// The union of `ranges` of one field, which ascend and do not overlap.
  static constexpr predicate any_of(field which, view<range> ranges) {
    return any_of(which, ranges, [](std::size_t, predicate&) {});
  }

  ///@{
  /// And, or, not: with this one in place of the result.
  [[gnu::noinline]] constexpr predicate& operator&=(const predicate& other) {
    if (is_always() || other.is_never()) return *this = predicate(other);
    if (other.is_always() || is_never()) return *this;
    // A test before something long: whoever evaluates it can leave the rest out.
    if (steps_.size() == 1 && other.steps_.size() >= worth_skipping && is_test(steps_[0]))
      steps_[0].index = static_cast<std::uint32_t>(other.steps_.size() + 1);
    return combine(other, predicate_step::kind::conjunction);
  }
  [[gnu::noinline]] constexpr predicate& operator|=(const predicate& other) {
    if (is_never() || other.is_always()) return *this = predicate(other);
    if (other.is_never() || is_always()) return *this;
    return combine(other, predicate_step::kind::disjunction);
  }
  [[gnu::noinline]] constexpr predicate& negate() {
    if (steps_.empty()) {
      never_ = !never_;
    } else if (steps_.back().what == predicate_step::kind::negation) {
      steps_.pop_back();
    } else {
      steps_.push_back({predicate_step::kind::negation, field::socket, 0, 0, 0});
    }
    return *this;
  }
  ///@}

  /// As `&=` with one test, or with its opposite: without a predicate made for it.
  [[gnu::noinline]] constexpr predicate& add(const predicate_step& test, bool inverted = false) {
    if (is_never()) return *this;
    const bool first = is_always();
    steps_.push_back(test);
    if (inverted) steps_.push_back({predicate_step::kind::negation, field::socket, 0, 0, 0});
    if (!first) steps_.push_back({predicate_step::kind::conjunction, field::socket, 0, 0, 0});
    return *this;
  }

  /// This expression with each test of a field replaced by `replacement(test)`.
  template <class Replacement>
  constexpr predicate rewritten(const Replacement& replacement) const {
    sequence<predicate> stack;
    for (const predicate_step& step : steps()) {
      switch (step.what) {
        case predicate_step::kind::interval:
        case predicate_step::kind::masked: {
          predicate_step test = step;
          test.index = 0;
          stack.push_back(replacement(test));
          break;
        }
        case predicate_step::kind::always:
        case predicate_step::kind::never: stack.push_back(of(step)); break;
        case predicate_step::kind::atom: stack.push_back(of(atoms_[step.index])); break;
        case predicate_step::kind::negation: stack.back().negate(); break;
        case predicate_step::kind::conjunction:
        case predicate_step::kind::disjunction: {
          const predicate right = std::move(stack.back());
          stack.pop_back();
          if (step.what == predicate_step::kind::conjunction)
            stack.back() &= right;
          else
            stack.back() |= right;
          break;
        }
      }
    }
    return std::move(stack.back());
  }

  ///@{
  /// And, or, not.
  [[gnu::noinline]] friend constexpr predicate operator&&(predicate a, const predicate& b) { return std::move(a &= b); }
  [[gnu::noinline]] friend constexpr predicate operator||(predicate a, const predicate& b) { return std::move(a |= b); }
  [[gnu::noinline]] friend constexpr predicate operator!(predicate a) { return std::move(a.negate()); }
  ///@}
  friend constexpr bool operator==(const predicate&, const predicate&) = default;

 private:
  [[gnu::noinline]] constexpr predicate& combine(const predicate& other, predicate_step::kind how) {
    append(other);
    steps_.push_back({how, field::socket, 0, 0, 0});
    return *this;
  }

  sequence<predicate_step> steps_;  // a whole expression in postfix order; empty: always, or never
  bool never_ = false;
  sequence<atom> atoms_;
};

/// Holds for every packet.
constexpr predicate always() { return {}; }
/// Holds for no packet.
constexpr predicate never() { return !predicate(); }
/// The test low <= which <= high.
constexpr predicate_step interval_test(field which, uint128 low, uint128 high) {
  return {predicate_step::kind::interval, which, 0, low, high};
}
/// low <= which <= high.
[[gnu::noinline]] constexpr predicate between(field which, uint128 low, uint128 high) {
  if (low > high) return never();
  return predicate::of(predicate_step{predicate_step::kind::interval, which, 0, low, high});
}
/// which == value.
[[gnu::noinline]] constexpr predicate is(field which, uint128 value) { return between(which, value, value); }
/// (which & mask) == value; holds for no packet when `value` has a bit outside `mask`.
[[gnu::noinline]] constexpr predicate masked(field which, uint128 mask, uint128 value) {
  if ((value & ~mask) != 0) return never();
  if (mask == 0) return always();
  return predicate::of(predicate_step{predicate_step::kind::masked, which, 0, mask, value});
}
/// What no packet decides. `hangs_on`: as `atom::hangs_on`.
[[gnu::noinline]] constexpr predicate unknown(text name, bool stateful, field_set hangs_on = 0) {
  return predicate::of(atom{std::move(name), stateful, hangs_on});
}

/// `condition` for packets whose field `which` is `value`: its tests of that field are decided.
constexpr predicate with_value(const predicate& condition, field which, uint128 value) {
  return condition.rewritten([&](const predicate_step& test) {
    if (test.field != which) return predicate::of(test);
    const bool holds =
        test.what == predicate_step::kind::interval ? test.a <= value && value <= test.b : (value & test.a) == test.b;
    predicate decided;
    if (!holds) decided.negate();
    return decided;
  });
}

/// The index of the step from which on `condition` only adds conjuncts to what it has so far: if that is false then, so is
/// the whole.
constexpr std::uint32_t settled_from(const predicate& condition) {
  std::uint32_t from = 0;
  std::uint32_t size = 0;
  for (std::uint32_t i = 0; i < condition.steps().size(); ++i) {
    switch (condition.steps()[i].what) {
      case predicate_step::kind::negation:
        if (size == 1) from = i;
        break;
      case predicate_step::kind::conjunction: --size; break;
      case predicate_step::kind::disjunction:
        if (--size == 1) from = i;
        break;
      default: ++size; break;
    }
  }
  return from;
}

/// Where the operand of a postfix expression that ends with the step `end` begins.
constexpr std::size_t start_of_operand(view<predicate_step> steps, std::size_t end) {
  for (std::size_t missing = 1; true; --end) {
    const predicate_step::kind what = steps[end].what;
    if (what == predicate_step::kind::conjunction || what == predicate_step::kind::disjunction)
      ++missing;
    else if (what != predicate_step::kind::negation)
      --missing;
    if (missing == 0) return end;
  }
}

/// The truth of `condition` for one packet. `value_of_atom(const atom&)` gives the truth of an atom; a test of a field in
/// `unknown_fields` (a target that is not modelled may have changed it) is unknown. Whoever knows `settled_from` of the
/// condition saves time.
template <class AtomValue>
constexpr truth evaluate(const predicate& condition, const packet& of, field_set unknown_fields,
                         const AtomValue& value_of_atom, std::size_t settled = ~std::size_t{0}) {
  constexpr std::size_t deepest = 64;
  truth stack[deepest] = {};
  std::size_t size = 0;
  const auto push = [&](truth value) {
    require(size < deepest, "a predicate nests at most 64 deep");
    stack[size++] = value;
  };
  const view<predicate_step> steps = condition.steps();
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const predicate_step& step = steps[at];
    switch (step.what) {
      case predicate_step::kind::always: push(truth::yes); break;
      case predicate_step::kind::never: push(truth::no); break;
      case predicate_step::kind::interval:
      case predicate_step::kind::masked: {
        if (contains(unknown_fields, step.field)) {
          push(truth::unknown);
          break;
        }
        const uint128 value = value_of(of, step.field);
        const bool holds = step.what == predicate_step::kind::interval ? step.a <= value && value <= step.b
                                                                       : (value & step.a) == step.b;
        push(truth_of(holds));
        if (!holds) at += step.index;
        break;
      }
      case predicate_step::kind::atom: push(value_of_atom(condition.atoms()[step.index])); break;
      case predicate_step::kind::negation: stack[size - 1] = !stack[size - 1]; break;
      case predicate_step::kind::conjunction:
        --size;
        stack[size - 1] = both(stack[size - 1], stack[size]);
        break;
      case predicate_step::kind::disjunction:
        --size;
        stack[size - 1] = either(stack[size - 1], stack[size]);
        break;
    }
    if (at >= settled && size == 1 && stack[0] == truth::no) return truth::no;
  }
  return stack[0];
}

/// As above, with every atom unknown.
constexpr truth evaluate(const predicate& condition, const packet& of, field_set unknown_fields = 0) {
  return evaluate(condition, of, unknown_fields, [](const atom&) { return truth::unknown; });
}

/// The fields that a condition tests, or that its atoms hang on.
constexpr field_set fields_asked(const predicate& condition) {
  field_set asked = 0;
  for (const predicate_step& test : condition.steps())
    if (test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked)
      asked |= set_of(test.field);
  for (const atom& one : condition.atoms()) asked |= one.hangs_on;
  return asked;
}

}  // namespace cordon
