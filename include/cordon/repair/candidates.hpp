// Changes that may close a leak. They are tried, not trusted: which of them help, and harm nobody, the prover decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/own_chain.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/repair/edit.hpp>
#include <cordon/repair/sandbox_rules.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/table.hpp>
#include <cordon/target/standard.hpp>

namespace cordon {

/// A place between rules: before the rule of that number.
struct rule_gap {
  chain_place in = {};       ///< the chain
  std::uint32_t number = 1;  ///< up to the number of the chain's rules + 1

  friend constexpr bool operator==(const rule_gap&, const rule_gap&) = default;
};

/// A change that may close a leak, and where it may take too much: rules that let out endpoints belong there then.
struct closing_edit {
  rule_edit edit = {};       ///< the change
  rule_gap gap = {};         ///< the place
  maybe<rule> narrows = {};  ///< the rule that let packets out there, if it did
};

namespace detail {

/// The chains from which packets come to a chain of a table, and where they are led on.
struct callers {
  sequence<rule_gap> calls = {};  ///< before each rule that leads there, directly or through others
  bool from_other_hooks = false;  ///< packets that do not go through OUTPUT come there too
};

inline constexpr std::size_t most_calls = 16;

constexpr callers callers_of(const family_rules& rules, const chain_place& at) {
  callers made;
  made.from_other_hooks = at.chain != "OUTPUT" && is_built_in(at.table, at.chain.view());
  if (at.ruleset >= rules.rulesets.size()) return made;
  const table* const in = rules.rulesets[at.ruleset].find(at.table);
  if (in == nullptr) return made;
  // All calls of the table by whom they call, so that ten thousand chains are not searched for each of them.
  struct call {
    std::string_view callee;
    std::uint32_t chain = 0;
    std::uint32_t number = 0;
  };
  sequence<call> all;
  for (std::uint32_t chain = 0; chain < in->chains.size(); ++chain)
    for (std::uint32_t i = 0; i < in->chains[chain].rules.size(); ++i) {
      const target& does = in->chains[chain].rules[i].target;
      if (does.what == target::kind::jump || does.what == target::kind::go_to) all.push_back({does.name, chain, i + 1});
    }
  detail::sort(all, [](const call& a, const call& b) { return a.callee < b.callee; });
  sequence<char> is_found(in->chains.size(), 0);
  sequence<std::string_view> found{at.chain.view()};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const std::string_view callee = found[next];
    const call* one = detail::lower_bound(all.begin(), all.end(), callee,
                                          [](const call& a, std::string_view name) { return a.callee < name; });
    for (; one != all.end() && one->callee == callee; ++one) {
      const chain& caller = in->chains[one->chain];
      if (caller.name != "OUTPUT" && is_built_in(at.table, caller.name.view())) made.from_other_hooks = true;
      if (made.calls.size() < most_calls) made.calls.push_back({{at.ruleset, at.table, caller.name}, one->number});
      if (std::exchange(is_found[one->chain], char{1}) == 0) found.push_back(caller.name.view());
    }
  }
  return made;
}

class closing_edits_finder {
 public:
  /// All must outlive this.
  constexpr closing_edits_finder(const family_rules& rules, const egress_policy& policy, family of)
      : rules_(&rules), policy_(&policy), family_(of) {}

  /// Those of a rule (or, number 0, a policy) that lets out what it must not. `kept`: the rules of endpoints to which it may
  /// still have to let packets out.
  constexpr void find(const chain_place& in, std::uint32_t number, const sequence<rule>& kept) {
    const chain* const there = cordon::find(*rules_, in);
    const std::size_t count = there == nullptr ? 0 : there->rules.size();
    const callers from = callers_of(*rules_, in);
    const rule_gap before{in, number == 0 ? static_cast<std::uint32_t>(count + 1) : number};
    if (!from.from_other_hooks) {
      if (number != 0 && number <= count) change(before, there->rules[number - 1], kept);
      stop(before);
      if (number == 0 && is_built_in(in.table, in.chain.view()))
        add({rule_edit::kind::policy, in, 0, {}}, before, no_value);
    }
    for (const rule_gap& one : from.calls)
      if (!callers_of(*rules_, one.in).from_other_hooks) stop(one);
    stop({{in.ruleset, table_name::filter, "OUTPUT"}, 1});
  }

  /// Those of a rule on the way there that leads packets on: a RETURN, or a call.
  constexpr void find_on_way(const chain_place& in, std::uint32_t number) {
    const chain* const there = cordon::find(*rules_, in);
    if (there == nullptr || number == 0 || number > there->rules.size() || callers_of(*rules_, in).from_other_hooks)
      return;
    const rule& leads = there->rules[number - 1];
    const bool calls = leads.target.what == target::kind::jump || leads.target.what == target::kind::go_to;
    if (!calls && leads.target.extension != &return_target) return;
    change({in, number}, leads, {});
    stop({in, number});
  }

  /// Those of a rule of nat that leads packets where they must not go.
  constexpr void find_for_rewriting(const chain_place& in, std::uint32_t number) {
    const chain* const there = cordon::find(*rules_, in);
    if (there == nullptr || number == 0 || number > there->rules.size()) return;
    const rule_gap before{in, number};
    const callers from = callers_of(*rules_, in);
    if (!from.from_other_hooks) {
      change(before, there->rules[number - 1], {});
      pass_by(before);
    }
    pass_by({{in.ruleset, in.table, "OUTPUT"}, 1});
  }

  constexpr sequence<closing_edit> found() && { return std::move(found_); }

 private:
  constexpr void add(rule_edit edit, const rule_gap& gap, const maybe<rule>& narrows) {
    const auto is_same = [&](const closing_edit& known) { return known.edit == edit; };
    if (detail::any_of(found_, is_same)) return;
    closing_edit made;
    made.edit = std::move(edit);
    made.gap = gap;
    made.narrows = narrows;
    found_.push_back(std::move(made));
  }

  // Takes the rule away, from all or from the sandbox, or makes it less.
  constexpr void change(const rule_gap& at, const rule& wide, const sequence<rule>& kept) {
    add({rule_edit::kind::remove, at.in, at.number, {}}, at, wide);
    if (const auto less = without_sandbox(wide, *policy_))
      add({rule_edit::kind::replace, at.in, at.number, *less}, at, wide);
    for (const rule& to : kept)
      if (const auto less = narrowed(wide, to)) add({rule_edit::kind::replace, at.in, at.number, *less}, at, wide);
  }

  // Stops the sandbox before a rule.
  constexpr void stop(const rule_gap& at) {
    const chain* const there = cordon::find(*rules_, at.in);
    maybe<rule> narrows;
    if (there != nullptr && at.number <= there->rules.size()) narrows = there->rules[at.number - 1];
    // REJECT is of filter alone, and a chain of that name hides it.
    const table* const filter =
        at.in.ruleset < rules_->rulesets.size() ? rules_->rulesets[at.in.ruleset].find(table_name::filter) : nullptr;
    const bool may_reject =
        at.in.table == table_name::filter && (filter == nullptr || chain_named_reject(*filter) == nullptr);
    for (const bool spare_connections : {false, true}) {
      if (spare_connections && policy_->flows != flows::fresh) continue;
      add({rule_edit::kind::insert, at.in, at.number,
           stopping_rule_for(*policy_, family_, may_reject, spare_connections)},
          at, narrows);
    }
  }

  // Leaves the sandbox's packets as they are.
  constexpr void pass_by(const rule_gap& at) {
    rule made = rule_of_sandbox(*policy_);
    made.target = target_of(accept_target);
    add({rule_edit::kind::insert, at.in, at.number, std::move(made)}, at, no_value);
  }

  const family_rules* rules_;
  const egress_policy* policy_;
  family family_;
  sequence<closing_edit> found_;
};

}  // namespace detail

}  // namespace cordon
