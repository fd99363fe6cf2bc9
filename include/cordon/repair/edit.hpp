// One change of one rule or policy, as iptables makes it with one command; and several of them, made together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/rule/rule.hpp>
#include <cordon/rule/table.hpp>

namespace cordon {

/// A chain of a host's rules of one family.
struct chain_place {
  std::size_t ruleset = 0;                        ///< of the family's
  cordon::table_name table = table_name::filter;  ///< of the ruleset
  chain_name chain = {};                          ///< of the table

  friend constexpr bool operator==(const chain_place&, const chain_place&) = default;
};

/// A change, told of the rules as they were before any change.
struct rule_edit {
  /// What is done.
  enum class kind : std::uint8_t {
    insert,   ///< puts `made` before a rule, or behind the last
    replace,  ///< puts `made` in a rule's place
    remove,   ///< takes a rule out
    policy,   ///< makes DROP the policy of a built-in chain
  };
  kind what = kind::insert;  ///< which of these
  chain_place in = {};       ///< where
  std::uint32_t number = 1;  ///< of the rule, from 1; for an insertion up to the number of rules + 1; not of a policy
  rule made = {};            ///< of an insertion or a replacement

  friend constexpr bool operator==(const rule_edit&, const rule_edit&) = default;
};

namespace detail {

/// Where a change comes in the order of its chain: what is inserted before a rule comes before what is done to it, and of two
/// insertions the one that lets packets out comes first.
constexpr unsigned rank_at_its_rule(const rule_edit& of) {
  if (of.what != rule_edit::kind::insert) return 2;
  return of.made.target.extension != nullptr && of.made.target.extension->name == "ACCEPT" ? 0 : 1;
}

constexpr bool stands_before(const rule_edit& a, const rule_edit& b) {
  if (a.number != b.number) return a.number < b.number;
  return rank_at_its_rule(a) < rank_at_its_rule(b);
}

}  // namespace detail

/// The chain that a place names, made if its table is not there; null if there is no such ruleset, or a table without it.
constexpr chain* find_or_add(family_rules& rules, const chain_place& at) {
  if (at.ruleset >= rules.rulesets.size()) return nullptr;
  return rules.rulesets[at.ruleset].find_or_add(at.table).find(at.chain.view());
}
/// The chain that a place names; null if there is none.
constexpr const chain* find(const family_rules& rules, const chain_place& at) {
  if (at.ruleset >= rules.rulesets.size()) return nullptr;
  const table* const in = rules.rulesets[at.ruleset].find(at.table);
  return in == nullptr ? nullptr : in->find(at.chain.view());
}

/// The rules behind all of some changes. Precondition: each is about a chain that there is (or a built-in one of a table that
/// is not there), and a rule of it; no two replace or remove the same rule.
constexpr family_rules edited(family_rules rules, sequence<rule_edit> edits) {
  detail::sort(edits, detail::stands_before);
  for (std::size_t i = edits.size(); i-- > 0;) {  // from the last, so that numbers stay those of the rules before
    rule_edit& one = edits[i];
    chain* const in = find_or_add(rules, one.in);
    if (in == nullptr) continue;
    if (one.what == rule_edit::kind::policy) {
      in->policy = chain_policy::drop;
      continue;
    }
    rule* const at = in->rules.begin() + (one.number - 1);
    if (one.what == rule_edit::kind::insert)
      in->rules.insert(at, std::move(one.made));
    else if (one.what == rule_edit::kind::replace)
      *at = std::move(one.made);
    else
      in->rules.erase(at);
  }
  return rules;
}

/// How much is written anew: addresses, interfaces, protocols, options of matches and targets. A rule that takes another's
/// place counts where they differ.
constexpr std::size_t words_written(const rule& made, const rule& instead_of = {}) {
  std::size_t count = 0;
  const auto add = [&](bool differ) { count += differ ? 1 : 0; };
  add(made.source != instead_of.source);
  add(made.destination != instead_of.destination);
  add(made.in != instead_of.in);
  add(made.out != instead_of.out);
  add(made.protocol != instead_of.protocol);
  add(made.fragment != instead_of.fragment);
  add(made.target != instead_of.target);
  for (const match& one : made.matches)
    if (!detail::has(instead_of.matches, one)) count += one.options.empty() ? 1 : one.options.size();
  for (const match& one : instead_of.matches) add(!detail::has(made.matches, one));
  return count;
}

/// How large some changes are: first the number of commands, then how much they write anew.
struct edit_size {
  std::size_t commands = 0;  ///< one for each edit
  std::size_t words = 0;     ///< options and targets that are not there already

  friend constexpr bool operator==(const edit_size&, const edit_size&) = default;
  /// Fewer commands, or as many that write less.
  friend constexpr bool operator<(const edit_size& a, const edit_size& b) {
    return a.commands != b.commands ? a.commands < b.commands : a.words < b.words;
  }
};

/// The size of changes of these rules.
constexpr edit_size size_of(const sequence<rule_edit>& edits, const family_rules& rules) {
  edit_size made{edits.size(), 0};
  for (const rule_edit& one : edits) {
    if (one.what == rule_edit::kind::insert) made.words += words_written(one.made);
    if (one.what == rule_edit::kind::policy) ++made.words;
    if (one.what != rule_edit::kind::replace) continue;
    const chain* const in = find(rules, one.in);
    if (in != nullptr && one.number <= in->rules.size())
      made.words += words_written(one.made, in->rules[one.number - 1]);
  }
  return made;
}

}  // namespace cordon
