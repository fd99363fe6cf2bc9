// The proof asked again and again while rules change one at a time, as an editor or a controller does: what a rule does
// not touch is not looked at twice.
//
// The decisions of a chain's rules are the leaves of a balanced tree, each node of which is the first decision of the
// two below it. A rule that changes has the nodes above it made again, and each of them costs only what is different in
// it: the parts of diagrams that are as they were are found in the store's memory of operations. Cells have room for new
// cuts (`layout::finish`), so that a rule may name addresses and ports that none named before.
//
// This is for rules that leave packets as they are and that packets decide: filtering. What else there is, is given to
// `prove` each time, and so is whatever leaks, for that has to be told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/prove/client.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/question.hpp>
#include <cordon/prove/replies.hpp>
#include <cordon/prove/sandbox.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/space/packet_space.hpp>

namespace cordon {

namespace detail {

/// `before`, and for the packets of `where` what `now` gives them. `now` gives 0 to all others.
constexpr diagram patched(diagram_store& store, diagram before, diagram where, diagram now) {
  return store.instead(store.minus(before, where), 0, now);
}

/// What one chain decides: 0 nothing, and else one of some numbers. Changed one rule at a time.
class decision_tree {
 public:
  constexpr decision_tree() = default;
  constexpr decision_tree(diagram_store& store, const sequence<diagram>& rules) {
    while (leaves_ < rules.size()) leaves_ *= 2;
    nodes_.resize(2 * leaves_, no_packet);
    for (std::size_t i = 0; i < rules.size(); ++i) nodes_[leaves_ + i] = rules[i];
    for (std::size_t i = leaves_; i-- > 1;) nodes_[i] = store.instead(nodes_[2 * i], 0, nodes_[2 * i + 1]);
  }

  constexpr diagram decision() const { return nodes_[1]; }

  /// A rule decides otherwise on packets of `where`, on others as before. Returns whether the whole does.
  constexpr bool replace(diagram_store& store, std::size_t rule, diagram decision, diagram where) {
    std::size_t at = leaves_ + rule;
    nodes_[at] = decision;
    while ((at /= 2) != 0) {
      const diagram here = store.instead(store.both(where, nodes_[2 * at]), 0, store.both(where, nodes_[2 * at + 1]));
      const diagram made = patched(store, nodes_[at], where, here);
      if (made == nodes_[at]) return false;
      nodes_[at] = made;
    }
    return true;
  }

 private:
  std::size_t leaves_ = 1;
  sequence<diagram> nodes_ = sequence<diagram>(2, no_packet);  // the root is 1, the children of n are 2 n and 2 n + 1
};

/// One family of a firewall, asked again and again.
class incremental_family {
 public:
  /// Has no answer.
  constexpr incremental_family() = default;
  /// Refers to the firewall and the policy, which must outlive it.
  constexpr incremental_family(const firewall& rules, const egress_policy& policy, family of)
      : policy_(&policy), program_(compile(rules, of, policy.at)), known_{&rules.host, sets_changed_by(rules)} {
    is_plain_ = policy.at == hook::output && !rules.host.has_expiring_sets() &&
                all_of_steps([](const program_step& step) { return is_plain(step); }) &&
                !any_of(program_.tables, [](const program_table& one) { return one.name == table_name::raw; });
    if (!is_plain_) return;
    space_ = packet_space(levels());
    build();
  }

  /// Whether the answers below are there; else `prove` has to be asked.
  constexpr bool is_usable() const { return is_plain_ && !space_.store().too_large(); }
  /// The packets that get out and must not, empty if there are none.
  constexpr diagram forbidden() const { return forbidden_; }

  /// A rule of the firewall is another now. False: what is kept does not say what that changes.
  constexpr bool rule_changed(const ruleset& from, const table& in, const chain& inside, std::uint32_t rule) {
    if (!is_usable()) return false;
    for (std::uint32_t i = 0; i < program_.tables.size(); ++i)
      if (program_.tables[i].from == &from && program_.tables[i].name == in.name)
        return step_changed(i, static_cast<std::uint32_t>(&inside - in.chains.data()), rule);
    return true;  // no packet of the question meets it
  }

  /// How each endpoint of this family is reached; false if one is only in part, which has to be told at length.
  constexpr bool find_endpoints(sequence<endpoint_answer>& into) {
    diagram_store& store = space_.store();
    sequence<endpoint> on_loopback;
    std::size_t next = 0;
    for (endpoint_answer& one : into) {
      if (one.to.destination.base.family != program_.family) continue;
      const auto& [opening, following] = clients_[next++];
      const bool is_empty = opening == no_packet && following == no_packet;
      if (store.includes(let_out_, opening) && store.includes(let_out_, following) && !is_empty)
        one.status = endpoint_status::open;
      else if (store.both(opening, let_out_) == no_packet)
        one.status = endpoint_status::blocked;
      else
        return false;
      if (is_loopback(one.to)) on_loopback.push_back(one.to);
    }
    const sequence<char> blocked = replies_blocked(program_, *policy_, on_loopback, loopback_client(program_.family));
    next = 0;
    for (endpoint_answer& one : into)
      if (one.to.destination.base.family == program_.family && is_loopback(one.to))
        one.replies_blocked = blocked[next++] != 0;
    return is_usable();
  }

 private:
  constexpr bool step_changed(std::uint32_t table, std::uint32_t chain, std::uint32_t rule) {
    program_table& in = program_.tables[table];
    program_step& step = in.chains[chain].steps[rule];
    program_step made = compile_step(*step.source, *in.from, in.name, program_.family, program_.entered_at, known_);
    if (!is_plain(made) || calls(made) || calls(step)) return false;
    // What packets can exist is said of the fields that are tested.
    if ((tested_by(made) & ~tested_) != 0 || !space_.cut(made.holds) || !space_.cut(made.drops)) return false;
    diagram_store& store = space_.store();
    store.forget_work();
    diagram where = no_packet;
    for (const predicate* const part : {&step.holds, &step.drops, &made.holds, &made.drops})
      where = store.either(where, space_.set_of(*part));
    step = std::move(made);
    in.chains[chain].quick_tests.clear();
    refresh(table, chain, rule, store.both(exist_, where));
    return is_usable() && store.edge_count() <= most_edges_;
  }

  enum decided : std::uint32_t { accepted = 1, dropped = 2, returned = 3 };
  static constexpr std::uint32_t spares = 15;

  struct client_sets {
    diagram opening = no_packet;
    diagram following = no_packet;
  };
  struct caller {
    std::uint32_t chain = 0;
    std::uint32_t rule = 0;
  };
  struct chain_state {
    decision_tree rules;
    sequence<caller> called_by;
    std::size_t rank = 0;  // callees before callers
    bool is_reached = false;
  };
  struct table_state {
    sequence<chain_state> chains;
    sequence<std::uint32_t> callees_first;
    diagram let_out = no_packet;
  };

  static constexpr bool calls(const program_step& step) {
    return step.does.what == effect::kind::jump || step.does.what == effect::kind::go_to;
  }
  // Whether packets decide a rule, and it leaves them and everything else as they are.
  static constexpr bool is_plain(const program_step& step) {
    if (!step.does.changes.empty() || !step.holds.atoms().empty() || !step.drops.atoms().empty()) return false;
    if (step.source->target.extension == &set_target) return false;
    return step.does.what != effect::kind::queue && step.does.what != effect::kind::unknown;
  }
  template <class Test>
  constexpr bool all_of_steps(const Test& test) const {
    for (const program_table& table : program_.tables)
      for (const program_chain& chain : table.chains)
        for (const program_step& step : chain.steps)
          if (!test(step)) return false;
    return true;
  }
  static constexpr field_set tested_by(const program_step& step) {
    field_set tested = 0;
    for (const predicate* const part : {&step.holds, &step.drops})
      for (const predicate_step& test : part->steps())
        if (test.what == predicate_step::kind::interval || test.what == predicate_step::kind::masked)
          tested |= set_of(test.field);
    return tested;
  }

  constexpr layout levels() const {
    layout made = layout_for(packets_of(*policy_, program_.family), program_, *policy_);
    for (const endpoint& one : *policy_) {
      if (one.destination.base.family != program_.family) continue;
      const client_packets client = client_of(one, program_.family);
      made.observe(client.opening);
      made.observe(client.following);
    }
    made.finish(spares);
    return made;
  }

  constexpr void build() {
    tested_ = fields_tested(program_);
    exist_ = space_.set_of(can_exist(*policy_, program_.family, tested_));
    diagram_store& store = space_.store();
    for (const endpoint& one : *policy_) {
      if (one.destination.base.family != program_.family) continue;
      const client_packets client = client_of(one, program_.family);
      clients_.push_back(
          {store.both(exist_, space_.set_of(client.opening)), store.both(exist_, space_.set_of(client.following))});
    }
    allowed_ = space_.set_of(goes_to_any(*policy_, program_.family));
    tables_.resize(program_.tables.size());
    for (std::uint32_t i = 0; i < program_.tables.size(); ++i) build_table(i);
    let_out_ = let_out_by_all(exist_);
    forbidden_ = store.minus(let_out_, allowed_);
    most_edges_ = 4 * store.edge_count() + (std::size_t{1} << 20);
  }

  constexpr void build_table(std::uint32_t which) {
    const program_table& table = program_.tables[which];
    table_state& made = tables_[which];
    made.chains.resize(table.chains.size());
    struct visit {
      std::uint32_t chain;
      std::size_t next;
    };
    sequence<visit> path{{table.start, 0}};
    made.chains[table.start].is_reached = true;
    while (!path.empty()) {
      const std::uint32_t chain = path.back().chain;
      const auto& steps = table.chains[chain].steps;
      if (path.back().next == steps.size()) {
        made.chains[chain].rank = made.callees_first.size();
        made.callees_first.push_back(chain);
        sequence<diagram> rules;
        rules.reserve(steps.size());
        for (std::uint32_t i = 0; i < steps.size(); ++i) {
          rules.push_back(rule_decision(which, chain, i));
          if (calls(steps[i])) made.chains[steps[i].chain].called_by.push_back({chain, i});
        }
        made.chains[chain].rules = decision_tree(space_.store(), rules);
        path.pop_back();
        continue;
      }
      const program_step& step = steps[path.back().next++];
      if (!calls(step) || made.chains[step.chain].is_reached) continue;
      made.chains[step.chain].is_reached = true;
      path.push_back({step.chain, 0});
    }
    made.let_out = let_out_by(which, exist_);
  }

  // As `decider` decides, for packets that stay as they are.
  constexpr diagram rule_decision(std::uint32_t table, std::uint32_t chain, std::uint32_t rule) {
    diagram_store& store = space_.store();
    const program_step& step = program_.tables[table].chains[chain].steps[rule];
    diagram decision = no_packet;
    switch (step.does.what) {
      case effect::kind::accept: decision = space_.set_of(step.holds, accepted); break;
      case effect::kind::drop:
      case effect::kind::reject: decision = space_.set_of(step.holds, dropped); break;
      case effect::kind::give_back: decision = space_.set_of(step.holds, returned); break;
      case effect::kind::jump:
        decision = store.both(space_.set_of(step.holds), store.instead(called(table, step), returned, no_packet));
        break;
      case effect::kind::go_to:
        decision = store.both(space_.set_of(step.holds), store.instead(called(table, step), 0, leaf(returned)));
        break;
      default: break;
    }
    if (!step.drops.is_never()) decision = store.instead(space_.set_of(step.drops, dropped), 0, decision);
    return store.both(exist_, decision);
  }
  constexpr diagram called(std::uint32_t table, const program_step& by) const {
    return tables_[table].chains[by.chain].rules.decision();
  }

  // A rule decides otherwise on packets of `where`: so may all rules that lead to its chain.
  constexpr void refresh(std::uint32_t which, std::uint32_t chain, std::uint32_t rule, diagram where) {
    table_state& table = tables_[which];
    if (!table.chains[chain].is_reached) return;
    diagram_store& store = space_.store();
    if (!table.chains[chain].rules.replace(store, rule, rule_decision(which, chain, rule), where)) return;
    sequence<char> is_due(table.callees_first.size(), 0);
    is_due[table.chains[chain].rank] = 1;
    for (std::size_t rank = table.chains[chain].rank; rank < is_due.size(); ++rank) {
      if (is_due[rank] == 0) continue;
      for (const caller& by : table.chains[table.callees_first[rank]].called_by)
        if (table.chains[by.chain].rules.replace(store, by.rule, rule_decision(which, by.chain, by.rule), where))
          is_due[table.chains[by.chain].rank] = 1;
    }
    table.let_out = patched(store, table.let_out, where, let_out_by(which, where));
    let_out_ = patched(store, let_out_, where, let_out_by_all(where));
    forbidden_ = patched(store, forbidden_, where, store.minus(store.both(where, let_out_), allowed_));
  }

  // Of some packets those that a table lets out.
  constexpr diagram let_out_by(std::uint32_t which, diagram of) {
    diagram_store& store = space_.store();
    const program_table& table = program_.tables[which];
    const diagram by_policy = leaf(table.chains[table.start].source->policy == chain_policy::drop ? dropped : accepted);
    diagram decision = store.both(of, tables_[which].chains[table.start].rules.decision());
    decision = store.instead(store.instead(decision, returned, by_policy), 0, store.both(of, by_policy));
    decision = store.instead(decision, dropped, no_packet);
    const diagram met = space_.set_of(table.met_by);
    return store.either(store.both(met, decision), store.minus(of, met));
  }
  constexpr diagram let_out_by_all(diagram of) {
    for (const table_state& table : tables_) of = space_.store().both(of, table.let_out);
    return of;
  }

  const egress_policy* policy_ = nullptr;
  program program_;
  known_of_host known_;
  packet_space space_ = packet_space(layout(packet_domain{}));
  std::size_t most_edges_ = 0;  // more of them, and it is time to begin anew
  bool is_plain_ = false;
  field_set tested_ = 0;
  diagram exist_ = every_packet;
  diagram allowed_ = no_packet;
  sequence<client_sets> clients_;
  sequence<table_state> tables_;
  diagram let_out_ = no_packet;
  diagram forbidden_ = no_packet;
};

}  // namespace detail

/// Where a rule stands in a firewall.
struct rule_position {
  cordon::family family = family::ipv4;   ///< which one
  table_name table = table_name::filter;  ///< which one
  std::string_view chain = {};            ///< by its name
  std::size_t number = 1;                 ///< in its chain, from 1
  std::size_t ruleset = 0;                ///< in the family's rulesets: 1 is a second back end's
};

/// A firewall and a policy, and always the answer: what `prove` would say of the rules as they are now.
///
/// Where the rules of OUTPUT only filter, by what packets decide (no target that changes packets, no rate limits or matches
/// that are not modelled, no raw table), a changed rule costs what it changes, mostly a hundredth of a first proof and
/// less. All else, FORWARD and INPUT too, is proved from the beginning after a change. A question that outgrows the bounds of `prove` may be
/// answered here.
class incremental_proof {
 public:
  /// Precondition: as of `prove`.
  constexpr incremental_proof(firewall rules, egress_policy policy)
      : firewall_(std::move(rules)), policy_(std::move(policy)) {
    begin_anew();
  }
  incremental_proof(const incremental_proof&) = delete;
  incremental_proof& operator=(const incremental_proof&) = delete;

  /// As they are now, with all changes so far.
  constexpr const firewall& rules() const { return firewall_; }
  /// What is asked.
  constexpr const egress_policy& policy() const { return policy_; }

  /// Puts another rule in a rule's place. False, and nothing is changed, if there is no such rule. Precondition: the
  /// firewall that this makes is one that a reader accepts.
  constexpr bool replace(const rule_position& at, rule with) {
    family_rules& in = firewall_.of(at.family);
    if (at.ruleset >= in.rulesets.size()) return false;
    table* const table = in.rulesets[at.ruleset].find(at.table);
    chain* const chain = table == nullptr ? nullptr : table->find(at.chain);
    if (chain == nullptr || at.number == 0 || at.number > chain->rules.size()) return false;
    rule& here = chain->rules[at.number - 1];
    const bool changes_sets = here.target.extension == &set_target || with.target.extension == &set_target;
    here = std::move(with);
    is_proof_known_ = false;
    if (changes_sets)
      begin_anew();
    else if (!kept(at.family).rule_changed(in.rulesets[at.ruleset], *table, *chain,
                                           static_cast<std::uint32_t>(at.number - 1)))
      begin_anew(at.family);
    return true;
  }

  /// The verdict of `proof`, for less where it is a leak.
  constexpr answer verdict() {
    bool leaks = false;
    for (const family of : both_families) {
      if (firewall_.of(of).absent) continue;
      if (!kept(of).is_usable()) return proof().verdict();
      leaks = leaks || kept(of).forbidden() != no_packet;
    }
    return leaks ? answer::leak : answer::proved;
  }

  /// What `prove(rules(), policy())` says.
  constexpr const cordon::proof& proof() {
    if (!is_proof_known_) {
      if (!tell_proved()) proof_ = prove(firewall_, policy_);
      is_proof_known_ = true;
    }
    return proof_;
  }

 private:
  constexpr detail::incremental_family& kept(family of) { return of == family::ipv4 ? v4_ : v6_; }

  constexpr void begin_anew() {
    for (const family of : both_families) begin_anew(of);
  }
  constexpr void begin_anew(family of) {
    if (!firewall_.of(of).absent) kept(of) = detail::incremental_family(firewall_, policy_, of);
  }

  // The proof, if all is proved and nothing is to be told at length.
  constexpr bool tell_proved() {
    cordon::proof made;
    made.policy = policy_;
    for (const endpoint& one : policy_) made.endpoints.push_back({one});
    for (const family of : both_families) {
      family_proof& here = of == family::ipv4 ? made.v4 : made.v6;
      here.family = of;
      if (firewall_.of(of).absent) {
        for (endpoint_answer& one : made.endpoints)
          if (one.to.destination.base.family == of) one.status = endpoint_status::blocked;
        continue;
      }
      detail::incremental_family& asked = kept(of);
      if (!asked.is_usable() || asked.forbidden() != no_packet || !asked.find_endpoints(made.endpoints)) return false;
      here.answer = answer::proved;
      here.has_rules = !firewall_.of(of).empty();
    }
    proof_ = std::move(made);
    return true;
  }

  firewall firewall_;
  egress_policy policy_;
  detail::incremental_family v4_;
  detail::incremental_family v6_;
  cordon::proof proof_;
  bool is_proof_known_ = false;
};

}  // namespace cordon
