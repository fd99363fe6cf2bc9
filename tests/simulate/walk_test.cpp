// The walk of all courses at once against a plain one: an interpreter that follows one course, as the kernel
// does, and is asked again for every way in which the unknown decisions of small rule sets can go.
#include <cordon/simulate/walk.hpp>

#include <rapidcheck.h>
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <cordon/rule/environment.hpp>
#include <cordon/simulate/simulate.hpp>

#include "../catch.hpp"
#include "examples.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

/// Unknown decisions, one after another: those given first, then all no.
class decisions {
 public:
  bool next() {
    if (at_ == taken_.size()) taken_.push_back(false);
    return taken_[at_++];
  }
  void rewind() { at_ = 0; }
  /// The next sequence; false if there was none.
  bool advance() {
    while (!taken_.empty() && taken_.back()) taken_.pop_back();
    if (taken_.empty()) return false;
    taken_.back() = true;
    return true;
  }

 private:
  sequence<bool> taken_;
  std::size_t at_ = 0;
};

struct course {
  verdict how;
  std::vector<std::string> steps;
};

class one_course {
 public:
  one_course(const program& rules, const packet& sent, decisions& unknown)
      : rules_(rules), sent_(sent), unknown_(unknown) {}

  course walk() {
    for (table_ = 0; table_ < rules_.tables.size(); ++table_) {
      // What connection tracking leaves alone is INVALID before it, and UNTRACKED behind it whatever raw does.
      const bool is_left_alone =
          sent_.state == connection_state::untracked && rules_.tables[table_].name == table_name::raw;
      if (is_left_alone)
        now_.apply(set_to(field::state, static_cast<unsigned>(connection_state::invalid)), rules_.family);
      if (ask(rules_.tables[table_].met_by) && !passes_table()) return std::move(made_);
      if (is_left_alone) now_.take(field::state, environment{}, rules_.family);
    }
    made_.how = {verdict::kind::accept};
    return std::move(made_);
  }

 private:
  bool ask(const predicate& condition) {
    const truth answer = evaluate(as_sent(condition, now_, rules_.family), sent_);
    return answer == truth::unknown ? unknown_.next() : answer == truth::yes;
  }
  void step(std::uint32_t chain, way_step::kind what, std::size_t at) {
    const program_table& table = rules_.tables[table_];
    made_.steps.emplace_back(
        to_text(way_step{table.name, table.chains[chain].source->name, what, static_cast<std::uint32_t>(at + 1)})
            .view());
  }
  bool stop(const verdict& how) {
    made_.how = how;
    return false;
  }

  bool passes_table() {
    const program_table& table = rules_.tables[table_];
    sequence<std::pair<std::uint32_t, std::size_t>> callers;
    std::uint32_t chain = table.start;
    std::size_t at = 0;
    while (true) {
      const auto& steps = table.chains[chain].steps;
      bool returns = at == steps.size();
      if (returns && chain != table.start) step(chain, way_step::kind::return_, at);
      if (!returns) {
        const program_step& now = steps[at];
        if (ask(now.drops)) {
          if (table.from->backend == backend::nft) step(chain, way_step::kind::rule, at);
          return stop({verdict::kind::drop});
        }
        // What made a match drop cannot make the rule hold.
        const bool holds = ask(now.holds);
        if (holds) step(chain, way_step::kind::rule, at);
        ++at;
        if (!holds) continue;
        const environment before = now_;
        const bool changes = !now.does.needs_connection || ask(connection_states::is_tracked());
        for (const alteration& change : changes ? now.does.changes : sequence<alteration>{}) {
          environment alone = before;
          alone.apply(change, rules_.family);
          now_.take(change.field, alone, rules_.family);
        }
        switch (now.does.what) {
          case effect::kind::accept: return true;
          case effect::kind::drop: return stop({verdict::kind::drop});
          case effect::kind::reject: return stop({verdict::kind::reject, now.does.answer});
          case effect::kind::give_back: returns = true; break;
          case effect::kind::jump: callers.push_back({chain, at}); [[fallthrough]];
          case effect::kind::go_to:
            chain = now.chain;
            at = 0;
            break;
          case effect::kind::unknown:
            for (std::size_t i = 0; i < field_count; ++i)
              if (contains(changed_by_unknown_target(table.name), static_cast<field>(i)))
                now_.apply(make_unknown(static_cast<field>(i)), rules_.family);
            if (unknown_.next()) return true;
            if (unknown_.next()) return stop({verdict::kind::drop});
            break;
          default: break;
        }
      }
      if (!returns) continue;
      if (callers.empty()) {
        const chain_policy policy = *table.chains[table.start].source->policy;
        step(table.start, way_step::kind::policy, table.chains[table.start].steps.size());
        return policy == chain_policy::accept || stop({verdict::kind::drop});
      }
      std::tie(chain, at) = callers.back();
      callers.pop_back();
    }
  }

  const program& rules_;
  const packet& sent_;
  decisions& unknown_;
  std::size_t table_ = 0;
  environment now_;
  course made_;
};

constexpr std::size_t most_courses = 20000;

/// Every course, or nothing if there are too many.
maybe<sequence<course>> all_courses(const program& rules, const packet& sent) {
  sequence<course> all;
  decisions unknown;
  do {
    if (all.size() == most_courses) return no_value;
    unknown.rewind();
    all.push_back(one_course(rules, sent, unknown).walk());
  } while (unknown.advance());
  return all;
}

rule random_rule(unsigned chain, unsigned chains) {
  const auto pick = [](unsigned bound) { return *rc::gen::inRange(0U, bound); };
  const auto later = [&] {
    return chain_name(std::string_view("C" + std::to_string(chain + 1 + pick(chains - chain - 1))));
  };
  rule made;
  switch (pick(chain + 1 < chains ? 15 : 12)) {
    case 0: made = accept(); break;
    case 1: made = drop(); break;
    case 2: made = reject(reject_type::icmp_port_unreachable); break;
    case 3:
    case 4: made = give_back(); break;
    case 5: made = unknown_target(); break;
    case 6:
    case 7: made = nothing(); break;
    case 8:
    case 9: made = set_mark(pick(8), *rc::gen::element(~0U, 1U, 0U)); break;
    case 10: made = pick(2) == 0 ? save_mark() : restore_mark(); break;
    case 11: made = send_to(7999 + pick(2), 8000 + pick(2)); break;
    case 12:
    case 13: made = jump(later()); break;
    default: made = go_to(later()); break;
  }
  switch (pick(12)) {
    case 0:
    case 1:
    case 2:
    case 3: return perhaps(made);
    case 4: return when_out("eth0", made);
    case 5: return when_mark(7, made);
    case 6: return when_long_enough(8, made);
    case 7: return when_long_enough(8, perhaps(made));
    case 8: return when_mark(pick(8), made);
    case 9: return when_connection_mark(pick(8), made);
    case 10: return when_port_up_to(7998 + pick(4), made);
    default: return made;
  }
}

table random_table(table_name name) {
  const unsigned chains = *rc::gen::inRange(1U, 5U);
  sequence<chain> all;
  for (unsigned i = 0; i < chains; ++i) {
    sequence<rule> rules;
    for (unsigned left = *rc::gen::inRange(0U, 4U); left > 0; --left) rules.push_back(random_rule(i, chains));
    if (i == 0)
      all.push_back(output(std::move(rules), *rc::gen::element(chain_policy::accept, chain_policy::drop)));
    else
      all.push_back(user_chain(std::string_view("C" + std::to_string(i)), std::move(rules)));
  }
  return make_table(name, std::move(all));
}

firewall random_firewall() {
  sequence<table> tables;
  for (const table_name name : all_tables)
    if (*rc::gen::inRange(0, 2) == 0) tables.push_back(random_table(name));
  return firewall_of(std::move(tables), *rc::gen::element(backend::legacy, backend::nft));
}

packet packet_in_random_state() {
  packet made = in_state(static_cast<connection_state>(*rc::gen::inRange(0, 5)));
  made.mark = *rc::gen::element(0U, 7U);
  made.transport = *rc::gen::element(transport_part::whole, static_cast<transport_part>(3));
  return made;
}

void show(const firewall& rules, const packet& sent) {
  std::string all;
  for (const table& one : rules.v4.rulesets[0].tables) {
    all += std::string(name_of(one.name)) + "\n";
    for (const chain& each : one.chains) {
      all += " " + std::string(each.name.view()) + (each.policy == chain_policy::drop ? " DROP" : "") + "\n";
      for (const rule& line : each.rules) {
        all += "  ";
        if (line.out.given) all += "-o eth0 ";
        for (const match& asked : line.matches) all += "-m " + std::string(asked.name.view()) + " ";
        all += line.target.what == target::kind::go_to ? "-g " : "-j ";
        all += std::string(line.target.name.view()) + "\n";
      }
    }
  }
  RC_LOG() << all << name_of(sent.state) << " mark " << sent.mark << " transport " << static_cast<int>(sent.transport)
           << "\n"
           << to_text(simulate(rules, sent).way).view() << "\n";
}
}  // namespace

TEST_CASE("the verdicts of a walk are those that its courses come to, and no others") {
  CHECK(rc::check([] {
    const firewall rules = random_firewall();
    const packet sent = packet_in_random_state();
    const program ready = compile(rules, family::ipv4);
    const auto courses = all_courses(ready, sent);
    RC_PRE(courses.has_value());
    verdict_set reached;
    for (const course& one : *courses) reached.add(one.how);
    show(rules, sent);
    RC_ASSERT(possible_verdicts(ready, sent) == reached);
    RC_ASSERT(simulate(ready, sent).possible == reached);
    RC_TAG(reached.size());
  }));
}

TEST_CASE("a course takes every certain step and no step that is not there, in this order") {
  CHECK(rc::check([] {
    const firewall rules = random_firewall();
    const packet sent = packet_in_random_state();
    const program ready = compile(rules, family::ipv4);
    const auto courses = all_courses(ready, sent);
    RC_PRE(courses.has_value());
    const outcome made = simulate(ready, sent);
    show(rules, sent);
    for (const course& one : *courses) {
      // A chain may be visited twice, so the places of a step are tried as late as possible for certain steps
      // behind it.
      std::size_t at = 0;
      for (const way_step& step : made.way) {
        way_step plain = step;
        plain.uncertain = false;
        const bool taken = at < one.steps.size() && one.steps[at] == to_text(plain).view();
        if (!step.uncertain) RC_ASSERT(taken);
        if (taken) ++at;
      }
      RC_ASSERT(at == one.steps.size());
    }
  }));
}

TEST_CASE("a step is uncertain only if some course does not take it, and there only if some course does") {
  CHECK(rc::check([] {
    const firewall rules = random_firewall();
    const packet sent = packet_in_random_state();
    const program ready = compile(rules, family::ipv4);
    const auto courses = all_courses(ready, sent);
    RC_PRE(courses.has_value());
    // By how often a course takes each step, which tells visits of one chain apart by their number alone.
    std::map<std::string, std::size_t> least, most, certain, possible;
    for (const course& one : *courses) {
      std::map<std::string, std::size_t> counts;
      for (const std::string& step : one.steps) ++counts[step];
      for (const auto& [step, count] : counts) most[step] = std::max(most[step], count);
    }
    for (const auto& [step, count] : most) {
      least[step] = count;
      for (const course& one : *courses)
        least[step] =
            std::min(least[step], static_cast<std::size_t>(std::count(one.steps.begin(), one.steps.end(), step)));
    }
    for (way_step step : simulate(ready, sent).way) {
      const bool sure = !step.uncertain;
      step.uncertain = false;
      const std::string name(to_text(step).view());
      ++possible[name];
      if (sure) ++certain[name];
    }
    show(rules, sent);
    for (const auto& [step, count] : possible) {
      RC_ASSERT(most.contains(step));
      RC_ASSERT(count >= most[step]);
      RC_ASSERT(certain[step] <= least[step]);
      if (count == 1) RC_ASSERT(certain[step] == least[step]);
    }
  }));
}

TEST_CASE("a walk that keeps the results of chains finds the same verdicts") {
  CHECK(rc::check([] {
    const firewall rules = random_firewall();
    const packet sent = packet_in_random_state();
    const program ready = compile(rules, family::ipv4);
    const auto walked = [&](detail::walk_method how) {
      detail::walk_listener listener;
      detail::walk<detail::walk_listener> one(ready, sent, 0, listener, how);
      RC_ASSERT(one.run());
      return one.possible();
    };
    show(rules, sent);
    RC_ASSERT(walked(detail::walk_method::every_visit) == walked(detail::walk_method::each_once));
  }));
}

TEST_CASE(
    "an unknown verdict always names a question, and answering no question it does not name changes "
    "nothing") {
  CHECK(rc::check([] {
    const firewall rules = random_firewall();
    const packet sent = packet_in_random_state();
    const outcome made = simulate(rules, sent);
    RC_ASSERT((made.possible.size() > 1) == !made.hangs_on.empty());
    if (made.hangs_on.empty()) return;
    // Put a rule that matches never in the place of every rule that is asked and not named, if it is
    // uncertain.
    firewall settled = rules;
    for (table& each : settled.v4.rulesets[0].tables) {
      for (chain& in : each.chains) {
        for (std::uint32_t i = 0; i < in.rules.size(); ++i) {
          const bool named = std::any_of(made.hangs_on.begin(), made.hangs_on.end(), [&](const open_question& one) {
            return one.table == each.name && one.chain == in.name && one.number == i + 1;
          });
          const bool opaque = !in.rules[i].matches.empty() && in.rules[i].matches[0].extension == nullptr;
          if (!named && opaque) in.rules[i] = when_out("eth0", in.rules[i]);
        }
      }
    }
    show(rules, sent);
    RC_ASSERT(simulate(settled, sent).possible == made.possible);
  }));
}
