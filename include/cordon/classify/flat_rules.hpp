// A program as one list in which the first product that fits a packet decides: what lookup structures are made of.
//
// Chains are written out where they are called, each rule with the condition of the call. A RETURN, and the end of a
// table, lead to a later place of the list. Where a packet's fate hangs on more than its fields - a match that no packet
// decides, a target that changes what later rules ask - the list says that the simulator is to be asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/classify/dimensions.hpp>
#include <cordon/classify/products.hpp>
#include <cordon/rule/verdict.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/walk.hpp>

namespace cordon::detail {

/// What becomes of a packet that fits a product first.
struct flat_result {
  enum class kind : std::uint8_t {
    ends,     ///< nothing behind matters
    goes_on,  ///< the first product at `next` or behind it decides
    asks,     ///< the simulator has to be asked
  };
  kind what = kind::ends;
  bool has_place = false;  ///< a rule or policy decides; with `goes_on` it accepts, unless a later table's does
  bool in_match = false;
  bool in_filter = false;
  cordon::verdict verdict = {};
  program_place at = {};
  std::uint32_t next = 0;
};

/// A product and its result.
struct flat_rule {
  product holds = {};
  std::uint32_t result = 0;
};

/// The list. Every packet fits one of its products.
struct flat_rules {
  sequence<flat_rule> rules = {};
  sequence<flat_result> results = {};
};

class flattener {
 public:
  /// Behind so many products the simulator is asked.
  static constexpr std::size_t most_rules = std::size_t{1} << 16;
  /// Chains nested deeper are the simulator's.
  static constexpr unsigned deepest = 64;
  /// And so is what comes behind so many rules that were looked at: chains that call chains may be visited 2^n times.
  static constexpr std::uint32_t most_visits = std::uint32_t{1} << 20;

  constexpr flattener(const program& rules, const dimensions& known) : program_(&rules), known_(&known), sums_(known) {
    field_set tested = 0;
    tested_from_.resize(rules.tables.size());
    for (std::size_t i = rules.tables.size(); i-- > 0;) {
      program one{rules.family, {}};
      one.tables.push_back(rules.tables[i]);
      tested |= fields_tested(one);
      tested_from_[i] = tested;
    }
    made_.results.push_back({.what = flat_result::kind::asks});
  }

  constexpr flat_rules run() {
    ask_for_untracked();
    for (table_ = 0; table_ < program_->tables.size() && !is_full_; ++table_) flatten_table();
    if (!is_full_) put_always(add({.what = flat_result::kind::ends, .verdict = {.what = verdict::kind::accept}}));
    // The list may have grown beyond its bound within a rule: the last one is for all that came so far.
    if (is_full_) put_always(ask);
    for (flat_result& one : made_.results)
      if (one.what == flat_result::kind::goes_on)
        one.next = is_full_ && labels_[one.next] == nowhere ? last() : labels_[one.next];
    return std::move(made_);
  }

 private:
  static constexpr std::uint32_t ask = 0;
  static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  using label = std::uint32_t;

  constexpr std::uint32_t last() const { return static_cast<std::uint32_t>(made_.rules.size() - 1); }
  constexpr label new_label() {
    labels_.push_back(nowhere);
    return static_cast<label>(labels_.size() - 1);
  }
  constexpr void set_here(label which) {
    if (!is_full_) labels_[which] = static_cast<std::uint32_t>(made_.rules.size());
  }
  constexpr std::uint32_t add(const flat_result& one) {
    made_.results.push_back(one);
    return static_cast<std::uint32_t>(made_.results.size() - 1);
  }
  constexpr void put_always(std::uint32_t result) { made_.rules.push_back({{}, result}); }

  // Whether there was room for it.
  constexpr bool put(sum&& holds, std::uint32_t result) {
    for (product& one : holds) {
      if (is_full_ || made_.rules.size() >= most_rules) {
        is_full_ = true;
        return false;
      }
      made_.rules.push_back({std::move(one), result});
    }
    return true;
  }

  // Before connection tracking such a packet has no state of its own, and a rule may give it one.
  constexpr void ask_for_untracked() {
    const bool has_raw = any_of(program_->tables, [](const program_table& one) { return one.name == table_name::raw; });
    if (!has_raw || !contains(tested_from_[0], field::state)) return;
    dimensions::meaning untracked = known_->of_value(field::state, static_cast<unsigned>(connection_state::untracked));
    sum packets(1);
    packets[0].push_back({untracked.which, std::move(untracked.values)});
    put(std::move(packets), ask);
  }

  constexpr bool is_filter(std::size_t table) const { return program_->tables[table].name == table_name::filter; }

  // What accepts in a table: it ends all if no later table is there, and no earlier one's acceptance counts more.
  constexpr std::uint32_t acceptance(const program_place& at) {
    bool counts = true;
    for (std::size_t i = 0; i < table_; ++i) counts = counts && (!is_filter(i) || is_filter(table_));
    flat_result made{.what = flat_result::kind::ends, .has_place = true, .in_filter = is_filter(table_), .at = at};
    if (table_ + 1 != program_->tables.size() || !counts) {
      made.what = flat_result::kind::goes_on;
      made.next = table_end_;
    }
    return add(made);
  }
  constexpr std::uint32_t stop(const program_place& at, const verdict& how, bool in_match = false) {
    return add({.has_place = true, .in_match = in_match, .verdict = how, .at = at});
  }
  constexpr std::uint32_t leading_to(label where) { return add({.what = flat_result::kind::goes_on, .next = where}); }

  constexpr void flatten_table() {
    const program_table& table = program_->tables[table_];
    table_end_ = new_label();
    policy_ = new_label();
    if (!table.met_by.is_always()) {
      sum_maker::answer surely = sums_.packets_where(table.met_by, /*wanted=*/false, /*with_open=*/false);
      put(std::move(surely.holds), leading_to(table_end_));
      if (!surely.is_exact) put(sums_.packets_where(table.met_by, false, true).holds, ask);
    }
    sum all;
    all.push_back({});
    flatten_chain(table.start, all, policy_, 0);
    set_here(policy_);
    const program_chain& base = table.chains[table.start];
    const program_place at{table_, table.start, static_cast<std::uint32_t>(base.steps.size())};
    const bool accepts = base.source->policy.value_or(chain_policy::accept) == chain_policy::accept;
    if (is_full_) return;
    put_always(accepts ? acceptance(at) : stop(at, {.what = verdict::kind::drop}));
    set_here(table_end_);
  }

  // Writes a chain out for the packets of `among`; `back` is where those go that leave it without a verdict.
  constexpr void flatten_chain(std::uint32_t chain, const sum& among, label back, unsigned depth) {
    const sequence<program_step>& steps = program_->tables[table_].chains[chain].steps;
    for (std::uint32_t i = 0; i < steps.size() && !is_full_; ++i) {
      if (++visits_ > most_visits) {
        is_full_ = true;
        return;
      }
      const program_step& step = steps[i];
      const program_place here{table_, chain, i};
      if (!step.drops.is_never()) {
        const bool exact =
            put_those(step.drops, among, [&] { return stop(here, {.what = verdict::kind::drop}, true); });
        if (!exact) put_possible(step.drops, among);
      }
      if (!matters(step)) continue;
      if (is_for_simulator(step) || (is_call(step) && depth == deepest)) {
        put_possible(step.holds, among);
        continue;
      }
      if (is_call(step)) {
        call(step, among, back, depth);
        continue;
      }
      const bool exact = put_those(step.holds, among, [&]() -> std::uint32_t {
        switch (step.does.what) {
          case effect::kind::accept: return acceptance(here);
          case effect::kind::drop: return stop(here, {.what = verdict::kind::drop});
          case effect::kind::reject: return stop(here, {.what = verdict::kind::reject, .answer = step.does.answer});
          default: return leading_to(back);
        }
      });
      if (!exact) put_possible(step.holds, among);
    }
  }

  static constexpr bool is_call(const program_step& step) {
    return step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
  }
  // Whether a step can make a difference to a verdict or to what decides it.
  constexpr bool matters(const program_step& step) const {
    return step.does.what != effect::kind::go_on || changes_what_is_asked(step, table_);
  }
  constexpr bool is_for_simulator(const program_step& step) const {
    if (step.does.what == effect::kind::unknown || step.does.what == effect::kind::queue) return true;
    const bool ends_table = step.does.what == effect::kind::accept;
    return changes_what_is_asked(step, ends_table ? table_ + 1 : table_);
  }
  constexpr bool changes_what_is_asked(const program_step& step, std::size_t from) const {
    if (from == tested_from_.size()) return false;
    return any_of(step.does.changes, [&](const alteration& one) { return contains(tested_from_[from], one.field); });
  }

  constexpr void call(const program_step& step, const sum& among, label back, unsigned depth) {
    sum_maker::answer entering = sums_.packets_where(step.holds, /*wanted=*/true, /*with_open=*/false);
    const bool fits = sum_maker::multiply_by(entering.holds, among);
    if (fits && !entering.holds.empty()) {
      if (step.does.what == effect::kind::jump) {
        const label behind = new_label();
        flatten_chain(step.chain, entering.holds, behind, depth + 1);
        set_here(behind);
      } else {
        flatten_chain(step.chain, entering.holds, back, depth + 1);
        put(std::move(entering.holds), leading_to(back));
      }
    }
    if (!fits || !entering.is_exact) put_possible(step.holds, among);
  }

  // Puts those of `among` for which a condition surely holds. Whether that is all of them.
  template <class Result>
  constexpr bool put_those(const predicate& condition, const sum& among, const Result& result) {
    sum_maker::answer made = sums_.packets_where(condition, /*wanted=*/true, /*with_open=*/false);
    if (!sum_maker::multiply_by(made.holds, among)) return false;
    if (!made.holds.empty()) put(std::move(made.holds), result());
    return made.is_exact;
  }
  // Has the simulator asked for those of `among` for which a condition may hold.
  constexpr void put_possible(const predicate& condition, const sum& among) {
    sum_maker::answer made = sums_.packets_where(condition, /*wanted=*/true, /*with_open=*/true);
    if (!sum_maker::multiply_by(made.holds, among)) made.holds = among;
    put(std::move(made.holds), ask);
  }

  const program* program_;
  const dimensions* known_;
  sum_maker sums_;
  sequence<field_set> tested_from_;  // by table: what it and the later ones ask
  flat_rules made_;
  sequence<std::uint32_t> labels_;
  std::uint32_t table_ = 0;
  label table_end_ = 0;
  label policy_ = 0;
  std::uint32_t visits_ = 0;
  bool is_full_ = false;
};

}  // namespace cordon::detail
