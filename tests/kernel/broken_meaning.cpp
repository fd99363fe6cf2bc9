#include "broken_meaning.hpp"

#include <cordon/packet/field.hpp>
#include <cordon/rule/predicate.hpp>

namespace cordon::kernel {
namespace {

/// Calls `change` for every condition of a rule.
template <class Change>
void change_conditions(program& rules, const Change& change) {
  for (program_table& table : rules.tables)
    for (program_chain& chain : table.chains) {
      chain.quick_tests.clear();  // they know what the rules meant before
      for (program_step& step : chain.steps) {
        step.holds = change(step.holds);
        step.drops = change(step.drops);
        step.holds_settled = settled_from(step.holds);
        step.drops_settled = settled_from(step.drops);
      }
    }
}

/// Replaces every test of a field by what `change` makes of it.
template <class Change>
void change_tests(program& rules, const Change& change) {
  change_conditions(rules, [&](const predicate& condition) { return condition.rewritten(change); });
}

template <class Change>
void change_effects(program& rules, const Change& change) {
  for (program_table& table : rules.tables)
    for (std::uint32_t chain = 0; chain < table.chains.size(); ++chain)
      for (program_step& step : table.chains[chain].steps) change(step.does, chain == table.start);
}

bool is_interval(const predicate_step& test, field of) {
  return test.what == predicate_step::kind::interval && test.field == of;
}

constexpr auto number(auto value) { return static_cast<unsigned>(value); }

/// A packet without a socket is taken for one of a kernel socket, and the other way round.
void swap_owner_cases(program& rules) {
  change_tests(rules, [](const predicate_step& test) {
    if (!is_interval(test, field::socket) || test.a != test.b) return predicate::of(test);
    if (test.a == number(socket_kind::user)) return is(field::socket, number(socket_kind::kernel));
    if (test.a == number(socket_kind::kernel)) return is(field::socket, number(socket_kind::user));
    return predicate::of(test);
  });
}

predicate without_negations(const predicate& of) {
  sequence<predicate> stack;
  for (const predicate_step& step : of.steps()) {
    switch (step.what) {
      case predicate_step::kind::negation: break;
      case predicate_step::kind::conjunction:
      case predicate_step::kind::disjunction: {
        const predicate right = stack.back();
        stack.pop_back();
        if (step.what == predicate_step::kind::conjunction)
          stack.back() &= right;
        else
          stack.back() |= right;
        break;
      }
      case predicate_step::kind::atom: stack.push_back(predicate::of(of.atoms()[step.index])); break;
      default: stack.push_back(predicate::of(step));
    }
  }
  return stack.back();
}

void drop_negations(program& rules) { change_conditions(rules, without_negations); }

void goto_as_jump(program& rules) {
  change_effects(rules, [](effect& does, bool) {
    if (does.what == effect::kind::go_to) does.what = effect::kind::jump;
  });
}

void flip_policies(firewall& rules) {
  for (family_rules* const of : {&rules.v4, &rules.v6})
    for (ruleset& one : of->rulesets)
      for (table& each : one.tables)
        if (chain* const output = each.find("OUTPUT"); output != nullptr && output->policy)
          output->policy = *output->policy == chain_policy::accept ? chain_policy::drop : chain_policy::accept;
}

void miss_by_one_port(program& rules) {
  change_tests(rules, [](const predicate_step& test) {
    if (!is_interval(test, field::second_word) || test.b == 0xffff) return predicate::of(test);
    return between(test.field, test.a, test.b + 1);
  });
}

void ignore_fragments(program& rules) {
  change_tests(rules, [](const predicate_step& test) {
    const bool asks = is_interval(test, field::transport) && test.a > number(transport_part::whole);
    return asks ? never() : predicate::of(test);
  });
}

void miss_a_state(program& rules) {
  change_tests(rules, [](const predicate_step& test) {
    const bool fresh = is_interval(test, field::state) && test.a == number(connection_state::fresh) && test.a == test.b;
    return fresh ? never() : predicate::of(test);
  });
}

void ignore_masks(program& rules) {
  change_tests(rules, [](const predicate_step& test) {
    if (test.what != predicate_step::kind::masked || test.field != field::mark) return predicate::of(test);
    return is(test.field, test.b);
  });
}

void take_prefix_for_name(program& rules) {
  change_tests(rules, [](const predicate_step& test) {
    return is_interval(test, field::out) ? is(test.field, test.a) : predicate::of(test);
  });
}

void return_as_accept(program& rules) {
  change_effects(rules, [](effect& does, bool in_base_chain) {
    if (in_base_chain && does.what == effect::kind::give_back) does.what = effect::kind::accept;
  });
}

void forget_changes(program& rules) {
  change_effects(rules, [](effect& does, bool) { does.changes.clear(); });
}

void jump_as_go_on(program& rules) {
  change_effects(rules, [](effect& does, bool) {
    if (does.what == effect::kind::jump) does.what = effect::kind::go_on;
  });
}

void forget_members(firewall& rules) {
  for (address_set& one : rules.host.sets) one.members.clear();
}

void forget_exceptions(firewall& rules) {
  for (address_set& one : rules.host.sets)
    for (set_member& each : one.members) each.nomatch = false;
}

constexpr broken_meaning meanings[] = {
    {"swapped-owner-cases", "a user's socket is taken for one of the kernel's, and the other way round", nullptr,
     swap_owner_cases},
    {"dropped-negation", "every ! is forgotten", nullptr, drop_negations},
    {"goto-as-jump", "-g comes back, as -j does", nullptr, goto_as_jump},
    {"flipped-policy", "OUTPUT's policies are DROP for ACCEPT, and ACCEPT for DROP", flip_policies, nullptr},
    {"port-off-by-one", "ranges of destination ports reach one port too far", nullptr, miss_by_one_port},
    {"fragment-ignored", "no packet is a later fragment", nullptr, ignore_fragments},
    {"state-bit-missing", "no packet is NEW", nullptr, miss_a_state},
    {"mask-ignored", "a mark is compared without its mask", nullptr, ignore_masks},
    {"prefix-as-name", "eth+ is eth alone", nullptr, take_prefix_for_name},
    {"change-forgotten", "later tables see what earlier ones met: no mark, no address, no TTL is changed", nullptr,
     forget_changes},
    {"members-forgotten", "every set is empty", forget_members, nullptr},
    {"nomatch-ignored", "the exceptions of a set are members of it", forget_exceptions, nullptr},
    {"jump-ignored", "-j to a chain goes on with the next rule", nullptr, jump_as_go_on},
    {"return-as-accept", "RETURN in a built-in chain accepts", nullptr, return_as_accept},
};

}  // namespace

std::span<const broken_meaning> all_broken_meanings() { return meanings; }

const broken_meaning* find_broken_meaning(std::string_view name) {
  for (const broken_meaning& one : meanings)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace cordon::kernel
