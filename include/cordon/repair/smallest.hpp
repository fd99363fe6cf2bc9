// The smallest changes of one family's rules that keep a policy: a search from the smallest on, led by what still leaks.
//
// A rule set that leaks is changed at the rule that the proof blames first, in every way that `closing_edits_finder` knows, and
// what comes out is judged again. Where a change closes an endpoint that was open, rules for that endpoint are put at its
// place; where an endpoint was closed before, rules that open it are put before what stops it. So every set of changes that is
// looked at is one that its members need, and among these the first that holds is a smallest one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/repair/candidates.hpp>
#include <cordon/repair/edit.hpp>
#include <cordon/repair/judgement.hpp>
#include <cordon/repair/sandbox_rules.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/simulate/trace.hpp>

namespace cordon {

/// Changes behind which the policy is kept in one family, and nothing else is different.
struct repair_plan {
  sequence<rule_edit> edits = {};  ///< all told of the rules as they are before the first
  edit_size size = {};             ///< of these together
};

/// How long a search may take.
struct repair_limits {
  /// Rule sets that are judged for each family; fewer where they have thousands of rules.
  std::size_t judged = 400;
  std::size_t plans = 3;  ///< how many of the smallest are told
  /// What judging may take for each family, in steps of the diagrams (`diagram_store::work`): a few seconds, for most of what
  /// it takes are not these.
  std::uint64_t work = std::uint64_t{1} << 25;
};

/// What one family's rules need.
struct family_repair {
  cordon::family family = family::ipv4;  ///< which one
  bool needed = false;                   ///< something leaks, or hangs on what no packet decides, or is closed
  sequence<repair_plan> plans = {};      ///< all of the fewest commands; those that write least first
  sequence<endpoint> stay_closed = {};   ///< what none of the plans opens, and was closed before
  family_rules before =
      {};                  ///< what the plans' numbers refer to: the host's rules, with a ruleset where there was none
  bool cut_off = false;    ///< the search ended at its limit: there may be smaller ones, or one at all
  std::size_t judged = 0;  ///< how many rule sets were
};

namespace detail {

class family_repairer {
 public:
  /// `judge` and `policy` must outlive this.
  constexpr family_repairer(const edit_judge& judge, const egress_policy& policy, family of,
                            const repair_limits& limits)
      : judge_(&judge), policy_(&policy), family_(of), limits_(limits) {
    std::size_t rules = 0;
    for (const ruleset& one : judge.before().rulesets)
      for (const table& each : one.tables)
        for (const chain& in : each.chains) rules += in.rules.size();
    // About as long for thousands of rules as for hundreds.
    most_judged_ = smaller_of(limits.judged, greater_of<std::size_t>(200000 / (rules + 1), 24));
    work_ = judge.original().work;
  }

  constexpr family_repair find() {
    family_repair made;
    made.family = family_;
    made.before = judge_->before();
    find_wanted();
    made.needed = judge_->original().proof.answer != answer::proved || !wanted_.empty() || !hopeless_.empty();
    if (made.needed) search();
    made.plans = std::move(plans_);
    made.stay_closed = std::move(hopeless_);
    made.cut_off = cut_off_;
    made.judged = judged_;
    return made;
  }

 private:
  struct state {
    sequence<rule_edit> edits = {};
    edit_size size = {};
    rule_gap gap = {};         // of the last change
    maybe<rule> narrows = {};  // by it
    bool is_filled = true;     // the gap has the rules that its endpoints need
  };

  constexpr bool may_judge() {
    if (judged_ >= most_judged_ || work_ >= limits_.work) cut_off_ = true;
    return !cut_off_;
  }
  constexpr bool is_confined(const sequence<rule_edit>& edits) {
    const confinement::finding found = judge_->confined(edits);
    work_ += found.work;
    return found.holds;
  }
  constexpr judged_edits judge(const sequence<rule_edit>& edits) {
    ++judged_;
    judged_edits said = judge_->judge(edits);
    work_ += said.work;
    return said;
  }

  // Which endpoints that are closed can be opened at all.
  constexpr void find_wanted() {
    for (std::size_t i = 0; i < policy_->size(); ++i) {
      if ((*policy_)[i].destination.base.family != family_ || judge_->original().is_open(i)) continue;
      if (can_be_opened(i))
        wanted_.push_back(i);
      else
        hopeless_.push_back((*policy_)[i]);
    }
  }

  constexpr bool can_be_opened(std::size_t which) {
    sequence<rule_edit> edits;
    for (unsigned tries = 0; tries < 4 && may_judge(); ++tries) {
      if (tries != 0 && judge(edits).is_open(which)) return is_confined(edits);
      const sequence<sequence<rule_edit>> ways = ways_to_open(edits, (*policy_)[which]);
      if (ways.empty()) return false;
      edits = ways.front();
    }
    return false;
  }

  constexpr void search() {
    add({});
    while (!open_.empty()) {
      std::size_t least = 0;
      for (std::size_t i = 1; i < open_.size(); ++i)
        if (open_[i].size < open_[least].size) least = i;
      const state here = open_[least];
      open_.erase(open_.begin() + least);
      if (!plans_.empty() && plans_.front().size.commands < here.size.commands) break;
      if (!may_judge()) break;
      expand(here);
    }
    if (cut_off_ && plans_.empty()) try_first_in_output();
  }

  // What thousands of leaks are mostly closed by, tried at last: endpoints and a stop, first in OUTPUT.
  constexpr void try_first_in_output() {
    const rule_gap first{{0, table_name::filter, "OUTPUT"}, 1};
    std::size_t tries = 0;
    const std::uint64_t work_before = work_;
    for (const state& one : open_) {
      if (!one.is_filled || !(one.gap == first) || !plans_.empty() || work_ - work_before > limits_.work ||
          ++tries > most_last_tries)
        continue;
      if (holds(one.edits)) take(one.edits);
    }
  }

  constexpr void add(state made) {
    sort(made.edits, stands_before);
    for (std::size_t i = 1; i < made.edits.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (exclude_each_other(made.edits[k], made.edits[i])) return;
    const auto is_same = [&](const state& known) {
      return known.edits == made.edits && known.is_filled == made.is_filled;
    };
    if (any_of(seen_, is_same)) return;
    made.size = size_of(made.edits, judge_->before());
    seen_.push_back(made);
    open_.push_back(std::move(made));
  }

  // Of what is done to one rule, one thing; and nothing twice.
  static constexpr bool exclude_each_other(const rule_edit& a, const rule_edit& b) {
    if (!(a.in == b.in) || a.number != b.number) return false;
    if (a.what == rule_edit::kind::insert || b.what == rule_edit::kind::insert) return a == b;
    return true;
  }

  constexpr void expand(const state& here) {
    const judged_edits said = judge(here.edits);
    if (said.proof.too_large && said.proof.leaks.empty()) return;
    if (loses_endpoints(said)) {
      if (here.is_filled) return;
      fill(here, [&](std::size_t which) { return is_lost(said, which); });
      return fill(here, [&](std::size_t which) { return is_lost(said, which) || was_partial(which); });
    }
    if (!here.edits.empty() && !is_confined(here.edits)) {
      if (here.is_filled) return;
      // An endpoint may be open to plain clients, or closed to some, and others still be stopped that were not.
      fill(here, [&](std::size_t which) { return was_partial(which); });
      return fill(here, [](std::size_t) { return true; });
    }
    if (said.proof.answer != answer::proved) return close(here, said);
    for (const std::size_t which : wanted_) {
      if (said.is_open(which)) continue;
      for (const sequence<rule_edit>& edits : ways_to_open(here.edits, (*policy_)[which])) add({edits});
      return;
    }
    take(here.edits);
  }

  constexpr bool loses_endpoints(const judged_edits& said) const {
    for (std::size_t i = 0; i < policy_->size(); ++i)
      if (is_lost(said, i)) return true;
    return false;
  }
  constexpr bool is_lost(const judged_edits& said, std::size_t which) const {
    return (*policy_)[which].destination.base.family == family_ && judge_->original().is_open(which) &&
           !said.is_open(which);
  }

  // How a rule for an endpoint is made: from the rule that let packets out there, or of its own; of each endpoint's the widest
  // that lets out nothing that was stopped.
  enum class rule_form : std::uint8_t { narrowed, narrowed_for_sandbox, by_lo, for_sandbox, widest };
  struct known_form {
    std::size_t which = 0;
    rule_gap gap = {};
    rule_form form = rule_form::for_sandbox;
  };

  constexpr bool was_partial(std::size_t which) const {
    const endpoint_status was = judge_->original().endpoints[which].status;
    return was == endpoint_status::partial || was == endpoint_status::unknown;
  }

  // Puts the rules of the endpoints for which `take` holds where the last change took too much.
  template <class Take>
  constexpr void fill(const state& here, const Take& take) {
    for (const rule_form form : {rule_form::narrowed, rule_form::narrowed_for_sandbox, rule_form::by_lo,
                                 rule_form::for_sandbox, rule_form::widest}) {
      state made = here;
      made.is_filled = true;
      for (std::size_t i = 0; i < policy_->size(); ++i) {
        if ((*policy_)[i].destination.base.family != family_ || !take(i)) continue;
        for (rule_edit& one : form == rule_form::widest ? widest_to(i, here) : rules_in(form, i, here)) {
          const auto stands_there = [&](const rule_edit& known) {
            return known.in == one.in && known.made == one.made;
          };
          if (!any_of(made.edits, stands_there)) made.edits.push_back(std::move(one));
        }
      }
      if (made.edits.size() != here.edits.size()) add(std::move(made));
    }
  }

  // An endpoint's rules for a gap.
  constexpr sequence<rule_edit> rules_in(rule_form form, std::size_t which, const state& here) const {
    sequence<rule_edit> made;
    const bool narrows = form == rule_form::narrowed || form == rule_form::narrowed_for_sandbox;
    if (narrows && !here.narrows) return made;
    for (const rule& to : rules_to(*policy_, (*policy_)[which], form == rule_form::by_lo)) {
      rule one = to;
      if (narrows) {
        const maybe<rule> less = narrowed(*here.narrows, to);
        if (!less) continue;
        one = *less;
      }
      if (form != rule_form::narrowed) one = for_sandbox(*policy_, std::move(one));
      made.push_back({rule_edit::kind::insert, here.gap.in, here.gap.number, std::move(one)});
    }
    return made;
  }

  // Of the forms that let out nothing new there, the widest.
  constexpr sequence<rule_edit> widest_to(std::size_t which, const state& here) {
    for (const known_form& one : forms_)
      if (one.which == which && one.gap == here.gap) return rules_in(one.form, which, here);
    rule_form best = rule_form::for_sandbox;
    for (const rule_form form :
         {rule_form::for_sandbox, rule_form::by_lo, rule_form::narrowed_for_sandbox, rule_form::narrowed}) {
      best = form;
      const sequence<rule_edit> rules = rules_in(form, which, here);
      if (!may_judge() || (!rules.empty() && is_confined(rules))) break;
    }
    forms_.push_back({which, here.gap, best});
    return rules_in(best, which, here);
  }

  // Changes what lets packets out first, or what the answer hangs on first.
  constexpr void close(const state& here, const judged_edits& said) {
    closing_edits_finder finder(judge_->before(), *policy_, family_);
    const firewall now = judge_->with(here.edits);
    const auto at = [&](const rule_place& place, const auto& find) {
      for (std::size_t i = 0; i < now.of(family_).rulesets.size(); ++i) {
        const ruleset& in = now.of(family_).rulesets[i];
        const chain_place where{i, place.table, chain_name(place.chain)};
        if (!place.file.empty() && in.file != place.file) continue;
        if (place.is_policy())
          find(where, std::uint32_t{0});
        else if (const std::uint32_t number = number_before(where, place.number, here.edits); number != 0)
          find(where, number);
      }
    };
    const auto blame = [&](const rule_place& place) {
      at(place, [&](const chain_place& where, std::uint32_t number) {
        finder.find(where, number, kept(here, where, number));
      });
    };
    if (!said.proof.leaks.empty()) {
      const leak& first = said.proof.leaks.front();
      blame(first.blame);
      std::size_t steps = 0;
      for (const way_step& one : first.way) {
        if (one.table != first.blame.table || one.what != way_step::kind::rule || ++steps > most_steps) continue;
        const rule_place place{family_, one.table, one.chain.view(), one.number, 0, {}, {}};
        at(place, [&](const chain_place& where, std::uint32_t number) { finder.find_on_way(where, number); });
      }
      for (const rewriting& one : first.rewritings)
        at(one.by, [&](const chain_place& where, std::uint32_t number) { finder.find_for_rewriting(where, number); });
    } else if (!said.proof.doubts.empty()) {
      blame(said.proof.doubts.front().at);
    }
    for (closing_edit& one : std::move(finder).found()) {
      state made{here.edits, {}, one.gap, one.narrows, false};
      made.edits.push_back(std::move(one.edit));
      add(std::move(made));
    }
  }

  // The rules of the endpoints to which a rule still has to let packets out: those that are closed without it, and those that
  // are to be opened.
  constexpr sequence<rule> kept(const state& here, const chain_place& in, std::uint32_t number) {
    sequence<rule> made;
    if (number == 0 || !may_judge()) return made;
    sequence<rule_edit> without = here.edits;
    without.push_back({rule_edit::kind::remove, in, number, {}});
    const judged_edits said = judge(without);
    for (std::size_t i = 0; i < policy_->size(); ++i)
      if (is_lost(said, i) || has(wanted_, i)) made.append(rules_to(*policy_, (*policy_)[i]));
    return made;
  }

  // The number that a rule of the changed rules had before; 0 if it is one of the changes.
  constexpr std::uint32_t number_before(const chain_place& in, std::uint32_t number,
                                        const sequence<rule_edit>& edits) const {
    const chain* const there = cordon::find(judge_->before(), in);
    if (there == nullptr) return 0;
    std::uint32_t now = 0;
    for (std::uint32_t was = 1; was <= there->rules.size() + 1; ++was) {
      bool is_changed = false;
      bool is_gone = false;
      for (const rule_edit& one : edits) {
        if (!(one.in == in) || one.number != was) continue;
        if (one.what == rule_edit::kind::insert && ++now == number) return 0;
        is_gone = is_gone || one.what == rule_edit::kind::remove;
        is_changed = is_changed || one.what == rule_edit::kind::replace;
      }
      if (!is_gone && ++now == number) return is_changed || was > there->rules.size() ? 0 : was;
    }
    return 0;
  }

  // Changes beside `edits` that may let the endpoint's packets out: rules for them first in the chain where a plain client's
  // first packet (or what follows it) is stopped, or led elsewhere; or what stops it taken out.
  constexpr sequence<sequence<rule_edit>> ways_to_open(const sequence<rule_edit>& edits, const endpoint& to) const {
    sequence<sequence<rule_edit>> made;
    const firewall now = judge_->with(edits);
    const program rules = compile(now, family_, policy_->at);
    chain_place front{0, table_name::filter, "OUTPUT"};  // where some packets pass, and these two among them
    for (const bool opening : {true, false}) {
      const maybe<packet> sent = judge_->packet_to(to, opening);
      if (!sent) return made;
      const outcome met = simulate(rules, *sent);
      if (met.accepted() && !rewrites(met, *sent)) continue;
      if (met.accepted()) front.table = table_name::nat;
      if (met.decided_by && !met.accepted()) {
        const program_table& table = rules.tables[met.decided_by->at.table];
        front.ruleset = static_cast<std::size_t>(table.from - now.of(family_).rulesets.data());
        front.table = table.name;
        const chain_place stops{front.ruleset, front.table, table.chains[met.decided_by->at.chain].source->name};
        const std::uint32_t number = number_before(stops, met.decided_by->at.step + 1, edits);
        if (number != 0 && !callers_of(judge_->before(), stops).from_other_hooks) {
          made.push_back(edits);
          made.back().push_back({rule_edit::kind::remove, stops, number, {}});
        }
      }
      break;
    }
    sequence<rule_edit> with = edits;
    for (const rule& one : rules_to(*policy_, to)) {
      const rule_edit lets_out{rule_edit::kind::insert, front, 1, for_sandbox(*policy_, one)};
      if (!has(edits, lets_out)) with.push_back(lets_out);
    }
    if (with.size() != edits.size()) made.insert(made.begin(), std::move(with));
    return made;
  }

  static constexpr bool rewrites(const outcome& met, const packet& sent) {
    return met.became.destination != sent.destination || met.became.second_word != sent.second_word;
  }

  // Keeps changes that hold, without those that are not needed.
  constexpr void take(sequence<rule_edit> edits) {
    for (std::size_t i = edits.size(); i-- > 0 && edits.size() > 1 && may_judge();) {
      sequence<rule_edit> fewer = edits;
      fewer.erase(fewer.begin() + i);
      if (holds(fewer)) edits = std::move(fewer);
    }
    const auto is_same = [&](const repair_plan& known) { return are_alike(known.edits, edits); };
    if (any_of(plans_, is_same) || !judge_->can_be_loaded(edits)) return;
    repair_plan made{edits, size_of(edits, judge_->before())};
    std::size_t at = 0;
    while (at < plans_.size() && !(made.size < plans_[at].size)) ++at;
    plans_.insert(plans_.begin() + at, std::move(made));
    while (plans_.size() > limits_.plans || plans_.back().size.commands > plans_.front().size.commands)
      plans_.pop_back();
  }

  // Whether two changes differ in nothing but which of their rules replaces another and which stands beside it.
  static constexpr bool are_alike(const sequence<rule_edit>& a, const sequence<rule_edit>& b) {
    if (a.size() != b.size()) return false;
    const auto has_its_like = [&](const rule_edit& one) {
      return any_of(b, [&](const rule_edit& other) {
        return one.in == other.in && one.number == other.number && one.made == other.made;
      });
    };
    return all_of(a, has_its_like);
  }

  constexpr bool holds(const sequence<rule_edit>& edits) {
    const judged_edits said = judge(edits);
    if (said.proof.answer != answer::proved || loses_endpoints(said)) return false;
    for (const std::size_t which : wanted_)
      if (!said.is_open(which)) return false;
    return is_confined(edits);
  }

  static constexpr std::size_t most_steps = 16;  // of a way
  static constexpr std::size_t most_last_tries = 8;

  const edit_judge* judge_;
  const egress_policy* policy_;
  family family_;
  repair_limits limits_;
  std::size_t most_judged_ = 0;
  std::size_t judged_ = 0;
  std::uint64_t work_ = 0;
  bool cut_off_ = false;
  sequence<std::size_t> wanted_;  // endpoints of the policy that are closed and can be opened
  sequence<endpoint> hopeless_;   // and those that cannot
  sequence<known_form> forms_;
  sequence<state> open_;
  sequence<state> seen_;
  sequence<repair_plan> plans_;
};

}  // namespace detail

}  // namespace cordon
