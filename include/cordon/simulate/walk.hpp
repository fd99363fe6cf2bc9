// One packet's walk through the tables, as ipt_do_table (net/ipv4/netfilter/ip_tables.c) and nft_do_chain
// (net/netfilter/nf_tables_core.c) do it, and all the courses that it can take where a rule's decision is not known.
//
// The courses are walked together, in the order of the rules: where a decision is unknown, the packet goes both ways,
// and the ways meet again behind the chain. So a walk without unknown decisions is the kernel's own, and one with
// them takes no longer than one that looks into every chain. What several courses can have done to the packet is kept
// as one set of fields whose values are unknown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cordon/base/contract.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/simulate/verdict_set.hpp>

namespace cordon {

/// A rule of a program, or the end of one of its chains.
struct program_place {
  std::uint32_t table = 0;  ///< index in the program's tables
  std::uint32_t chain = 0;  ///< index in the table's chains
  std::uint32_t step = 0;   ///< index in the chain's steps; their count is the chain's end

  friend constexpr bool operator==(const program_place&, const program_place&) = default;
};

namespace detail {

/// Told of what happens on a walk. This one listens to nothing but the first stateless atom that left a decision
/// open.
struct walk_listener {
  const atom* open_atom = nullptr;

  /// The truth of a stateless atom.
  constexpr truth value_of(const atom&) const { return truth::unknown; }
  /// A step on the way; `uncertain` if some course does not take it. False to give up the walk.
  constexpr bool passes(const program_place&, way_step::kind, bool) { return true; }
  /// Some course ends in this verdict, or leaves the table with ACCEPT; `in_match`: a match dropped it.
  constexpr void ends(const program_place&, const verdict&, bool /*in_match*/) {}
  /// The decision of a rule is unknown, and may matter.
  constexpr void doubts(const program_place&) {}
  /// Whether the packet meets a table is unknown, and may matter.
  constexpr void doubts_table(std::uint32_t) {}
  /// How many doubts there are, and a way back to that many when the later ones turn out not to matter.
  constexpr std::size_t doubt_count() const { return 0; }
  constexpr void forget_doubts(std::size_t) {}
  /// A condition came out unknown while no unknown target had touched the packet.
  constexpr void leaves_open(const predicate& condition) {
    if (open_atom != nullptr) return;
    for (const atom& one : condition.atoms())
      if (!one.stateful && open_atom == nullptr) open_atom = &one;
  }
};

/// How a chain was entered, which tells what is on when it has been left.
enum class entry : std::uint8_t {
  surely,           ///< every course below went in
  perhaps_by_jump,  ///< some stayed out, and all go on with the next rule
  perhaps_by_goto,  ///< some stayed out; those that went in skip the rest of the chain below
};

/// What the courses that enter a chain with the same packet come to.
struct chain_result {
  bool comes_back = false;      ///< some course leaves the chain through its end or a RETURN
  bool accepts = false;         ///< some course leaves the table with ACCEPT
  field_set back_fields = 0;    ///< what is unknown of those that come back
  field_set accept_fields = 0;  ///< and of those that were accepted
  verdict_set dropped;          ///< the verdicts that end courses in the chain
};

/// A chain that is being walked.
struct open_chain {
  std::uint32_t chain = 0;
  std::uint32_t next = 0;     ///< index of the rule to be asked next
  std::uint32_t entered = 0;  ///< the chain that was jumped to; a goto leads on from it
  std::uint32_t gotos = 0;
  entry how = entry::surely;
  bool on_every_course = true;  ///< but for those that have ended
  field_set fields_before = 0;  ///< what was unknown when it was entered
  std::size_t doubts_before = 0;
  chain_result result = {};  ///< of the courses that are out of it already
};

/// The chains that are being walked, innermost last. As deep as nf_tables goes without allocating.
class open_chains {
 public:
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr open_chain& back() { return size_ <= first ? first_[size_ - 1] : more_.back(); }
  constexpr void push(const open_chain& one) {
    if (size_ < first)
      first_[size_] = one;
    else
      more_.push_back(one);
    ++size_;
  }
  constexpr void pop() {
    if (size_ > first) more_.pop_back();
    --size_;
  }
  constexpr void clear() {
    more_.clear();
    size_ = 0;
  }

 private:
  enum : std::size_t { first = 16 };
  std::size_t size_ = 0;
  open_chain first_[first];
  std::vector<open_chain> more_;
};

/// Results of chains, so that none is walked twice with the same unknown fields. The walk of a whole firewall is then
/// linear in its rules, however often its chains are jumped to.
class chain_results {
 public:
  constexpr void start_table(std::size_t chains) {
    newest_.assign(chains, 0);
    known_.clear();
  }
  constexpr const chain_result* find(std::uint32_t chain, field_set fields) const {
    for (std::size_t i = newest_[chain]; i != 0; i = known_[i - 1].older)
      if (known_[i - 1].fields == fields) return &known_[i - 1].result;
    return nullptr;
  }
  constexpr void keep(std::uint32_t chain, field_set fields, const chain_result& result) {
    known_.push_back({fields, newest_[chain], result});
    newest_[chain] = known_.size();
  }

 private:
  struct known_result {
    field_set fields;
    std::size_t older;  // index + 1 in known_, 0 for none
    chain_result result;
  };
  std::vector<std::size_t> newest_;
  std::vector<known_result> known_;
};

/// How a walk goes about chains that are jumped to often.
enum class walk_method : std::uint8_t {
  every_visit,  ///< each visit is walked, as the kernel does; gives up after `greatest_walk` rules
  each_once,    ///< the result of a first visit is kept: the same verdicts, but not the way
};

/// The rules that a walk asks before it gives up: 2^22, which takes the kernel a tenth of a second.
inline constexpr std::uint32_t greatest_walk = 1U << 22;

template <class Listener>
class walk {
 public:
  constexpr walk(const program& rules, const packet& of, Listener& listener, walk_method method)
      : rules_(rules), packet_(of), listener_(listener), remember_(method == walk_method::each_once) {}

  /// Walks all tables. False if the walk was given up; then `possible` is not complete.
  constexpr bool run() {
    bool alive = true;
    for (table_ = 0; table_ < rules_.tables.size() && alive && !given_up_; ++table_) alive = run_table();
    if (alive && !given_up_) possible_.add({.what = verdict::kind::accept});
    return !given_up_;
  }

  constexpr const verdict_set& possible() const { return possible_; }

 private:
  // Walks one table; whether some course goes on to the next.
  constexpr bool run_table() {
    const program_table& table = rules_.tables[table_];
    const truth met = ask(table.met_by);
    if (met == truth::no) return true;
    surely_met_ = met == truth::yes;
    table_ended_ = {};
    some_ended_ = !possible_.empty();
    const field_set fields_before = fields_;
    const std::size_t doubts_before = listener_.doubt_count();
    if (!surely_met_) listener_.doubts_table(table_);
    if (remember_) results_.start_table(table.chains.size());
    open_.clear();
    enter(table.start, entry::surely, surely_met_);
    while (!open_.empty() && !given_up_) ask_next_rule(table);
    possible_ |= table_ended_.dropped;
    fields_ = (table_ended_.accepts ? table_ended_.accept_fields : 0) | (surely_met_ ? 0 : fields_before);
    // All courses go on to the next table alike.
    if (table_ended_.dropped.empty() && fields_ == fields_before) listener_.forget_doubts(doubts_before);
    return table_ended_.accepts || !surely_met_;
  }

  constexpr void ask_next_rule(const program_table& table) {
    open_chain& top = open_.back();
    const program_chain& chain = table.chains[top.chain];
    const program_place here{table_, top.chain, top.next};
    if (top.next == chain.steps.size()) {
      if (top.chain != table.start) pass(here, way_step::kind::return_, top.on_every_course);
      leave(table, /*alive=*/true);
      return;
    }
    if (++asked_ > greatest_walk && !remember_) {
      given_up_ = true;
      return;
    }
    const program_step& step = chain.steps[top.next++];
    const bool here_surely = top.on_every_course;
    if (!step.drops.is_never()) {
      const truth drops = ask(step.drops);
      if (drops == truth::unknown) listener_.doubts(here);
      if (drops != truth::no) {
        // The legacy TRACE speaks only after all matches have held; nf_tables traces the rule that dropped.
        if (table.from != nullptr && table.from->backend == backend::nft)
          pass(here, way_step::kind::rule, here_surely && drops == truth::yes);
        end(here, {.what = verdict::kind::drop}, /*in_match=*/true, here_surely && drops == truth::yes);
      }
      if (drops == truth::yes) {
        leave(table, /*alive=*/false);
        return;
      }
    }
    const truth holds = ask(step.holds);
    if (holds == truth::no) return;
    const bool surely = here_surely && holds == truth::yes;
    pass(here, way_step::kind::rule, surely);
    const std::size_t doubts_before = listener_.doubt_count();
    const bool does_nothing = step.does.what == effect::kind::go_on;
    if (holds == truth::unknown && !does_nothing) listener_.doubts(here);
    switch (step.does.what) {
      case effect::kind::go_on: break;
      case effect::kind::accept:
        end(here, {.what = verdict::kind::accept}, false, surely);
        if (holds == truth::yes) leave(table, /*alive=*/false);
        break;
      case effect::kind::drop:
        end(here, {.what = verdict::kind::drop}, false, surely);
        if (holds == truth::yes) leave(table, /*alive=*/false);
        break;
      case effect::kind::reject:
        end(here, {.what = verdict::kind::reject, .answer = step.does.answer}, false, surely);
        if (holds == truth::yes) leave(table, /*alive=*/false);
        break;
      case effect::kind::give_back:
        if (holds == truth::yes) {
          leave(table, /*alive=*/true);
        } else {
          come_back(top, fields_);
          top.on_every_course = false;
        }
        break;
      case effect::kind::jump:
        enter(step.chain, holds == truth::yes ? entry::surely : entry::perhaps_by_jump, surely, doubts_before);
        break;
      case effect::kind::go_to:
        if (holds == truth::yes) {
          require(++top.gotos <= table.chains.size(), "a chain that OUTPUT reaches leads to itself");
          top.chain = step.chain;
          top.next = 0;
        } else {
          enter(step.chain, entry::perhaps_by_goto, false, doubts_before);
        }
        break;
      case effect::kind::queue:
        if (holds == truth::yes) listener_.doubts(here);
        end(here, {.what = verdict::kind::drop}, false, /*surely=*/false);
        end(here, {.what = verdict::kind::accept}, false, /*surely=*/false);
        if (holds == truth::yes) leave(table, /*alive=*/false);
        break;
      case effect::kind::unknown:
        if (holds == truth::yes) listener_.doubts(here);
        fields_ |= changed_by_unknown_target(table.name);
        end(here, {.what = verdict::kind::drop}, false, /*surely=*/false);
        end(here, {.what = verdict::kind::accept}, false, /*surely=*/false);
        break;
    }
  }

  constexpr truth ask(const predicate& condition) {
    if (condition.is_always()) return truth::yes;
    const truth answer = evaluate(condition, packet_, fields_, [&](const atom& one) {
      // A target that is not modelled may have made another packet of it, for which the atom has another value.
      return one.stateful || fields_ != 0 ? truth::unknown : listener_.value_of(one);
    });
    if (answer == truth::unknown && fields_ == 0) listener_.leaves_open(condition);
    return answer;
  }

  constexpr void pass(const program_place& here, way_step::kind what, bool surely) {
    if (!listener_.passes(here, what, !surely || some_ended_)) given_up_ = true;
  }

  // Ends courses in the innermost chain; `surely` if there are no others.
  constexpr void end(const program_place& here, const verdict& how, bool in_match, bool surely) {
    chain_result& result = open_.back().result;
    if (how.what == verdict::kind::accept) {
      result.accepts = true;
      result.accept_fields |= fields_;
    } else {
      result.dropped.add(how);
    }
    listener_.ends(here, how, in_match);
    if (!surely) some_ended_ = true;
  }

  static constexpr void come_back(open_chain& from, field_set fields) {
    from.result.comes_back = true;
    from.result.back_fields |= fields;
  }

  constexpr void enter(std::uint32_t chain, entry how, bool on_every_course, std::size_t doubts_before = 0) {
    require(open_.size() <= rules_.tables[table_].chains.size(), "a chain that OUTPUT reaches leads to itself");
    if (remember_ && !open_.empty()) {
      if (const chain_result* const known = results_.find(chain, fields_)) {
        if (!go_on_below(*known, how, fields_)) leave(rules_.tables[table_], /*alive=*/false);
        return;
      }
    }
    open_chain made;
    made.chain = made.entered = chain;
    made.how = how;
    made.on_every_course = on_every_course;
    made.fields_before = fields_;
    made.doubts_before = doubts_before;
    open_.push(made);
  }

  // The innermost chain is over; `alive` if the course that was walked last comes out of it. Goes on with the courses
  // that are left, in whichever chain below.
  constexpr void leave(const program_table& table, bool alive) {
    while (true) {
      open_chain left = open_.back();
      open_.pop();
      if (alive) come_back(left, fields_);
      const chain_result& result = left.result;
      if (open_.empty()) {
        table_ended_ = result;
        if (result.comes_back) ask_policy(table);
        return;
      }
      if (remember_) results_.keep(left.entered, left.fields_before, result);
      const bool without_effect = result.comes_back && !result.accepts && result.dropped.empty() &&
                                  result.back_fields == left.fields_before;
      if (without_effect && left.how != entry::perhaps_by_goto) listener_.forget_doubts(left.doubts_before);
      if (go_on_below(result, left.how, left.fields_before)) return;
      alive = false;
    }
  }

  // Adds what became of the courses in a chain to the chain below, which is the innermost now; whether any goes on
  // there.
  constexpr bool go_on_below(const chain_result& result, entry how, field_set fields_before) {
    open_chain& below = open_.back();
    below.result.accepts = below.result.accepts || result.accepts;
    if (result.accepts) below.result.accept_fields |= result.accept_fields;
    below.result.dropped |= result.dropped;
    switch (how) {
      case entry::surely:
        fields_ = result.back_fields;
        return result.comes_back;
      case entry::perhaps_by_jump:
        fields_ = fields_before | (result.comes_back ? result.back_fields : 0);
        return true;
      case entry::perhaps_by_goto:
        fields_ = fields_before;
        if (result.comes_back) come_back(below, result.back_fields);
        below.on_every_course = false;
        return true;
    }
    return true;
  }

  // The policy of the built-in chain: all courses that came back from it get there.
  constexpr void ask_policy(const program_table& table) {
    const program_chain& chain = table.chains[table.start];
    const program_place here{table_, table.start, static_cast<std::uint32_t>(chain.steps.size())};
    pass(here, way_step::kind::policy, surely_met_);
    const bool accepts = chain.source->policy.value_or(chain_policy::accept) == chain_policy::accept;
    if (accepts) {
      table_ended_.accepts = true;
      table_ended_.accept_fields |= table_ended_.back_fields;
    } else {
      table_ended_.dropped.add({.what = verdict::kind::drop});
    }
    listener_.ends(here, {.what = accepts ? verdict::kind::accept : verdict::kind::drop}, false);
  }

  const program& rules_;
  const packet& packet_;
  Listener& listener_;
  bool remember_;
  bool given_up_ = false;
  bool surely_met_ = true;
  bool some_ended_ = false;  // some course has ended, so that no later step is on every course
  std::uint32_t table_ = 0;
  std::uint32_t asked_ = 0;
  field_set fields_ = 0;  // unknown on the courses that are walked at the moment
  verdict_set possible_;
  chain_result table_ended_;
  open_chains open_;
  chain_results results_;
};

}  // namespace detail
}  // namespace cordon
