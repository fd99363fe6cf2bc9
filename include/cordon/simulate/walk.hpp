// One packet's walk through the tables, as ipt_do_table (net/ipv4/netfilter/ip_tables.c) and nft_do_chain
// (net/netfilter/nf_tables_core.c) do it, and all the courses that it can take where a rule's decision is not
// known.
//
// The courses are walked together, in the order of the rules: where a decision is unknown, the packet goes
// both ways, and the ways meet again behind the chain. So a walk without unknown decisions is the kernel's
// own, and one with them takes no longer than one that looks into every chain. What targets have made of the
// packet may differ between courses: a set of versions of the packet is walked.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <cordon/base/contract.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/connection_states.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/rule/predicate.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/simulate/quick_test.hpp>
#include <cordon/simulate/trace.hpp>
#include <cordon/simulate/verdict_set.hpp>
#include <cordon/simulate/versions.hpp>

namespace cordon {

/// A rule of a program, or the end of one of its chains.
struct program_place {
  std::uint32_t table = 0;  ///< index in the program's tables
  std::uint32_t chain = 0;  ///< index in the table's chains
  std::uint32_t step = 0;   ///< index in the chain's steps; their count is the chain's end

  friend constexpr bool operator==(const program_place&, const program_place&) = default;
};

namespace detail {

/// Whether an atom has the same value whenever it is asked of a packet, of which the fields in `open` are not known.
constexpr bool has_one_value(const atom& of, field_set open) { return !of.stateful && (of.hangs_on & open) == 0; }

/// A stateless atom, asked of a version of the packet.
struct asked_atom {
  const atom* what = nullptr;
  std::size_t version = 0;
};

/// Told of what happens on a walk. This one listens to nothing but the first stateless atom that left a
/// decision open.
struct walk_listener {
  asked_atom open_atom;
  bool of_answer = false;  ///< the packet is an answer of REJECT

  /// The truth of a stateless atom that is asked of a packet.
  constexpr truth value_of(const atom&, const packet&) const { return truth::unknown; }
  /// A step on the way; `uncertain` if some course does not take it. False to give up the walk.
  constexpr bool passes(const program_place&, way_step::kind, bool) { return true; }
  /// Some course ends in this verdict, or leaves the table with ACCEPT, with these versions of the packet;
  /// `in_match`: a match dropped it.
  constexpr void ends(const program_place&, const verdict&, bool /*in_match*/, version_set) {}
  /// The decision of a rule is unknown, and may matter.
  constexpr void doubts(const program_place&) {}
  /// Whether the packet meets a table is unknown, and may matter.
  constexpr void doubts_table(std::uint32_t) {}
  /// How many doubts there are, and a way back to that many when the later ones turn out not to matter.
  constexpr std::size_t doubt_count() const { return 0; }
  constexpr void forget_doubts(std::size_t) {}
  /// A condition came out unknown for a version of the packet.
  constexpr void leaves_open(const predicate& condition, const packet_versions& versions, std::size_t number) {
    if (open_atom.what != nullptr) return;
    for (const atom& one : condition.atoms())
      if (has_one_value(one, versions.open(number)) && open_atom.what == nullptr) open_atom = {&one, number};
  }
};

/// What the courses that enter a chain with the same versions of the packet come to.
struct chain_result {
  version_set back = 0;      ///< of those that leave the chain through its end or a RETURN
  version_set accepted = 0;  ///< of those that leave the table with ACCEPT
  verdict_set dropped;       ///< the verdicts that end courses in the chain
};

/// A chain that is being walked.
struct open_chain {
  std::uint32_t chain = 0;
  std::uint32_t next = 0;     ///< index of the rule to be asked next
  std::uint32_t entered = 0;  ///< the chain that was jumped to; a goto leads on from it
  std::uint32_t gotos = 0;
  bool by_goto = false;         ///< those that come out of it skip the rest of the chain below
  bool on_every_course = true;  ///< but for those that have ended
  version_set before = 0;       ///< the versions that entered it
  version_set waiting = 0;      ///< those that did not, and go on in the chain below
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
  sequence<open_chain> more_;
};

/// Results of chains, so that none is walked twice with the same versions of the packet. A walk is then
/// linear in the rules, however often chains are jumped to.
class chain_results {
 public:
  constexpr void start_table(std::size_t chains) {
    newest_.assign(chains, 0);
    known_.clear();
  }
  constexpr const chain_result* find(std::uint32_t chain, version_set entering) const {
    for (std::size_t i = newest_[chain]; i != 0; i = known_[i - 1].older)
      if (known_[i - 1].entering == entering) return &known_[i - 1].result;
    return nullptr;
  }
  constexpr void keep(std::uint32_t chain, version_set entering, const chain_result& result) {
    known_.push_back({entering, newest_[chain], result});
    newest_[chain] = known_.size();
  }

 private:
  struct known_result {
    version_set entering;
    std::size_t older;  // index + 1 in known_, 0 for none
    chain_result result;
  };
  sequence<std::size_t> newest_;
  sequence<known_result> known_;
};

/// How a walk goes about chains that are jumped to often.
enum class walk_method : std::uint8_t {
  every_visit,  ///< each visit is walked, as the kernel does
  each_once,    ///< the result of a first visit is kept: the same verdicts, but not the way
};

/// The rules that a walk asks before it gives up: 2^22, which takes the kernel a tenth of a second.
inline constexpr std::uint32_t greatest_walk = 1U << 22;

template <class Listener>
class walk {
 public:
  /// `not_known`: the fields of `of` whose values are not known.
  constexpr walk(const program& rules, const packet& of, field_set not_known, Listener& listener, walk_method method)
      : rules_(rules),
        listener_(listener),
        remember_(method == walk_method::each_once),
        versions_(rules, of, not_known) {}

  /// Walks all tables. False if the walk was given up; then `possible` holds every verdict of the program.
  constexpr bool run() {
    alive_ = 1;
    // Nothing is UNTRACKED before a rule of raw says so.
    const bool becomes_untracked = versions_.now(0).state == connection_state::untracked;
    const auto set_state = [&](connection_state to) {
      alive_ = versions_.changed(alive_, {set_to(field::state, static_cast<unsigned>(to))});
    };
    bool in_raw = false;
    for (table_ = 0; table_ < rules_.tables.size() && alive_ != 0 && !given_up_; ++table_) {
      const bool is_raw = rules_.tables[table_].name == table_name::raw;
      if (becomes_untracked && is_raw != in_raw)
        set_state(is_raw ? connection_state::invalid : connection_state::untracked);
      in_raw = is_raw;
      run_table();
    }
    if (becomes_untracked && in_raw) set_state(connection_state::untracked);
    if (given_up_) add_all_verdicts();
    if (alive_ != 0) possible_.add({.what = verdict::kind::accept});
    return !given_up_;
  }

  constexpr const verdict_set& possible() const { return possible_; }
  constexpr const packet_versions& versions() const { return versions_; }
  /// What leaves the last table.
  constexpr version_set accepted() const { return alive_; }

 private:
  static constexpr std::size_t never_settled = ~std::size_t{0};

  struct answers {
    version_set yes = 0;  // surely
    version_set may = 0;  // surely or perhaps
    bool open = false;    // whether one of them is perhaps
  };

  // Walks one table, and leaves alive what goes on to the next.
  constexpr void run_table() {
    const program_table& table = rules_.tables[table_];
    const version_set before = alive_;
    const std::size_t doubts_before = listener_.doubt_count();
    const answers met = ask(table.met_by, never_settled);
    if (met.may == 0) return;
    const version_set passing_by = before & ~met.yes;
    surely_met_ = passing_by == 0;
    table_ended_ = {};
    some_ended_ = !possible_.empty();
    if (met.open) listener_.doubts_table(table_);
    if (remember_) results_.start_table(table.chains.size());
    open_.clear();
    enter(table.start, met.may, 0, surely_met_);
    while (!open_.empty() && !given_up_) ask_next_rule(table);
    possible_ |= table_ended_.dropped;
    alive_ = table_ended_.accepted | passing_by;
    // All courses go on to the next table as they came.
    if (table_ended_.dropped.empty() && alive_ == before) listener_.forget_doubts(doubts_before);
  }

  constexpr void ask_next_rule(const program_table& table) {
    open_chain& top = open_.back();
    const program_chain& chain = table.chains[top.chain];
    if (!chain.quick_tests.empty() && std::has_single_bit(alive_)) pass_others(top, chain);
    const program_place here{table_, top.chain, top.next};
    if (top.next == chain.steps.size()) {
      if (top.chain != table.start) pass(here, way_step::kind::return_, top.on_every_course);
      top.result.back |= alive_;
      leave(table);
      return;
    }
    if (++asked_ > greatest_walk) {
      given_up_ = true;
      return;
    }
    const program_step& step = chain.steps[top.next++];
    const bool here_surely = top.on_every_course;
    if (!step.drops.is_never()) {
      const answers drops = ask(step.drops, step.drops_settled);
      if (drops.open) listener_.doubts(here);
      const bool surely = here_surely && drops.yes == alive_;
      if (drops.may != 0) {
        // The legacy TRACE speaks only after all matches have held; nf_tables traces the rule that dropped.
        if (table.from != nullptr && table.from->backend == backend::nft) pass(here, way_step::kind::rule, surely);
        end(here, {.what = verdict::kind::drop}, drops.may, /*in_match=*/true, surely);
      }
      alive_ &= ~drops.yes;
      if (alive_ == 0) return leave(table);
    }
    const answers holds = ask(step.holds, step.holds_settled);
    if (holds.may == 0) return;
    const version_set others = alive_ & ~holds.yes;
    const bool surely = here_surely && others == 0;
    pass(here, way_step::kind::rule, surely);
    const std::size_t doubts_before = listener_.doubt_count();
    const effect& does = step.does;
    if (holds.open && (does.what != effect::kind::go_on || !does.changes.empty())) listener_.doubts(here);
    alive_ = others;
    switch (does.what) {
      case effect::kind::go_on: alive_ |= changed(table, here, holds.may, does); break;
      case effect::kind::accept:
        end(here, {.what = verdict::kind::accept}, changed(table, here, holds.may, does), false, surely);
        break;
      case effect::kind::drop: end(here, {.what = verdict::kind::drop}, holds.may, false, surely); break;
      case effect::kind::reject:
        end(here, {.what = verdict::kind::reject, .answer = does.answer}, holds.may, false, surely);
        break;
      case effect::kind::give_back:
        top.result.back |= holds.may;
        top.on_every_course = false;
        break;
      case effect::kind::jump: return enter(step.chain, holds.may, others, surely, false, doubts_before);
      case effect::kind::go_to:
        if (others != 0) return enter(step.chain, holds.may, others, false, true, doubts_before);
        require(++top.gotos <= table.chains.size(), "a chain that OUTPUT reaches leads to itself");
        top.chain = step.chain;
        top.next = 0;
        alive_ = holds.may;
        break;
      case effect::kind::queue:
        if (!holds.open) listener_.doubts(here);
        end(here, {.what = verdict::kind::drop}, holds.may, false, /*surely=*/false);
        end(here, {.what = verdict::kind::accept}, versions_.with_open(holds.may, changed_by_queue), false,
            /*surely=*/false);
        break;
      case effect::kind::unknown: {
        if (!holds.open) listener_.doubts(here);
        const version_set changed = versions_.with_open(holds.may, changed_by_unknown_target(table.name));
        end(here, {.what = verdict::kind::drop}, changed, false, /*surely=*/false);
        end(here, {.what = verdict::kind::accept}, changed, false, /*surely=*/false);
        alive_ |= changed;
        break;
      }
    }
    if (alive_ == 0) leave(table);
  }

  // On to the next rule that may be for the one version that is alive. Nothing is heard of those between.
  constexpr void pass_others(open_chain& top, const program_chain& chain) {
    const auto version = static_cast<std::size_t>(std::countr_zero(alive_));
    const packet& now = versions_.now(version);
    const field_set open = versions_.open(version);
    parts_.begin(version, now, open);
    const quick_tests* const first = chain.quick_tests.data() + top.next;
    const quick_tests* const end = chain.quick_tests.end();
    const quick_tests* at = first;
    while (at != end && !parts_.passes(*at, now, open)) ++at;
    const auto passed = static_cast<std::uint32_t>(at - first);
    top.next += passed;
    asked_ += passed;
  }

  // Asks every version that is alive.
  constexpr answers ask(const predicate& condition, std::size_t settled) {
    if (condition.is_always()) return {alive_, alive_, false};
    answers made;
    for (version_set rest = alive_; rest != 0; rest &= rest - 1) {
      const version_set one = rest & ~(rest - 1);
      const auto number = static_cast<std::size_t>(std::countr_zero(rest));
      const field_set open = versions_.open(number);
      const truth answer = versions_.ask(condition, settled, number, [&](const atom& asked) {
        return has_one_value(asked, open) ? listener_.value_of(asked, versions_.now(number)) : truth::unknown;
      });
      if (answer == truth::no) continue;
      made.may |= one;
      if (answer == truth::yes) {
        made.yes |= one;
      } else {
        made.open = true;
        listener_.leaves_open(condition, versions_, number);
      }
    }
    return made;
  }

  // What a target makes of versions.
  constexpr version_set changed(const program_table& table, const program_place& here, version_set from,
                                const effect& does) {
    if (does.needs_connection) return changed_if_tracked(here, from, does);
    const bool keeps_state = table.name == table_name::raw && !does.changes.empty() &&
                             (listener_.of_answer || evaluate(is_answer_of_kernel(), versions_.now(0)) == truth::yes);
    if (!keeps_state) return versions_.changed(from, does.changes);
    sequence<alteration> others;
    for (const alteration& change : does.changes)
      if (change.field != field::state) others.push_back(change);
    return versions_.changed(from, others);
  }

  constexpr version_set changed_if_tracked(const program_place& here, version_set from, const effect& does) {
    version_set made = 0;
    for (version_set rest = from; rest != 0; rest &= rest - 1) {
      const version_set one = rest & ~(rest - 1);
      const truth is_tracked =
          versions_.ask(connection_states::is_tracked(), never_settled,
                        static_cast<std::size_t>(std::countr_zero(rest)), [](const atom&) { return truth::unknown; });
      if (is_tracked == truth::unknown) listener_.doubts(here);
      if (is_tracked != truth::no) made |= versions_.changed(one, does.changes);
      if (is_tracked != truth::yes) made |= one;
    }
    return made;
  }

  constexpr void pass(const program_place& here, way_step::kind what, bool surely) {
    if (!listener_.passes(here, what, !surely || some_ended_)) given_up_ = true;
  }

  // Ends courses in the innermost chain; `surely` if there are no others.
  constexpr void end(const program_place& here, const verdict& how, version_set ended, bool in_match, bool surely) {
    chain_result& result = open_.back().result;
    if (how.what == verdict::kind::accept)
      result.accepted |= ended;
    else
      result.dropped.add(how);
    listener_.ends(here, how, in_match, ended);
    if (!surely) some_ended_ = true;
  }

  constexpr void enter(std::uint32_t chain, version_set entering, version_set waiting, bool on_every_course,
                       bool by_goto = false, std::size_t doubts_before = 0) {
    require(open_.size() <= rules_.tables[table_].chains.size(), "a chain that OUTPUT reaches leads to itself");
    if (remember_ && !open_.empty()) {
      if (const chain_result* const known = results_.find(chain, entering)) {
        if (!go_on_below(*known, waiting, by_goto)) leave(rules_.tables[table_]);
        return;
      }
    }
    open_chain made;
    made.chain = made.entered = chain;
    made.by_goto = by_goto;
    made.on_every_course = on_every_course;
    made.before = entering;
    made.waiting = waiting;
    made.doubts_before = doubts_before;
    open_.push(made);
    alive_ = entering;
  }

  // The innermost chain is over. Goes on with the courses that are left, in whichever chain below.
  constexpr void leave(const program_table& table) {
    while (true) {
      const open_chain left = open_.back();
      const chain_result& result = left.result;
      open_.pop();
      if (open_.empty()) {
        table_ended_ = result;
        if (result.back != 0) ask_policy(table);
        return;
      }
      if (remember_) results_.keep(left.entered, left.before, result);
      const bool without_effect = result.back == left.before && result.accepted == 0 && result.dropped.empty();
      if (without_effect && !left.by_goto) listener_.forget_doubts(left.doubts_before);
      if (go_on_below(result, left.waiting, left.by_goto)) return;
    }
  }

  // Adds what became of the courses in a chain to the chain below, which is the innermost now; whether any
  // goes on there.
  constexpr bool go_on_below(const chain_result& result, version_set waiting, bool by_goto) {
    open_chain& below = open_.back();
    below.result.accepted |= result.accepted;
    below.result.dropped |= result.dropped;
    alive_ = waiting;
    if (!by_goto) {
      alive_ |= result.back;
    } else {
      below.result.back |= result.back;
      below.on_every_course = false;
    }
    return alive_ != 0;
  }

  // The policy of the built-in chain: all courses that came back from it get there.
  constexpr void ask_policy(const program_table& table) {
    const program_chain& chain = table.chains[table.start];
    const program_place here{table_, table.start, static_cast<std::uint32_t>(chain.steps.size())};
    pass(here, way_step::kind::policy, surely_met_);
    const bool accepts = chain.source->policy.value_or(chain_policy::accept) == chain_policy::accept;
    if (accepts)
      table_ended_.accepted |= table_ended_.back;
    else
      table_ended_.dropped.add({.what = verdict::kind::drop});
    listener_.ends(here, {.what = accepts ? verdict::kind::accept : verdict::kind::drop}, false, table_ended_.back);
  }

  constexpr void add_all_verdicts() {
    possible_.add({.what = verdict::kind::accept});
    possible_.add({.what = verdict::kind::drop});
    for (const program_table& table : rules_.tables)
      for (const program_chain& chain : table.chains)
        for (const program_step& step : chain.steps)
          if (step.does.what == effect::kind::reject)
            possible_.add({.what = verdict::kind::reject, .answer = step.does.answer});
  }

  const program& rules_;
  Listener& listener_;
  bool remember_;
  bool given_up_ = false;
  bool surely_met_ = true;   // no course passes the table by
  bool some_ended_ = false;  // some course has ended, so that no later step is on every course
  std::uint32_t table_ = 0;
  std::uint32_t asked_ = 0;
  version_set alive_ = 0;  // on the courses that are walked at the moment
  packet_versions versions_;
  quick_parts parts_;
  verdict_set possible_;
  chain_result table_ended_;
  open_chains open_;
  chain_results results_;
};

}  // namespace detail
}  // namespace cordon
