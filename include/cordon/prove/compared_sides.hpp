// Two firewalls side by side, ready to be asked about the same packets: what of them decides, in which orders of the back ends,
// and which rules a comparison need not ask.
#pragma once

#include <cstddef>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/changed_rules.hpp>
#include <cordon/prove/rule_survey.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/hook.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon::detail {

// Whether some rule asks a question that has another answer each time.
constexpr bool asks_again(const program& rules) {
  for (const program_table& table : rules.tables)
    for (const program_chain& chain : table.chains)
      for (const program_step& step : chain.steps) {
        if (step.does.what == effect::kind::queue || step.does.what == effect::kind::unknown) return true;
        if (!step.does.changes.empty()) return true;  // a test of what holds any value then
        for (const predicate* const part : {&step.holds, &step.drops})
          if (detail::any_of(part->atoms(), [](const atom& one) { return one.stateful; })) return true;
      }
  return false;
}

// What decides: rules that decide nothing and change nothing ask nothing either. Nor do those that never
// decide, for the answers that they got would be missing on the other side; where every answer is the same
// each time that does not matter.
constexpr program without_bystanders(const program& rules, bool without_dead = true) {
  program made = rules;
  for (program_table& table : made.tables)
    for (program_chain& chain : table.chains)
      for (program_step& step : chain.steps)
        if (step.does.what == effect::kind::go_on && step.does.changes.empty()) step.holds = never();
  if (without_dead && asks_again(made)) {
    const rule_survey survey(rules);
    if (!survey.too_large()) survey.leave_out_dead(made);
  }
  return made;
}

/// One of two firewalls: the program of a family as it is, and what of it decides.
struct compared_side {
  program whole;
  program decides;
  bool absent = false;

  constexpr compared_side() = default;
  /// `without_dead`: rules that never decide are left out where that may matter, which takes a survey of all. Without it rules
  /// that are the same may seem different, never the other way round. `reversed` and `beside`: as of `compile`.
  constexpr compared_side(const firewall& rules, family of, hook at = hook::output, bool without_dead = true,
                          table_set reversed = 0, const firewall* beside = nullptr)
      : whole(compile(rules, of, at, reversed, beside)),
        decides(without_bystanders(whole, without_dead)),
        absent(rules.of(of).absent) {}
};

/// The conditions of rules that two sides do not have in common: packets that fit none of them are treated alike. Nothing
/// where that may be any packet: where answers depend on what was asked before, or targets change what later rules ask.
constexpr maybe<sequence<predicate>> changed_rules(const compared_side& before, const compared_side& after) {
  if (before.absent || after.absent || asks_again(before.decides) || asks_again(after.decides)) return no_value;
  return rule_comparer(before.decides, after.decides).compare();
}

/// The packets of `exist` that may be treated differently.
constexpr diagram packets_of_changed_rules(packet_space& space, const compared_side& before, const compared_side& after,
                                           diagram exist) {
  const maybe<sequence<predicate>> changed = changed_rules(before, after);
  if (!changed) return exist;
  diagram any = no_packet;
  for (const predicate& one : *changed) any = space.store().either(any, space.set_of(one));
  return space.store().both(exist, space.possibly(any));
}

/// Two firewalls in one order of the back ends.
struct compared_sides {
  compared_side before = {};
  compared_side after = {};
  table_set reversed = 0;  ///< the tables of the first in which it is not that of the files
};

/// Leaves out what packets of changed rules are not asked: all that a comparison asks are of these.
constexpr void keep_what_is_asked(compared_sides& of) {
  const maybe<sequence<predicate>> changed = changed_rules(of.before, of.after);
  if (!changed) return;
  const condition_bounds near(*changed);
  leave_out_others(of.before.decides, near);
  leave_out_others(of.after.decides, near);
}

/// Two versions of one host's rules: its back ends are asked in the same order by both, whichever that is.
class orders_of_versions {
 public:
  constexpr orders_of_versions(const firewall& before, const firewall& after, family of) {
    const sequence<ruleset>& was = before.of(of).rulesets;
    const sequence<ruleset>& is = after.of(of).rulesets;
    is_turned_ = was.size() == 2 && is.size() == 2 && was[0].backend != is[0].backend;
  }
  /// What is reversed after where `reversed` is before.
  constexpr table_set after(table_set reversed) const {
    return is_turned_ ? static_cast<table_set>(~reversed) : reversed;
  }
  /// The tables in which the order may matter.
  static constexpr table_set open(const compared_side& before, const compared_side& after) {
    return static_cast<table_set>(tables_of_open_order(before.whole) | tables_of_open_order(after.whole));
  }

 private:
  bool is_turned_ = false;  // the files of the one are given in the other order
};

}  // namespace cordon::detail
